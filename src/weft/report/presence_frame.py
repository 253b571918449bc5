"""What both pictures of presence have around them: numbers, the axis, and a key of QPUs at the right."""

from __future__ import annotations

from typing import Any

import numpy as np

from weft.program.traffic import traffic_of
from weft.program.whereabouts import Whereabouts
from weft.report import frame, palette
from weft.report.names import counted, shorten

WIDTH = 14.0
KEY_INCHES = 2.1
_LINE_INCHES = 0.2
_MOST_ENTRIES = 24


def add_numbers(figure: Any, found: Whereabouts) -> None:
    """The title, and how the program works in numbers."""
    program, counts = found.program, traffic_of(found)
    parts = [
        counted(program.ebits, "ebit"),
        "1 copy" if counts.copies == 1 else f"{counts.copies:,} copies",
        counted(counts.moves, "move"),
        f"{counted(counts.remote_gates, 'gate')} away from home, {counts.hub_gates:,} of them on a third QPU",
        counted(len(program), "instruction"),
    ]
    frame.add_heading(figure, program, "  ·  ".join(parts))


def label_axis(axes: Any, found: Whereabouts, note: str) -> None:
    """Instructions in program order, which is not time."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    axes.set_xlim(0, max(len(found.program), 1))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    text = f"instructions of the program, in its order; not time{note}"
    axes.set_xlabel(text, fontsize=8, color=palette.QUIET_INK, loc="left")


def least_height(found: Whereabouts) -> float:
    """Inches that the key takes."""
    return _LINE_INCHES * (len(_entries(found)) + 1)


def add_key(figure: Any, found: Whereabouts) -> None:
    """The colours of the QPUs at the right, and how many pairs each takes part in."""
    from matplotlib.patches import Patch

    width, height = figure.get_size_inches()
    colours = palette.qpu_colours(len(found.program.network.qpus))
    handles = [
        Patch(color="none" if qpu < 0 else [part / 255 for part in colours[qpu]], label=text)
        for qpu, text in _entries(found)
    ]
    key = figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1 - (KEY_INCHES - 0.2) / width, 1 - frame.TOP / height),
        borderaxespad=0, borderpad=0, frameon=False, fontsize=7.5, handlelength=1.4, handletextpad=0.5,
        labelspacing=0.5, labelcolor=palette.INK, title="QPUs", title_fontproperties={"size": 8, "weight": "bold"},
        alignment="left",
    )  # fmt: skip
    for text in key.get_texts():
        text.set_parse_math(False)


def _entries(found: Whereabouts) -> list[tuple[int, str]]:
    """Position and text of each QPU that holds something; the busiest, if there are many."""
    program = found.program
    pairs = np.bincount(
        program.qubit_qpus[program.qubits[found.pair_rows]].ravel(), minlength=len(program.network.qpus)
    )
    qpus = np.unique(program.qubit_qpus[found.holdings[:, 1]])
    shown = qpus
    if len(qpus) > _MOST_ENTRIES:
        shown = np.sort(qpus[np.argsort(-pairs[qpus], kind="stable")][:_MOST_ENTRIES])
    names = [qpu.name for qpu in program.network.qpus]
    entries = [(qpu, f"{shorten(names[qpu], 14)}: {counted(int(pairs[qpu]), 'ebit')}") for qpu in shown.tolist()]
    if len(qpus) > len(shown):
        entries.append((-1, f"and {len(qpus) - len(shown):,} more, colours repeat"))
    return entries
