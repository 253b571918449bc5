"""Operations of a noisy Clifford circuit in columns: what noise strikes, what takes time, what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES
from weft.protocols.clinr.clifford_circuit import CliffordCircuit

PREPARE_Z = 200
"""Prepares |0⟩."""
PREPARE_X = 201
"""Prepares |+⟩."""
MEASURE_Z = 202
MEASURE_X = 203
PAIR = 204
"""A Bell pair from a link, on two qubits."""
IDLE = 205
"""A qubit waits."""


@dataclass(frozen=True, eq=False)
class Operations:
    """Operations in the order in which they are given.

    Attributes:
        num_qubits: qubits are 0 … num_qubits − 1.
        kinds (uint8 array, shape (operations,)): opcodes of gates, or one of the kinds above.
        qubits (int32 array, shape (operations, 2)): operands; −1 where there is none.
        stages (int32 array, shape (operations,)): ascending; after each stage a block may be given up.
        readings (int32 array, shape (operations,)): of a measurement, to which parity its bit belongs; −1 otherwise.
        remote (bool array, shape (operations,)): of a two-qubit gate, whether it uses up half of a link's pair.
        waits (float64 array, shape (operations,)): of `IDLE`, how long, in gate times; 0 otherwise.
    """

    num_qubits: int
    kinds: NDArray[np.uint8]
    qubits: NDArray[np.int32]
    stages: NDArray[np.int32]
    readings: NDArray[np.int32]
    remote: NDArray[np.bool_]
    waits: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def is_gate(self) -> NDArray[np.bool_]:
        """Which are gates."""
        return self.kinds < PREPARE_Z

    @property
    def is_two_qubit_gate(self) -> NDArray[np.bool_]:
        """Which are two-qubit gates."""
        return self.is_gate & (self.qubits[:, 1] >= 0)

    @property
    def num_stages(self) -> int:
        """How many stages there are, at least 1."""
        return int(self.stages[-1]) + 1 if len(self) else 1


@dataclass
class OperationList:
    """Collects operations.

    Attributes:
        num_qubits: how many qubits there are.
        stage: of what is added next.
    """

    num_qubits: int
    stage: int = 0
    _rows: list[tuple[int, int, int, int, int, bool]] = field(default_factory=list)

    def gate(self, name: str, first: int, second: int = -1, *, remote: bool = False) -> None:
        """Adds a gate by its name."""
        self.add(CODES[name], first, second, remote=remote)

    def add(self, kind: int, first: int, second: int = -1, reading: int = -1, *, remote: bool = False) -> None:
        """Adds any operation but a wait."""
        self._rows.append((kind, first, second, self.stage, reading, remote))

    def circuit(self, circuit: CliffordCircuit, places: Sequence[int]) -> None:
        """Adds a circuit; its qubit j is our qubit places[j]."""
        for code, (first, second) in zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), strict=True):
            self.add(code, places[first], -1 if second < 0 else places[second])

    def build(self) -> Operations:
        """What was collected."""
        columns = np.array(self._rows, dtype=np.int32).reshape(-1, 6)
        return Operations(
            num_qubits=self.num_qubits,
            kinds=columns[:, 0].astype(np.uint8),
            qubits=np.ascontiguousarray(columns[:, 1:3]),
            stages=np.ascontiguousarray(columns[:, 3]),
            readings=np.ascontiguousarray(columns[:, 4]),
            remote=columns[:, 5].astype(np.bool_),
            waits=np.zeros(len(columns)),
        )
