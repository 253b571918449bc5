"""An interpreter of programs that shares nothing with Weft's backends but the instruction set and the matrices of gates.

Density matrices over all qubits of a program, one for each value of all bits, as plain 2ⁿ × 2ⁿ matrices; every channel is a list of
Kraus operators built with `np.kron`. Slow, and for at most six qubits.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import schur
from scipy.special import erfcx

from weft.circuit.gates import matrix_of
from weft.program import Op, Pauli, Role

I2, X, Y, Z = (
    np.array(m, dtype=complex) for m in ([[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])
)
PAULIS = {0: I2, Pauli.X: X, Pauli.Y: Y, Pauli.Z: Z}
R = np.sqrt(0.5)
EIGENSTATES = {Pauli.Z: ([1, 0], [0, 1]), Pauli.X: ([R, R], [R, -R]), Pauli.Y: ([R, 1j * R], [R, -1j * R])}


def over_rotated(matrix, excess):
    """U^(1+ε) by Schur's decomposition, eigenphases in (−π, π]."""
    triangular, basis = schur(np.array(matrix, dtype=complex), output="complex")
    phases = np.angle(np.diag(triangular))
    phases = np.where(phases < -np.pi + 1e-8, np.pi, phases)
    return basis @ np.diag(np.exp(1j * (1 + excess) * phases)) @ basis.conj().T


def damping_operators(probability):
    return [np.diag([1, np.sqrt(1 - probability)]), np.array([[0, np.sqrt(probability)], [0, 0]])]


