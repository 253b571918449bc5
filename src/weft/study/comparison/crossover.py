"""Where quantum links draw level with another way to run the circuit, as the hardware or the circuit changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from weft.circuit import Circuit
from weft.circuit.generators import GENERATORS
from weft.compiler import Effort
from weft.errors import InvalidValueError, WeftError
from weft.network import Network
from weft.network.wording import suggest
from weft.study.comparison.contenders import Contender, InPieces, Whole
from weft.study.comparison.counterparts import classical_links_only, one_big_qpu
from weft.study.comparison.means import Mean, Point
from weft.study.comparison.root import Root, find_root, sign_change
from weft.study.comparison.scaling import QUANTITIES, factors_between, value_of

Measure = Literal["fidelity", "error", "total_s"]
Rival = Literal["one_qpu", "hybrid", "classical_links", "target"]
RIVAL_KINDS: tuple[Literal["one_qpu", "hybrid", "classical_links"], ...] = ("one_qpu", "hybrid", "classical_links")
MEASURES: tuple[Measure, ...] = get_args(Measure)
_POINTS = 13
_MOST_SIZES = 8


@dataclass(frozen=True)
class Crossover:
    """Quantum links against a rival, in one measure, over one quantity.

    Attributes:
        network: name of it.
        quantity: `rate`, `fidelity`, `t2`, `gate-error` or `size`.
        measure: `fidelity`, of whole circuits, too, that of the backend `estimate`; `error`, the root of squared bias and variance
            with the shots there are; or `total_s`, the time of γ² shots, which one standard error has in common with all others.
        rival: `one_qpu`, `hybrid`, `classical_links` or `target`.
        grid: factors on the quantity, 1 being the hardware as it is; sizes themselves.
        ours: the measure with quantum links at each.
        theirs: the measure of the rival at each.
        root: where the two are level, with its interval of three standard errors; None if they never are in the range. The root of
            a size lies between two sizes next to each other, or next to each other among those that were tried.
        now: what the quantity is.
        there: what it is at the root; None without one.
    """

    network: str
    quantity: str
    measure: Measure
    rival: Rival
    grid: tuple[float, ...]
    ours: tuple[Mean, ...]
    theirs: tuple[Mean, ...]
    root: Root | None
    now: float
    there: float | None

    @property
    def gaps(self) -> tuple[Mean, ...]:
        """How far quantum links are ahead at each point: differences of fidelities; logarithms of ratios of errors and times."""
        return tuple(gap_of(self.measure, a, b) for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def ahead(self) -> Literal["quantum_links", "rival", "neither"]:
        """Who is ahead throughout, if there is no root; `neither` if they are level, or noise hides it."""
        signs = {gap.sign for gap in self.gaps if gap.sign}
        if self.root is not None or len(signs) != 1:
            return "neither"
        return "quantum_links" if signs == {1} else "rival"


def gap_of(measure: Measure, ours: Mean, theirs: Mean) -> Mean:
    """How far we are ahead, and its standard error; the two are independent, or one of them is known."""
    if measure == "fidelity":
        return Mean(ours.value - theirs.value, math.hypot(ours.stderr, theirs.stderr))
    if not ours.value or not theirs.value:
        return Mean(theirs.value - ours.value, math.hypot(ours.stderr, theirs.stderr))
    return Mean(math.log(theirs.value / ours.value), math.hypot(ours.stderr / ours.value, theirs.stderr / theirs.value))


def measured(point: Point, measure: Measure, by: Contender, shots: int) -> Mean:
    """A measure of what a way achieves."""
    if measure == "fidelity":
        return point.fidelity
    if measure == "error":
        return point.error(shots / by.runs)
    return Mean(point.shot_s.value * point.sampling_overhead, point.shot_s.stderr * point.sampling_overhead)


def crossover_on_hardware(
    network: Network,
    quantity: str,
    measure: Measure,
    rival: tuple[Rival, Contender | float],
    ours: Contender,
    *,
    shots: int,
    repetitions: int,
    seed: int,
    between: tuple[float, float] | None = None,
) -> Crossover:
    """Quantum links against a rival as one quantity of the hardware is scaled.

    Args:
        network: with quantum links.
        quantity: of `QUANTITIES`.
        measure: to be level in.
        rival: another way, or a fidelity to be reached.
        ours: the circuit over quantum links.
        shots: that an error is of.
        repetitions: of 64 timelines each.
        seed: of the timelines, the same at all points.
        between: the least and the greatest factor; all that make sense by default.

    Raises:
        InvalidValueError: if there is nothing to scale.
    """
    low, high = between or factors_between(network, quantity)
    name, them = rival

    def at(factor: float) -> tuple[Mean, Mean]:
        mine = ours.at(quantity, factor, repetitions=repetitions, seed=seed)
        if isinstance(them, float):
            return measured(mine, measure, ours, shots), Mean(them, 0.0)
        # with seeds of its own, so that the two are independent
        other = them.at(quantity, factor, repetitions=repetitions, seed=seed + repetitions)
        return measured(mine, measure, ours, shots), measured(other, measure, them, shots)

    grid = tuple(low * (high / low) ** (step / (_POINTS - 1)) for step in range(_POINTS))
    pairs = [at(factor) for factor in grid]
    found = sign_change([gap_of(measure, *pair) for pair in pairs])
    root = None if found is None else find_root(lambda x: gap_of(measure, *at(x)), grid[found[0]], grid[found[1]])
    there = None if root is None else _value_there(network, quantity, root.value)
    return Crossover(
        network.name, quantity, measure, name, grid, *_columns(pairs), root, value_of(network, quantity), there
    )


def _value_there(network: Network, quantity: str, factor: float) -> float:
    """By hand, because scaled pairs are rounded to states."""
    now = value_of(network, quantity)
    return 1 - (1 - now) * factor if quantity == "fidelity" else now * factor


def _columns(pairs: Sequence[tuple[Mean, Mean]]) -> tuple[tuple[Mean, ...], tuple[Mean, ...]]:
    return tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs)


def check_quantity(quantity: str, circuit: Circuit, networks: Sequence[Network]) -> None:
    """Refuses, before anything is run, what there can be no crossover over.

    Raises:
        InvalidValueError: for an unknown quantity, a circuit of no family or a network that holds fewer than two sizes, hardware
            where there is nothing to scale, or a network that quantum links do not join.
    """
    known = (*QUANTITIES, "size")
    if quantity not in known:
        raise InvalidValueError(
            f"`crossover` must be one of {', '.join(known)}, but is {quantity!r}{suggest(str(quantity), known)}"
        )
    family, _, size = circuit.name.partition(":")
    if quantity == "size" and (family not in GENERATORS or not size[:1].isdecimal()):
        raise InvalidValueError(
            f"`circuit` must be of a family such as ghz:6 or qft:8 for a crossover over its size, but is `{circuit.name}`"
        )
    for network in networks:
        _check_network(quantity, network)


def _check_network(quantity: str, network: Network) -> None:
    if len(network.islands) > 1:
        raise InvalidValueError(
            f"`{network.name}` must have quantum links that join all of its QPUs for a crossover, because they are what is held "
            "against other ways, but classical links join some of them"
        )
    if quantity != "size":
        factors_between(network, quantity)
    elif len(_sizes(network)) < 2:
        raise InvalidValueError(
            f"`{network.name}` must hold at least 2 sizes that are too large for one of its QPUs for a crossover over size, but "
            f"holds {len(_sizes(network))}"
        )


def _sizes(network: Network) -> range:
    """All from one qubit more than a QPU has to what the network holds, or some evenly spread if they are many."""
    least = max(qpu.data_qubits for qpu in network.qpus) + 1
    step = max(1, math.ceil((network.data_qubits - least + 1) / _MOST_SIZES))
    return range(least, network.data_qubits + 1, step)


def crossovers_in_size(
    circuit: Circuit,
    network: Network,
    rivals: Mapping[Rival, float | None],
    *,
    shots: int,
    repetitions: int,
    seed: int,
    effort: Effort,
) -> list[Crossover]:
    """Quantum links against each rival as the circuit grows, up to what the network holds.

    Args:
        circuit: of a family; its first number is what grows.
        network: with quantum links.
        rivals: by name; of a target, the fidelity to be reached.
        shots: that an error is of.
        repetitions: of 64 timelines each.
        seed: of compiling and of the timelines.
        effort: of compiling.

    Raises:
        InvalidValueError: if fewer than two sizes of the family fit.
    """
    points = _points_by_size(circuit, network, tuple(rivals), repetitions, seed, effort)
    if len(points) < 2:
        raise InvalidValueError(
            f"`{network.name}` must hold circuits of at least 2 sizes of `{circuit.name}` in all ways that are compared, but holds "
            f"{len(points)}"
        )
    found = []
    for measure in MEASURES:
        for rival, target in rivals.items():
            if rival == "target" and measure != "fidelity":
                continue
            pairs = [
                (_measured(seen["quantum_links"], measure, shots), _theirs(seen, rival, target, measure, shots))
                for seen in points.values()
            ]
            found.append(_in_size(circuit, network, measure, rival, list(points), pairs))
    return found


Seen = tuple[Point, Contender]


def _measured(seen: Seen, measure: Measure, shots: int) -> Mean:
    return measured(seen[0], measure, seen[1], shots)


def _theirs(seen: Mapping[str, Seen], rival: Rival, target: float | None, measure: Measure, shots: int) -> Mean:
    return _measured(seen[rival], measure, shots) if target is None else Mean(target, 0.0)


def _in_size(
    circuit: Circuit, network: Network, measure: Measure, rival: Rival, sizes: list[int], pairs: list[tuple[Mean, Mean]]
) -> Crossover:
    change = sign_change([gap_of(measure, *pair) for pair in pairs])
    root = None
    if change is not None:
        low, high = sizes[change[0]], sizes[change[1]]
        root = Root((low + high) / 2, low, high)
    grid = tuple(float(size) for size in sizes)
    there = None if root is None else root.value
    return Crossover(
        network.name, "size", measure, rival, grid, *_columns(pairs), root, float(_size(circuit.name)), there
    )


def _size(name: str) -> int:
    digits = name.partition(":")[2]
    return int(digits[: next((place for place, one in enumerate(digits) if not one.isdigit()), len(digits))])


def _points_by_size(
    circuit: Circuit, network: Network, rivals: tuple[Rival, ...], repetitions: int, seed: int, effort: Effort
) -> dict[int, dict[str, Seen]]:
    """What every way achieves at each size that all of them hold."""
    family, _, rest = circuit.name.partition(":")
    tail = rest[len(str(_size(circuit.name))) :]
    found: dict[int, dict[str, Seen]] = {}
    for size in _sizes(network):
        try:
            grown = _grown(f"{family}:{size}{tail}", seed)
            ways = _contenders(grown, network, rivals, seed, effort)
        except WeftError:
            continue  # no such size in the family, or it does not fit
        found[size] = {
            name: (way.at("rate", 1.0, repetitions=repetitions, seed=seed + number * repetitions), way)
            for number, (name, way) in enumerate(ways.items())
        }
    return found


def _grown(name: str, seed: int) -> Circuit:
    from weft.circuit.generators import generate

    return generate(name, seed=seed)


def _contenders(
    circuit: Circuit, network: Network, rivals: tuple[Rival, ...], seed: int, effort: Effort
) -> dict[str, Contender]:
    makers: dict[str, Callable[[], Contender]] = {
        "quantum_links": lambda: Whole.of(circuit, network, seed=seed, effort=effort),
        "one_qpu": lambda: Whole.of(circuit, one_big_qpu(network, circuit.num_qubits), seed=seed, effort=effort),
        "classical_links": lambda: InPieces.of(circuit, classical_links_only(network), seed=seed, effort=effort),
    }
    return {name: make() for name, make in makers.items() if name == "quantum_links" or name in rivals}
