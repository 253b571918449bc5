"""A word of logical instructions in a form that is the same for words that differ only in what does not matter.

`pulling.py` moves local unitaries to the end and labels the rest by the runs that each gate belongs to. Two words whose labels,
axes of runs and final frames agree are the same operator: gates of one run on a qubit commute there, and the order of runs decides
the order of everything else. So it does not matter in which order commuting gates come, in which basis they are written, or how
local gates are fused. Gates are neither cancelled nor merged: their number must agree, so the tiniest rotation counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET
from weft.program.gate_forms import Forms, forms
from weft.program.program import Program
from weft.program.pulling import BRANCH, Frames, Labels, Pulled, Runs, pull
from weft.program.replay import LogicalWord


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """A word in canonical form; labels are sorted by runs, key and angle.

    Attributes:
        starts (int64 array, shape (qubits + 1,)): the runs of qubit q are starts[q] to starts[q + 1].
        axes (float64 array, shape (runs, 3)): of each run.
        first, second (int64 arrays, shape (n,)): the runs of each label, the lower one first; −1 if there is one only.
        kinds (uint8 array, shape (n,)): of each label.
        keys (uint64 array, shape (n,)): of the condition, or of what a measurement writes.
        angles (float64 array, shape (n,)): θ, or the sign of an axis.
        rows (int64 array, shape (n,)): where in its source each label comes from.
        frames (float64 array, shape (qubits, 4)): the local unitaries at the end.
    """

    starts: NDArray[np.int64]
    axes: NDArray[np.float64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    keys: NDArray[np.uint64]
    angles: NDArray[np.float64]
    rows: NDArray[np.int64]
    frames: NDArray[np.float64]


def form_of_circuit(circuit: Circuit) -> CanonicalForm:
    """The canonical form of a circuit."""
    rows = np.arange(len(circuit))
    rows.setflags(write=False)
    return _form(
        rows, circuit.opcodes, circuit.qubits, circuit.angles, circuit.clbits, circuit.condition_offsets,
        circuit.condition_bits, circuit.condition_values, circuit.num_qubits, circuit.num_clbits,
    )  # fmt: skip


def form_of_program(program: Program, word: LogicalWord, num_qubits: int) -> CanonicalForm:
    """The canonical form of the logical circuit that a program leaves."""
    return _form(
        word.rows, word.codes, word.qubits, program.angles, program.bits, program.read_offsets,
        program.read_bits, program.read_roles, num_qubits, program.num_clbits,
    )  # fmt: skip


def _form(
    rows: NDArray[np.int64],
    codes: NDArray[np.uint8],
    qubits: NDArray[np.int32],
    angles: NDArray[np.float64],
    clbits: NDArray[np.int32],
    offsets: NDArray[np.int64],
    condition_bits: NDArray[np.int32],
    condition_values: NDArray[np.uint8],
    num_qubits: int,
    num_clbits: int,
) -> CanonicalForm:
    table = forms()
    conditional = offsets[rows + 1] > offsets[rows]
    pulled = _empty(num_qubits, _most_labels(table, codes, conditional))
    versions = np.zeros(num_clbits, dtype=np.int64)
    pull(rows, codes, qubits, angles, clbits, offsets, condition_bits, condition_values, table, versions, pulled)
    return _merged(_sorted(pulled))


def _most_labels(table: Forms, codes: NDArray[np.uint8], conditional: NDArray[np.bool_]) -> int:
    """An upper bound: one for each two-qubit step, measurement and reset, and two for each step under a condition."""
    plain = np.zeros(256, dtype=np.int64)
    plain[: len(GATES)] = np.count_nonzero(table.steps[:, :, 2] >= 0, axis=1)
    plain[[MEASURE, RESET]] = 1
    steps = np.ones(256, dtype=np.int64)
    steps[: len(GATES)] = table.num_steps
    return int(np.sum(plain[codes]) + 2 * np.sum(steps[codes[conditional]]))


def _empty(num_qubits: int, most: int) -> Pulled:
    one = np.zeros((num_qubits, 4))
    one[:, 0] = 1
    frames = Frames(
        frame=one,
        branch=one.copy(),
        key=np.zeros(num_qubits, dtype=np.uint64),
        branch_row=np.zeros(num_qubits, dtype=np.int64),
        axis=np.zeros((num_qubits, 3)),
        run=np.full(num_qubits, -1, dtype=np.int64),
        count=np.zeros(num_qubits, dtype=np.int64),
    )
    runs = Runs(np.empty(2 * most, np.int64), np.empty(2 * most, np.int64), np.empty((2 * most, 3)))
    labels = Labels(
        kind=np.empty(most, np.uint8),
        first=np.empty(most, np.int64),
        second=np.empty(most, np.int64),
        key=np.empty(most, np.uint64),
        angle=np.empty(most),
        row=np.empty(most, np.int64),
    )
    return Pulled(frames, runs, labels, np.zeros(2, dtype=np.int64))


def _sorted(pulled: Pulled) -> CanonicalForm:
    """Runs numbered qubit by qubit, and labels in an order that words with the same labels share."""
    size, num_runs = pulled.sizes.tolist()
    starts = np.concatenate(([0], np.cumsum(pulled.frames.count)))
    places = starts[pulled.runs.qubit[:num_runs]] + pulled.runs.number[:num_runs]
    axes = np.empty((num_runs, 3))
    axes[places] = pulled.runs.axis[:num_runs]
    kinds, keys, angles = (column[:size] for column in (pulled.labels.kind, pulled.labels.key, pulled.labels.angle))
    one = places[pulled.labels.first[:size]]
    two = np.where(pulled.labels.second[:size] < 0, -1, places[pulled.labels.second[:size]])
    first, second = np.where(two < 0, one, np.minimum(one, two)), np.where(two < 0, -1, np.maximum(one, two))
    runs = first * (num_runs + 1) + second  # one number for both: a program has far fewer than 2^31 runs
    order = np.lexsort((angles, keys, runs) if np.any(keys) else (angles, runs))
    return CanonicalForm(
        starts=starts,
        axes=axes,
        first=first[order],
        second=second[order],
        kinds=kinds[order],
        keys=keys[order],
        angles=angles[order],
        rows=pulled.labels.row[:size][order],
        frames=pulled.frames.frame,
    )


def _merged(form: CanonicalForm) -> CanonicalForm:
    """Local unitaries of one run under one condition commute, so only their product counts."""
    if not np.any(form.kinds == BRANCH):
        return form
    same = (form.first[1:] == form.first[:-1]) & (form.keys[1:] == form.keys[:-1])
    same &= (form.kinds[1:] == BRANCH) & (form.kinds[:-1] == BRANCH)
    begins = np.flatnonzero(np.concatenate(([True], ~same)))
    angles = np.add.reduceat(form.angles, begins)
    edge = math.pi / 2 + 0.1234567
    halves = form.kinds[begins] == BRANCH
    angles[halves] -= math.pi * np.ceil((angles[halves] - edge) / math.pi)
    return replace(
        form,
        first=form.first[begins],
        second=form.second[begins],
        kinds=form.kinds[begins],
        keys=form.keys[begins],
        angles=angles,
        rows=form.rows[begins],
    )
