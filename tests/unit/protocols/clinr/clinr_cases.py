"""Circuits, checks and networks for CliNR, and an interpreter of Programs, all on Stim and by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import stim

from weft.circuit.gates import GATES
from weft.network import QPU, BellPair, Link, Network
from weft.program import Op, Pauli, Program
from weft.protocols.clinr import Checks, CliffordCircuit, VerifiedCircuit, cut, random_clifford_circuit
from weft.protocols.clinr.pauli_frame import PauliFrame
from weft.protocols.clinr.workspace import Wires, Workspace

STIM = {
    "h": "H",
    "s": "S",
    "sdg": "S_DAG",
    "x": "X",
    "y": "Y",
    "z": "Z",
    "sx": "SQRT_X",
    "sxdg": "SQRT_X_DAG",
    "cx": "CX",
    "cy": "CY",
    "cz": "CZ",
}


def gate_lines(circuit: CliffordCircuit) -> list[tuple[str, list[int]]]:
    """The gates in Stim's names."""
    operands = [[qubit for qubit in pair if qubit >= 0] for pair in circuit.qubits.tolist()]
    return [(STIM[GATES[code].name], pair) for code, pair in zip(circuit.opcodes.tolist(), operands, strict=True)]


def tableau_of(circuit: CliffordCircuit) -> stim.Tableau:
    found = stim.Circuit(f"I {circuit.num_qubits - 1}")
    for name, operands in gate_lines(circuit):
        found.append(name, operands)
    return found.to_tableau()


def pieces_of(qubits: int, gates: int, count: int, seed: int) -> list[CliffordCircuit]:
    """A random circuit in pieces of so many gates."""
    return list(cut(random_clifford_circuit(qubits, gates * count, seed=seed), count))


def joined(blocks: list[CliffordCircuit]) -> CliffordCircuit:
    opcodes, qubits = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("opcodes", "qubits"))
    return CliffordCircuit(blocks[0].num_qubits, opcodes, qubits)


def verified(blocks: list[CliffordCircuit], checks: list[Checks]) -> list[VerifiedCircuit]:
    return [VerifiedCircuit(block, one) for block, one in zip(blocks, checks, strict=True)]


def choi_generators(circuit: CliffordCircuit) -> list[stim.PauliString]:
    """X_A ⊗ C X_B C† and Z_A ⊗ C Z_B C† of each qubit."""
    n, tableau = circuit.num_qubits, tableau_of(circuit)
    found = []
    for kind, image in (("X", tableau.x_output), ("Z", tableau.z_output)):
        for qubit in range(n):
            side = stim.PauliString(n)
            side[qubit] = kind
            found.append(side + image(qubit))
    return found


def random_checks(circuit: CliffordCircuit, count: int, seed: int) -> Checks:
    """Products of random generators, never the identity, with their signs."""
    rng, generators = np.random.default_rng(seed), choi_generators(circuit)
    paulis, signs = np.zeros((count, 2 * circuit.num_qubits), dtype=np.uint8), np.zeros(count, dtype=bool)
    for row in range(count):
        chosen = np.zeros(len(generators), dtype=bool)
        while not chosen.any():
            chosen = rng.integers(2, size=len(generators)).astype(bool)
        product = stim.PauliString(2 * circuit.num_qubits)
        for place in np.flatnonzero(chosen):
            product *= generators[place]
        paulis[row], signs[row] = list(product), product.sign == -1
    return Checks(paulis, signs)


def ring(count: int, qubits: int = 99, **options: float) -> Network:
    """QPUs on a ring of links; `options` are of QPUs, or of links where those have them."""
    of_links = {key: options.pop(key) for key in ("attempt_s", "classical_latency_s") if key in options}
    fidelity = options.pop("pair_fidelity", 1.0)
    communication = options.pop("communication_qubits", None)
    names = [f"Q{k}" for k in range(count)]
    ends = [(k, (k + 1) % count) for k in range(count if count > 2 else count - 1)]
    links = tuple(
        Link(names[a], names[b], **{"attempt_s": 1.0, **of_links}, pair=BellPair.werner(fidelity)) for a, b in ends
    )
    return Network("ring", tuple(QPU(name, qubits, communication, **options) for name in names), links)


@dataclass
class Open:
    """A boundary that leaves the data, entangled with a reference beside them, for a test to look at."""

    reference: tuple[int, ...] = ()
    outputs: list[int] = field(default_factory=list)

    def outcomes(self, _size: int) -> int:
        return 0

    def enter(self, workspace: Workspace, qpu: int) -> Wires:
        kept, inputs = workspace.take(qpu), workspace.take(qpu)
        for one, other in zip(kept.qubits, inputs.qubits, strict=True):
            workspace.builder.gate("h", one)
            workspace.builder.gate("cx", one, other)
        self.reference = kept.qubits
        return inputs

    def leave(self, workspace: Workspace, outputs: Wires, frame: PauliFrame) -> None:
        frame.settle(workspace.builder, outputs.qubits)
        self.outputs = list(outputs.qubits)


class Played(NamedTuple):
    simulator: stim.TableauSimulator
    retries_right: list[bool]


def play(program: Program, seed: int) -> Played:
    """Runs a program once on Stim, row by row; says which blocks had the parity that they want."""
    simulator = stim.TableauSimulator(seed=seed)
    simulator.set_num_qubits(program.num_qubits)
    bits, right = np.zeros(program.num_bits, dtype=int), []
    for row, opcode in enumerate(program.opcodes.tolist()):
        first, second = program.qubits[row].tolist()
        kind, parity = int(program.kinds[row]), sum(bits[bit] for bit, _ in program.reads(row)) % 2
        if opcode == Op.GATE:
            getattr(simulator, STIM[GATES[kind].name].lower())(first, *[q for q in (second,) if q >= 0])
        elif opcode == Op.RESET:
            simulator.reset(first)
        elif opcode == Op.ENTANGLE:
            simulator.reset(first, second)
            simulator.h(first)
            simulator.cx(first, second)
        elif opcode == Op.MEASURE:
            observable = stim.PauliString(f"{Pauli(kind).name}{first}")
            padded = stim.PauliString(program.num_qubits) * observable
            bits[program.bits[row]] = simulator.measure_observable(padded)
        elif opcode == Op.CORRECT and parity:
            getattr(simulator, Pauli(kind).name.lower())(first)
        elif opcode == Op.RETRY:
            right.append(parity == kind)
    return Played(simulator, right)


def holds(played: Played, stabilizer: stim.PauliString, qubits: list[int]) -> bool:
    """Whether qubits are in the +1 eigenstate of a stabilizer."""
    spread = stim.PauliString(max(qubits) + 1)
    for place, pauli in enumerate(stabilizer):
        spread[qubits[place]] = pauli
    spread.sign = stabilizer.sign
    return played.simulator.peek_observable_expectation(spread) == 1
