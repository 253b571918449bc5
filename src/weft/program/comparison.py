"""Compares a circuit with what a program computes, both in canonical form, and names the first instruction that differs."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET
from weft.errors import VerificationError
from weft.program.canonical_form import CanonicalForm
from weft.program.quaternions import PARALLEL

_Name = tuple[int, int, int, int, int, int]


def compare(circuit: Circuit, wanted: CanonicalForm, found: CanonicalForm) -> None:
    """Checks that two canonical forms are the same.

    Args:
        circuit: that `wanted` comes from.
        wanted: the form of the circuit.
        found: the form of the program.

    Raises:
        VerificationError: naming the first instruction of the circuit that the program does not compute.
    """
    if not _same_labels(wanted, found):
        row = _first_without_equal(wanted, found)
        if row is None:
            raise VerificationError("the program must end where its circuit does, but does more")
        raise VerificationError(
            f"instruction {row} of the circuit ({_described(circuit, row)}) must be computed by the program, "
            "but it computes something else there"
        )
    apart = _apart(wanted.frames, found.frames)
    if np.any(apart):
        raise VerificationError(
            f"gates on one qubit must come to the same in circuit and program, but do not on qubit {int(np.argmax(apart))}"
        )


def _same_labels(wanted: CanonicalForm, found: CanonicalForm) -> bool:
    return (
        np.array_equal(wanted.starts, found.starts)
        and bool(np.all(np.abs(wanted.axes - found.axes) <= PARALLEL))
        and np.array_equal(wanted.first, found.first)
        and np.array_equal(wanted.second, found.second)
        and np.array_equal(wanted.kinds, found.kinds)
        and np.array_equal(wanted.keys, found.keys)
        and bool(np.all(np.abs(wanted.angles - found.angles) <= PARALLEL))
    )


def _apart(wanted: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where two unitaries differ by more than a phase, which for quaternions is a sign."""
    same = np.max(np.abs(wanted - found), axis=1)
    opposite = np.max(np.abs(wanted + found), axis=1)
    return np.minimum(same, opposite) > PARALLEL


def _first_without_equal(wanted: CanonicalForm, found: CanonicalForm) -> int | None:
    """The first row of the circuit with a label that the program lacks."""
    there: dict[_Name, list[float]] = {}
    for name, angle in zip(_names(found), found.angles.tolist(), strict=True):
        there.setdefault(name, []).append(angle)  # sorted, as the labels are
    agree = _agreeing_runs(wanted, found)
    rows = []
    for name, angle, row, first, second in zip(
        _names(wanted), wanted.angles.tolist(), wanted.rows.tolist(), wanted.first.tolist(), wanted.second.tolist(),
        strict=True,
    ):  # fmt: skip
        angles = there.get(name, [])
        place = bisect_left(angles, angle - PARALLEL)
        if agree[first] and agree[second] and place < len(angles) and angles[place] <= angle + PARALLEL:
            del angles[place]
        else:
            rows.append(row)
    return min(rows, default=None)


def _names(form: CanonicalForm) -> list[_Name]:
    """Each label without its angle, runs being named by qubit and number."""
    columns: list[list[int]] = []
    for runs in (form.first, form.second):
        qubits = np.searchsorted(form.starts, runs, side="right") - 1
        columns += [qubits.tolist(), np.where(runs < 0, -1, runs - form.starts[qubits]).tolist()]
    return list(zip(*columns, form.kinds.tolist(), form.keys.tolist(), strict=True))


def _agreeing_runs(wanted: CanonicalForm, found: CanonicalForm) -> NDArray[np.bool_]:
    """For each run of the circuit whether the program has one there about the same axis; true at the end, for no run."""
    agree = np.zeros(len(wanted.axes) + 1, dtype=np.bool_)
    agree[-1] = True
    for start, end, other, other_end in zip(
        wanted.starts[:-1], wanted.starts[1:], found.starts[:-1], found.starts[1:], strict=True
    ):
        both = min(end - start, other_end - other)
        difference = np.abs(wanted.axes[start : start + both] - found.axes[other : other + both])
        agree[start : start + both] = np.all(difference <= PARALLEL, axis=1)
    return agree


def _described(circuit: Circuit, row: int) -> str:
    code = int(circuit.opcodes[row])
    name = {MEASURE: "measure", RESET: "reset"}.get(code) or GATES[code].name
    return f"{name} on {', '.join(str(qubit) for qubit in circuit.qubits[row].tolist() if qubit >= 0)}"
