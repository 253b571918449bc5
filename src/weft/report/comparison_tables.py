"""Ways to run a circuit side by side, as a table and as a dictionary for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from weft.report.names import counted, duration
from weft.report.plain_table import plain_table
from weft.study.comparison import PRECISION, Comparison, Crossover, Mean, Verdict, Way
from weft.study.comparison.scaling import QUANTITIES
from weft.study.comparison.ways import WORDS, error_in_words

_MOST_QPUS = 4
_MEASURES = {"fidelity": "fidelity", "error": "error", "total_s": "total time"}
_RIVALS: dict[str, str] = {**{str(kind): words for kind, words in WORDS.items()}, "target": "target"}
_SUMS = ("hybrid", "classical_links")
"""What has no state, being a sum over terms."""
_NO_ERROR = (
    "no error: the probability that nothing goes wrong in a shot of all pieces, readings included; a wrong sign counts twice, what "
    "sampling repairs not at all"
)
_LARGE, _YEAR_S = 1e9, 365.25 * 86400


def comparison_table(found: Comparison) -> Group:
    """For each network, a column for each way and the verdict; then the crossovers that were asked for."""
    parts: list[Table | Text] = [
        Text(f"{found.circuit}: {counted(found.qubits, 'qubit')}, {counted(found.shots, 'shot')}, seed {found.seed}")
    ]
    for verdict in found.verdicts:
        ways = sorted(
            (way for way in found.ways if verdict.network in way.networks), key=lambda way: list(WORDS).index(way.kind)
        )
        parts += [Text(), _ways(found, verdict.network, ways), Text(), Text(verdict.sentence, style="bold")]
        parts += [Text(f"{WORDS[way.kind]}: {way.refusal}", style="yellow") for way in ways if way.refusal]
        parts += [Text(f"{WORDS[way.kind]}: {note}", style="yellow") for way in ways for note in way.notes]
    if found.crossovers:
        parts += [Text(), _crossovers(found.crossovers)]
    parts += [Text(), *_legend(found), *(Text(f"note: {note}", style="yellow") for note in found.notes)]
    return Group(*parts)


def _ways(found: Comparison, network: str, ways: Sequence[Way]) -> Table:
    table = plain_table()
    table.add_column(network, style="dim", no_wrap=True)
    for way in ways:
        table.add_column(WORDS[way.kind], header_style="dim", overflow="fold")
    rows = [_cells(way, found) for way in ways]
    for name in dict.fromkeys(name for row in rows for name in row):
        table.add_row(name, *(row.get(name, "") for row in rows))
    return table


def _cells(way: Way, found: Comparison) -> dict[str, str]:
    """By what they are of; those of a way that cannot be run are few."""
    if way.no_error is None or way.shot_s is None or way.shots is None or way.total_s is None:
        return {"fidelity": "cannot be run"}
    cells = {
        "fidelity": _fidelity(way),
        "no error": f"{way.no_error.value:.4f}",
        "a shot": duration(way.shot_s.value),
        "shots": f"{way.shots:,}" if way.shots < _LARGE else f"{way.shots:.3g}",
        "total": lasting(way.total_s),
        "error": error_in_words(way.error(found.shots)),
        "ebits a shot": str(way.ebits),
        "qubits per QPU": _qubits(way),
        "data qubits busy": "" if way.data_utilisation is None else f"{way.data_utilisation:.0%}",
        "links busy": "" if way.link_utilisation is None else f"{way.link_utilisation:.0%}",
    }
    if found.target_fidelity is not None:
        cells[f"reaches {found.target_fidelity:g}"] = "yes" if way.reaches(found.target_fidelity) else "no"
    return cells


def lasting(time_s: float) -> str:
    """A time, in years if they are several."""
    years = time_s / _YEAR_S
    return duration(time_s) if years < 1 else f"{years:,.3g} years"


def _fidelity(way: Way) -> str:
    if way.fidelity is None or way.fidelity.value is None:
        return "unknown"
    error = f"{way.fidelity.stderr or 0:.4f}"
    return f"{way.fidelity.value:.4f}" + (f" ± {error}" if float(error) else "")


def _qubits(way: Way) -> str:
    """Such as `A 3+1, B 3+1`: data and communication qubits."""
    said = []
    for name, count in list(way.data_qubits.items())[:_MOST_QPUS]:
        extra = way.communication_qubits.get(name)
        said.append(f"{name} {count}{f'+{extra}' if extra else ''}")
    return ", ".join(said) + (", …" if len(way.data_qubits) > _MOST_QPUS else "")


def _legend(found: Comparison) -> list[Text]:
    """What the rows mean."""
    definitions = dict.fromkeys(
        f"fidelity{' of sums over terms' if way.kind in _SUMS else ''}: {way.fidelity.definition}"
        for way in found.ways
        if way.fidelity
    )
    lines = [
        *definitions,
        _NO_ERROR,
        f"shots, total: for a standard error of {PRECISION:g} of the mean of a ±1 function of outcomes, in all pieces",
        f"error: of such a mean with {found.shots:,} shots, if errors make it 0; at no number of shots is it below 1 − no error",
    ]
    if found.crossovers:
        lines.append(
            "crossovers in fidelity: for whole circuits, too, that is the probability that no error strikes (backend estimate)"
        )
    return [Text(line, style="dim") for line in lines]


def _crossovers(crossovers: tuple[Crossover, ...]) -> Table:
    table = plain_table("crossover over", "network", "in", "quantum links against", "level at", "which is", "now")
    for one in crossovers:
        where = f"{one.quantity}"
        table.add_row(
            where, one.network, _MEASURES[one.measure], _RIVALS[one.rival], _level(one), _there(one), _now(one)
        )
    return table


def _level(one: Crossover) -> str:
    low, high = (_factor(one, end) for end in (one.grid[0], one.grid[-1]))
    if one.root is not None and one.quantity == "size":
        return f"between {one.root.low:g} and {one.root.high:g} qubits"
    if one.root is not None:
        return f"× {one.root.value:.3g} ({one.root.low:.3g} … {one.root.high:.3g})"
    who = {
        "quantum_links": "quantum links ahead",
        "rival": f"{_RIVALS[one.rival]} ahead",
        "neither": "no difference seen",
    }
    return f"never: {who[one.ahead]} from {low} to {high}"


def _factor(one: Crossover, factor: float) -> str:
    return f"{factor:g}" if one.quantity == "size" else f"× {factor:,.4g}"


def _there(one: Crossover) -> str:
    if one.there is None or one.quantity == "size":
        return ""
    return f"{one.there:.4g} {QUANTITIES[one.quantity].unit}".strip()


def _now(one: Crossover) -> str:
    if one.quantity == "size":
        return f"{one.now:g} qubits"
    return f"{one.now:.4g} {QUANTITIES[one.quantity].unit}".strip()


def comparison_summary(found: Comparison) -> dict[str, Any]:
    """The same in full, ready for JSON."""
    return {
        "circuit": found.circuit,
        "qubits": found.qubits,
        "shots": found.shots,
        "seed": found.seed,
        "target_fidelity": found.target_fidelity,
        "precision": PRECISION,
        "ways": [_way(way, found) for way in found.ways],
        "verdicts": [_verdict(verdict) for verdict in found.verdicts],
        "crossovers": [_crossover(one) for one in found.crossovers],
        "notes": list(found.notes),
    }


def _way(way: Way, found: Comparison) -> dict[str, Any]:
    fidelity = way.fidelity
    return {
        "networks": list(way.networks),
        "way": way.kind,
        "refusal": way.refusal,
        "fidelity": None
        if fidelity is None
        else {"value": fidelity.value, "stderr": fidelity.stderr, "definition": fidelity.definition},
        "no_error": _mean(way.no_error),
        "shot_s": _mean(way.shot_s),
        "sampling_overhead": way.sampling_overhead,
        "pieces": way.runs,
        "shots_for_precision": way.shots,
        "total_s": way.total_s,
        "error_floor": way.floor,
        "error": way.error(found.shots),
        "shots_for_rms_error": way.shots_for(PRECISION),
        "ebits": way.ebits,
        "data_qubits": dict(way.data_qubits),
        "communication_qubits": dict(way.communication_qubits),
        "data_utilisation": way.data_utilisation,
        "link_utilisation": way.link_utilisation,
        "infidelity_shares": [{"cause": cause, "place": place, "share": share} for cause, place, share in way.budget],
        "reaches_target": None if found.target_fidelity is None else way.reaches(found.target_fidelity),
        "notes": list(way.notes),
    }


def _mean(mean: Mean | None) -> dict[str, float] | None:
    return None if mean is None else mean._asdict()


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "network": verdict.network,
        "decision": verdict.decision,
        "best": verdict.best,
        "cause": verdict.cause,
        "place": verdict.place,
        "share": verdict.share,
        "remedy": None if verdict.remedy is None else _crossover(verdict.remedy),
        "sentence": verdict.sentence,
    }


def _crossover(one: Crossover) -> dict[str, Any]:
    return {
        "network": one.network,
        "quantity": one.quantity,
        "measure": one.measure,
        "against": one.rival,
        "range": [one.grid[0], one.grid[-1]],
        "level_at": None if one.root is None else one.root._asdict(),
        "there": one.there,
        "now": one.now,
        "ahead": one.ahead,
    }
