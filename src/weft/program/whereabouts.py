"""Where the logical qubits of a program are: which physical qubits hold each, from which instruction to which.

The rules are those of `replay.py`, but nothing is checked: the program is taken to be one that verifies. Byproducts are left out,
because they do not change where anything is. One difference: an unconditional `swap` of two data qubits exchanges what they hold.

Times are boundaries between instructions: boundary r is before instruction r. What instruction r begins or ends does so at r + 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES, GATES
from weft.errors import InvalidValueError
from weft.program.instructions import Op, Pauli
from weft.program.program import Program
from weft.program.whereabouts_kernel import Found, State, follow_logicals


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Intervals in program order.

    Attributes:
        program: that they are about.
        num_logical: how many logical qubits there are.
        holdings (int64 array, shape (holdings, 5)): logical qubit, physical qubit that holds it, start, end, and until when the
            holder is a guest: a copy, where the logical qubit is not at home.
        homes (int64 array, shape (homes, 4)): logical qubit, QPU where its data qubit is, start, end. Of several data qubits the
            oldest counts. A logical qubit that only communication qubits hold is at no home.
        pair_rows (int64 array, shape (ebits,)): the instructions that take pairs.
        pair_logicals (int64 array, shape (ebits,)): the logical qubit that each pair copies; −1 for a pair that copies none.
        remote_gates: two-qubit gates for which a qubit acts away from its data qubit.
        hub_gates: those for which both do.
        local_swaps: `swap`s that exchange two data qubits.
    """

    program: Program
    num_logical: int
    holdings: NDArray[np.int64]
    homes: NDArray[np.int64]
    pair_rows: NDArray[np.int64]
    pair_logicals: NDArray[np.int64]
    remote_gates: int
    hub_gates: int
    local_swaps: int


def find_whereabouts(program: Program, num_logical: int) -> Whereabouts:
    """Follows a program that verifies, in one pass.

    Args:
        program: to follow; its first `num_logical` data qubits hold the logical qubits at the start.
        num_logical: how many logical qubits there are.

    Raises:
        InvalidValueError: if there are fewer data qubits than that.
    """
    data = np.flatnonzero(~program.qubit_is_communication)
    if len(data) < num_logical:
        raise InvalidValueError(f"`num_logical` must be at most {len(data)}, the data qubits, but is {num_logical}")
    state = _at_start(program, data, num_logical)
    found = _nothing_found(program, num_logical)
    follow_logicals(
        program.opcodes, program.kinds, program.qubits, program.is_conditional, program.qubit_is_communication,
        program.qubit_qpus, data[:num_logical], state, found,
    )  # fmt: skip
    count, homes, _, remote, hub, swaps = found.counts.tolist()
    holdings = found.holdings[:count]
    holdings[:, 4] = np.where(holdings[:, 4] < 0, holdings[:, 3], holdings[:, 4])
    return Whereabouts(
        program=program,
        num_logical=num_logical,
        holdings=holdings,
        homes=found.homes[:homes],
        pair_rows=np.flatnonzero(program.opcodes == Op.ENTANGLE),
        pair_logicals=_served_pairs(found),
        remote_gates=remote,
        hub_gates=hub,
        local_swaps=swaps,
    )


def _at_start(program: Program, data: NDArray[np.int64], num_logical: int) -> State:
    """Nothing is held yet; the kernel puts the logical qubits where they begin."""

    def none(count: int) -> NDArray[np.int64]:
        return np.full(count, -1, dtype=np.int64)

    count = program.num_qubits
    return State(
        kind=np.zeros(count, dtype=np.uint8),
        logical=none(count),
        partner=none(count),
        other=none(count),
        pair=none(count),
        holding=none(count),
        home_qubit=none(num_logical),
        home_qpu=none(num_logical),
        home=none(num_logical),
        holders=np.zeros(num_logical, dtype=np.int64),
        waiting=np.zeros(num_logical, dtype=np.int64),
        away=np.zeros((num_logical, 2), dtype=np.bool_),
        data=data,
    )


def _nothing_found(program: Program, num_logical: int) -> Found:
    """Room for what the kernel finds: holders come from CX, measurements in Z, and exchanges."""
    gates = program.kinds[program.opcodes == Op.GATE]
    by_gate = np.bincount(gates, minlength=len(GATES))
    measured = np.count_nonzero((program.opcodes == Op.MEASURE) & (program.kinds == Pauli.Z))
    most = num_logical + int(measured + by_gate[CODES["cx"]] + 2 * by_gate[CODES["swap"]])
    return Found(
        holdings=np.empty((most, 5), dtype=np.int64),
        homes=np.empty((most, 4), dtype=np.int64),
        joined=np.arange(program.ebits),
        served=np.full(program.ebits, -1, dtype=np.int64),
        counts=np.zeros(6, dtype=np.int64),
    )


def _served_pairs(found: Found) -> NDArray[np.int64]:
    """The logical qubit that each pair copies; −1 for a pair that copies none."""
    last: NDArray[np.int64] = found.joined
    while True:
        further = last[last]
        if np.array_equal(further, last):
            return found.served[last]
        last = further
