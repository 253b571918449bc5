"""The best ways to run a Clifford circuit, as a table and as dictionaries for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.text import Text

from weft.protocols.clinr.depth import Convention
from weft.protocols.clinr.search import Candidate
from weft.report.plain_table import plain_table

_GOALS = {
    "error": "the lowest logical error that is no deeper than the direct circuit",
    "depth": "the shallowest whose logical error is no higher than that of the direct circuit",
    "both": "all that no other equals or beats on both logical error and depth",
}


def clinr_search_table(best: Sequence[Candidate], goal: str, tried: int, convention: Convention) -> Group:
    """One line for each candidate.

    Args:
        best: what was chosen, from shallow to deep.
        goal: `error`, `depth` or `both`.
        tried: how many candidates there were.
        convention: of depth.
    """
    headers = ("form", "blocks", "checks", "of pairs", "which", "how", "injection", "logical error", "depth")
    table = plain_table(*headers, left=1)
    for candidate in best:
        table.add_row(*_cells(candidate, convention))
    note = f"of {tried:,} tried, {_GOALS[goal]}; depth: {convention}"
    return Group(table, Text(note, style="dim"))


def clinr_search_summary(best: Sequence[Candidate], goal: str, tried: int, convention: Convention) -> dict[str, Any]:
    """The same, ready for JSON; arguments as for `clinr_search_table`."""
    return {
        "goal": goal,
        "tried": tried,
        "convention": convention,
        "best": [_candidate(candidate, convention) for candidate in best],
    }


def _cells(candidate: Candidate, convention: Convention) -> tuple[str, ...]:
    scheme, measures = candidate.scheme, candidate.measures
    numbers = (f"{measures.logical_error.value:.4f}", f"{measures.depth[convention].value:,.0f}")
    if scheme is None:
        return (measures.form, *[""] * 6, *numbers)
    layout = scheme.verification.layout
    return (
        measures.form if candidate.ring is None else f"{measures.form}, {candidate.ring.resources}",
        str(scheme.blocks),
        str(scheme.checks),
        str(scheme.pair_checks or ""),
        scheme.strategy,
        layout if layout == "sequence" else f"{layout}, {scheme.verification.ancillas} ancillas",
        "" if candidate.ring is None else candidate.ring.injection,
        *numbers,
    )


def _candidate(candidate: Candidate, convention: Convention) -> dict[str, Any]:
    scheme, ring, measures = candidate.scheme, candidate.ring, candidate.measures
    found: dict[str, Any] = {"form": measures.form}
    if scheme is not None:
        found |= {
            "blocks": scheme.blocks,
            "checks": scheme.checks,
            "pair_checks": scheme.pair_checks,
            "strategy": scheme.strategy,
            "layout": scheme.verification.layout,
            "ancillas": scheme.verification.ancillas,
        }
    if ring is not None:
        found |= {"injection": ring.injection, "resources": ring.resources}
    depth, error = measures.depth[convention], measures.logical_error
    return found | {
        "logical_error": {"value": error.value, "low": error.low, "high": error.high},
        "depth": {"value": depth.value, "low": depth.low, "high": depth.high},
        "qubits_per_qpu": measures.qubits_per_qpu,
        "bell_pairs": measures.bell_pairs,
    }
