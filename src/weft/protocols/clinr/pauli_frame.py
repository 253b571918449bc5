"""The Pauli that data carry beside what they should be, known only once bits are measured.

Injection leaves C X^a Z^b ψ where Cψ is wanted. What is left is a Pauli, C X^a Z^b C†, each of whose factors is there if the
parity of some bits is 1. It is pushed through later circuits on paper, and settled when the data are needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.program import Pauli, ProgramBuilder
from weft.protocols.clinr.clifford_circuit import CliffordCircuit


class PauliFrame:
    """A product of Paulis on a register, each there or not as the parity of some bits says.

    Args:
        size: qubits of the register.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._paulis = np.zeros((2 * size, 0), dtype=np.uint8)
        self._bits: list[tuple[int, ...]] = []

    def add(self, xs: Sequence[Sequence[int]], zs: Sequence[Sequence[int]]) -> None:
        """Multiplies X and Z on each qubit in turn, where the parity of the bits that are given for it is 1; each bit is new."""
        self._bits += [tuple(bits) for bits in (*xs, *zs)]
        self._paulis = np.concatenate((self._paulis, np.eye(2 * self.size, dtype=np.uint8)), axis=1)

    def push(self, circuit: CliffordCircuit) -> None:
        """Takes the frame through a circuit.

        Signs are of no account, so that this is a product of matrices over GF(2) (Aaronson and Gottesman, Phys. Rev. A 70, 052328
        (2004)).
        """
        # Products of small whole numbers are exact in floating point, and much faster.
        product = _action_of(circuit).astype(np.float64) @ self._paulis.astype(np.float64)
        self._paulis = product.astype(np.int64).astype(np.uint8) & np.uint8(1)

    def parity(self, component: int) -> tuple[int, ...]:
        """The bits that decide on one component: X on qubit q is component q, Z on it n + q."""
        return tuple(bit for place in np.flatnonzero(self._paulis[component]).tolist() for bit in self._bits[place])

    def settle(self, builder: ProgramBuilder, qubits: Sequence[int]) -> None:
        """Appends the corrections that undo the frame on the qubits of its register, and empties it."""
        for place, qubit in enumerate(qubits):
            for pauli, component in ((Pauli.X, place), (Pauli.Z, self.size + place)):
                bits = self.parity(component)
                if bits:
                    builder.correct(pauli, qubit, bits)
        self._paulis, self._bits = self._paulis[:, :0], []


def _action_of(circuit: CliffordCircuit) -> NDArray[np.uint8]:
    """What X on each qubit, then Z on each, becomes: columns of where it has X or Y, then of where it has Z or Y."""
    generators = np.concatenate([np.eye(circuit.num_qubits, dtype=np.uint8) * pauli for pauli in (Pauli.X, Pauli.Z)])
    images = np.array([circuit.conjugation.forward(generator)[0] for generator in generators])
    has_x, has_z = np.isin(images, (Pauli.X, Pauli.Y)), np.isin(images, (Pauli.Y, Pauli.Z))
    return np.concatenate((has_x, has_z), axis=1).T.astype(np.uint8)
