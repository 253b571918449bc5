"""Two small interpreters, of circuits and of programs, that share nothing with Weft's compiler, verifier and simulators.

A state is its non-zero amplitudes: `keys` are basis states as integers, bit q being qubit q. So copies and pairs cost nothing.
Whatever acts on the circuit's own qubits at random (a measurement, a reset) is an *event*; its outcomes can be prescribed, qubit
by qubit, because instructions on different qubits may change places.

A logical qubit may move, so the interpreter of programs notes who holds which (`Holdings`). That is for names only: which event is
whose, and where to look in the end. The state is computed whatever the names say, so a wrong name shows as a wrong state.
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
    homes: dict[int, int] | None = None


@dataclass
class Holdings:
    """Which logical qubit each physical one is meant to hold, and which halves belong together."""

    owner: dict[int, int]
    partner: dict[int, int] = field(default_factory=dict)

    def entangle(self, first: int, second: int) -> None:
        self.partner[first], self.partner[second] = second, first

    def cx(self, first: int, second: int) -> None:
        if first in self.owner and second not in self.owner:
            self.owner[self.partner.pop(second, second)] = self.owner[first]
        elif first in self.partner and second in self.partner:
            self.entangle(self.partner.pop(first), self.partner.pop(second))

    def swap(self, first: int, second: int) -> None:
        held = {second: self.owner.pop(first, None), first: self.owner.pop(second, None)}
        self.owner.update({qubit: logical for qubit, logical in held.items() if logical is not None})

    def homes(self) -> dict[int, int] | None:
        """Where each logical qubit is; None if one is in two places."""
        homes = {logical: qubit for qubit, logical in self.owner.items()}
        return homes if len(homes) == len(self.owner) else None


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

    def measure_z(self, qubit: int, *, event: int | None) -> int:
        """`event` names the logical qubit that is measured; None if this is none of the circuit's measurements."""
        ones = (self.keys >> qubit & 1).astype(bool)
        weight = np.abs(self.amplitudes) ** 2
        probability = float(weight[ones].sum() / weight.sum())
        value = int(self.rng.random() < probability)
        if event is not None:
            earlier = self.events.setdefault(event, [])
            if self.prescribed is not None:
                value = self.prescribed[event][len(earlier)]
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
            machine.bits[circuit.clbits[row]] = machine.measure_z(first, event=first)
        elif code == RESET:
            machine.clear(first, machine.measure_z(first, event=first))
        else:
            operands = (first, second)[: GATES[code].qubits]
            machine.apply(np.array(GATES[code].entries(*circuit.angles[row][: GATES[code].angles].tolist())), *operands)
    return machine.outcome()


def run_program(program: Program, num_logical: int, seed: int = 0) -> Outcome:
    """Runs a program once, with random outcomes of teleportations; in the final state, logical qubit q is bit q."""
    machine = Machine(np.random.default_rng(seed), [0] * program.num_bits)
    data = np.flatnonzero(~program.qubit_is_communication).tolist()
    holdings = Holdings({qubit: logical for logical, qubit in enumerate(data[:num_logical])})
    for row, opcode in enumerate(program.opcodes.tolist()):
        kind = int(program.kinds[row])
        first, second = program.qubits[row].tolist()
        reads = program.reads(row)
        parity = sum(machine.bits[bit] for bit, role in reads if role == Role.PARITY) % 2
        if any(machine.bits[bit] != int(role == Role.IF_ONE) for bit, role in reads if role != Role.PARITY):
            continue
        if opcode == Op.GATE:
            operands = (first, second)[: GATES[kind].qubits]
            machine.apply(np.array(GATES[kind].entries(*program.angles[row][: GATES[kind].angles].tolist())), *operands)
            if GATES[kind].name == "cx":
                holdings.cx(first, second)
            elif GATES[kind].name == "swap" and not reads and not program.qubit_is_communication[[first, second]].any():
                holdings.swap(first, second)
        elif opcode == Op.ENTANGLE:
            machine.entangle(first, second)
            holdings.entangle(first, second)
        elif opcode == Op.CORRECT:
            if parity:
                machine.apply(_PAULIS[Pauli(kind)], first)
        elif opcode == Op.RESET:
            machine.clear(first, machine.measure_z(first, event=holdings.owner.get(first)))
        else:
            measure(machine, holdings, program, row)
    homes = holdings.homes()
    if homes is not None:
        for qubit in set(range(program.num_qubits)) - set(homes.values()):
            machine.clear(qubit, machine.measure_z(qubit, event=None))
        machine.keys = sum((machine.keys >> qubit & 1) << logical for logical, qubit in homes.items())
    outcome = machine.outcome()
    outcome.homes = homes
    return outcome


def measure(machine: Machine, holdings: Holdings, program: Program, row: int) -> None:
    """A measurement in the circuit's bits, or one of a teleportation, after which the qubit holds nothing."""
    qubit, basis, bit = int(program.qubits[row, 0]), Pauli(program.kinds[row]), int(program.bits[row])
    communication = bool(program.qubit_is_communication[qubit])
    removed = communication or (basis == Pauli.X and bit >= program.num_clbits)
    for matrix in _TO_Z[basis]:
        machine.apply(matrix, qubit)
    value = machine.measure_z(qubit, event=None if removed else holdings.owner.get(qubit))
    machine.bits[bit] = value
    if removed:
        holdings.owner.pop(qubit, None)
    if communication:
        machine.clear(qubit, value)
    else:
        for matrix in _FROM_Z[basis]:
            machine.apply(matrix, qubit)


def same_state(first: Outcome, second: Outcome) -> bool:
    """Whether two states are equal up to a phase."""
    amplitudes = dict(zip(first.keys.tolist(), first.amplitudes.tolist(), strict=True))
    pairs = zip(second.keys.tolist(), second.amplitudes.tolist(), strict=True)
    overlap = sum(amplitudes.get(key, 0).conjugate() * amplitude for key, amplitude in pairs)
    return abs(abs(overlap) - 1) < 1e-9


def agrees(program: Program, circuit: Circuit, seed: int) -> bool:
    """Whether one random run of the program is a run of the circuit: the same events, bits and final state.

    The first data qubits of the program hold the circuit's qubits at the start; at the end they may be anywhere.
    """
    found = run_program(program, circuit.num_qubits, seed)
    if found.homes is None or sorted(found.homes) != list(range(circuit.num_qubits)):
        return False
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