class Interpreter:
    """Plays one timeline with some causes of noise on."""

    def __init__(self, program, timelines, shot, causes, *, inputs_wait=False, keep=frozenset()):
        self.program, self.causes, self.keep = program, set(causes), keep
        self.start, self.end = timelines.start_s[:, shot], timelines.end_s[:, shot]
        self.count = program.num_qubits
        zero = np.zeros((2**self.count, 2**self.count), dtype=complex)
        zero[0, 0] = 1
        self.states = {(0,) * program.num_bits: zero}
        self.free_since = [0.0 if inputs_wait else None] * self.count
        self.last_row = {qubit: row for row, operands in enumerate(program.qubits.tolist()) for qubit in operands}

    def on(self, operator, *qubits):
        """The operator on some qubits, as a matrix on all, qubit 0 the most significant."""
        tensor = np.asarray(operator).reshape((2,) * (2 * len(qubits)))
        rest = [qubit for qubit in range(self.count) if qubit not in qubits]
        full = np.kron(tensor.reshape(2 ** len(qubits), -1), np.eye(2 ** len(rest))).reshape((2,) * (2 * self.count))
        order = np.argsort([*qubits, *rest])
        return full.transpose([*order, *(self.count + order)]).reshape(2**self.count, -1)

    def channel(self, states, kraus):
        return {bits: sum(k @ rho @ k.conj().T for k in kraus) for bits, rho in states.items()}

    def run(self):
        for row in range(len(self.program)):
            self.row(row)
        return self.states

    def row(self, row):
        program = self.program
        qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        opcode = program.opcodes[row]
        if opcode != Op.ENTANGLE and "waiting" in self.causes:
            for qubit in qubits:
                if self.free_since[qubit] is not None:
                    self.wait(qubit, self.start[row] - self.free_since[qubit])
        if opcode == Op.ENTANGLE and "waiting" in self.causes:
            self.disturb(row)
        for qubit in qubits:
            self.free_since[qubit] = self.end[row]
        if row in self.keep:
            return
        reads = program.reads(row)
        happens = {
            bits: all(bits[bit] == (role == Role.IF_ONE) for bit, role in reads if role != Role.PARITY)
            for bits in self.states
        }
        idle = {bits: rho for bits, rho in self.states.items() if not happens[bits]}
        active = {bits: rho for bits, rho in self.states.items() if happens[bits]}
        changed = self.act(row, opcode, qubits, reads, active)
        self.states = idle
        for bits, rho in changed:
            self.states[bits] = self.states.get(bits, 0) + rho

    def act(self, row, opcode, qubits, reads, active):
        program, kind = self.program, int(self.program.kinds[row])
        qpu = program.network.qpus[program.qubit_qpus[qubits[0]]]
        readout = "measurement_and_feed_forward" in self.causes
        if opcode == Op.GATE:
            return self.gate(matrix_of(kind, program.angles[row]), qubits, qpu, active).items()
        if opcode == Op.ENTANGLE:
            link = program.network.links[program.links[row]]
            pair = link.pair.matrix
            if link.timing_jitter_s:
                ratio = link.timing_jitter_s / link.photon_lifetime_s / np.sqrt(2)
                sign = np.diag([1, 1, -1, -1])
                visibility = erfcx(ratio)
                pair = (1 + visibility) / 2 * pair + (1 - visibility) / 2 * sign @ pair @ sign
            if "bell_pairs" not in self.causes:
                pair = np.outer([R, 0, 0, R], [R, 0, 0, R])
            values, vectors = np.linalg.eigh(pair)
            ground = np.array([[1, 0, 0, 0]])
            kraus = [
                self.on(np.sqrt(max(value, 0)) * vector[:, None] @ ground, *qubits)
                for value, vector in zip(values, vectors.T, strict=True)
            ]
            return self.channel(active, kraus).items()
        if opcode == Op.RESET:
            wrong = qpu.reset_error if readout else 0.0
            ups, downs = np.array([[0, 0], [1, 0]]), np.array([[1, 0], [0, 0]])
            kraus = [
                np.sqrt(1 - wrong) * downs,
                np.sqrt(1 - wrong) * ups.T,
                np.sqrt(wrong) * ups,
                np.sqrt(wrong) * (X @ ups.T),
            ]
            return self.channel(active, [self.on(k, qubits[0]) for k in kraus]).items()
        if opcode == Op.CORRECT:
            return [
                (bits, next(iter(self.channel({bits: rho}, [self.on(PAULIS[kind], qubits[0])]).values())))
                if sum(bits[bit] for bit, _ in reads) % 2
                else (bits, rho)
                for bits, rho in active.items()
            ]
        return list(self.measure(row, qubits[0], kind, qpu.measurement_error if readout else 0.0, active))

    def measure(self, row, qubit, basis, wrong, active):
        written = int(self.program.bits[row])
        for bits, rho in active.items():
            for outcome, state in enumerate(EIGENSTATES[basis]):
                after = np.array([1, 0]) if self.program.qubit_is_communication[qubit] else np.array(state)
                kraus = self.on(np.outer(after, np.conj(state)), qubit)
                projected = kraus @ rho @ kraus.conj().T
                for recorded, weight in ((outcome, 1 - wrong), (1 - outcome, wrong)):
                    yield (*bits[:written], recorded, *bits[written + 1 :]), weight * projected

    def gate(self, matrix, qubits, qpu, states):
        if "local_gates" not in self.causes:
            return self.channel(states, [self.on(matrix, *qubits)])
        size = "one" if len(qubits) == 1 else "two"
        error, paulis, damping, excess = (
            getattr(qpu, f"{size}_qubit_{key}")
            for key in ("gate_error", "pauli_errors", "gate_damping", "over_rotation")
        )
        states = self.channel(states, [self.on(over_rotated(matrix, excess), *qubits)])
        for qubit in qubits:
            states = self.channel(states, [self.on(k, qubit) for k in damping_operators(damping)])
        kraus = [np.sqrt(1 - sum(p for _, p in paulis)) * np.eye(2**self.count)]
        for name, probability in paulis:
            operator = np.eye(1)
            for letter in name:
                operator = np.kron(operator, {"I": I2, "X": X, "Y": Y, "Z": Z}[letter])
            kraus.append(np.sqrt(probability) * self.on(operator, *qubits))
        return self.depolarise(self.channel(states, kraus), qubits, error)

    def disturb(self, row):
        """Every attempt may flip the phase of a data qubit beside the link that holds something and is used again."""
        link = self.program.network.links[self.program.links[row]]
        attempts = round((self.end[row] - self.start[row]) / link.attempt_s)
        flip = 0.0
        for _ in range(attempts):
            flip = flip * (1 - link.crosstalk_flip_probability) + (1 - flip) * link.crosstalk_flip_probability
        for qubit, owner in enumerate(self.program.qubit_qpus.tolist()):
            beside = self.program.network.qpus[owner].name in {link.a, link.b}
            holds = self.free_since[qubit] is not None and self.last_row.get(qubit, -1) > row
            if beside and holds and not self.program.qubit_is_communication[qubit]:
                kraus = [np.sqrt(1 - flip) * I2, np.sqrt(flip) * Z]
                self.states = self.channel(self.states, [self.on(k, qubit) for k in kraus])

    def depolarise(self, states, qubits, infidelity):
        """Mixes with the identity such that the average infidelity over inputs is as given: F_avg = 1 − q (d − 1)/d."""
        dimension = 2 ** len(qubits)
        mixing = infidelity * dimension / (dimension - 1)
        everything = [np.eye(1)]
        for _ in qubits:
            everything = [np.kron(a, b) for a in everything for b in PAULIS.values()]
        kraus = [np.sqrt(mixing) / dimension * self.on(pauli, *qubits) for pauli in everything]
        kraus.append(np.sqrt(1 - mixing) * np.eye(2**self.count))
        return self.channel(states, kraus)

    def wait(self, qubit, time):
        qpu = self.program.network.qpus[self.program.qubit_qpus[qubit]]
        t1, t2 = qpu.coherence(bool(self.program.qubit_is_communication[qubit]))
        interval = qpu.decoupling_interval_s
        pulsed = interval is not None and np.isfinite(t2) and time >= interval
        if qpu.dephasing == "exponential":
            coherence = np.exp(-time * (1 / t2 - 1 / (2 * t1)))
        elif pulsed:
            coherence = np.exp(-((time / (t2 * (time / interval) ** (2 / 3))) ** 3))
        else:
            coherence = np.exp(-((time / t2) ** 2))
        flip = (1 - coherence) / 2
        dephasing = [np.sqrt(1 - flip) * I2, np.sqrt(max(flip, 0)) * Z]
        for kraus in (damping_operators(1 - np.exp(-time / t1)), dephasing):
            self.states = self.channel(self.states, [self.on(k, qubit) for k in kraus])
        if pulsed:
            left = (1 - 2 * qpu.one_qubit_gate_error) ** (
                time / interval
            )  # one pulse leaves 1 − 2e of the Bloch vector
            self.states = self.depolarise(self.states, [qubit], (1 - left) / 2)

    def distribution(self):
        """Of the circuit's own bits: {bits: probability}."""
        answer: dict[tuple[int, ...], float] = {}
        for bits, rho in self.states.items():
            key = bits[: self.program.num_clbits]
            answer[key] = answer.get(key, 0.0) + float(np.trace(rho).real)
        return answer

    def data_state(self):
        """The state of the data qubits, whatever the bits."""
        rho = sum(self.states.values()).reshape((2,) * (2 * self.count))
        keep = np.flatnonzero(~self.program.qubit_is_communication).tolist()
        row = list(range(self.count))
        column = [self.count + qubit if qubit in keep else qubit for qubit in row]
        out = [*keep, *(self.count + qubit for qubit in keep)]
        return np.einsum(rho, [*row, *column], out).reshape(2 ** len(keep), -1)
