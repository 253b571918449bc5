"""Circuit × network → program."""

from weft.compiler.anneal import Annealing, Refiner, cost_of
from weft.compiler.approximate import Approximation
from weft.compiler.compile import Compilation, Effort, compile_circuit
from weft.compiler.objective import OBJECTIVES, Duration, Infidelity, Objective, Pairs
from weft.compiler.partition import Hypergraph, MtKaHyPar, Partitioner
from weft.compiler.presence import Layout, Presence

__all__ = [
    "OBJECTIVES",
    "Annealing",
    "Approximation",
    "Compilation",
    "Duration",
    "Effort",
    "Hypergraph",
    "Infidelity",
    "Layout",
    "MtKaHyPar",
    "Objective",
    "Pairs",
    "Partitioner",
    "Presence",
    "Refiner",
    "compile_circuit",
    "cost_of",
]
