"""Circuit × network → program."""

from weft.compiler.compile import Compilation, Effort, compile_circuit
from weft.compiler.partition import Hypergraph, MtKaHyPar, Partitioner

__all__ = ["Compilation", "Effort", "Hypergraph", "MtKaHyPar", "Partitioner", "compile_circuit"]
