"""What Clifford gates and circuits do to Paulis. All of Stim that CliNR needs is in this file.

A Pauli on q qubits is an array of 0 I, 1 X, 2 Y, 3 Z and a sign. Its bits are (x, z): X is (1, 0), Y is (1, 1), Z is (0, 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import stim
from numpy.typing import NDArray

from weft.circuit.clifford import clifford_tableau
from weft.circuit.gates import CODES, GATES
from weft.errors import InvalidCircuitError

Step = tuple[str, tuple[int, ...]]
"""A gate by its name in Weft, and its operands."""

_STIM_NAMES = {
    "id": "I", "x": "X", "y": "Y", "z": "Z", "h": "H", "s": "S", "sdg": "S_DAG", "sx": "SQRT_X", "sxdg": "SQRT_X_DAG",
    "cx": "CX", "cy": "CY", "cz": "CZ", "swap": "SWAP", "iswap": "ISWAP",
}  # fmt: skip
_WEFT_NAMES = {name: weft for weft, name in _STIM_NAMES.items()} | {"ZCX": "cx", "ZCY": "cy", "ZCZ": "cz"}
_SILENT = {"TICK", "QUBIT_COORDS", "SHIFT_COORDS", "DETECTOR", "OBSERVABLE_INCLUDE"}
_XZ_OF_PAULI = np.array(((0, 0), (1, 0), (1, 1), (0, 1)), dtype=np.uint8)
_PAULI_OF_XZ = np.array(((0, 3), (1, 2)), dtype=np.uint8)


@lru_cache(maxsize=4096)
def clifford_steps(code: int, angles: tuple[float, ...]) -> tuple[Step, ...] | None:
    """A gate as gates without angles, up to a global phase; None if it is not Clifford.

    A gate that has a name without angles is that one gate; others become h, s and cx.

    Args:
        code: the gate's opcode.
        angles: as many as it takes, in radians.
    """
    tableau = clifford_tableau(code, angles)
    if tableau is None:
        return None
    operands = tuple(range(GATES[code].qubits))
    if not angles:
        return ((GATES[code].name, operands),)
    for name in _STIM_NAMES:
        if GATES[CODES[name]].qubits == len(operands) and clifford_tableau(CODES[name], ()) == tableau:
            return ((name, operands),)
    return tuple(steps_of_stim(str(tableau.to_circuit(method="elimination"))))


def steps_of_stim(text: str) -> Iterator[Step]:
    """The gates of a circuit in Stim's language; gates that Weft has no name for become h, s and cx.

    Raises:
        InvalidCircuitError: if the text is malformed, or holds what is no unitary gate.
    """
    try:
        circuit = stim.Circuit(text).flattened()
    except ValueError as error:
        raise InvalidCircuitError(f"a Stim circuit must be well formed, but {error}") from None
    for instruction in circuit:
        if instruction.name in _SILENT:
            continue
        if not stim.gate_data(instruction.name).is_unitary:
            raise InvalidCircuitError(f"a Clifford circuit must hold unitary gates only, but has `{instruction.name}`")
        for group in instruction.target_groups():
            if not all(target.is_qubit_target for target in group):
                raise InvalidCircuitError(f"gates must act on qubits only, but there is `{instruction}`")
            yield from _named(instruction.name, tuple(target.value for target in group))


def _named(stim_name: str, operands: tuple[int, ...]) -> Iterator[Step]:
    if stim_name in _WEFT_NAMES:
        yield _WEFT_NAMES[stim_name], operands
        return
    parts = stim.gate_data(stim_name).tableau.to_circuit(method="elimination")
    for name, places in steps_of_stim(str(parts)):
        yield name, tuple(operands[place] for place in places)


@lru_cache(maxsize=1)
def pauli_actions() -> NDArray[np.uint8]:
    """What each gate without angles does to Paulis, signs aside.

    Returns:
        Array of shape (gates, 4, 4) by opcode: the matrix over GF(2) that takes the bits (x, z of the first operand, x, z of the
        second) that go in to those that come out; all 0 for gates that are not Clifford.

    Source:
        Aaronson and Gottesman, Phys. Rev. A 70, 052328 (2004).
    """
    actions = np.zeros((len(GATES), 4, 4), dtype=np.uint8)
    for code, gate in enumerate(GATES):
        tableau = None if gate.angles else clifford_tableau(code, ())
        if tableau is None:
            continue
        for operand in range(len(tableau)):
            for column, image in enumerate((tableau.x_output(operand), tableau.z_output(operand))):
                bits = np.stack(image.to_numpy(), axis=1).reshape(-1)
                actions[code, : len(bits), 2 * operand + column] = bits
    actions.setflags(write=False)
    return actions


class Conjugation:
    """What a Clifford circuit C does to Paulis: P ↦ C P C†, and back.

    Args:
        num_qubits: of the circuit.
        steps: its gates.
    """

    def __init__(self, num_qubits: int, steps: Iterable[Step]) -> None:
        text = [f"I {num_qubits - 1}"]
        for name, operands in steps:
            text.extend(_stim_lines(name, operands))
        self._tableau = stim.Circuit("\n".join(text)).to_tableau()
        self._inverse: stim.Tableau | None = None

    def forward(self, pauli: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
        """C P C† and whether its sign is −, for P with sign + (uint8 array, shape (qubits,))."""
        return _apply(self._tableau, pauli)

    def backward(self, pauli: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
        """C† P C and whether its sign is −, for P with sign + (uint8 array, shape (qubits,))."""
        if self._inverse is None:
            self._inverse = self._tableau.inverse()
        return _apply(self._inverse, pauli)


def _stim_lines(name: str, operands: Sequence[int]) -> Iterator[str]:
    if name in _STIM_NAMES:
        yield f"{_STIM_NAMES[name]} {' '.join(map(str, operands))}"
        return
    tableau = clifford_tableau(CODES[name], ())
    assert tableau is not None
    for part in tableau.to_circuit(method="elimination"):
        for group in part.target_groups():
            yield f"{part.name} {' '.join(str(operands[target.value]) for target in group)}"


def _apply(tableau: stim.Tableau, pauli: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
    bits = _XZ_OF_PAULI[pauli].astype(np.bool_)
    xs, zs = (image := tableau(stim.PauliString.from_numpy(xs=bits[:, 0], zs=bits[:, 1]))).to_numpy()
    return _PAULI_OF_XZ[xs.astype(np.uint8), zs.astype(np.uint8)], image.sign == -1
