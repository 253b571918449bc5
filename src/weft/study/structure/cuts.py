"""Blocks of qubits, the cuts between them, and what may have crossed each cut so far.

A gate multiplies the Schmidt rank of a state across a cut by at most its own operator Schmidt rank, and local operations,
measurements among them, never raise it. So the entropy is at most the sum of log₂ of the ranks of the gates that crossed (M. A.
Nielsen et al., Phys. Rev. A 67, 052301 (2003), on the Schmidt number of operators), and at most the size of the smaller side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import matrix_of
from weft.study.structure.moments import Moments

_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Cut:
    """Some blocks on one side, the others on the other.

    Attributes:
        name: such as `A | rest` or `A B | C D`.
        side (bool array, shape (qubits,)): which qubits are on the first side.
        block: the block that stands alone on the first side; None if there are several.
    """

    name: str
    side: NDArray[np.bool_]
    block: str | None

    @property
    def size(self) -> int:
        """Qubits of the smaller side, which no entropy exceeds."""
        inside = int(np.count_nonzero(self.side))
        return min(inside, len(self.side) - inside)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The partition of the qubits that is looked at.

    Attributes:
        names: of the blocks that hold any qubit: of QPUs, or A and B.
        of_qubit (int64 array, shape (qubits,)): the block of each qubit.
        how: where the partition comes from.
    """

    names: tuple[str, ...]
    of_qubit: NDArray[np.int64]
    how: str


def cuts_of(blocks: Blocks) -> list[Cut]:
    """Each block against the rest, then every contiguous bipartition of the blocks that is not among them."""
    count = len(blocks.names)
    if count < 2:
        return []
    alone = range(1 if count == 2 else count)
    groups: list[tuple[int, ...]] = [(block,) for block in alone]
    groups += [tuple(range(high)) for high in range(2, count - 1)]
    return [_cut(blocks, group) for group in groups]


def _cut(blocks: Blocks, group: tuple[int, ...]) -> Cut:
    count = len(blocks.names)
    rest = [name for number, name in enumerate(blocks.names) if number not in group]
    inside = " ".join(blocks.names[number] for number in group)
    outside = " ".join(rest) if count == 2 or len(group) > 1 else "rest"
    return Cut(f"{inside} | {outside}", np.isin(blocks.of_qubit, group), inside if len(group) == 1 else None)


def crossing_rows(circuit: Circuit, cut: Cut) -> NDArray[np.int64]:
    """The two-qubit gates whose qubits are on different sides."""
    ends = cut.side[circuit.qubits]
    return np.flatnonzero((circuit.qubits[:, 1] >= 0) & (ends[:, 0] != ends[:, 1]))


def prefixes_of(blocks: Blocks) -> list[Cut]:
    """The first one, two, … up to half of the qubits against the rest, taken block by block: ever larger parts of one shape."""
    order = np.argsort(blocks.of_qubit, kind="stable")
    cuts = []
    for size in range(1, len(order) // 2 + 1):
        side = np.zeros(len(order), dtype=np.bool_)
        side[order[:size]] = True
        cuts.append(Cut(f"first {size}", side, None))
    return cuts


def crossed_bits_of(moments: Moments, cut: Cut) -> NDArray[np.float64]:
    """The most bits of entropy that the gates which crossed until each moment allow, shape (moments,)."""
    circuit = moments.circuit
    rows = crossing_rows(circuit, cut)
    codes, angles = circuit.opcodes[rows].tolist(), circuit.angles[rows].tolist()
    bits = [schmidt_bits(code, tuple(turns)) for code, turns in zip(codes, angles, strict=True)]
    by_moment = np.bincount(moments.of_row[rows], weights=bits, minlength=moments.last + 1)
    return np.cumsum(by_moment).astype(np.float64)


@lru_cache(maxsize=65_536)
def schmidt_bits(code: int, angles: tuple[float, ...]) -> float:
    """log₂ of the operator Schmidt rank of a two-qubit gate: 0 if it is a product, 1 for cx, 2 for swap."""
    shuffled = matrix_of(code, angles).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    return float(np.log2(np.count_nonzero(np.linalg.svd(shuffled, compute_uv=False) > _TOLERANCE)))
