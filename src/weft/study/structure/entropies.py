"""Entanglement entropy across every cut as a circuit proceeds: exact where that can be done, else bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.study.structure.cuts import Cut, crossed_bits_of, crossing_rows
from weft.study.structure.moments import Moments

Method = Literal["stabilizer", "state vector", "bounds"]
_MOST_SECONDS = 10.0  # roughly; the last moment is looked at however long it takes
_SAME = 1e-5  # bits; single precision tells no finer


class Walk(Protocol):
    """A state that follows a circuit."""

    def apply(self, rows: NDArray[np.int64]) -> None:
        """Executes instructions, in order."""
        ...

    def entropies(self, cuts: list[Cut], bounds: list[float]) -> list[float]:
        """The entropy across each cut, in bits, each at most its bound."""
        ...

    def cost(self, cuts: list[Cut]) -> float:
        """About how many seconds that takes."""
        ...


@dataclass(frozen=True, eq=False)
class CutEntropy:
    """The entropy across one cut.

    Attributes:
        cut: which.
        bits (float64 array, shape (moments,)): at each moment, from 0 to the last; NaN where it is not known exactly.
        crossed_bits (float64 array, shape (moments,)): the most that the gates which have crossed allow.
        crossing_gates: how many two-qubit gates cross.
    """

    cut: Cut
    bits: NDArray[np.float64]
    crossed_bits: NDArray[np.float64]
    crossing_gates: int

    @property
    def bound_bits(self) -> NDArray[np.float64]:
        """The most that the gates which have crossed and the size of the smaller side allow, shape (moments,); the least is 0."""
        return np.minimum(self.crossed_bits, self.cut.size)

    @property
    def peak(self) -> tuple[int, float] | None:
        """The moment of the highest entropy, the first if there are several, and how many bits; None if none is known."""
        if np.all(np.isnan(self.bits)):
            return None
        highest = float(np.nanmax(self.bits))
        return int(np.flatnonzero(self.bits >= highest - _SAME)[0]), highest


@dataclass(frozen=True, eq=False)
class Entropies:
    """The entropies across all cuts.

    Attributes:
        method: `stabilizer` and `state vector` are exact, `bounds` knows bounds only.
        cuts: each with its entropies.
        moments: how many there are after the first, which is |0…0⟩.
        looked_at: at how many of the moments at which an entropy could have changed it was computed; all if these are equal.
        changing: how many these moments are.
        is_sampled: whether qubits are measured or reset on the way, so that the state is that of one shot, sampled with the seed.
        prefix_bits (float64 array): entropies of ever larger parts at the last moment; empty if they are not known.
    """

    method: Method
    cuts: tuple[CutEntropy, ...]
    moments: int
    looked_at: int
    changing: int
    is_sampled: bool
    prefix_bits: NDArray[np.float64]


def entropies_of(moments: Moments, cuts: list[Cut], prefixes: list[Cut], seed: int) -> Entropies:
    """Follows the state of a circuit from moment to moment.

    An entropy changes only in moments in which a gate crosses its cut, or something is measured; only there is it computed. If
    that would take too long, some of these moments are chosen, evenly spread, the last one among them.

    Args:
        moments: of the circuit.
        cuts: to look at.
        prefixes: to look at in the last moment, if that takes some seconds at most.
        seed: of the outcomes of measurements on the way.
    """
    circuit = moments.circuit
    method, walk = _walk_of(circuit, seed)
    crossed = [crossed_bits_of(moments, cut) for cut in cuts]
    crossings = [crossing_rows(circuit, cut) for cut in cuts]
    disturbed = moments.disturbed
    changes = np.tile(disturbed, (len(cuts), 1))
    for here, rows in zip(changes, crossings, strict=True):
        here[moments.of_row[rows]] = True
    changing = np.flatnonzero(changes.any(axis=0))
    bits = np.full((len(cuts), moments.last + 1), np.nan)
    chosen, prefix_bits = np.zeros(0, dtype=np.int64), np.zeros(0)
    if walk is not None and cuts:
        costs = np.array([walk.cost([cut]) for cut in cuts]) @ changes
        chosen = _affordable(changing, float(costs[changing].mean()) if len(changing) else 0.0)
        bits = _followed(walk, moments, cuts, crossed, changes, chosen)
        _keep_where_nothing_changes(bits, changes)
        if walk.cost(prefixes) <= _MOST_SECONDS:
            prefix_bits = np.array(walk.entropies(prefixes, [float(cut.size) for cut in prefixes]))
    found = zip(cuts, bits, crossed, crossings, strict=True)
    return Entropies(
        method=method,
        cuts=tuple(CutEntropy(cut, values, most, len(rows)) for cut, values, most, rows in found),
        moments=moments.last,
        looked_at=len(chosen),
        changing=len(changing),
        is_sampled=bool(disturbed.any()),
        prefix_bits=prefix_bits,
    )


def _walk_of(circuit: Circuit, seed: int) -> tuple[Method, Walk | None]:
    from weft.study.structure.stabilizer_walk import StabilizerWalk, is_clifford
    from weft.study.structure.vector_walk import MOST_QUBITS, VectorWalk

    if is_clifford(circuit):
        return "stabilizer", StabilizerWalk(circuit, seed)
    if circuit.num_qubits <= MOST_QUBITS:
        return "state vector", VectorWalk(circuit, seed)
    return "bounds", None


def _affordable(moments: NDArray[np.int64], cost: float) -> NDArray[np.int64]:
    """As many moments as there is time for, evenly spread, the last among them."""
    count = len(moments) if cost == 0 else int(max(1, _MOST_SECONDS // cost))
    if count >= len(moments):
        return moments
    return moments[np.linspace(len(moments) - 1, -1, count, endpoint=False).round().astype(np.int64)[::-1]]


def _followed(
    walk: Walk,
    moments: Moments,
    cuts: list[Cut],
    crossed: list[NDArray[np.float64]],
    changes: NDArray[np.bool_],
    chosen: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Entropies at the chosen moments, computed where something changed since the last of them, shape (cuts, moments)."""
    bits = np.full((len(cuts), moments.last + 1), np.nan)
    latest = np.zeros(len(cuts))  # nothing is entangled at the start
    done, before = 0, 0
    starts = np.searchsorted(moments.of_row[moments.order], np.arange(1, moments.last + 2))
    for moment in chosen.tolist():
        walk.apply(moments.order[done : starts[moment]])
        changed = np.flatnonzero(changes[:, before : moment + 1].any(axis=1)).tolist()
        bounds = [float(crossed[cut][moment]) for cut in changed]
        latest[changed] = walk.entropies([cuts[cut] for cut in changed], bounds)
        bits[:, moment] = latest
        done, before = starts[moment], moment + 1
    return bits


def _keep_where_nothing_changes(bits: NDArray[np.float64], changes: NDArray[np.bool_]) -> None:
    """Fills what is not known at moments at which nothing changes with what was there before; at the start it is 0."""
    bits[~changes[:, 0], 0] = 0
    for moment in range(1, bits.shape[1]):
        kept = ~changes[:, moment] & np.isnan(bits[:, moment])
        bits[kept, moment] = bits[kept, moment - 1]
