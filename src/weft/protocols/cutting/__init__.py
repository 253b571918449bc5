"""Cutting: gates, wires and Bell pairs between pieces of a circuit as sums of what each piece can do by itself."""

from weft.protocols.cutting.bases import unbiased_bases
from weft.protocols.cutting.cancellation import cancellation_overhead, cancelled_pair
from weft.protocols.cutting.choi import gate_choi, wire_choi
from weft.protocols.cutting.decomposition import Decomposition
from weft.protocols.cutting.gate_cuts import (
    gate_cut,
    gate_overhead,
    gate_overheads,
    parallel_gate_cut,
    parallel_overhead,
)
from weft.protocols.cutting.operations import Operation, Step
from weft.protocols.cutting.pairs import (
    PairDecomposition,
    PairTerm,
    assisted_pair,
    entangled_fraction,
    pair_overhead,
    virtual_pair,
)
from weft.protocols.cutting.wire_cuts import wire_cut, wire_overhead

__all__ = [
    "Decomposition",
    "Operation",
    "PairDecomposition",
    "PairTerm",
    "Step",
    "assisted_pair",
    "cancellation_overhead",
    "cancelled_pair",
    "entangled_fraction",
    "gate_choi",
    "gate_cut",
    "gate_overhead",
    "gate_overheads",
    "pair_overhead",
    "parallel_gate_cut",
    "parallel_overhead",
    "unbiased_bases",
    "virtual_pair",
    "wire_choi",
    "wire_cut",
    "wire_overhead",
]
