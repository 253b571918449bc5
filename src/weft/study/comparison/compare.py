"""`weft.compare`: the main path, from a circuit and some networks to a verdict on each.

counterparts of each network → the ways to run the circuit → crossovers, if asked for → a verdict
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from weft.circuit import Circuit, load_circuit
from weft.compiler import Effort
from weft.errors import InvalidValueError
from weft.hardware import load_network
from weft.network import Network
from weft.simulator.backend import MOST_SHOTS
from weft.study.comparison.contenders import Contender
from weft.study.comparison.counterparts import classical_links_only, hardware_of, one_big_qpu
from weft.study.comparison.crossover import (
    MEASURES,
    RIVAL_KINDS,
    Crossover,
    Rival,
    check_quantity,
    crossover_on_hardware,
    crossovers_in_size,
)
from weft.study.comparison.played import TIMELINES
from weft.study.comparison.run_ways import Found, run_in_pieces, run_mixed, run_whole
from weft.study.comparison.verdict import Verdict, judge
from weft.study.comparison.ways import Kind, Way

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

_FEWEST, _MOST = 4, 64
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """Ways to run a circuit, side by side.

    Attributes:
        circuit: name of it.
        qubits: of it.
        shots: of each simulation.
        seed: of everything.
        target_fidelity: that was to be reached; None if none was named.
        ways: one for each network and kind; those that are the same on several networks are there once.
        verdicts: one for each network.
        crossovers: that were asked for.
        notes: assumptions that the reader must know, and why crossovers are missing that were asked for.
    """

    circuit: str
    qubits: int
    shots: int
    seed: int
    target_fidelity: float | None
    ways: tuple[Way, ...]
    verdicts: tuple[Verdict, ...]
    crossovers: tuple[Crossover, ...]
    notes: tuple[str, ...]


def compare(
    circuit: Circuit | QuantumCircuit | str | Path,
    networks: Network | str | Path | Sequence[Network | str | Path],
    *,
    shots: int = 1000,
    seed: int = 0,
    target_fidelity: float | None = None,
    crossover: str | Sequence[str] = (),
    effort: Effort = "default",
    progress: Progress | None = None,
) -> Comparison:
    """Runs a circuit on one big QPU, over quantum links, over hybrid ones, and cut for classical links, and says which is worth it.

    Args:
        circuit: or what `load_circuit` takes.
        networks: one or several, or what `load_network` takes.
        shots: of each simulation. Probabilities that no error strikes are averaged over as many timelines, in batches of 64, of
            which there are at least 4 and at most 64.
        seed: of everything.
        target_fidelity: that must be reached, in (0, 1].
        crossover: what to look for crossovers over: `rate`, `fidelity`, `t2`, `gate-error`, `size`, or several of them.
        effort: of the compiler and of the search for cuts.
        progress: called with what is done next, in words.

    Raises:
        InvalidCircuitError, InvalidNetworkError: if either cannot be read.
        InvalidValueError: for arguments that cannot be, or a crossover over what is not there.
    """
    loaded = load_circuit(circuit, seed=seed)
    several = [networks] if isinstance(networks, Network | str | Path) else list(networks)
    where: list[Network] = []
    for network in map(load_network, several):
        if network not in where:
            where.append(network)
    quantities = (crossover,) if isinstance(crossover, str) else tuple(dict.fromkeys(crossover))
    _check(loaded, where, shots, seed, target_fidelity, quantities)
    run = _Run(loaded, shots, seed, target_fidelity, effort, progress or (lambda _: None))
    ways, verdicts, crossovers = [], [], []
    for network in where:
        found = run.ways(network)
        contenders = {kind: contender for kind, (_, contender) in found.items() if contender is not None}
        crossovers += run.crossovers(network, contenders, quantities)
        verdicts.append(run.verdict(network, {kind: way for kind, (way, _) in found.items()}, contenders))
        ways += [way for way, _ in found.values()]
    return Comparison(
        loaded.name,
        loaded.num_qubits,
        shots,
        seed,
        target_fidelity,
        _merged(ways),
        tuple(verdicts),
        tuple(crossovers),
        (*_assumptions(where, loaded.num_qubits), *run.notes),
    )


def _check(
    circuit: Circuit,
    networks: Sequence[Network],
    shots: int,
    seed: int,
    target: float | None,
    quantities: Sequence[str],
) -> None:
    if not networks:
        raise InvalidValueError("`networks` must name at least one, but is empty")
    names = [network.name for network in networks]
    if len(set(names)) < len(names):
        raise InvalidValueError(
            f"`networks` must have different names, but two are called `{max(names, key=names.count)}`"
        )
    for name, value, least, most in (("shots", shots, 1, MOST_SHOTS), ("seed", seed, 0, 2**62)):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InvalidValueError(f"`{name}` must be a whole number in {least} … {most:,}, but is {value!r}")
    if target is not None and not 0 < target <= 1:
        raise InvalidValueError(f"`target_fidelity` must lie in (0, 1], but is {target!r}")
    for quantity in quantities:
        check_quantity(quantity, circuit, networks)


def _assumptions(networks: Sequence[Network], qubits: int) -> tuple[str, ...]:
    """What the big QPU is taken to be, once for all networks that it is the same for."""
    said: dict[str, str] = {}
    size = "1 data qubit" if qubits == 1 else f"{qubits} data qubits"
    for network in networks:
        qpu = hardware_of(network)
        dropped = (
            "" if qpu.coupling is None else "; the coupling map is dropped, so every two of its qubits can interact"
        )
        said.setdefault(
            one_big_qpu(network, qubits).id + dropped,
            f"one big QPU is assumed to have {size} with the numbers of QPU {qpu.name} of {network.name}{dropped}; "
            "whether it can be built, and what any of these machines costs, is not known here",
        )
    return tuple(said.values())


class _Options(TypedDict):
    seed: int
    effort: Effort
    repetitions: int


class _Run:
    """What all networks of a comparison share."""

    def __init__(
        self, circuit: Circuit, shots: int, seed: int, target: float | None, effort: Effort, progress: Progress
    ) -> None:
        self.circuit, self.shots, self.seed, self.target, self.effort = circuit, shots, seed, target, effort
        self.repetitions = min(max(-(-shots // TIMELINES), _FEWEST), _MOST)
        self._progress = progress
        self.notes: list[str] = []
        self._known: dict[tuple[Kind, str], Found] = {}

    def ways(self, network: Network) -> dict[Kind, Found]:
        """All ways on a network; on the same hardware they are run once."""
        places: dict[Kind, Network] = {
            "one_qpu": one_big_qpu(network, self.circuit.num_qubits),
            "quantum_links": network,
            "hybrid": network,
            "classical_links": classical_links_only(network),
        }
        return {kind: self._way(kind, place, network) for kind, place in places.items()}

    def _way(self, kind: Kind, place: Network, network: Network) -> Found:
        key = kind, place.id
        if key not in self._known:
            self._progress(f"{kind.replace('_', ' ')}: {network.name}")
            self._known[key] = self._run(kind, place)
        way, contender = self._known[key]
        return replace(way, networks=(network.name,)), contender

    def _run(self, kind: Kind, place: Network) -> Found:
        options: _Options = {"seed": self.seed, "effort": self.effort, "repetitions": self.repetitions}
        if kind == "classical_links":
            return run_in_pieces(self.circuit, place, **options)
        if kind == "hybrid" and place.classical_links and place.links:
            return run_in_pieces(self.circuit, place, kind=kind, **options)
        if kind == "hybrid":
            links = self._known["quantum_links", place.id]
            return run_mixed(self.circuit, links, place, shots=self.shots, target=self.target, **options)
        return run_whole(kind, self.circuit, place, shots=self.shots, **options)

    def crossovers(
        self, network: Network, contenders: Mapping[Kind, Contender], quantities: Sequence[str]
    ) -> list[Crossover]:
        """Against every rival that there is, in every measure."""
        found = []
        for quantity in quantities:
            self._progress(f"crossover over {quantity}: {network.name}")
            if quantity == "size":
                found += self._in_size(network, contenders)
            elif "quantum_links" in contenders:
                found += self._on_hardware(network, contenders, quantity)
            else:
                self.notes.append(
                    f"there is no crossover over {quantity} on {network.name}, because quantum links cannot run the circuit"
                )
        return found

    def _on_hardware(
        self, network: Network, contenders: Mapping[Kind, Contender], quantity: str
    ) -> Iterable[Crossover]:
        rivals: list[tuple[Rival, Contender | float]] = [
            (kind, contenders[kind]) for kind in RIVAL_KINDS if kind in contenders
        ]
        for measure in MEASURES:
            for rival in rivals if self.target is None or measure != "fidelity" else [*rivals, ("target", self.target)]:
                yield crossover_on_hardware(
                    network,
                    quantity,
                    measure,
                    rival,
                    contenders["quantum_links"],
                    shots=self.shots,
                    repetitions=self.repetitions,
                    seed=self.seed,
                )

    def _in_size(self, network: Network, contenders: Mapping[Kind, Contender]) -> list[Crossover]:
        rivals: dict[Rival, float | None] = {"one_qpu": None}
        if "classical_links" in contenders:
            rivals["classical_links"] = None
        if self.target is not None:
            rivals["target"] = self.target
        try:
            return crossovers_in_size(
                self.circuit,
                network,
                rivals,
                shots=self.shots,
                repetitions=self.repetitions,
                seed=self.seed,
                effort="fast",
            )
        except InvalidValueError as error:  # known only now, and all else is done
            self.notes.append(f"there is no crossover over size: {error}")
            return []

    def verdict(self, network: Network, ways: Mapping[Kind, Way], contenders: Mapping[Kind, Contender]) -> Verdict:
        """What to do on a network."""
        self._progress(f"verdict: {network.name}")
        return judge(
            network,
            ways,
            contenders,
            qubits=self.circuit.num_qubits,
            target=self.target,
            shots=self.shots,
            repetitions=_FEWEST,
            seed=self.seed,
        )


def _merged(ways: Sequence[Way]) -> tuple[Way, ...]:
    """Equal rows of several networks as one, in their order."""
    merged: list[Way] = []
    for way in ways:
        same = [place for place, other in enumerate(merged) if replace(other, networks=way.networks) == way]
        if same:
            other = merged[same[0]]
            merged[same[0]] = replace(other, networks=(*other.networks, *way.networks))
        else:
            merged.append(way)
    return tuple(merged)
