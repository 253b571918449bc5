"""The lanes of the picture of a large shot: fractions of each QPU's qubits and of each link's channels, over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.program import Op
from weft.report import palette
from weft.report.coverage import coverage
from weft.report.names import shorten
from weft.report.slices import Slices

_BINS = 600
_MOST_QPUS = 12
_MOST_LINKS = 16

Intervals = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
"""Whose (a qubit or a link), when it starts, when it ends."""


@dataclass(frozen=True, eq=False)
class OverviewLane:
    """One lane: fractions that are stacked.

    Attributes:
        label: of the lane.
        note: its means over the whole shot, in words.
        layers: (colour, float array of shape (bins,)), fractions that add up to at most 1.
        band: number of the QPU or group that it belongs to.
    """

    label: str
    note: str
    layers: list[tuple[str, NDArray[np.float64]]]
    band: int


@dataclass(frozen=True, eq=False)
class Overview:
    """Lanes and the time bins that they share.

    Attributes:
        edges_s (float64 array, shape (bins + 1,)): of the bins.
        lanes: from top to bottom.
    """

    edges_s: NDArray[np.float64]
    lanes: list[OverviewLane]


def lay_overview(slices: Slices) -> Overview:
    """Measures every QPU and link; the busiest have lanes of their own, and the others share one."""
    edges = np.linspace(0.0, slices.makespan_s or 1.0, _BINS + 1)
    measure = _Measure(slices, edges)
    program, network = slices.program, slices.program.network
    lanes: list[OverviewLane] = []
    work = np.bincount(program.qpus, minlength=len(network.qpus))
    groups = weightiest(work, [qpu.name for qpu in network.qpus], _MOST_QPUS, "QPUs")
    for band, (name, qpus) in enumerate(groups):
        here = np.isin(program.qubit_qpus, qpus)
        lanes.append(measure.data_lane(name, here & ~program.qubit_is_communication, band))
        if (here & program.qubit_is_communication).any():
            lanes.append(measure.communication_lane(name, here & program.qubit_is_communication, band))
    ebits = np.bincount(program.links[program.links >= 0], minlength=len(network.links))
    for name, links in weightiest(ebits, [link.name for link in network.links], _MOST_LINKS, "links"):
        lanes.append(measure.link_lane(name, links, int(ebits[links].sum()), len(groups)))
    return Overview(edges, lanes)


def weightiest(
    weight: NDArray[np.int64], labels: list[str], most: int, plural: str
) -> list[tuple[str, NDArray[np.int64]]]:
    """Members that do something: each of the weightiest alone, in their own order, and the others together."""
    used = np.flatnonzero(weight)
    if len(used) <= most:
        return [(labels[member], np.array([member])) for member in used.tolist()]
    ranked = used[np.argsort(-weight[used], kind="stable")]
    alone, others = np.sort(ranked[:most]), np.sort(ranked[most:])
    return [(labels[member], np.array([member])) for member in alone.tolist()] + [
        (f"{len(others):,} more {plural}", others)
    ]


class _Measure:
    """Intervals by kind, and the fractions that they come to."""

    def __init__(self, slices: Slices, edges: NDArray[np.float64]) -> None:
        self.slices = slices
        self.edges = edges
        program, gaps = slices.program, slices.gaps
        entangles = program.opcodes == Op.ENTANGLE
        self.busy = self.on_qubits(~entangles)
        self.awaiting = self.on_qubits(entangles)
        self.gaps: Intervals = (gaps.qubits, gaps.start_s, gaps.end_s)
        rows = np.flatnonzero(entangles)
        self.attempting: Intervals = (program.links[rows].astype(np.int64), slices.start_s[rows], slices.end_s[rows])

    def on_qubits(self, rows: NDArray[np.bool_]) -> Intervals:
        chosen = np.flatnonzero(rows)
        operands = self.slices.program.qubits[chosen]
        places, _ = np.nonzero(operands >= 0)
        at = chosen[places]
        return operands[operands >= 0].astype(np.int64), self.slices.start_s[at], self.slices.end_s[at]

    def fraction(self, intervals: Intervals, member: NDArray[np.bool_], of: int) -> NDArray[np.float64]:
        whose, start, end = intervals
        chosen = member[whose]
        return coverage(start[chosen], end[chosen], self.edges) / max(of, 1)

    def data_lane(self, name: str, qubits: NDArray[np.bool_], band: int) -> OverviewLane:
        count = int(np.count_nonzero(qubits))
        busy, waits = (self.fraction(kind, qubits, count) for kind in (self.busy, self.gaps))
        note = f"busy {_percent(busy)}, waiting {_percent(waits)}"
        layers = [(palette.ONE_QUBIT_GATE, busy), (palette.WAIT, waits)]
        return OverviewLane(f"{shorten(name, 14)} data", f"{count:,} qubit{_s(count)}: {note}", layers, band)

    def communication_lane(self, name: str, qubits: NDArray[np.bool_], band: int) -> OverviewLane:
        count = int(np.count_nonzero(qubits))
        kinds = (self.busy, self.gaps, self.awaiting)
        busy, holds, awaiting = (self.fraction(kind, qubits, count) for kind in kinds)
        note = f"busy {_percent(busy)}, holding {_percent(holds)}, awaiting {_percent(awaiting)}"
        layers = [(palette.ONE_QUBIT_GATE, busy), (palette.HOLD, holds), (palette.ENTANGLE_LIGHT, awaiting)]
        return OverviewLane(f"{shorten(name, 14)} comm.", f"{count:,} qubit{_s(count)}: {note}", layers, band)

    def link_lane(self, name: str, links: NDArray[np.int64], ebits: int, band: int) -> OverviewLane:
        network = self.slices.program.network
        member = np.zeros(len(network.links), dtype=np.bool_)
        member[links] = True
        channels = sum(network.links[link].channels for link in links.tolist())
        attempts = self.fraction(self.attempting, member, channels)
        doing = "attempting" if self.slices.shows_attempts else "awaited"
        note = f"{ebits:,} ebit{_s(ebits)}: {doing} {_percent(attempts)}"
        return OverviewLane(shorten(name, 18), note, [(palette.ENTANGLE, attempts)], band)


def _percent(fractions: NDArray[np.float64]) -> str:
    mean = 100 * float(fractions.mean())
    return f"{mean:.3g} %" if mean >= 99 else f"{mean:.2g} %"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
