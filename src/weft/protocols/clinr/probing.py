"""The logical error of a program of CliNR, measured as an experiment would: by stabilizers of its output and a reference.

The simulator compares states only where a program is a unitary with measurements at its end, which CliNR is not. So the input is
entangled with a reference that is free of noise, and a random stabilizer of what must come out is measured on both. Half of the
stabilizers see any one residual Pauli, so the share of wrong signs tells how likely there is one; wrong readings are divided out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidNetworkError, InvalidValueError
from weft.network import QPU, Link, Network
from weft.program import Pauli
from weft.protocols.clinr.pauli_frame import PauliFrame
from weft.protocols.clinr.workspace import Wires, Workspace

REFERENCE = "reference"
"""Name of the QPU without noise that `with_reference` adds."""


@dataclass(frozen=True, eq=False)
class Probe:
    """Halves of perfect Bell pairs go in, and one stabilizer of what must come out is measured.

    The other halves stay on the QPU without noise of a network `with_reference`, so that the state of all 2n qubits is that of the
    circuit, and a residual Pauli E on the output flips the sign of a stabilizer S if E and S anticommute. Every output qubit is
    measured once, in the basis that S has there. The program's single bit is 1 if the sign is wrong.

    Attributes:
        pauli (uint8 array, shape (2n,)): S, on the reference and then on the output: 0 I, 1 X, 2 Y, 3 Z.
        sign: whether S stands with a minus.
    """

    pauli: NDArray[np.uint8]
    sign: bool

    @property
    def readings(self) -> int:
        """How many outputs tell the sign: each reading that is wrong with probability ε shrinks the expectation by 1 − 2ε."""
        return int(np.count_nonzero(self.pauli[len(self.pauli) // 2 :]))

    def outcomes(self, size: int) -> int:
        """One bit.

        Raises:
            InvalidValueError: if the stabilizer is of another number of qubits.
        """
        if len(self.pauli) != 2 * size:
            raise InvalidValueError(f"`pauli` must act on {2 * size} qubits, but acts on {len(self.pauli)}")
        return 1

    def enter(self, workspace: Workspace, qpu: int) -> Wires:
        """Halves of pairs, the others at the reference."""
        reference = _reference(workspace.network)
        link = workspace.link(reference, qpu)
        ends = [[workspace.qubit(end, communication=True) for end in (reference, qpu)] for _ in range(workspace.size)]
        for kept, sent in ends:
            workspace.builder.entangle(link, kept, sent)
        workspace.kept_aside = [kept for kept, _ in ends]
        return Wires(qpu, tuple(sent for _, sent in ends), reusable=False)

    def leave(self, workspace: Workspace, outputs: Wires, frame: PauliFrame) -> None:
        """Settles the frame, measures S, and says whether its sign is wrong."""
        builder = workspace.builder
        frame.settle(builder, outputs.qubits)
        bits = []
        for basis, qubit in zip(self.pauli.tolist(), (*workspace.kept_aside, *outputs.qubits), strict=True):
            bit = builder.new_bit()
            builder.measure(qubit, bit, basis=Pauli(basis or Pauli.Z))  # what came from a link has to be emptied
            if basis:
                bits.append(bit)
        verdict = workspace.qubit(_reference(workspace.network))
        builder.reset(verdict)
        builder.correct(Pauli.X, verdict, bits)
        if self.sign:
            builder.gate("x", verdict)
        builder.measure(verdict, 0)


def with_reference(network: Network, size: int, host: str | None = None) -> Network:
    """A network with one more QPU, without noise, from which perfect Bell pairs reach one of the others at once.

    Args:
        network: to be added to.
        size: how many pairs; the other QPU gets as many more communication qubits for them.
        host: where they go; the first QPU by default.

    Raises:
        InvalidNetworkError: if there is no such QPU.
    """
    name = network.qpus[0].name if host is None else host
    if name not in network.index:
        raise InvalidNetworkError(f"`host` must be a QPU of the network, but there is no `{name}`")
    qpus = tuple(
        replace(qpu, communication_qubits=qpu.communication_qubits + size)
        if qpu.name == name and qpu.communication_qubits is not None
        else qpu
        for qpu in network.qpus
    )
    link = Link(name, REFERENCE, attempt_s=0.0)
    return replace(network, qpus=(*qpus, QPU(REFERENCE, 1)), links=(*network.links, link))


def logical_error(wrong: Sequence[int], shots: int, qubits: int, lost: Sequence[float]) -> tuple[float, float]:
    """Probability that a residual Pauli is left on the output, from probes with random stabilizers.

    A Pauli other than the identity anticommutes with half of the 4^n stabilizers of the state of a circuit and its reference, so
    the mean of their expectations over all but the identity is 1 − p 4^n/(4^n − 1).

    Args:
        wrong: for each probe, in how many shots its sign was wrong. Each must have been run with a seed of its own: with one seed
            all see the same faults, and the standard error would be too small.
        shots: of each probe.
        qubits: n, of the circuit.
        lost: for each probe, by which factor its expectation shrinks because of wrong readings alone, (1 − 2ε)^w where w outputs
            are measured; see `Probe.readings`.

    Returns:
        The probability, and its standard error from the spread of the probes, of which there must be at least 2.

    Raises:
        InvalidValueError: if there are fewer probes.

    Source:
        Flammia and Liu, Phys. Rev. Lett. 106, 230501 (2011), estimate fidelities by random stabilizers.
    """
    if len(wrong) < 2:
        raise InvalidValueError(f"`wrong` must be of at least 2 probes, but is of {len(wrong)}")
    share = 1 - math.pow(4, -qubits)
    errors = share * (1 - (1 - 2 * np.asarray(wrong) / shots) / np.asarray(lost))
    return float(errors.mean()), float(errors.std(ddof=1) / math.sqrt(len(errors)))


def _reference(network: Network) -> int:
    if REFERENCE not in network.index:
        raise InvalidNetworkError(
            f"the network of a Probe must have a QPU `{REFERENCE}`, as `with_reference` adds it, but has none"
        )
    return network.index[REFERENCE]
