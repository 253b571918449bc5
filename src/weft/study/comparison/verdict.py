"""One sentence that says whether to distribute a circuit, and what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from weft.errors import InvalidValueError
from weft.network import Network
from weft.study.comparison.contenders import Contender
from weft.study.comparison.crossover import RIVAL_KINDS, Crossover, Rival, crossover_on_hardware
from weft.study.comparison.scaling import factors_between
from weft.study.comparison.ways import PRECISION, WORDS, Kind, Way, best_of, error_in_words

Decision = Literal["distribute", "do not distribute", "nothing to distribute", "cannot be run"]

_REMEDIES = {"bell_pairs": "fidelity", "waiting": "rate", "local_gates": "gate-error"}
_RIVALS: dict[Rival, str] = {
    "one_qpu": "match one big QPU",
    "hybrid": "match hybrid links",
    "classical_links": "match cutting",
    "target": "reach {:g}",
}


@dataclass(frozen=True)
class Verdict:
    """Whether to distribute.

    Attributes:
        network: name of it.
        decision: `distribute`, `do not distribute`, `nothing to distribute` or `cannot be run`.
        best: the best way that needs no big QPU; None if there is none.
        cause: what spoils most of the fidelity with quantum links; None if nothing does, or there are none.
        place: the QPU or link where it does so most.
        share: of the cause in the infidelity.
        remedy: where quantum links would draw level with what they are held against if only this were better; without a root if not
            even the best in range is enough. None if no one quantity is at fault, if they are level or ahead, or if noise hides it.
        sentence: all this in words.
    """

    network: str
    decision: Decision
    best: Kind | None
    cause: str | None
    place: str | None
    share: float | None
    remedy: Crossover | None
    sentence: str


def judge(
    network: Network,
    ways: Mapping[Kind, Way],
    contenders: Mapping[Kind, Contender],
    *,
    qubits: int,
    target: float | None,
    shots: int,
    repetitions: int,
    seed: int,
) -> Verdict:
    """The verdict on one network.

    Args:
        network: as it is.
        ways: on it.
        contenders: the same, ready to be scaled; those that can be.
        qubits: of the circuit.
        target: the fidelity to reach; None if there is none.
        shots: that there are.
        repetitions: of 64 timelines each, for the remedy.
        seed: of the timelines.
    """
    links = ways["quantum_links"]
    cause, place, share = _worst(links)
    decision, best = _decide(network, ways, qubits, target, shots)
    remedy = None
    if decision in ("distribute", "do not distribute") and cause in _REMEDIES and "quantum_links" in contenders:
        remedy = _remedy(network, ways, contenders, _REMEDIES[cause], target, shots, repetitions, seed)
    parts = [_headline(decision, best, ways, target, qubits, shots)]
    if (
        decision in ("distribute", "do not distribute")
        and links.ebits
        and cause is not None
        and place is not None
        and share is not None
    ):
        parts.append(_constraint(links, cause, place, share, remedy, target))
    return Verdict(network.name, decision, best, cause, place, share, remedy, "; ".join(parts) + ".")


def _worst(way: Way) -> tuple[str | None, str | None, float | None]:
    """The cause that spoils most, where it does so most, and the share of the cause; `Way.budget` begins with the greatest."""
    shares: dict[str, float] = {}
    for cause, _, share in way.budget:
        shares[cause] = shares.get(cause, 0.0) + share
    if not shares:
        return None, None, None
    worst = max(shares, key=lambda cause: shares[cause])
    return worst, next(place for cause, place, _ in way.budget if cause == worst), shares[worst]


def _decide(
    network: Network, ways: Mapping[Kind, Way], qubits: int, target: float | None, shots: int
) -> tuple[Decision, Kind | None]:
    if any(qpu.data_qubits >= qubits for qpu in network.qpus) or ways["quantum_links"].ebits == 0:
        return "nothing to distribute", None
    if _fits_by_reuse(ways["classical_links"]) and (target is None or ways["classical_links"].reaches(target)):
        return "nothing to distribute", "classical_links"
    apart = [way for kind, way in ways.items() if kind != "one_qpu" and way.refusal is None]
    if not apart:
        return "cannot be run", None
    best, big = best_of(apart, target, shots), ways["one_qpu"]
    if target is not None:
        return "distribute" if best.reaches(target) else "do not distribute", best.kind
    return "do not distribute" if _error(big, shots) < _error(best, shots) else "distribute", best.kind


def _fits_by_reuse(way: Way) -> bool:
    """Whether one QPU holds the circuit if qubits that are done are used again: then it is one piece, and nothing is cut."""
    return way.refusal is None and way.runs == 1


def _fidelity(way: Way) -> float:
    return 0.0 if way.fidelity is None or way.fidelity.value is None else way.fidelity.value


def _error(way: Way, shots: int) -> float:
    error = way.error(shots)
    return math.inf if error is None else error


def _headline(
    decision: Decision, best: Kind | None, ways: Mapping[Kind, Way], target: float | None, qubits: int, shots: int
) -> str:
    if decision == "nothing to distribute" and best is not None:
        return f"There is nothing to distribute: qubits that are done can be used again, so that one of the QPUs holds {qubits}"
    if decision == "nothing to distribute":
        return "There is nothing to distribute: the circuit needs no Bell pair here, or fits on one of the QPUs"
    if decision == "cannot be run" or best is None:
        return f"Neither links nor cuts bring {qubits} qubits onto these QPUs: more data qubits are needed"
    big = ways["one_qpu"]
    if target is not None and decision == "distribute":
        return f"Distribute, with {_faithful(ways[best])}, the quickest of those that reach {target:g} without a bigger QPU"
    if target is not None:
        verb = "would" if big.reaches(target) else "would not either"
        return f"Do not distribute: nothing here reaches {target:g}, the nearest is {_faithful(ways[best])}; one big QPU {verb}"
    apart = [way for kind, way in ways.items() if kind != "one_qpu" and way.refusal is None]
    errors = ", ".join(
        f"{error_in_words(_error(way, shots))} {_BY[way.kind]}" for way in sorted(apart, key=lambda w: _error(w, shots))
    )
    of_big = f"{error_in_words(_error(big, shots))} {_BY['one_qpu']}"
    budget = "1 shot" if shots == 1 else f"{shots:,} shots"
    unknown = f"whether a QPU of {qubits} qubits can be had is not known here"
    if decision == "distribute":
        return f"Distribute: with {budget}, an estimate is off by {errors}, and {of_big}"
    return (
        f"Do not distribute if you have the choice: with {budget}, an estimate is off by {of_big}, {errors}; {unknown}"
    )


_BY: dict[Kind, str] = {
    "one_qpu": "on one big QPU",
    "quantum_links": "over quantum links",
    "hybrid": "over hybrid links",
    "classical_links": "by cutting",
}


def _faithful(way: Way) -> str:
    time = "" if way.total_s is None else f", {way.total_s:.3g} s for a standard error of {PRECISION:g}"
    return f"{WORDS[way.kind]} (fidelity {_fidelity(way):.3g}{time})"


def _remedy(
    network: Network,
    ways: Mapping[Kind, Way],
    contenders: Mapping[Kind, Contender],
    quantity: str,
    target: float | None,
    shots: int,
    repetitions: int,
    seed: int,
) -> Crossover | None:
    """Where links would draw level: with the target, or with what is ahead of them, the nearest first."""
    try:
        low, high = factors_between(network, quantity)
    except InvalidValueError:
        return None
    # Where hardware is worse, repairing it may cost more than it gives.
    better = (1.0, high) if quantity == "rate" else (low, 1.0)
    links = ways["quantum_links"]
    rivals: list[tuple[Rival, Contender | float]] = []
    if target is None:
        ahead = [
            kind for kind in RIVAL_KINDS if kind in contenders and _error(ways[kind], shots) < _error(links, shots)
        ]
        rivals += [(kind, contenders[kind]) for kind in sorted(ahead, key=lambda kind: -_error(ways[kind], shots))]
    elif not links.reaches(target):
        rivals.append(("target", target))
    hopeless = None
    for rival in rivals:
        found = crossover_on_hardware(
            network,
            quantity,
            "error" if target is None else "fidelity",
            rival,
            contenders["quantum_links"],
            shots=shots,
            repetitions=repetitions,
            seed=seed,
            between=better,
        )
        if found.root is not None:
            return found
        best = 0 if better[1] == 1.0 else -1
        if found.gaps[best].sign < 0:
            hopeless = found
    return hopeless


def _constraint(
    links: Way, cause: str, place: str, share: float, remedy: Crossover | None, target: float | None
) -> str:
    """Such as `waiting, mostly at B, is 61% of …; the links would have to be 3.4 times faster to …`."""
    busy = "" if links.link_utilisation is None else f" while links are busy {links.link_utilisation:.0%} of the time"
    words = {
        "bell_pairs": f"the infidelity of Bell pairs, mostly on {place},",
        "waiting": f"waiting, mostly at {place}{busy},",
        "local_gates": f"the error of local gates, mostly at {place},",
        "measurement_and_feed_forward": f"measurement and feed-forward, mostly at {place},",
    }
    text = f"{words[cause]} is {share:.0%} of what quantum links lose in fidelity"
    if remedy is None:
        return text
    goal = _RIVALS[remedy.rival].format(target)
    if remedy.root is None:
        return f"{text}; {_hopeless(remedy)} {goal}"
    return f"{text}; {_needed(remedy)} to {goal}"


def _needed(remedy: Crossover) -> str:
    assert remedy.root is not None
    factor = remedy.root.value
    if remedy.quantity == "rate":
        return f"the links would have to be {factor:.3g} times faster"
    what = "pairs" if remedy.quantity == "fidelity" else "local gates"
    return f"{what} would have to be {1 / factor:.3g} times less faulty"


def _hopeless(remedy: Crossover) -> str:
    if remedy.quantity == "rate":
        return f"links up to {max(remedy.grid):,.0f} times faster would not be enough to"
    what = "pairs" if remedy.quantity == "fidelity" else "local gates"
    return f"{what} even {1 / min(remedy.grid):,.0f} times less faulty would not be enough to"
