"""Undoes every teleportation of a program by its identity and returns the logical circuit that is left.

A logical qubit has *holders*: qubits that carry its value in the Z basis, up to X byproducts that measurements decide.

* A CX from a holder onto half of a pair, and a Z measurement of that half, make the other half a holder.
* A CX from a holder onto a data qubit that is known to be zero makes it a holder at once.
* A CX between halves of two pairs, then X and Z measurements, join the pairs into one.
* An X measurement of a holder removes it, as long as there is another. So a logical qubit may move, and a data qubit fall empty.
* A `swap` of two data qubits, always done, exchanges what they hold, be it nothing; it is a way to move inside a QPU, not a gate of
  the logical circuit. Under a condition, or with a communication qubit, it is a gate like any other.
* A gate may act on any holder where it is diagonal. Where it is not, there must be one holder only; except that an `x` or `cx` may
  be done to every holder of its target, one after another, which is that gate on the logical qubit.

A gate may act only where no byproduct stands in its way, and a correction only where a Pauli could stand. `teleportations.py` has
the kernel: one pass, so linear in the number of instructions. It errs only where labels of measurements collide, which has
probability 2^-64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.errors import VerificationError
from weft.program.diagonal import diagonal_rules
from weft.program.holdings import EMPTY, HOLDER, Logicals, Places, Word
from weft.program.instructions import Op
from weft.program.program import Program
from weft.program.refusals import REASONS, Refusal
from weft.program.teleportations import replay_rows


@dataclass(frozen=True, slots=True)
class LogicalWord:
    """The logical circuit that a replay leaves, in columns.

    Attributes:
        rows (int64 array, shape (n,)): of the program; they have the angles, the condition and the bit.
        codes (uint8 array, shape (n,)): a gate's opcode, `MEASURE` or `RESET`.
        qubits (int32 array, shape (n, 2)): logical operands; −1 where there is none.
        homes (int64 array, shape (logical qubits,)): the physical qubit where each logical one ends.
    """

    rows: NDArray[np.int64]
    codes: NDArray[np.uint8]
    qubits: NDArray[np.int32]
    homes: NDArray[np.int64]


def replay(program: Program, num_logical: int) -> LogicalWord:
    """The logical circuit of a program.

    Args:
        program: to replay; its first `num_logical` data qubits hold the logical qubits at the start, the others are |0⟩.
        num_logical: how many logical qubits there are.

    Raises:
        VerificationError: if an instruction is not part of a known teleportation, or leaves a byproduct uncorrected.
    """
    data = np.flatnonzero(~program.qubit_is_communication)
    if len(data) < num_logical:
        raise VerificationError(f"the program must hold {num_logical} data qubits, but holds {len(data)}")
    places, logicals = _at_start(program, data, num_logical)
    recorded = sum(np.count_nonzero(program.opcodes == opcode) for opcode in (Op.GATE, Op.MEASURE, Op.RESET))
    word = Word(
        rows=np.empty(recorded, dtype=np.int64),
        codes=np.empty(recorded, dtype=np.uint8),
        qubits=np.empty((recorded, 2), dtype=np.int32),
        size=np.zeros(1, dtype=np.int64),
    )
    refusal, row = replay_rows(
        program.opcodes, program.kinds, program.qubits, program.angles, program.bits,
        program.read_offsets, program.read_bits, program.qubit_is_communication,
        program.num_clbits, diagonal_rules(), np.zeros(program.num_bits, dtype=np.uint64), places, logicals, word,
    )  # fmt: skip
    if refusal != Refusal.NONE:
        operands = program.qubits[row]
        kind = Op(program.opcodes[row]).name.lower()
        where = f"instruction {row} ({kind} on {_names(program, operands[operands >= 0])})"
        raise VerificationError(f"{where}: {REASONS[Refusal(refusal)]}")
    return _finished(word, _homes(program, places, logicals))


def _at_start(program: Program, data: NDArray[np.int64], num_logical: int) -> tuple[Places, Logicals]:
    """The first data qubits hold the logical qubits, the others are zero, and communication qubits are empty."""
    count = program.num_qubits
    places = Places(
        kind=np.full(count, EMPTY, dtype=np.uint8),
        zero=~program.qubit_is_communication,
        logical=np.full(count, -1, dtype=np.int64),
        x=np.zeros(count, dtype=np.uint64),
        z=np.zeros(count, dtype=np.uint64),
        partner=np.full(count, -1, dtype=np.int64),
        other=np.full(count, -1, dtype=np.int64),
        ticked=np.full(count, -1, dtype=np.int64),
    )
    places.kind[data[:num_logical]] = HOLDER
    places.logical[data[:num_logical]] = np.arange(num_logical)
    logicals = Logicals(
        holders=np.ones(num_logical, dtype=np.int64),
        fanned=np.zeros(num_logical, dtype=np.int64),
        z=np.zeros(num_logical, dtype=np.uint64),
        waiting=np.zeros(num_logical, dtype=np.int64),
        joint_row=np.full(num_logical, -1, dtype=np.int64),
        joint_control=np.full(num_logical, -1, dtype=np.int64),
        controlled=np.zeros(num_logical, dtype=np.int64),
    )
    return places, logicals


def _homes(program: Program, places: Places, logicals: Logicals) -> NDArray[np.int64]:
    """Where the logical qubits end; every one must have one clean holder, and everything else be empty."""
    holds = places.kind == HOLDER
    logical = places.logical
    checks = (
        (holds & (logicals.waiting[logical] > 0), Refusal.END_JOINT_GATE),
        (holds & (logicals.holders[logical] > 1), Refusal.END_HOLDERS),
        (holds & ((places.x != 0) | (logicals.z[logical] != 0)), Refusal.END_BYPRODUCT),
        (~holds & (places.kind != EMPTY), Refusal.END_NOT_EMPTY),
    )
    for broken, refusal in checks:
        if np.any(broken):
            raise VerificationError(f"{REASONS[refusal]} ({_names(program, np.flatnonzero(broken)[:5])})")
    homes = np.full(len(logicals.holders), -1, dtype=np.int64)
    homes[logical[holds]] = np.flatnonzero(holds)
    return homes


def _names(program: Program, qubits: NDArray[np.int64]) -> str:
    return ", ".join(program.qubit_names[qubit] for qubit in qubits.tolist())


def _finished(word: Word, homes: NDArray[np.int64]) -> LogicalWord:
    """What was recorded, read-only."""
    size = int(word.size[0])
    columns = (word.rows[:size], word.codes[:size], word.qubits[:size])
    for column in columns:
        column.setflags(write=False)
    return LogicalWord(*columns, homes)
