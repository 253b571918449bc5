"""Two small interpreters, of circuits and of programs, that share nothing with Weft's compiler, verifier and simulators.

A state is its non-zero amplitudes: `keys` are basis states as integers, bit q being qubit q. So copies and pairs cost nothing.
Whatever acts on the circuit's own qubits at random (a measurement, a reset) is an *event*; its outcomes can be prescribed, qubit
by qubit, because instructions on different qubits may change places.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, RESET, code_of, matrix_of
from weft.program import Op, Pauli, Program, Role

_H, _S, _SDG = (matrix_of(code_of(name)) for name in ("h", "s", "sdg"))
_PAULIS = {pauli: matrix_of(code_of(pauli.name.lower())) for pauli in Pauli}
_TO_Z = {Pauli.X: (_H,), Pauli.Y: (_SDG, _H), Pauli.Z: ()}
_FROM_Z = {Pauli.X: (_H,), Pauli.Y: (_H, _S), Pauli.Z: ()}


@dataclass
class Outcome:
    """Where a run ended: the state, the bits, the outcomes on each qubit, and the probability of all of them together."""

    keys: np.ndarray
    amplitudes: np.ndarray
    bits: list[int]
    events: dict[int, list[int]]
    probability: float


@dataclass
class Machine:
    rng: np.random.Generator
    bits: list[int]
    prescribed: dict[int, list[int]] | None = None
    keys: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    amplitudes: np.ndarray = field(default_factory=lambda: np.ones(1, dtype=np.complex128))
    events: dict[int, list[int]] = field(default_factory=dict)
    probability: float = 1.0

    def apply(self, matrix: np.ndarray, *qubits: int) -> None:
        local = np.zeros_like(self.keys)
        for qubit in qubits:
            local = 2 * local + (self.keys >> qubit & 1)
        mask = sum(1 << qubit for qubit in qubits)
        rest, place = np.unique(self.keys & ~mask, return_inverse=True)
        block = np.zeros((len(rest), 2 ** len(qubits)), dtype=np.complex128)
        block[place.ravel(), local] = self.amplitudes
        block = block @ matrix.T
        patterns = [
            sum((value >> (len(qubits) - 1 - place) & 1) << qubit for place, qubit in enumerate(qubits))
            for value in range(2 ** len(qubits))
        ]
        keys = (rest[:, None] | np.array(patterns, dtype=np.int64)[None, :]).ravel()
        kept = np.abs(block.ravel()) > 1e-13
        self.keys, self.amplitudes = keys[kept], block.ravel()[kept]

    def entangle(self, first: int, second: int) -> None:
        both = 1 << first | 1 << second
        assert not np.any(self.keys & both), "a pair must be taken into empty qubits"
        self.keys = np.concatenate((self.keys, self.keys | both))
        self.amplitudes = np.concatenate((self.amplitudes, self.amplitudes)) * np.sqrt(0.5)

    def measure_z(self, qubit: int, *, event: bool) -> int:
        ones = (self.keys >> qubit & 1).astype(bool)
        weight = np.abs(self.amplitudes) ** 2
        probability = float(weight[ones].sum() / weight.sum())
        value = int(self.rng.random() < probability)
        if event:
            earlier = self.events.setdefault(qubit, [])
            if self.prescribed is not None:
                value = self.prescribed[qubit][len(earlier)]
            earlier.append(value)
            self.probability *= probability if value else 1 - probability
        kept = ones == bool(value)
        self.keys, self.amplitudes = self.keys[kept], self.amplitudes[kept]
        self.amplitudes = self.amplitudes / max(float(np.linalg.norm(self.amplitudes)), 1e-300)
        return value

    def clear(self, qubit: int, value: int) -> None:
        """After a measurement that gave `value`."""
        self.keys = self.keys ^ (value << qubit)

    def outcome(self) -> Outcome:
        return Outcome(self.keys, self.amplitudes, self.bits, self.events, self.probability)


def run_circuit(circuit: Circuit, seed: int = 0, prescribed: dict[int, list[int]] | None = None) -> Outcome:
    """Runs a circuit once; `prescribed` are the outcomes of its measurements and resets, random if None."""
    machine = Machine(np.random.default_rng(seed), [0] * circuit.num_clbits, prescribed)
    for row, code in enumerate(circuit.opcodes.tolist()):
        first, second = circuit.qubits[row].tolist()
        if not all(machine.bits[bit] == value for bit, value in circuit.condition(row)):
            continue
        if code == MEASURE:
            machine.bits[circuit.clbits[row]] = machine.measure_z(first, event=True)
        elif code == RESET:
            machine.clear(first, machine.measure_z(first, event=True))
        else:
            operands = (first, second)[: GATES[code].qubits]
            machine.apply(np.array(GATES[code].entries(*circuit.angles[row][: GATES[code].angles].tolist())), *operands)
    return machine.outcome()


def run_program(program: Program, seed: int = 0, prescribed: dict[int, list[int]] | None = None) -> Outcome:
    """Runs a program once, with random outcomes of teleportations; the final state is of the data qubits."""
    machine = Machine(np.random.default_rng(seed), [0] * program.num_bits, prescribed)
    for row, opcode in enumerate(program.opcodes.tolist()):
        kind = int(program.kinds[row])
        first, second = program.qubits[row].tolist()
        reads = program.reads(row)
        parity = sum(machine.bits[bit] for bit, role in reads if role == Role.PARITY) % 2
        if any(machine.bits[bit] != int(role == Role.IF_ONE) for bit, role in reads if role != Role.PARITY):
            continue
        communication = bool(program.qubit_is_communication[first])
        if opcode == Op.GATE:
            operands = (first, second)[: GATES[kind].qubits]
            machine.apply(np.array(GATES[kind].entries(*program.angles[row][: GATES[kind].angles].tolist())), *operands)
        elif opcode == Op.ENTANGLE:
            machine.entangle(first, second)
        elif opcode == Op.CORRECT:
            if parity:
                machine.apply(_PAULIS[Pauli(kind)], first)
        elif opcode == Op.RESET:
            machine.clear(first, machine.measure_z(first, event=not communication))
        else:
            for matrix in _TO_Z[Pauli(kind)]:
                machine.apply(matrix, first)
            value = machine.measure_z(first, event=not communication)
            machine.bits[program.bits[row]] = value
            if communication:
                machine.clear(first, value)
            else:
                for matrix in _FROM_Z[Pauli(kind)]:
                    machine.apply(matrix, first)
    return machine.outcome()


def same_state(first: Outcome, second: Outcome) -> bool:
    """Whether two states are equal up to a phase."""
    amplitudes = dict(zip(first.keys.tolist(), first.amplitudes.tolist(), strict=True))
    pairs = zip(second.keys.tolist(), second.amplitudes.tolist(), strict=True)
    overlap = sum(amplitudes.get(key, 0).conjugate() * amplitude for key, amplitude in pairs)
    return abs(abs(overlap) - 1) < 1e-9


def agrees(program: Program, circuit: Circuit, seed: int) -> bool:
    """Whether one random run of the program is a run of the circuit: the same events, bits and final state.

    The program must number its data qubits as the circuit numbers its qubits, as the compiler does.
    """
    found = run_program(program, seed)
    try:
        wanted = run_circuit(circuit, seed, found.events)
    except LookupError:  # the circuit measures or resets where the program does not
        return False
    return (
        found.events == wanted.events
        and bool(np.isclose(found.probability, wanted.probability, rtol=1e-6, atol=0))
        and found.bits[: circuit.num_clbits] == wanted.bits
        and same_state(found, wanted)
    )
