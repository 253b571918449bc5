"""The kernel that pulls every local unitary of a word to its end and labels what is left.

Each qubit has a *frame* U, the product of its local unitaries so far. A gate of one axis, exp(−iθ/2 (m·σ)⊗(n·σ)), acts behind the
frames as the same gate about the axes U†(m·σ)U. θ counts modulo π, because exp(−iπ/2 (m·σ)⊗(n·σ)) is local, so the frames take it.
A *run* on a qubit is a maximal stretch of gates about the same axis or its opposite, so gates of one run commute there.

Measurements and resets are runs of their own. A condition has a key, which names its bits, the values wanted, and how often each
bit had been written. Local unitaries under a condition gather in the qubit's *branch*, a second frame before the first, as long as
the key stays the same. A branch passes gates that commute with it, and becomes a label of its own before one that does not.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from weft.circuit.gates import MEASURE, RESET
from weft.program.gate_forms import local_form, two_qubit_form
from weft.program.jit import jit
from weft.program.labels import label_of
from weft.program.quaternions import alignment, length, product, pulled_back, sign_of

GATE, BRANCH, MEASURED, CLEARED = range(4)
"""Kinds of label."""

_NOTHING = 1e-12  # a branch that turns by less is none
_WHOLE = 1e-15  # how exactly a multiple of π must be one
_EDGE = math.pi / 2 + 0.1234567  # of the window for θ, where no ordinary angle lies


class Frames(NamedTuple):
    """What the kernel knows of the qubits, an entry each.

    Attributes:
        frame: U, as a quaternion.
        branch: the unitary before U that depends on a condition.
        key: of that condition; 0 if there is no branch.
        branch_row: where the branch was last touched.
        axis: of the run.
        run: the run's position in `Runs`; −1 if none can go on.
        count: how many runs there have been.
    """

    frame: Any
    branch: Any
    key: Any
    branch_row: Any
    axis: Any
    run: Any
    count: Any


class Runs(NamedTuple):
    """All runs in the order in which they begin: qubit, number on that qubit, and axis."""

    qubit: Any
    number: Any
    axis: Any


class Labels(NamedTuple):
    """All labels in order: kind, runs on the first and second qubit (or −1), key, θ or a sign, and row of the source."""

    kind: Any
    first: Any
    second: Any
    key: Any
    angle: Any
    row: Any


class Pulled(NamedTuple):
    """What the kernel fills; `sizes` says how many labels and runs there are."""

    frames: Any
    runs: Any
    labels: Any
    sizes: Any


@jit
def pull(rows, codes, qubits, angles, clbits, offsets, condition_bits, condition_values, table, versions, pulled):
    """Pulls a whole word; `rows` say where in the other columns each instruction has its angles, bit and condition."""
    for place in range(len(rows)):
        row, code = rows[place], codes[place]
        key = np.uint64(0)
        if offsets[row] < offsets[row + 1]:
            key = condition_key(offsets[row], offsets[row + 1], condition_bits, condition_values, versions)
        if code == MEASURE:
            versions[clbits[row]] += 1
            written = label_of(label_of(clbits[row]) + np.uint64(versions[clbits[row]]))
            project(pulled, qubits[place, 0], MEASURED, label_of(written + key), row)
        elif code == RESET:
            project(pulled, qubits[place, 0], CLEARED, key, row)
            if not key:
                store(pulled.frames.frame, qubits[place, 0], (1.0, 0.0, 0.0, 0.0))
        else:
            for step in range(table.num_steps[code]):
                act(pulled, table, table.steps[code, step], qubits[place], angles[row], key, row)
    for qubit in range(len(pulled.frames.count)):
        flush(pulled, qubit)


@jit
def condition_key(low, high, bits, values, versions):
    """A pseudo-random name for a condition: the sum over its bits, so their order does not matter; never 0."""
    key = np.uint64(0)
    for entry in range(low, high):
        bit = bits[entry]
        key += label_of(label_of(label_of(bit) + np.uint64(versions[bit])) + np.uint64(values[entry]))
    return key or np.uint64(1)


@jit
def loaded(quaternions, qubit):
    """A row of an array as a tuple."""
    return (quaternions[qubit, 0], quaternions[qubit, 1], quaternions[qubit, 2], quaternions[qubit, 3])


@jit
def store(quaternions, qubit, value):
    """A tuple into a row of an array."""
    for component in range(4):
        quaternions[qubit, component] = value[component]


@jit
def act(pulled, table, step, operands, angles, key, row):
    """One step of a gate: local, or of one axis."""
    code, first = step[0], operands[step[1]]
    if step[2] < 0:
        turn(pulled, first, local_form(table, code, angles), key, row)
        return
    second = operands[step[2]]
    m, n, theta, after_first, after_second = two_qubit_form(table, code, angles)
    multiple = round(theta / math.pi)
    exact = abs(theta - multiple * math.pi) <= _WHOLE * abs(multiple)  # for no multiple: only θ = 0 itself
    if not exact:
        theta *= enter(pulled, first, m, key) * enter(pulled, second, n, key)
        multiple = math.ceil((theta - _EDGE) / math.pi)
        runs = pulled.frames.run
        add_label(pulled, GATE, runs[first], runs[second], key, theta - multiple * math.pi, row)
    if multiple % 2:
        turn(pulled, first, (0.0, m[0], m[1], m[2]), key, row)
        turn(pulled, second, (0.0, n[0], n[1], n[2]), key, row)
    turn(pulled, first, after_first, key, row)
    turn(pulled, second, after_second, key, row)


@jit
def turn(pulled, qubit, unitary, key, row):
    """A local unitary goes into the frame, or into the branch."""
    frames = pulled.frames
    frame = loaded(frames.frame, qubit)
    if not key:
        store(frames.frame, qubit, product(unitary, frame))
        return
    if frames.key[qubit] != key:
        flush(pulled, qubit)
        frames.key[qubit] = key
    x, y, z = pulled_back(frame, (unitary[1], unitary[2], unitary[3]))
    store(frames.branch, qubit, product((unitary[0], x, y, z), loaded(frames.branch, qubit)))
    frames.branch_row[qubit] = row


@jit
def enter(pulled, qubit, axis, key):
    """Puts a gate about an axis into a run of a qubit, a new one if need be; returns the sign of its axis within it."""
    frames = pulled.frames
    pulled_axis = pulled_back(loaded(frames.frame, qubit), axis)
    branch = loaded(frames.branch, qubit)
    if frames.key[qubit] and frames.key[qubit] == key:
        pulled_axis = pulled_back(branch, pulled_axis)
    elif frames.key[qubit]:
        about = (branch[1], branch[2], branch[3])
        size = length(about)
        commutes = size < _NOTHING or alignment((about[0] / size, about[1] / size, about[2] / size), pulled_axis) != 0
        if key or not commutes:
            flush(pulled, qubit)
    return join_run(pulled, qubit, pulled_axis)


@jit
def join_run(pulled, qubit, axis):
    """The sign of an axis within the run of a qubit, which is a new one if the axis is another."""
    frames = pulled.frames
    if frames.run[qubit] >= 0:
        current = (frames.axis[qubit, 0], frames.axis[qubit, 1], frames.axis[qubit, 2])
        sign = alignment(current, axis)
        if sign:
            return sign
    sign, place = sign_of(axis), pulled.sizes[1]
    for component in range(3):
        frames.axis[qubit, component] = sign * axis[component]
        pulled.runs.axis[place, component] = sign * axis[component]
    pulled.runs.qubit[place] = qubit
    pulled.runs.number[place] = frames.count[qubit]
    frames.run[qubit] = place
    frames.count[qubit] += 1
    pulled.sizes[1] += 1
    return sign


@jit
def flush(pulled, qubit):
    """What has gathered under a condition becomes a label."""
    frames = pulled.frames
    if not frames.key[qubit]:
        return
    w, x, y, z = loaded(frames.branch, qubit)
    size = length((x, y, z))
    if size >= _NOTHING:
        sign = join_run(pulled, qubit, (x / size, y / size, z / size))
        half = sign * math.atan2(size, w)
        half -= math.pi * math.ceil((half - _EDGE) / math.pi)
        add_label(pulled, BRANCH, frames.run[qubit], -1, frames.key[qubit], half, frames.branch_row[qubit])
    store(frames.branch, qubit, (1.0, 0.0, 0.0, 0.0))
    frames.key[qubit] = 0


@jit
def project(pulled, qubit, kind, key, row):
    """A measurement or a reset is a run of its own, about an axis with a sign."""
    flush(pulled, qubit)
    frames = pulled.frames
    frames.run[qubit] = -1
    sign = join_run(pulled, qubit, pulled_back(loaded(frames.frame, qubit), (0.0, 0.0, 1.0)))
    add_label(pulled, kind, frames.run[qubit], -1, key, float(sign), row)
    frames.run[qubit] = -1


@jit
def add_label(pulled, kind, first, second, key, angle, row):
    """Appends a label."""
    place = pulled.sizes[0]
    labels = pulled.labels
    labels.kind[place] = kind
    labels.first[place] = first
    labels.second[place] = second
    labels.key[place] = key
    labels.angle[place] = angle
    labels.row[place] = row
    pulled.sizes[0] += 1
