"""A circuit in moments: layers of two-qubit gates, each as early as its qubits and bits allow.

Moment 0 is the state |0…0⟩, moment m what is there after the m-th layer. Gates on one qubit belong to the moment of what came
before them on the same qubit. A measurement or reset of a qubit that others may be entangled with stands in a layer as a gate on
two qubits does, so that what was there before it is seen. Final measurements are left out: it is the state before them that is
looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET


@dataclass(frozen=True, eq=False)
class Moments:
    """Where the instructions of a circuit stand.

    Attributes:
        circuit: whose they are.
        of_row (int64 array, shape (n,)): the moment of each instruction; −1 for final measurements.
        order (int64 array): all instructions but final measurements, in the order of moments, in which they may be executed.
        last: the number of the last moment.
    """

    circuit: Circuit
    of_row: NDArray[np.int64]
    order: NDArray[np.int64]
    last: int

    def rows(self, moment: int) -> NDArray[np.int64]:
        """The instructions of a moment, in order."""
        sorted_moments = self.of_row[self.order]
        low, high = np.searchsorted(sorted_moments, (moment, moment + 1))
        return self.order[low:high]

    @property
    def disturbed(self) -> NDArray[np.bool_]:
        """In which moments something is measured or reset, so that the state is that of one sampled shot, shape (last + 1,)."""
        marks = np.zeros(self.last + 1, dtype=np.bool_)
        rows = np.flatnonzero((self.of_row >= 0) & np.isin(self.circuit.opcodes, (MEASURE, RESET)))
        marks[self.of_row[rows]] = True
        return marks


def moments_of(circuit: Circuit) -> Moments:
    """Puts the instructions of a circuit into moments."""
    final = final_measurements(circuit)
    of_row = np.full(len(circuit), -1, dtype=np.int64)
    qubits, alone = [0] * circuit.num_qubits, [True] * circuit.num_qubits
    written, used = [0] * circuit.num_clbits, [0] * circuit.num_clbits
    clbits, offsets = circuit.clbits.tolist(), circuit.condition_offsets.tolist()
    disturbs = np.isin(circuit.opcodes, (MEASURE, RESET)).tolist()
    for row, (first, second) in enumerate(circuit.qubits.tolist()):
        if final[row]:
            continue
        read = [bit for bit, _ in circuit.condition(row)] if offsets[row] < offsets[row + 1] else []
        operands = [first] if second < 0 else [first, second]
        begins = second >= 0 or (disturbs[row] and not alone[first])
        moment = max([qubits[qubit] + begins for qubit in operands] + [written[bit] for bit in read])
        if clbits[row] >= 0:  # not before what reads the bit's value from before
            moment = written[clbits[row]] = used[clbits[row]] = max(moment, used[clbits[row]])
        for bit in read:
            used[bit] = max(used[bit], moment)
        for qubit in operands:
            qubits[qubit], alone[qubit] = moment, second < 0 and (alone[qubit] or (disturbs[row] and not read))
        of_row[row] = moment
    order = np.argsort(of_row, kind="stable")
    return Moments(circuit, of_row, order[np.count_nonzero(final) :], int(of_row.max(initial=0)))


def final_measurements(circuit: Circuit) -> NDArray[np.bool_]:
    """Which instructions measure a qubit after its last use, unconditionally, into a bit that nobody reads; shape (n,)."""
    read = np.zeros(circuit.num_clbits + 1, dtype=np.bool_)
    read[circuit.condition_bits] = True
    return np.asarray(circuit.measures_last & ~read[circuit.clbits])
