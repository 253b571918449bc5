"""The noise of all gates of a program, in tables that alike gates share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import matrix_of
from weft.program import Op, Program
from weft.simulator.gate_noise import NO_ERROR, GateNoise, gate_noise_of

_MATRICES_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class GateTables:
    """The noise of gates. Paulis are numbered p₀ + 4 p₁ with 0 I, 1 X, 2 Y, 3 Z on the first and the second operand.

    Attributes:
        table_of_row (int64 array, shape (n,)): the table of each gate; 0, which is no error, for what is no gate.
        over_rotation (float64 array, shape (tables,)): ε, if a gate U turns out to be U^(1+ε).
        damping (float64 array, shape (tables,)): probability that each operand relaxes after that.
        pauli (float64 array, shape (tables, 16)): probabilities of the Paulis that strike after that.
        twirled (float64 array, shape (tables, 16)): the same, with over-rotation and damping twirled into them.
    """

    table_of_row: NDArray[np.int64]
    over_rotation: NDArray[np.float64]
    damping: NDArray[np.float64]
    pauli: NDArray[np.float64]
    twirled: NDArray[np.float64]


def gate_tables_of(program: Program) -> GateTables:
    """A table for all gates of a size on QPUs that are alike; where gates over-rotate, one for each different gate."""
    numbers: dict[GateNoise, int] = {}
    by_qpu = np.array(
        [
            [numbers.setdefault(gate_noise_of(qpu, size), len(numbers)) for size in (1, 2)]
            for qpu in program.network.qpus
        ]
    )
    noises = list(numbers)
    gates = np.flatnonzero(program.opcodes == Op.GATE)
    number = by_qpu[program.qpus[gates], (program.qubits[gates, 1] >= 0).astype(np.int64)]
    rotates = np.flatnonzero(np.array([noise.over_rotation != 0 for noise in noises])[number])
    rows = gates[rotates]
    keys = np.column_stack((number[rotates], program.kinds[rows], program.angles[rows]))
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    table_of_row = np.zeros(len(program), dtype=np.int64)
    table_of_row[gates] = 1 + number
    table_of_row[rows] = 1 + len(noises) + which.ravel()
    of_table = [*noises, *(noises[int(key[0])] for key in distinct)]
    return GateTables(
        table_of_row,
        np.array([0.0, *(noise.over_rotation for noise in of_table)]),
        np.array([0.0, *(noise.damping for noise in of_table)]),
        np.array([NO_ERROR, *(noise.pauli_weights for noise in of_table)]),
        np.array([NO_ERROR, *(noise.twirled_weights(None) for noise in noises), *_twirled(noises, distinct)]),
    )


def _twirled(noises: list[GateNoise], keys: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of gates that over-rotate, shape (gates, 16); keys are rows of (number of the noise, kind, angles)."""
    weights = np.zeros((len(keys), 16))
    for number in np.unique(keys[:, 0]).astype(np.int64).tolist():
        mine = np.flatnonzero(keys[:, 0] == number)
        for some in np.split(mine, range(_MATRICES_AT_ONCE, len(mine), _MATRICES_AT_ONCE)):
            matrices = np.array([matrix_of(int(key[1]), key[2:]) for key in keys[some]])
            weights[some] = noises[number].twirled_weights(matrices)
    return weights
