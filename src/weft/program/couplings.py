"""Where data qubits stand in the coupling map of their QPU, and which gates keep to it.

On a QPU with a coupling map, the number in the name of a data qubit is its position in the map: `A.d3` is at position 3. Nothing
else says so; the order of the qubits in the program says which of them hold logical qubits at the start.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidProgramError, VerificationError
from weft.program.instructions import Op
from weft.program.program import Program


def positions(program: Program) -> NDArray[np.int64]:
    """The position of each data qubit in the coupling map of its QPU; −1 where there is no map, and for communication qubits.

    Raises:
        InvalidProgramError: if a data qubit on a QPU with a coupling map does not name a position, or two name the same.
    """
    answer = np.full(program.num_qubits, -1, dtype=np.int64)
    for at, qpu in enumerate(program.network.qpus):
        if qpu.coupling is None:
            continue
        known = {f"{qpu.name}.d{position}": position for position in range(qpu.data_qubits)}
        for qubit in np.flatnonzero((program.qubit_qpus == at) & ~program.qubit_is_communication).tolist():
            name = program.qubit_names[qubit]
            if name not in known:
                raise InvalidProgramError(
                    f"QPU `{qpu.name}`: each data qubit must be named after a position of the coupling map of its own, "
                    f"`{qpu.name}.d0` to `{qpu.name}.d{qpu.data_qubits - 1}`, but one is named `{name}`"
                )
            answer[qubit] = known.pop(name)
    return answer


def uncoupled_rows(program: Program) -> NDArray[np.int64]:
    """The rows of gates on two data qubits that are not coupled, ascending."""
    if all(qpu.coupling is None for qpu in program.network.qpus):
        return np.zeros(0, dtype=np.int64)
    place = positions(program)
    rows = np.flatnonzero((program.opcodes == Op.GATE) & (program.qubits[:, 1] >= 0))
    rows = rows[np.all(place[program.qubits[rows]] >= 0, axis=1)]
    coupled = np.zeros(len(rows), dtype=np.bool_)
    low, high = np.sort(place[program.qubits[rows]], axis=1).T
    for at, qpu in enumerate(program.network.qpus):
        if qpu.coupling is not None:
            here = np.flatnonzero(program.qpus[rows] == at)
            pairs = {min(pair) * qpu.data_qubits + max(pair) for pair in qpu.coupling}
            coupled[here] = np.isin(low[here] * qpu.data_qubits + high[here], list(pairs))
    return rows[~coupled]


def check_couplings(program: Program) -> None:
    """Checks that every gate on two data qubits acts on a coupled pair.

    Raises:
        VerificationError: naming the first that does not.
    """
    rows = uncoupled_rows(program)
    if len(rows):
        row = int(rows[0])
        first, second = (program.qubit_names[qubit] for qubit in program.qubits[row].tolist())
        raise VerificationError(
            f"instruction {row} (gate on {first}, {second}): a gate on two data qubits must act on a pair of the QPU's "
            "coupling map, but does not"
        )
