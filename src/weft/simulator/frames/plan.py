"""A Clifford program as the frame kernel plays it: one step per row, and what to read at the end."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import GATES
from weft.program import Op, Program, Role
from weft.simulator.backend import is_static, terminal_measurements
from weft.simulator.frames.clifford import CONDITIONAL, Reference, clifford_gate, gate_kinds, reference_run

NOTHING, ONE_QUBIT, TWO_QUBITS, RESET, ENTANGLE, MEASURE, READ, FEEDBACK = range(8)
"""What a step does to the frames. `READ` is a final measurement, which leaves the state as it is, and `FEEDBACK` a Pauli that bits
decide on."""

ALWAYS, IF_ZERO, IF_ONE = range(3)
"""When the noise of a step strikes: always, or where its bit is as in the reference run (`IF_ZERO`), or is not."""


class FramePlan(NamedTuple):
    """A program for the frame kernel, in columns.

    Attributes:
        steps (uint8 array, shape (n,)): what each row does to the frames.
        qubits (int32 array, shape (n, 2)): its operands.
        actions (uint64 array, shape (gates, 4, 4)): `CliffordGate.action` of the distinct gates, as masks of no or all bits.
        action_of_row (int32 array, shape (n,)): which of them a row is.
        paulis (uint8 array, shape (n,)): the basis of a measurement, the Pauli of a feedback.
        bits (int32 array, shape (n,)): the bit that a measurement writes.
        read_offsets (int64 array, shape (n + 1,)): a row reads bits [i] to [i + 1] of `read_bits`.
        read_bits (int32 array): see there.
        conditions (uint8 array, shape (n,)): `ALWAYS`, or whether the noise wants the flip of the first bit read to be 0 or 1; of a
            `retry`, `IF_ONE` if it succeeds where its bits are flipped, because it failed in the reference run.
        num_bits: of the program.
    """

    steps: NDArray[np.uint8]
    qubits: NDArray[np.int32]
    actions: NDArray[np.uint64]
    action_of_row: NDArray[np.int32]
    paulis: NDArray[np.uint8]
    bits: NDArray[np.int32]
    read_offsets: NDArray[np.int64]
    read_bits: NDArray[np.int32]
    conditions: NDArray[np.uint8]
    num_bits: int


class FrameReadout(NamedTuple):
    """What to read from the frames at the end.

    Attributes:
        ideal_bits (uint8 array, shape (num_clbits,)): the circuit's bits in the reference run.
        offsets (int64 array, shape (generators + 1,)): stabilizer i is entries [i] to [i + 1] of the next two.
        qubits (int32 array): which qubits it acts on.
        paulis (uint8 array): with which Pauli: 1 X, 2 Y, 3 Z.
    """

    ideal_bits: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    qubits: NDArray[np.int32]
    paulis: NDArray[np.uint8]


def frame_refusal(program: Program) -> str | None:
    """Why frames cannot follow a program; None if they can."""
    kinds, rows, which = gate_kinds(program)
    bad = np.array([clifford_gate(*kind) is None for kind in kinds], dtype=np.bool_)[which]
    if np.any(bad):
        row = rows[np.argmax(bad)]
        name = GATES[int(program.kinds[row])].name
        return f"the stabilizer backend must have Clifford gates only, but instruction {row} is `{name}`"
    conditional = np.flatnonzero(program.is_conditional)
    for row in conditional[program.opcodes[conditional] == Op.GATE].tolist():
        if int(program.kinds[row]) not in CONDITIONAL or len(program.reads(row)) > 1:
            name = GATES[int(program.kinds[row])].name
            return (
                "the stabilizer backend must have conditions only on Paulis and of one bit each, "
                f"but instruction {row} is a conditional `{name}` that reads {len(program.reads(row))} bits"
            )
    others = conditional[program.opcodes[conditional] != Op.GATE]
    if len(others):
        kind = Op(program.opcodes[others[0]]).name.lower()
        return f"the stabilizer backend must have conditions only on gates, but instruction {others[0]} is a {kind}"
    return None


@lru_cache(maxsize=4)
def plan_frames(program: Program) -> tuple[FramePlan, FrameReadout]:
    """The plan of a program that the backend does not refuse; the same for every batch of a run."""
    final = terminal_measurements(program) if is_static(program) else None
    reference = reference_run(program, final)
    return _plan(program, final, reference, np.ones(len(program), dtype=np.bool_)), _readout(reference)


def plan_blocks(program: Program, only: NDArray[np.bool_]) -> FramePlan:
    """The plan of some rows of a program, whose gates are Clifford; the others leave frames as they are."""
    plan = _plan(program, None, reference_run(program, None, only), only)
    return plan._replace(steps=np.where(only, plan.steps, np.uint8(NOTHING)))


def _plan(
    program: Program, final: NDArray[np.bool_] | None, reference: Reference, played: NDArray[np.bool_]
) -> FramePlan:
    actions, action_of_row, trivial = _actions(program, played)
    return FramePlan(
        steps=_steps(program, final, trivial),
        qubits=program.qubits,
        actions=actions,
        action_of_row=action_of_row,
        paulis=_paulis(program),
        bits=program.bits,
        read_offsets=program.read_offsets,
        read_bits=program.read_bits,
        conditions=_conditions(program, reference),
        num_bits=program.num_bits,
    )


def _actions(
    program: Program, played: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.bool_]]:
    """The distinct gates as masks, which of them each row is, and which rows leave all frames as they are."""
    kinds, rows, which = gate_kinds(program)
    actions = np.zeros((max(len(kinds), 1), 4, 4), dtype=np.uint8)
    for position, kind in enumerate(kinds):
        gate = clifford_gate(*kind)
        if gate is not None:
            actions[position] = gate.action
        elif np.any(played[rows[which == position]]):
            raise ValueError(f"a program for frames must have Clifford gates only, but has gate {kind}")
    action_of_row = np.zeros(len(program), dtype=np.int32)
    action_of_row[rows] = which
    is_pauli = np.array([not np.any(action & ~np.eye(4, dtype=np.bool_)) for action in actions.astype(np.bool_)])
    trivial = np.zeros(len(program), dtype=np.bool_)
    trivial[rows] = is_pauli[which]
    return np.where(actions > 0, ~np.uint64(0), np.uint64(0)), action_of_row, trivial


def _steps(program: Program, final: NDArray[np.bool_] | None, trivial: NDArray[np.bool_]) -> NDArray[np.uint8]:
    steps = np.select(
        [program.opcodes == opcode for opcode in (Op.RESET, Op.ENTANGLE, Op.MEASURE, Op.CORRECT, Op.RETRY)],
        [RESET, ENTANGLE, MEASURE, FEEDBACK, NOTHING],
        np.where(program.qubits[:, 1] >= 0, TWO_QUBITS, ONE_QUBIT),
    )
    steps[trivial] = NOTHING
    steps[program.is_conditional] = FEEDBACK
    if final is not None:
        steps[final] = READ
    return steps.astype(np.uint8)


def _paulis(program: Program) -> NDArray[np.uint8]:
    pauli_of_gate = np.zeros(256, dtype=np.uint8)
    pauli_of_gate[list(CONDITIONAL)] = list(CONDITIONAL.values())
    return np.where(program.opcodes == Op.GATE, pauli_of_gate[program.kinds], program.kinds)


def _conditions(program: Program, reference: Reference) -> NDArray[np.uint8]:
    """A bit has the value v where its flip is v xor what it was in the reference run."""
    conditions = np.full(len(program), ALWAYS, dtype=np.uint8)
    rows = np.flatnonzero(program.is_conditional)
    wanted = (program.read_roles[program.read_offsets[rows]] == Role.IF_ONE) ^ reference.read_values[rows]
    conditions[rows] = np.where(wanted, IF_ONE, IF_ZERO)
    conditions[reference.wrong] = IF_ONE
    return conditions


def _readout(reference: Reference) -> FrameReadout:
    counts = np.bincount(reference.generators)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return FrameReadout(reference.bits, offsets, reference.qubits, reference.paulis)
