"""The fewest pairs that segments can cost on QPUs that are all linked, exactly, by integer programming.

A segment v is present on a non-empty set S_v of QPUs, one of which is its home. It costs |S_v| − 1 copies; a gate between v and w
costs one more if no QPU has both; and so does a step from one segment of a qubit to the next if no QPU has both. At every time a
QPU is home to at most as many segments as it has data qubits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Pair = tuple[int, int]


def optimum(
    segments_qubit: Sequence[int],
    intervals: Sequence[Pair],
    gates: Sequence[Pair],
    consecutive: Sequence[Pair],
    num_qpus: int,
    capacity: int | Sequence[int],
    *,
    time_limit_s: float = 60.0,
) -> int:
    """The least cost.

    Args:
        segments_qubit: the qubit of each segment.
        intervals: first and last time of each segment, both included.
        gates: pairs of segments, each as often as there are gates.
        consecutive: pairs of segments of the same qubit, one after the other.
        num_qpus: how many QPUs there are.
        capacity: data qubits of every QPU, or of each.
        time_limit_s: of the solver.

    Raises:
        ValueError: if segments do not fit, or the solver did not prove its optimum in time.
    """
    assert all(segments_qubit[first] == segments_qubit[second] for first, second in consecutive)
    capacities = [capacity] * num_qpus if isinstance(capacity, int) else list(capacity)
    model = _Model(len(segments_qubit), num_qpus)
    for segment in range(len(segments_qubit)):
        homes = [model.home(segment, qpu) for qpu in range(num_qpus)]
        model.add([(home, 1) for home in homes], 1, 1)
        for qpu, home in enumerate(homes):
            model.add([(model.present(segment, qpu), 1), (home, -1)], 0, np.inf)
    for time in sorted({first for first, _ in intervals}):
        alive = [segment for segment, (first, last) in enumerate(intervals) if first <= time <= last]
        for qpu in range(num_qpus):
            model.add([(model.home(segment, qpu), 1) for segment in alive], 0, capacities[qpu])
    for (first, second), weight in Counter(tuple(sorted(pair)) for pair in (*gates, *consecutive)).items():
        model.add_meeting(first, second, weight)
    if len(segments_qubit) and len(set(capacities)) == 1:
        model.add([(model.home(0, 0), 1)], 1, 1)  # QPUs are alike, so one may be named
    return model.solve(time_limit_s) - len(segments_qubit)


class _Model:
    """Variables: x[v, k] for v present on k, h[v, k] for v at home on k, and those of meetings."""

    def __init__(self, segments: int, qpus: int) -> None:
        self.segments, self.qpus = segments, qpus
        self.costs = [1] * (segments * qpus) + [0] * (segments * qpus)
        self.entries: list[tuple[int, int, int]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def present(self, segment: int, qpu: int) -> int:
        return segment * self.qpus + qpu

    def home(self, segment: int, qpu: int) -> int:
        return (self.segments + segment) * self.qpus + qpu

    def variable(self, cost: int) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def add(self, terms: list[tuple[int, int]], low: float, high: float) -> None:
        self.entries += [(len(self.low), variable, factor) for variable, factor in terms]
        self.low.append(low)
        self.high.append(high)

    def add_meeting(self, first: int, second: int, weight: int) -> None:
        """`weight` is due unless some QPU has both."""
        missed = self.variable(weight)
        meetings = [self.variable(0) for _ in range(self.qpus)]
        for qpu, meeting in enumerate(meetings):
            for segment in (first, second):
                self.add([(self.present(segment, qpu), 1), (meeting, -1)], 0, np.inf)
        self.add([(missed, 1), *((meeting, 1) for meeting in meetings)], 1, np.inf)

    def solve(self, time_limit_s: float) -> int:
        if not self.costs:
            return 0
        rows, columns, factors = zip(*self.entries, strict=True)
        matrix = coo_array((factors, (rows, columns)), shape=(len(self.low), len(self.costs))).tocsr()
        found = milp(
            self.costs,
            integrality=np.ones(len(self.costs)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, self.low, self.high),
            options={"time_limit": time_limit_s, "mip_rel_gap": 0},
        )
        if found.status != 0:
            raise ValueError(f"the solver must prove an optimum, but says: {found.message}")
        return round(found.fun)
