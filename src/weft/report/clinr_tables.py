"""Three forms of a Clifford circuit side by side, as a table with a verdict, and as dictionaries for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from weft.protocols.clinr import Comparison, Measures
from weft.protocols.clinr.depth import Convention
from weft.protocols.clinr.measures import Estimate, beats
from weft.report.plain_table import plain_table


def clinr_table(found: Mapping[float, Comparison], convention: Convention) -> Group:
    """The forms by number of checks, and what follows.

    Args:
        found: comparisons by τ_e.
        convention: under which depths are compared.
    """
    shown = dict(list(found.items())[:: -(-len(found) // _MOST_DEPTHS)])
    headers = ("form", "checks", "logical error", "acceptance", "gates / s", "qubits/QPU", "Bell pairs")
    table = plain_table(*headers, *(f"depth τ={pair_time:g}" for pair_time in shown), left=1)
    first, each_shown = next(iter(found.values())), list(shown.values())
    rows = [[each.direct for each in each_shown]]
    rows += [[each.one_qpu[r] for each in each_shown] for r in range(len(first.one_qpu))]
    rows += [[each.distributed[r] for each in each_shown] for r in range(len(first.distributed))]
    for row in rows:
        table.add_row(*_cells(row[0]), *(f"{measures.depth[convention].value:,.0f}" for measures in row))
    note = f"depth: {_CONVENTION_WORDS[convention]}; ± is half of a 95 % interval"
    return Group(table, Text(note, style="dim"), Text(), *(Text(line) for line in verdict(found, convention)))


_MOST_DEPTHS = 4  # columns
_CONVENTION_WORDS: dict[Convention, str] = {
    "serial": "one two-qubit gate at a time on a QPU",
    "layers": "parallel layers of the circuit as given, preparation and verification one after the other",
    "overlapped": "parallel layers, verification begins where preparation is done",
}


def clinr_sizes_table(sizes: Mapping[int, Comparison], pair_time: float, convention: Convention) -> Group:
    """The forms with the most checks by n.

    Args:
        sizes: comparisons by n.
        pair_time: τ_e of them all.
        convention: of depth.
    """
    others = ("one QPU", "distributed")
    table = plain_table("qubits", "error: direct", *others, "depth: direct", *others, "", left=0)
    for qubits, each in sizes.items():
        forms = (each.direct, each.one_qpu[-1], each.distributed[-1])
        table.add_row(
            str(qubits),
            *(f"{measures.logical_error.value:.4f}" for measures in forms),
            *(f"{measures.depth[convention].value:,.0f}" for measures in forms),
            "beats direct" if beats(forms[2], forms[0], convention) else "",
        )
    checks = next(iter(sizes.values())).distributed[-1].checks
    return Group(table, Text(f"{checks} checks, τ={pair_time:g}; depth: {_CONVENTION_WORDS[convention]}", style="dim"))


def _cells(measures: Measures) -> tuple[str, ...]:
    accepted = f"{min(each.value for each in measures.acceptance):.3f}" if measures.acceptance else ""
    return (
        measures.form,
        str(measures.checks) if measures.form != "direct" else "",
        f"{measures.logical_error.value:.4f} ± {_half(measures.logical_error):.4f}",
        accepted,
        f"{measures.expected_gates:.2f}",
        str(measures.qubits_per_qpu),
        f"{measures.bell_pairs:,.0f}",
    )


def _half(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2


def verdict(found: Mapping[float, Comparison], convention: Convention) -> list[str]:
    """Where the distributed form has at once a lower error and a lower depth, in sentences."""
    return [
        _sentence("the direct circuit", [(tau, _winners(each, None, convention)) for tau, each in found.items()]),
        _sentence(
            "one QPU with as many checks",
            [(tau, _winners(each, each.one_qpu, convention)) for tau, each in found.items()],
        ),
    ]


def _winners(each: Comparison, others: tuple[Measures, ...] | None, convention: Convention) -> list[int]:
    """The numbers of checks with which the distributed form beats the direct one, or the one beside it."""
    rivals = [each.direct] * len(each.distributed) if others is None else list(others)
    pairs = zip(each.distributed, rivals, strict=True)
    return [ours.checks for ours, other in pairs if beats(ours, other, convention)]


def _sentence(rival: str, wins: list[tuple[float, list[int]]]) -> str:
    won = [f"τ = {tau:g} ({', '.join(map(str, checks))} checks)" for tau, checks in wins if checks]
    if not won:
        return f"distributed never beats {rival} in error and depth at once"
    return f"distributed beats {rival} in error and depth at once at {'; '.join(won)}"


def clinr_summary(
    found: Mapping[float, Comparison], convention: Convention, *, sizes: Mapping[int, Comparison] | None = None
) -> dict[str, Any]:
    """The same, ready for JSON, and comparisons by n if there are any."""
    summary: dict[str, Any] = {
        "convention": convention,
        "comparisons": [{"tau": pair_time} | _comparison(each, convention) for pair_time, each in found.items()],
        "verdict": verdict(found, convention),
    }
    if sizes:
        summary["sizes"] = [{"qubits": qubits} | _comparison(each, convention) for qubits, each in sizes.items()]
    return summary


def _comparison(each: Comparison, convention: Convention) -> dict[str, Any]:
    return {
        "direct": _measures(each.direct),
        "one_qpu": [_measures(measures) for measures in each.one_qpu],
        "distributed": [_measures(measures) for measures in each.distributed],
        "beats_direct": _winners(each, None, convention),
        "beats_one_qpu": _winners(each, each.one_qpu, convention),
    }


def _measures(measures: Measures) -> dict[str, Any]:
    return {
        "checks": measures.checks,
        "logical_error": _estimate(measures.logical_error),
        "residual_weights": measures.residual_weights.tolist(),
        "acceptance": [_estimate(each) for each in measures.acceptance],
        "expected_gates": measures.expected_gates,
        "qubits_per_qpu": measures.qubits_per_qpu,
        "bell_pairs": measures.bell_pairs,
        "depth": {name: _estimate(each) for name, each in measures.depth.items()},
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
