"""The legend of a detailed picture: what it shows, and nothing that it does not."""

from __future__ import annotations

from typing import Any

from weft.program import Op
from weft.report import palette
from weft.report.panel import boxed_kinds
from weft.report.slices import Slices


def detailed_legend(slices: Slices) -> list[Any]:
    """Handles for Matplotlib, in the order of reading."""
    program, gaps = slices.program, slices.gaps
    holds = program.qubit_is_communication[gaps.qubits]
    has_pairs = program.ebits > 0
    shown: list[tuple[bool, Any]] = [
        (bool(rows.any()), _box(name, color=colour)) for name, colour, rows in boxed_kinds(program)
    ]
    attempts = {"facecolor": palette.ENTANGLE_LIGHT, "edgecolor": palette.ATTEMPT_EDGE, "hatch": palette.ATTEMPT_HATCH}
    tick = {"marker": "|", "markersize": 8, "markeredgewidth": 1.8, "markeredgecolor": palette.CORRECTION}
    dot = {"marker": "o", "markerfacecolor": palette.ENTANGLE, "markeredgecolor": "white"}
    message = {"color": palette.MESSAGE, "linestyle": palette.MESSAGE_DASHES}
    awaits = {"color": palette.ENTANGLE, "linestyle": palette.AWAIT_DOTS, "linewidth": 1.2}
    shown += [
        (bool(program.is_conditional.any()), _box("conditional", facecolor="white", edgecolor=palette.INK)),
        (bool((program.opcodes == Op.CORRECT).any()), _line("correction", color="none", **tick)),
        (bool((program.opcodes == Op.RETRY).any()), _line("retry ↺", color="none", **tick)),
        (has_pairs, _box("attempts on a link" if slices.shows_attempts else "waits for a pair", **attempts)),
        (has_pairs, _line("Bell pair heralded", color="none", **dot)),
        (has_pairs, _line("awaits pair", **awaits)),
        (bool(holds.any()), _box("holds pair", color=palette.HOLD)),
        (bool((~holds).any()), _box("data qubit waits", color=palette.WAIT)),
        (len(slices.messages.bits) > 0, _line("classical bit", **message)),
    ]
    return [handle for is_there, handle in shown if is_there]


def _box(label: str, **style: Any) -> Any:
    from matplotlib.patches import Patch

    return Patch(label=label, **style)


def _line(label: str, **style: Any) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **style)
