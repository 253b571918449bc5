"""Draws the instructions of a shot into one panel, with a few collections rather than thousands of artists."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import GATES
from weft.program import Op, Pauli, Program
from weft.report import palette
from weft.report.lanes import Lanes
from weft.report.names import attempts, duration
from weft.report.slices import Slices
from weft.report.time_axis import TimeAxis

_HALF = 0.34
_TEXT_INCHES = 0.055  # of one character at the size of labels


def boxed_kinds(program: Program) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """(name, colour, which rows, as a bool array of shape (n,)) of the instructions that are drawn as boxes."""
    opcodes, two = program.opcodes, program.qubits[:, 1] >= 0
    return [
        ("one-qubit gate", palette.ONE_QUBIT_GATE, (opcodes == Op.GATE) & ~two),
        ("two-qubit gate", palette.TWO_QUBIT_GATE, (opcodes == Op.GATE) & two),
        ("measurement", palette.MEASUREMENT, opcodes == Op.MEASURE),
        ("reset", palette.RESET, opcodes == Op.RESET),
    ]


class Panel:
    """One panel.

    Args:
        axes: to draw into.
        slices: what to draw.
        lanes: where each qubit and channel is, vertically.
        axis: where each instruction is, horizontally.
        inches_per_unit: of the horizontal axis; labels are written where there is room, never if it is 0.
    """

    def __init__(self, axes: Any, slices: Slices, lanes: Lanes, axis: TimeAxis, *, inches_per_unit: float) -> None:
        self.axes = axes
        self.slices = slices
        self.program = slices.program
        self.axis = axis
        self.inches_per_unit = inches_per_unit
        self.start = axis.start
        self.end = np.maximum(axis.end, np.where(axis.end > axis.start, axis.start + axis.least_width, axis.end))
        self.lanes = lanes
        # An instruction that takes no time is a tick, in the middle of its column where it has one.
        corrects = np.isin(self.program.opcodes, (Op.CORRECT, Op.RETRY))
        self.begin = np.where(corrects, (axis.start + axis.end) / 2, axis.start)
        self.finish = np.where(corrects, self.begin, axis.end)
        self.y = np.array([*lanes.qubits, np.nan])[self.program.qubits]  # (n, 2); NaN where there is no second operand

    def draw(self) -> None:
        """Draws everything, from back to front."""
        self.draw_wires()
        self.draw_gaps()
        self.draw_pairs()
        self.draw_messages()
        self.draw_instructions()
        self.draw_corrections()

    def thin(self, width: float) -> float:
        """The width of a line that crosses lanes, finer where there are many."""
        return width if len(self.program) <= 400 else 0.5 * width

    def draw_wires(self) -> None:
        """A thin line for every lane."""
        ends = np.array([[0.0, self.axis.length]])
        y = np.array([label[0] for label in self.lanes.labels])
        self.lines(np.repeat(ends[:, :1], len(y)), y, np.repeat(ends[:, 1:], len(y)), y, palette.WIRE, 0.6, zorder=1)

    def draw_gaps(self) -> None:
        """Data qubits that wait and communication qubits that hold, with how long where there is room."""
        gaps = self.slices.gaps
        start, end = self.finish[gaps.after], self.begin[gaps.rows]
        y = np.array(self.lanes.qubits)[gaps.qubits] if len(gaps.qubits) else np.zeros(0)
        holds = self.program.qubit_is_communication[gaps.qubits]
        self.boxes(start[~holds], end[~holds], y[~holds], 0.17, palette.WAIT, zorder=2)
        self.boxes(start[holds], end[holds], y[holds], 0.17, palette.HOLD, zorder=2)
        for gap in np.flatnonzero(~holds).tolist():
            text = f"waits {duration(float(gaps.end_s[gap] - gaps.start_s[gap]))}"
            self.label(start[gap], end[gap], y[gap], text, palette.INK)

    def draw_pairs(self) -> None:
        """Attempts on links, and the pair that they end in, at both of its qubits."""
        rows = np.flatnonzero(self.program.opcodes == Op.ENTANGLE)
        if not len(rows):
            return
        keys = zip(self.program.links[rows].tolist(), self.slices.channels[rows].tolist(), strict=True)
        y = np.array([self.lanes.channels[key] for key in keys])
        start, end = self.start[rows], self.axis.end[rows]
        self.boxes(
            start,
            end,
            y,
            _HALF,
            palette.ENTANGLE_LIGHT,
            zorder=2,
            hatch=palette.ATTEMPT_HATCH,
            edge=palette.ATTEMPT_EDGE,
        )
        for operand in (0, 1):
            at = self.y[rows, operand]
            self.lines(end, y, end, at, palette.ENTANGLE, self.thin(0.8), zorder=3, alpha=0.8)
            self.lines(start, at, end, at, palette.ENTANGLE, 1.2, zorder=2, style=palette.AWAIT_DOTS)
            self.axes.scatter(end, at, s=9, color=palette.ENTANGLE, zorder=4, linewidths=0)
        self.axes.scatter(end, y, s=26, color=palette.ENTANGLE, zorder=5, linewidths=0.6, edgecolors="white")
        for row, centre in zip(rows.tolist(), y.tolist(), strict=True):
            self.label(
                self.start[row], self.axis.end[row], centre, attempts(self.slices, row), palette.INK, behind=True
            )

    def draw_messages(self) -> None:
        """Classical bits, from the end of the measurement to the start of the instruction that reads them."""
        messages = self.slices.messages
        x0, x1 = self.finish[messages.writers], self.begin[messages.readers]
        y0, y1 = self.y[messages.writers, 0], self.y[messages.readers, 0]
        self.lines(x0, y0, x1, y1, palette.MESSAGE, self.thin(1.0), zorder=3, style=palette.MESSAGE_DASHES)
        for chosen, marker, shift in ((y1 > y0, "v", -_HALF), (y1 < y0, "^", _HALF)):
            self.axes.scatter(
                x1[chosen], y1[chosen] + shift, s=14, marker=marker, color=palette.MESSAGE, zorder=7, linewidths=0
            )

    def draw_instructions(self) -> None:
        """Gates, measurements and resets, as boxes on each of their lanes."""
        two = self.program.qubits[:, 1] >= 0
        gate = self.program.opcodes == Op.GATE
        middle = (self.start + self.end) / 2
        pairs = gate & two
        self.lines(middle[pairs], self.y[pairs, 0], middle[pairs], self.y[pairs, 1], palette.TWO_QUBIT_GATE, 1.4, 5)
        for _, colour, rows in boxed_kinds(self.program):
            for operand in (0, 1):
                chosen = rows & (self.program.qubits[:, operand] >= 0)
                for conditional in (False, True):
                    mine = chosen & (self.program.is_conditional == conditional)
                    edge = palette.INK if conditional else "white"
                    self.boxes(self.start[mine], self.end[mine], self.y[mine, operand], _HALF, colour, 6, edge=edge)
        for row in np.flatnonzero(gate | (self.program.opcodes == Op.MEASURE)).tolist():
            kind = int(self.program.kinds[row])
            text = GATES[kind].name if gate[row] else Pauli(kind).name
            for y in self.y[row, : 1 + two[row]].tolist():
                self.label(self.start[row], self.end[row], y, text, "white")

    def draw_corrections(self) -> None:
        """Corrections, as ticks, because they take no time."""
        rows = np.flatnonzero(np.isin(self.program.opcodes, (Op.CORRECT, Op.RETRY)))
        x, y = self.begin[rows], self.y[rows, 0]
        self.lines(x, y - 0.42, x, y + 0.42, palette.CORRECTION, 1.8, zorder=8)
        if self.inches_per_unit < 0.15:
            return
        for row, left, centre in zip(rows.tolist(), x.tolist(), y.tolist(), strict=True):
            is_retry = self.program.opcodes[row] == Op.RETRY
            text = "↺" if is_retry else Pauli(int(self.program.kinds[row])).name
            self.axes.annotate(
                text, (left, centre), xytext=(2, 4), textcoords="offset points", fontsize=6, color=palette.CORRECTION,
                ha="left", va="center", zorder=9, fontweight="bold",
            )  # fmt: skip

    def label(self, start: float, end: float, y: float, text: str, colour: str, *, behind: bool = False) -> None:
        """Writes a label inside a box if it fits."""
        if not text or (end - start) * self.inches_per_unit < _TEXT_INCHES * len(text) + 0.05:
            return
        patch = {"boxstyle": "round,pad=0.15", "fc": palette.ENTANGLE_LIGHT, "ec": "none"} if behind else None
        self.axes.text(
            (start + end) / 2,
            y,
            text,
            fontsize=6.5,
            color=colour,
            ha="center",
            va="center_baseline",
            zorder=9,
            bbox=patch,
        )

    def boxes(
        self, start: NDArray[np.float64], end: NDArray[np.float64], y: NDArray[np.float64], half: float, colour: str,
        zorder: float, *, hatch: str | None = None, edge: str = "none",
    ) -> None:  # fmt: skip
        """Boxes as one collection."""
        from matplotlib.collections import PolyCollection

        if not len(start):
            return
        corners: Any = np.stack(
            [
                np.stack((x, y + side), axis=-1)
                for x, side in ((start, -half), (start, half), (end, half), (end, -half))
            ],
            axis=1,
        )
        self.axes.add_collection(
            PolyCollection(corners, facecolors=colour, edgecolors=edge, linewidths=0.5, hatch=hatch, zorder=zorder),
            autolim=False,
        )

    def lines(
        self, x0: NDArray[np.float64], y0: NDArray[np.float64], x1: NDArray[np.float64], y1: NDArray[np.float64],
        colour: str, width: float, zorder: float, *, style: Any = "solid", alpha: float = 1.0,
    ) -> None:  # fmt: skip
        """Straight lines as one collection."""
        from matplotlib.collections import LineCollection

        segments: Any = np.stack((np.stack((x0, y0), axis=-1), np.stack((x1, y1), axis=-1)), axis=1)
        self.axes.add_collection(
            LineCollection(
                segments,
                colors=colour,
                linewidths=width,
                zorder=zorder,
                linestyles=[style],
                alpha=alpha,
                capstyle="butt",
            ),
            autolim=False,
        )
