"""A Clifford circuit in columns, wherever it comes from, and its cut into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES, MEASURE, RESET
from weft.circuit.generators import clifford
from weft.errors import InvalidCircuitError, InvalidValueError
from weft.protocols.clinr.tableaus import Conjugation, Step, clifford_steps, steps_of_stim


@dataclass(frozen=True, eq=False)
class CliffordCircuit:
    """Clifford gates on qubits 0 … num_qubits − 1, in the order in which they act.

    Attributes:
        num_qubits: n.
        opcodes (uint8 array, shape (gates,)): of gates of `weft.circuit.gates` without angles.
        qubits (int32 array, shape (gates, 2)): operands; −1 where there is none.
    """

    num_qubits: int
    opcodes: NDArray[np.uint8]
    qubits: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.opcodes)

    @property
    def two_qubit_gates(self) -> int:
        """The size s."""
        return int(np.count_nonzero(self.qubits[:, 1] >= 0))

    @property
    def steps(self) -> Iterator[Step]:
        """The gates as (name, operands)."""
        for code, (first, second) in zip(self.opcodes.tolist(), self.qubits.tolist(), strict=True):
            yield GATES[code].name, (first,) if second < 0 else (first, second)

    @cached_property
    def conjugation(self) -> Conjugation:
        """P ↦ C P C† and back."""
        return Conjugation(self.num_qubits, self.steps)

    def without_gates(self) -> CliffordCircuit:
        """The identity on as many qubits."""
        return CliffordCircuit(self.num_qubits, self.opcodes[:0], self.qubits[:0])

    def circuit(self, name: str = "clifford") -> Circuit:
        """The same as a `Circuit`."""
        builder = CircuitBuilder(self.num_qubits, name=name)
        for gate, operands in self.steps:
            builder.gate(gate, *operands)
        return builder.build()


def clifford_from_circuit(circuit: Circuit) -> CliffordCircuit:
    """A circuit of Weft's, such as `weft.load_circuit` reads, as a Clifford circuit.

    Measurements at the end of their qubits are left out. A gate with angles that is no gate without becomes h, s and cx.

    Raises:
        InvalidCircuitError: if a gate is not Clifford, or depends on bits, or a qubit is reset, or measured before its end.
    """
    return _collect(circuit.num_qubits, _steps_of(circuit))


def clifford_from_stim(text: str) -> CliffordCircuit:
    """A Clifford circuit in Stim's language; annotations are passed over.

    Raises:
        InvalidCircuitError: if the text is malformed, or holds no gate, or what is no unitary gate.
    """
    steps = tuple(steps_of_stim(text))
    if not steps:
        raise InvalidCircuitError("a Stim circuit must hold at least one gate, but holds none")
    return _collect(1 + max(qubit for _, operands in steps for qubit in operands), steps)


def random_clifford_circuit(qubits: int, gates: int, seed: int = 0) -> CliffordCircuit:
    """Random gates, cx or cz, on uniformly random pairs, each after a random one-qubit Clifford on either operand.

    The circuit of `weft.load_circuit("clifford:NxM")`.

    Args:
        qubits: at least 2.
        gates: how many two-qubit gates.
        seed: of the choice.
    """
    return clifford_from_circuit(clifford(qubits, gates, seed=seed))


def matched_clifford_circuit(qubits: int, gates: int, seed: int = 0) -> CliffordCircuit:
    """As `random_clifford_circuit`, but in layers that are random perfect matchings, so that no circuit of its size is shallower.

    Args:
        qubits: at least 2; of an odd number, one rests in each layer.
        gates: how many two-qubit gates; the last layer may be partial.
        seed: of the choice.
    """
    drawn = random_clifford_circuit(qubits, gates, seed)
    rng = np.random.default_rng((seed, 1))
    layers = [rng.permutation(qubits)[: qubits // 2 * 2].reshape(-1, 2) for _ in range(-(-gates // (qubits // 2)))]
    pairs = np.concatenate(layers)[:gates].astype(np.int32) if layers else np.zeros((0, 2), dtype=np.int32)
    operands = np.full((gates, 3, 2), -1, dtype=np.int32)
    operands[:, 0, 0], operands[:, 1, 0], operands[:, 2] = pairs[:, 0], pairs[:, 1], pairs
    return CliffordCircuit(qubits, drawn.opcodes, operands.reshape(-1, 2))


def cut(circuit: CliffordCircuit, blocks: int) -> tuple[CliffordCircuit, ...]:
    """Cuts a circuit into blocks of consecutive gates with equal numbers of two-qubit gates, give or take one.

    Args:
        circuit: C, equal to the blocks one after another.
        blocks: t, at least 1 and at most the number of two-qubit gates.

    Raises:
        InvalidValueError: for a number of blocks out of range.
    """
    size = circuit.two_qubit_gates
    if not 1 <= blocks <= max(size, 1):
        raise InvalidValueError(
            f"`blocks` must lie in 1 … {max(size, 1)}, the number of two-qubit gates, but is {blocks}"
        )
    done = np.cumsum(circuit.qubits[:, 1] >= 0)
    shares = size * np.arange(1, blocks) // blocks
    ends = [*(np.searchsorted(done, shares) + 1).tolist(), len(circuit)]
    starts = [0, *ends[:-1]]
    return tuple(
        CliffordCircuit(circuit.num_qubits, circuit.opcodes[start:end], circuit.qubits[start:end])
        for start, end in zip(starts, ends, strict=True)
    )


def _collect(num_qubits: int, steps: Iterable[Step]) -> CliffordCircuit:
    named = [(CODES[name], *operands, -1)[:3] for name, operands in steps]
    columns = np.array(named, dtype=np.int32).reshape(-1, 3)
    return CliffordCircuit(num_qubits, columns[:, 0].astype(np.uint8), columns[:, 1:])


def _steps_of(circuit: Circuit) -> Iterator[Step]:
    measured: set[int] = set()
    for row, (code, operands) in enumerate(zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), strict=True)):
        qubits = tuple(qubit for qubit in operands if qubit >= 0)
        if code == RESET or circuit.condition(row) or measured & set(qubits):
            raise InvalidCircuitError(
                f"a Clifford circuit must be unitary up to measurements at its end, but instruction {row} is not"
            )
        if code == MEASURE:
            measured.update(qubits)
            continue
        steps = clifford_steps(code, tuple(circuit.angles[row, : GATES[code].angles].tolist()))
        if steps is None:
            raise InvalidCircuitError(f"every gate must be Clifford, but instruction {row} is `{GATES[code].name}`")
        for name, places in steps:
            yield name, tuple(qubits[place] for place in places)
