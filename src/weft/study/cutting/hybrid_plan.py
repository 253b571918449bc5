"""Which gates between QPUs are teleported and which are cut, on a network of quantum links.

The model that decides is additive: a gate over a route of h links takes h pairs, one after the other, for each gate with a diagonal
form that it is made of, and γ of each of them if pairs are repaired; or it is cut, alone, without a pair. The compiler shares
pairs among gates and moves qubits, so programs usually take fewer than the model says; and if the program that cuts nothing turns
out to be as good as what the model chose, nothing is cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, matrix_of
from weft.compiler import Effort, compile_circuit
from weft.compiler.cutting.mixture import Mixture, Option, choose_mixture
from weft.compiler.decompose import decompose
from weft.compiler.routes import Routes
from weft.errors import InvalidValueError
from weft.network import Network
from weft.program import Program
from weft.protocols.cutting.cancellation import cancelled_pair
from weft.protocols.cutting.decomposition import Decomposition
from weft.protocols.cutting.gate_cuts import gate_cut
from weft.protocols.cutting.pairs import PairDecomposition, PairTerm, assisted_pair
from weft.protocols.cutting.preparation import without_swaps
from weft.protocols.cutting.shares import process_shares
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy, schedule

Pairs = Literal["as they are", "cancelled", "assisted"]

_AS_IT_IS = PairDecomposition((PairTerm(1.0, True, (), ()),))
_PRECISION = 0.01
_TIMELINES = 256  # for how long a shot takes
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Budget:
    """What may be spent; one of the first three decides which gates are cut.

    Attributes:
        most_ebits: Bell pairs for a shot; as few shots as that allows.
        most_shots: for the precision; as few pairs as that allows.
        most_seconds: for all shots of the precision; as little time as possible.
        precision: standard error wanted of an observable whose values lie in [−1, 1].
        saved_ebits: pairs that the model may take beyond `most_ebits`, because sharing is expected to save them.
    """

    most_ebits: int | None = None
    most_shots: float | None = None
    most_seconds: float | None = None
    precision: float = _PRECISION
    saved_ebits: int = 0

    @property
    def decides(self) -> bool:
        """Whether there is anything to keep to."""
        return any(one is not None for one in (self.most_ebits, self.most_shots, self.most_seconds))


def budget_of(
    most_ebits: int | None, most_seconds: float | None, most_shots: int | None, precision: float | None
) -> Budget:
    """The budget that users mean: shots decide only where a precision says what they are for, and nothing else decides.

    Raises:
        InvalidValueError: for numbers that cannot be.
    """
    if most_ebits is not None and not (isinstance(most_ebits, int | np.integer) and most_ebits >= 0):
        raise InvalidValueError(f"`most_ebits` must be a whole number ≥ 0, but is {most_ebits!r}")
    if most_seconds is not None and not 0 <= most_seconds < math.inf:
        raise InvalidValueError(f"`most_seconds` must be finite and ≥ 0, but is {most_seconds!r}")
    if most_ebits is not None and most_seconds is not None:
        raise InvalidValueError("only one of `most_ebits` and `most_seconds` must be given, but both are")
    free = most_ebits is None and most_seconds is None and precision is not None
    return Budget(most_ebits, most_shots if free else None, most_seconds, precision or _PRECISION)


def is_hybrid(network: Network, pairs: Pairs, budget: Budget) -> bool:
    """Whether there is anything to do about the quantum links of a network; classical links do not mind a budget of shots.

    Raises:
        InvalidValueError: if `pairs` is not one of its choices.
    """
    if pairs not in get_args(Pairs):
        raise InvalidValueError(f"`pairs` must be one of {', '.join(get_args(Pairs))}, but is {pairs!r}")
    if pairs != "as they are" or budget.most_ebits is not None or budget.most_seconds is not None:
        return True
    return budget.most_shots is not None and not network.classical_links and len(network.qpus) > 1


@dataclass(frozen=True, eq=False)
class GateCut:
    """A gate that is cut, both of its ends being in the one program.

    Attributes:
        row: of the circuit.
        by: its first operand is the left end.
    """

    row: int
    by: Decomposition

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """The pairs of a left and a right operation that count, shape (cells, 2)."""
        return np.argwhere(self.by.coefficients)

    @cached_property
    def gains(self) -> NDArray[np.float64]:
        """How much more of the process each cell is than of Σ|coefficients|, shape (cells,); see `process_shares`."""
        left = [(operation, ()) for operation in self.by.left]
        shares = process_shares(left, self.by.right, self.by.coefficients, is_wire=False)
        weights = np.abs(self.by.coefficients) / self.by.overhead
        gains: NDArray[np.float64] = shares[tuple(self.cells.T)] / weights[tuple(self.cells.T)]
        return gains


@dataclass(frozen=True, eq=False)
class HybridPlan:
    """A circuit, the gates of it that are cut, and what stands in for pairs.

    Attributes:
        circuit: without SWAPs; its bits are those that were asked for, and no observable is measured yet.
        ends: for each qubit asked for, the qubit of `circuit` that ends with its state.
        network: of quantum links.
        pairs: what is done about their imperfection.
        policy: of the links.
        cuts: in the order of rows.
        rows: of the gates between QPUs that were decided on; empty if there was no budget.
        model: what was chosen for them, in the order of `rows`, as if pairs were not shared; it may take more of them than the
            budget allows, where sharing makes up for it. None if there was no budget.
    """

    circuit: Circuit
    ends: NDArray[np.int32]
    network: Network
    pairs: Pairs
    policy: Policy
    cuts: tuple[GateCut, ...] = ()
    rows: tuple[int, ...] = ()
    model: Mixture | None = None

    @property
    def cut_overhead(self) -> float:
        """γ of all cuts."""
        return math.prod(cut.by.overhead for cut in self.cuts)

    def decomposition(self, link: int) -> PairDecomposition:
        """What stands in for a pair of the link at a position.

        Raises:
            InvalidValueError: if its noise cannot be cancelled.
        """
        a, b = (self.network.qpus[place] for place in self.network.link_ends[link].tolist())
        return _decomposition(self.pairs, self.policy, self.network.links[link], (a, b))

    def decompositions(self, program: Program) -> list[PairDecomposition]:
        """What stands in for each pair that a program takes, in their order."""
        return [self.decomposition(link) for link in program.links[program.links >= 0].tolist()]

    def overhead(self, program: Program) -> float:
        """γ of a program: of all cuts, and of each pair that it takes."""
        return self.cut_overhead * math.prod(pair.overhead for pair in self.decompositions(program))


@lru_cache(maxsize=1024)
def _decomposition(pairs: Pairs, policy: Policy, link: object, qpus: object) -> PairDecomposition:
    delivered = policy.delivered_pair(link, qpus)  # type: ignore[arg-type]  # a link and its two QPUs, all hashable
    if pairs == "cancelled":
        return cancelled_pair(delivered)
    return assisted_pair(delivered) if pairs == "assisted" else _AS_IT_IS


def plan_hybrid(
    circuit: Circuit,
    network: Network,
    pairs: Pairs = "as they are",
    budget: Budget = Budget(),
    *,
    policy: Policy = AS_SOON_AS_POSSIBLE,
    seed: int = 0,
    effort: Effort = "default",
) -> HybridPlan:
    """Decides which gates are cut, so that a budget is kept; none is without one.

    Args:
        circuit: to run.
        network: of quantum links.
        pairs: what is done about the imperfection of theirs.
        budget: to keep to.
        policy: of the links.
        seed: of the compiler.
        effort: of the compiler.

    Raises:
        InvalidValueError: for a budget that cannot be, or if the noise of pairs that are needed cannot be cancelled.
        DoesNotFitError: if the budget is too small; the message says how much it takes.
    """
    bare, ends = without_swaps(circuit)
    plan = HybridPlan(bare, ends, network, pairs, policy)
    if not budget.decides:
        return plan
    program = _whole_program(bare, network, seed, effort)
    homes = homes_of(program, bare.num_qubits)
    rows = rows_between(bare, homes)
    ways = options(plan, rows, homes)
    model = choose_mixture(
        ways,
        most_ebits=None if budget.most_ebits is None else budget.most_ebits + budget.saved_ebits,
        most_shots=budget.most_shots,
        most_seconds=budget.most_seconds,
        precision=budget.precision,
        shot_s=seconds_without_pairs(program),
    )
    cuts = tuple(
        GateCut(row, _cut_of(bare, row))
        for row, choice, some in zip(rows, model.choices, ways, strict=True)
        if choice == len(some) - 1 and _can_be_cut(bare, row)
    )
    if _is_better_uncut(plan, program, model, budget):
        cuts = ()
    return replace(plan, cuts=cuts, rows=tuple(rows), model=model)


@lru_cache(maxsize=8)
def _whole_program(circuit: Circuit, network: Network, seed: int, effort: Effort) -> Program:
    """The program that cuts nothing, which several budgets ask for."""
    return compile_circuit(circuit, network, seed=seed, effort=effort).program


def _is_better_uncut(plan: HybridPlan, program: Program, model: Mixture, budget: Budget) -> bool:
    """Whether the program that cuts nothing keeps to the budget, too, and is as good as the model thinks its choice is."""
    try:
        ratio = plan.overhead(program) / budget.precision
    except InvalidValueError:  # noise that cannot be cancelled
        return False
    shots = ratio * ratio  # infinite where no number can say it
    if budget.most_seconds is not None:
        seconds = shots * mean_seconds(program)
        return seconds <= min(budget.most_seconds, model.seconds)
    most_ebits = model.ebits if budget.most_ebits is None else budget.most_ebits
    most_shots = model.shots if budget.most_shots is None else budget.most_shots
    return program.ebits <= most_ebits and shots <= most_shots * (1 + _ROUNDING)


def homes_of(program: Program, num_qubits: int) -> NDArray[np.int32]:
    """The QPU on which each qubit of the circuit begins, shape (num_qubits,)."""
    return program.qubit_qpus[~program.qubit_is_communication][:num_qubits]


def rows_between(circuit: Circuit, homes: NDArray[np.int32]) -> list[int]:
    """The gates whose qubits begin on different QPUs."""
    first, second = circuit.qubits[:, 0], circuit.qubits[:, 1]
    return np.flatnonzero((second >= 0) & (homes[first] != homes[second])).tolist()


def options(plan: HybridPlan, rows: list[int], homes: NDArray[np.int32]) -> list[list[Option]]:
    """The ways to do each gate between QPUs: to teleport it, if its pairs can be repaired, and to cut it, if it is unconditional.

    Args:
        plan: without cuts.
        rows: of the gates.
        homes: of the qubits.

    Raises:
        InvalidValueError: if there is no way to do one.
    """
    routes = Routes(plan.network)
    found = []
    for row in rows:
        here, there = homes[plan.circuit.qubits[row]].tolist()
        ways = [*_teleported(plan, routes, row, here, there), *_cut(plan.circuit, row)]
        if not ways:
            raise InvalidValueError(
                f"every gate between QPUs must be one that can be cut, or take pairs that can be repaired, but instruction {row} "
                "is under a condition, and the noise of pairs on its way cannot be cancelled; `pairs='assisted'` does without them"
            )
        found.append(ways)
    return found


def _teleported(plan: HybridPlan, routes: Routes, row: int, here: int, there: int) -> Iterator[Option]:
    links = [plan.network.link_index[step] for step in pairwise(routes.between(here, there))]
    times = _teleportations(plan.circuit, row)
    try:
        pairs = [plan.decomposition(link) for link in links]
    except InvalidValueError:  # noise that cannot be cancelled
        return
    log_overhead = sum(math.log(max(pair.overhead, 1.0)) for pair in pairs)
    ebits = sum(pair.real_share > 0 for pair in pairs)
    wait_s = sum(plan.network.links[link].mean_wait_s for link in links)
    yield Option(times * log_overhead, times * ebits, times * wait_s)


def _teleportations(circuit: Circuit, row: int) -> int:
    """How many gates with a diagonal form a gate takes, each of which takes a pair of its own."""
    gate = GATES[int(circuit.opcodes[row])]
    angles = tuple(circuit.angles[row, : gate.angles].tolist())
    return sum(len(qubits) == 2 for _, qubits, _ in decompose(gate.name, angles))


def _cut(circuit: Circuit, row: int) -> Iterator[Option]:
    if _can_be_cut(circuit, row):
        yield Option(math.log(max(_cut_of(circuit, row).overhead, 1.0)))


def _can_be_cut(circuit: Circuit, row: int) -> bool:
    return not circuit.condition(row)


def _cut_of(circuit: Circuit, row: int) -> Decomposition:
    gate = GATES[int(circuit.opcodes[row])]
    return _gate_cut(int(circuit.opcodes[row]), tuple(circuit.angles[row, : gate.angles].tolist()))


@lru_cache(maxsize=1024)
def _gate_cut(code: int, angles: tuple[float, ...]) -> Decomposition:
    return gate_cut(matrix_of(code, angles), ancillas=False)


def seconds_without_pairs(program: Program) -> float:
    """How long a shot lasts if every pair is there at once."""
    network = program.network
    instant = tuple(replace(link, attempt_s=0.0, success_probability=1.0) for link in network.links)
    return mean_seconds(replace(program, network=replace(network, links=instant)))


def mean_seconds(program: Program) -> float:
    """How long a shot lasts."""
    return float(schedule(program, _TIMELINES, np.random.SeedSequence(0)).makespan_s.mean())
