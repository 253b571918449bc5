"""What goes into a program of CliNR and what is asked of what comes out: each an object that a builder takes as `boundary`.

`Sampling` is here, `Probe`, which measures the logical error, in `probing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from weft.protocols.clinr.pauli_frame import PauliFrame
from weft.protocols.clinr.workspace import Wires, Workspace


class Boundary(Protocol):
    """What goes in, and what is asked of what comes out."""

    def outcomes(self, size: int) -> int:
        """How many bits the program reports."""
        ...

    def enter(self, workspace: Workspace, qpu: int) -> Wires:
        """Appends the preparation of the input on a QPU."""
        ...

    def leave(self, workspace: Workspace, outputs: Wires, frame: PauliFrame) -> None:
        """Appends what is done with the output, which still carries a frame."""
        ...


@dataclass(frozen=True, slots=True)
class Sampling:
    """|0…0⟩ goes in, and every output qubit is measured in Z.

    With `local`, U† acts on each qubit before and U after, which makes a Clifford circuit C the conjugated Clifford circuit
    U⊗ⁿ C U†⊗ⁿ: hard to sample from for almost all U (Bouland, Fitzsimons, Koh, arXiv 1709.01805).

    Attributes:
        local: the angles θ, φ, λ of U as gate `u` takes them; None for no such gates.
    """

    local: tuple[float, float, float] | None = None

    def outcomes(self, size: int) -> int:
        """One bit per qubit."""
        return size

    def enter(self, workspace: Workspace, qpu: int) -> Wires:
        """A new register, as every program's first data qubits in |0⟩, turned by U†."""
        inputs = workspace.take(qpu)
        if self.local is not None:
            theta, phi, lam = self.local
            _turn(workspace, inputs, (-theta, -lam, -phi))
        return inputs

    def leave(self, workspace: Workspace, outputs: Wires, frame: PauliFrame) -> None:
        """Settles the frame, for U does not turn Paulis into Paulis, and measures."""
        frame.settle(workspace.builder, outputs.qubits)
        if self.local is not None:
            _turn(workspace, outputs, self.local)
        for bit, qubit in enumerate(outputs.qubits):
            workspace.builder.measure(qubit, bit)


SAMPLING = Sampling()
"""The boundary if none is named."""


def _turn(workspace: Workspace, wires: Wires, angles: tuple[float, float, float]) -> None:
    for qubit in wires.qubits:
        workspace.builder.gate("u", qubit, angles=angles)
