"""Where to cut a circuit so that its pieces fit and the sampling overhead is least: anneal, then prove or bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler.cutting.group_graph import group_graph, orders_of
from weft.compiler.cutting.segment_graph import SegmentGraph, cost_of, loads_of, segments_of
from weft.compiler.cutting.starts import partitioned, sliced
from weft.errors import DoesNotFitError, InvalidValueError
from weft.protocols.cutting.gate_cuts import gate_overheads
from weft.protocols.cutting.plan import CutPlan
from weft.protocols.cutting.preparation import rebuilt
from weft.protocols.cutting.runs import cheaper_runs

Effort = Literal["fast", "default", "best"]

_HOT, _WARM, _MILD = (0.3, 10.0, 300.0), (1.5, 10.0, 300.0), (3.0, 10.0, 300.0)
"""Inverse temperatures at the beginning, at the end and while polishing, by units of 1/log γ: a hot beginning forgets the start."""
_STYLES = (
    (_WARM, (0.05, 2.0)),
    (_HOT, (0.05, 2.0)),
    (_WARM, (0.01, 0.5)),
    (_MILD, (0.05, 2.0)),
    (_HOT, (1.0, 1.0)),
    (_WARM, (1.0, 1.0)),
)
"""How to cool, with what a qubit without room costs for a step at the beginning and at the end; none is best everywhere."""
_MOST_SWEEPS = 20_000
_BOUND_TRIALS = 5
_SMALL = 48
"""Operands of a circuit for which it is affordable that wires may be cut between any two rows."""
_FIRST_NODES = 10_000
"""Of branch and bound before anything else, which is all that small circuits need."""


class _Spending(NamedTuple):
    """How long to search; counted, not timed, so that the result is always the same.

    Attributes:
        attempts: of annealing.
        work: for each attempt, in units of about a nanosecond.
        nodes: of branch and bound in each order; a million takes a second or two.
    """

    attempts: int
    work: float
    nodes: int


EFFORTS: dict[str, _Spending] = {
    "fast": _Spending(2, 1e8, 30_000),
    "default": _Spending(6, 3e8, 300_000),
    "best": _Spending(18, 2e9, 5_000_000),
}


@dataclass(frozen=True, eq=False)
class FoundCuts:
    """Where to cut, and how good that is.

    Attributes:
        plan: the piece of every operand of every row; piece p is for the p-th capacity.
        log_overhead: Σ ln γ over all cuts, each made on its own; gates on one pair of qubits that follow each other are one. The
            sampling overhead is γ², exp(2 log_overhead).
        lower_bound_log_overhead: no plan for these capacities costs less; None where no bound is known. It is about plans for this
            order of the rows, in which what resets a qubit stays with what follows, and whose cuts are made one by one: joint cuts
            can cost less. In circuits of more than 48 operands it is about plans that cut wires only at the longest pause between
            two gates, as nearly all good ones do.
        proven_optimal: whether the two are equal.
    """

    plan: CutPlan
    log_overhead: float
    lower_bound_log_overhead: float | None
    proven_optimal: bool


def find_cuts(
    circuit: Circuit,
    capacities: Sequence[int],
    *,
    communication: bool = False,
    seed: int = 0,
    effort: Effort = "default",
) -> FoundCuts:
    """Finds where to cut a circuit so that each piece fits and the sampling overhead is least.

    Args:
        circuit: to be cut. SWAPs are gates like others here: `without_swaps` relabels them away beforehand.
        capacities: qubits for each piece; fewer pieces may be used.
        communication: whether pieces may read each other's measurements while they run; wire cuts then cost ln 3, else ln 4.
        seed: the same seed gives the same plan.
        effort: how long to search.

    Raises:
        InvalidValueError: for capacities, a seed or an effort that cannot be.
        DoesNotFitError: if no plan fits, or none was found; the message says what would be needed.
    """
    _check(list(capacities), seed, effort)
    merged = _Merged(circuit)
    found = _found(merged.circuit, merged.overheads, capacities, communication=communication, seed=seed, effort=effort)
    return replace(found, plan=merged.expanded(found.plan))


class _Merged:
    """A circuit with one row for each run whose rows follow each other and that is cheaper to cut as one.

    Attributes:
        circuit: with these rows.
        overheads: γ of cutting each of them, shape (rows,).
    """

    def __init__(self, circuit: Circuit) -> None:
        self._whole = circuit
        runs = {run: cost for run, cost in cheaper_runs(circuit).items() if run[-1] - run[0] == len(run) - 1}
        of = np.arange(len(circuit))
        overheads = gate_overheads(circuit)
        for run, cost in runs.items():
            of[list(run)], overheads[run[0]] = run[0], cost
        kept, self._place = np.unique(of, return_inverse=True)
        self.circuit = rebuilt(circuit, kept, circuit.qubits) if runs else circuit
        self.overheads = overheads[kept]

    def expanded(self, plan: CutPlan) -> CutPlan:
        """The plan of the whole circuit in which every qubit is where it is in the row that stands for a run."""
        rows, whole = self.circuit.qubits[self._place], self._whole.qubits
        pieces = plan.pieces[self._place]
        swapped = (whole[:, 0] != rows[:, 0])[:, None]
        return CutPlan(np.where(whole >= 0, np.where(swapped, pieces[:, ::-1], pieces), -1))


def _found(
    circuit: Circuit,
    overheads: NDArray[np.float64],
    capacities: Sequence[int],
    *,
    communication: bool,
    seed: int,
    effort: Effort,
) -> FoundCuts:
    rooms = [int(room) for room in capacities]

    def found(*, every_row: bool) -> FoundCuts:
        segmentation = segments_of(circuit, overheads, communication=communication, every_row=every_row)
        search = _Search(segmentation.graph, np.array(rooms, dtype=np.int64))
        search.refuse_hopeless()
        starts = _starts(circuit, overheads, segmentation.graph, rooms, seed)
        lower = search.run(starts, EFFORTS[effort], seed)
        proven = lower is not None and lower >= search.cost - 1e-9
        return FoundCuts(segmentation.plan(search.best), search.cost, search.cost if proven else lower, proven)

    if np.count_nonzero(circuit.qubits >= 0) <= _SMALL:
        return found(every_row=True)
    try:
        return found(every_row=False)
    except DoesNotFitError:  # with wires cut at pauses only
        return found(every_row=True)


def _check(capacities: list[int], seed: int, effort: str) -> None:
    if not capacities or any(int(capacity) != capacity or capacity < 1 for capacity in capacities):
        raise InvalidValueError(f"`capacities` must be whole numbers ≥ 1, at least one, but are {capacities}")
    if seed < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
    if effort not in EFFORTS:
        raise InvalidValueError(f"`effort` must be one of {', '.join(get_args(Effort))}, but is {effort!r}")


def _starts(
    circuit: Circuit, overheads: NDArray[np.float64], graph: SegmentGraph, capacities: list[int], seed: int
) -> Iterator[NDArray[np.int64]]:
    """Colourings to begin with: divisions of the qubits, and now and then slices of time."""
    turn = 0
    while True:
        for _ in range(len(_STYLES) - 1):
            yield partitioned(circuit, overheads, graph, capacities, seed + turn)
            turn += 1
        yield sliced(graph, len(capacities))


class _Search:
    """The search for the cheapest colouring of segments, and for a bound on its cost."""

    def __init__(self, graph: SegmentGraph, capacities: NDArray[np.int64]) -> None:
        self.graph = graph
        self.groups = group_graph(graph)
        self.orders: list[NDArray[np.int64]] = []
        self.capacities = capacities
        self.best = np.full(len(graph.starts), int(np.argmax(capacities)), dtype=np.int64)
        self.excess = self._excess(self.best)
        self.cost = 0.0 if self.excess == 0 else np.inf

    def _excess(self, colours: NDArray[np.int64]) -> int:
        loads = loads_of(self.graph, colours, len(self.capacities))
        return int(np.maximum(loads - self.capacities[:, None], 0).sum())

    def refuse_hopeless(self) -> None:
        """Refuses what cannot fit however it is cut.

        Raises:
            DoesNotFitError: if all pieces together, or the largest for a group, have too few qubits.
        """
        alone = self.graph._replace(joined=np.zeros_like(self.graph.joined))
        needed = int(loads_of(alone, np.zeros_like(self.best), 1).max(initial=0))
        if needed > self.capacities.sum():
            raise DoesNotFitError(
                f"pieces must have {needed} qubits or more between them, because so many are busy at once however the "
                f"circuit is cut, but have {self.capacities.sum()}"
            )
        sizes = np.bincount(self.graph.groups, minlength=1)
        largest = int(self.capacities.max())
        for group in np.flatnonzero(sizes > 1).tolist():
            mine = self.graph.groups == group
            chosen = np.where(mine, 0, 1)
            width = int(loads_of(self.graph, chosen, 2)[0].max())
            if width > largest:
                raise DoesNotFitError(
                    f"without communication between pieces, one must have {width} qubits or more, because instructions that "
                    f"rely on each other's bits need so many at once, but the largest has {largest}"
                )

    def run(self, starts: Iterator[NDArray[np.int64]], spending: _Spending, seed: int) -> float | None:
        """Looks for the best; returns a lower bound, which is its cost if it is the best there is.

        Raises:
            DoesNotFitError: if none fits.
        """
        if self.cost == 0:
            return 0.0
        self.orders = orders_of(self.graph, self.groups)
        if self._explore(np.inf, _FIRST_NODES):
            return self._proven()
        self._anneal(next(starts), 0, spending, seed)
        if self._explore(self.cost, spending.nodes // 4):
            return self._proven()
        for attempt in range(1, spending.attempts):
            self._anneal(next(starts), attempt, spending, seed)
        if self._explore(self.cost, spending.nodes):
            return self._proven()
        if not np.isfinite(self.cost):
            raise DoesNotFitError(
                f"pieces must hold all qubits that are alive at once, but no way was found to cut the circuit so that they fit "
                f"in {self.capacities.tolist()}; more room, or a greater effort, may find one"
            )
        return self._bound(spending.nodes // _BOUND_TRIALS)

    def _anneal(self, colours: NDArray[np.int64], attempt: int, spending: _Spending, seed: int) -> None:
        from weft.compiler.cutting.cut_kernel import anneal

        cooling, crowding = _STYLES[attempt % len(_STYLES)]
        groups = self.groups
        moved = int(np.count_nonzero(np.diff(groups.member_offsets) > 1))
        sweeps = int(min(spending.work / _sweep_work(self.graph, len(self.capacities), moved), _MOST_SWEEPS)) + 10
        cost, excess = anneal(
            self.graph,
            colours,
            self.capacities,
            groups.members,
            groups.member_offsets,
            sweeps,
            cooling,
            crowding,
            (seed * 1_000 + attempt) % 2**32,
        )
        if excess == 0 and cost < self.cost:
            self.best, self.cost = colours, cost_of(self.graph, colours)

    def _explore(self, limit: float, nodes: int) -> bool:
        """Whether branch and bound could say all about plans that cost less than `limit`; keeps a better one if it finds one."""
        from weft.compiler.cutting.exact_kernel import branch_and_bound

        for order in self.orders:
            complete, _, colours = branch_and_bound(
                self.graph, self.groups, order, self.capacities, float(limit), nodes
            )
            if colours[0] >= 0:
                self.best, self.cost = colours, cost_of(self.graph, colours)
                limit = min(limit, self.cost)
            if complete:
                return True
        return False

    def _proven(self) -> float:
        if not np.isfinite(self.cost):
            raise DoesNotFitError(
                f"pieces must hold all qubits that are alive at once, but however the circuit is cut they do not fit in "
                f"{self.capacities.tolist()}"
            )
        return self.cost

    def _bound(self, nodes: int) -> float | None:
        """The highest limit, by bisection, below which branch and bound shows that there is nothing."""
        low, high = 0.0, self.cost
        for _ in range(_BOUND_TRIALS):
            limit = (low + high) / 2
            if not self._explore(limit, nodes):
                high = limit
            elif self.cost <= limit:
                return self.cost
            else:
                low = limit
        return low if low > 0 else None


def _sweep_work(graph: SegmentGraph, pieces: int, moved: int) -> float:
    """About how many nanoseconds it takes to draw every qubit once and to move some groups; fitted to measurements."""
    qubits = len(graph.chains) - 1
    draws = 100.0 * len(graph.starts) * pieces + 6.0 * qubits * graph.steps * pieces
    return draws + moved * (20.0 * len(graph.starts) + 3.0 * graph.steps * pieces) + 100.0
