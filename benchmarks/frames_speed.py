"""Measures Pauli frames with waiting, and Stim's own sampler on the same circuits with constant noise.

    python benchmarks/frames_speed.py [--shots 1] [--repeats 5] [--json FILE]

Two programs: a teleported CNOT over one link, and a Clifford program on 100 qubits with 10,000 two-qubit gates of which 2,000 are
remote, on 4 QPUs of 2 communication qubits each. Weft plays every shot in time, charges each qubit for its own waiting and keeps
all stages of the error budget; Stim waits as long on average, the same in every shot, and has one stage. Figures are shots per
CPU second of one core, best of several, after kernels are compiled and programs are planned.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import stim

from weft.circuit.gates import GATES
from weft.network import QPU, BellPair, Link, Network
from weft.program import Op, Pauli, Program, ProgramBuilder
from weft.scheduler import Player, schedule
from weft.simulator.frames.clifford import clifford_gate
from weft.simulator.noise import Noise, noise_of
from weft.simulator.stabilizer import Stabilizer

HARDWARE = {
    "one_qubit_gate_s": 1e-6, "two_qubit_gate_s": 1e-5, "measurement_s": 5e-5, "reset_s": 1e-5,
    "one_qubit_gate_error": 1e-5, "two_qubit_gate_error": 1e-4, "measurement_error": 1e-3, "reset_error": 1e-4,
}  # fmt: skip


def network(qpus: int, data: int, communication: int, fidelity: float, t1_s: float, t2_s: float) -> Network:
    """QPUs that are all linked to each other."""
    made = tuple(QPU(chr(65 + k), data, communication, t1_s=t1_s, t2_s=t2_s, **HARDWARE) for k in range(qpus))
    links = tuple(
        Link(made[a].name, made[b].name, 1e-5, 0.05, pair=BellPair.werner(fidelity))
        for a in range(qpus)
        for b in range(a + 1, qpus)
    )
    return Network("benchmark", made, links)


class Writer:
    """Writes local and remote two-qubit gates."""

    def __init__(self, on: Network, data: int, communication: int) -> None:
        self.builder = ProgramBuilder(on, num_clbits=len(on.qpus) * data)
        self.data = data
        self.qubits = [
            self.builder.add_qubit(f"{qpu.name}.d{k}", position)
            for position, qpu in enumerate(on.qpus)
            for k in range(data)
        ]
        self.free = [
            [self.builder.add_qubit(f"{qpu.name}.c{k}", position, communication=True) for k in range(communication)]
            for position, qpu in enumerate(on.qpus)
        ]
        self.links = {frozenset((on.index[link.a], on.index[link.b])): number for number, link in enumerate(on.links)}

    def gate(self, name: str, control: int, target: int) -> None:
        """A controlled Pauli; if its qubits are on two QPUs, by gate teleportation (Eisert et al., PRA 62, 052317 (2000))."""
        here, there = control // self.data, target // self.data
        if here == there:
            self.builder.gate(name, control, target)
            return
        a, b = self.free[here].pop(0), self.free[there].pop(0)
        first, second = self.builder.new_bit(), self.builder.new_bit()
        self.builder.entangle(self.links[frozenset((here, there))], a, b)
        self.builder.gate("cx", control, a)
        self.builder.measure(a, first)
        self.builder.correct(Pauli.X, b, [first])
        self.builder.gate(name, b, target)
        self.builder.measure(b, second, basis=Pauli.X)
        self.builder.correct(Pauli.Z, control, [second])
        self.free[here].append(a)
        self.free[there].append(b)

    def measured(self) -> Program:
        """The program, measured in full."""
        for bit, qubit in enumerate(self.qubits):
            self.builder.measure(qubit, bit)
        return self.builder.build()


def teleported_cnot() -> Program:
    """One CNOT between two QPUs on |+0⟩."""
    writer = Writer(network(2, 1, 1, 0.95, 1.0, 0.1), 1, 1)
    writer.builder.gate("h", 0)
    writer.gate("cx", 0, 1)
    return writer.measured()


def clifford_100(gates: int = 10_000, remote: int = 2_000) -> Program:
    """Random controlled Paulis, with an H or S for every fourth."""
    writer = Writer(network(4, 25, 2, 0.999, 100.0, 50.0), 25, 2)
    generator = np.random.default_rng(1)
    crosses = generator.permutation(np.arange(gates) < remote)
    for number, crossing in enumerate(crosses.tolist()):
        control, target = generator.choice(100, 2, replace=False).tolist()
        while (control // 25 != target // 25) != crossing:
            control, target = generator.choice(100, 2, replace=False).tolist()
        if number % 4 == 0:
            writer.builder.gate(("h", "s")[generator.integers(2)], control)
        writer.gate(("cx", "cz")[generator.integers(2)], control, target)
    return writer.measured()


def stim_circuit(program: Program, noise: Noise) -> stim.Circuit:
    """The same circuit with the same noise, each waiting time replaced by its mean."""
    timelines = schedule(program, 256, 0)
    circuit, held, measurements = stim.Circuit(), {}, 0
    for row, opcode in enumerate(program.opcodes.tolist()):
        operands = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        for operand, qubit in enumerate(operands):
            if noise.waits[row, operand]:
                t = float(noise.idle_s(timelines, row, operand).mean())
                flips, phase_flips = noise.idling.hazards(np.array([qubit]), np.array([[t]]), relaxation=True)
                x, z = -np.expm1(-4 * flips.item()) / 4, -np.expm1(-2 * (flips + phase_flips).item()) / 2
                if t > 0:
                    circuit.append("PAULI_CHANNEL_1", [qubit], [x, x, z - x])
        if opcode == Op.GATE:
            code = int(program.kinds[row])
            for name, places in clifford_gate(code, tuple(program.angles[row, : GATES[code].angles])).steps:
                circuit.append(name, [operands[place] for place in places])
            if noise.gate_weight[row] > 0:
                circuit.append(f"DEPOLARIZE{len(operands)}", operands, noise.gate_weight[row])
        elif opcode == Op.ENTANGLE:
            circuit.append("R", operands)
            circuit.append("H", operands[:1])
            circuit.append("CX", operands)
            weights = noise.pairs[program.links[row]].bell_weights
            circuit.append("PAULI_CHANNEL_1", operands[1:], [weights[2], weights[3], weights[1]])
        elif opcode == Op.MEASURE:
            circuit.append(f"M{Pauli(program.kinds[row]).name}", operands, noise.flip_probability[row])
            held[int(program.bits[row])] = measurements
            measurements += 1
        else:
            for bit, _ in program.reads(row):
                target = stim.target_rec(held[bit] - measurements)
                circuit.append(f"C{Pauli(program.kinds[row]).name}", [target, operands[0]])
    return circuit


def rate(run: Callable[[], object], shots: int, repeats: int) -> float:
    """Shots per CPU second, best of several."""
    seconds = []
    for _ in range(repeats):
        began = time.process_time()
        run()
        seconds.append(time.process_time() - began)
    return shots / min(seconds)


def measure(program: Program, shots: int, stim_shots: int, repeats: int) -> dict[str, float]:
    """Shots per second of Weft, streamed and from stored timelines, and of Stim."""
    backend, noise = Stabilizer(), noise_of(program)
    assert backend.refusal(program) is None
    seeds = np.random.SeedSequence(1).spawn(2)
    player = Player(program)
    streamed = lambda: backend.run_streamed(player, noise, shots, *seeds)
    streamed()
    few = min(shots, 2**14 if len(program) < 100 else 256)
    timelines = schedule(program, few, 0)
    stored = lambda: backend.run(program, noise, timelines, seeds[1])
    stored()
    sampler = stim_circuit(program, noise).compile_sampler(seed=1)
    batch = streamed().batch
    return {
        "rows": len(program),
        "weft": rate(streamed, shots, repeats),
        "weft, times given": rate(stored, few, repeats),
        "stim, constant noise": rate(lambda: sampler.sample(stim_shots), stim_shots, repeats),
        "fidelity": float(batch.overlaps[-1].mean()),
    }


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=float, default=1.0, help="how many, relative to the usual")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    small, large = int(2**16 * options.shots), int(2**11 * options.shots)
    found = {
        "teleported CNOT": measure(teleported_cnot(), small, small, options.repeats),
        "Clifford, 100 qubits": measure(clifford_100(), large, large, options.repeats),
    }
    for name, figures in found.items():
        print(name, {key: f"{value:.4g}" for key, value in figures.items()})
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
