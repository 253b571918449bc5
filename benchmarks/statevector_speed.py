"""Times noisy shots of a distributed non-Clifford circuit, and Qiskit Aer's of the same circuit on one processor.

    python benchmarks/statevector_speed.py [--qubits 20] [--depth 20] [--shots 1000] [--aer-shots 20] [--errors 2 0.15]

The circuit is layers of random one-qubit gates and of cp, rzz and cx on random pairs, on four QPUs. All noise of the default
hardware is scaled together, until a shot has as many Pauli errors that change its state as asked for, on average. Aer's noise is
depolarising after each two-qubit gate, with the same number of errors. Aer runs on one core, and both in single precision; CPU time
is counted. Weft's is that of the whole simulation, with timelines and all stages of the error budget; compiling is not in it.
Below one error per shot Aer's shot branching gets as many shots as Weft, because it shares work, otherwise `--aer-shots`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error

import weft
from weft.network import BellPair, Network
from weft.program import Program
from weft.scheduler import schedule
from weft.simulator import statevector
from weft.simulator.faults import draw_faults
from weft.simulator.noise import noise_of

TWO_QUBIT_GATES = ("cp", "rzz", "cx")
SETTINGS = {
    "fused": {},
    "fused to 3 qubits": {"fusion_max_qubit": 3},
    "shot branching": {"shot_branching_enable": True, "shot_branching_sampling_enable": True},
}


def random_circuit(qubits: int, depth: int, seed: int) -> QuantumCircuit:
    """Layers of random one-qubit gates and of two-qubit gates on random pairs; measured in full."""
    generator = np.random.default_rng(seed)
    circuit = QuantumCircuit(qubits, qubits)
    for _ in range(depth):
        for qubit in range(qubits):
            circuit.u(*generator.uniform(-np.pi, np.pi, 3), qubit)
        order = generator.permutation(qubits).tolist()
        for pair in zip(order[::2], order[1::2], strict=False):
            name, angle = generator.choice(TWO_QUBIT_GATES), generator.uniform(-np.pi, np.pi)
            getattr(circuit, name)(*([] if name == "cx" else [angle]), *pair)
    circuit.measure(range(qubits), range(qubits))
    return circuit


def scaled(network: Network, factor: float) -> Network:
    """The same network with all noise so many times as strong."""
    errors = ("one_qubit_gate_error", "two_qubit_gate_error", "measurement_error", "reset_error")
    qpus = tuple(
        replace(qpu, t2_s=qpu.t2_s / factor, **{name: getattr(qpu, name) * factor for name in errors})
        for qpu in network.qpus
    )
    links = tuple(replace(link, pair=BellPair.werner(1 - factor * (1 - link.pair.fidelity))) for link in network.links)
    return replace(network, qpus=qpus, links=links)


def errors_per_shot(program: Program, shots: int) -> float:
    """How many faults change the state, on average."""
    plan = statevector._dense_plan(program)  # noqa: SLF001  # to count the faults that `simulate` would meet
    faults = draw_faults(program, noise_of(program), schedule(program, shots, 0), np.random.default_rng(0), twirl=False)
    columns = zip(*(getattr(faults, name).tolist() for name in ("row", "when", "qubit", "pauli")), strict=True)
    count = 0
    for fault in columns:
        variables = set(plan.circuit.slots.of_fault(*fault))
        count += bool(plan.history(variables)) or plan.is_orthogonal(variables)
    return count / shots


def weft_seconds(program: Program, shots: int) -> float:
    """CPU time of a shot."""
    weft.simulate(program, shots=2, seed=9, backend="statevector")  # compiles kernels, traces communication qubits out
    start = time.process_time()
    result = weft.simulate(program, shots=shots, seed=1, backend="statevector", workers=1)
    seconds = (time.process_time() - start) / shots
    print(f"  weft: {seconds * 1e3:.1f} ms; fidelity {result.fidelity.value}, {result.ebits} ebits")
    return seconds


def aer_seconds(circuit: QuantumCircuit, errors: float, few: int, many: int) -> float:
    """CPU time of a shot, with the best settings."""
    noise = NoiseModel()
    each = errors / sum(circuit.count_ops()[name] for name in TWO_QUBIT_GATES)
    noise.add_all_qubit_quantum_error(depolarizing_error(each * 16 / 15, 2), list(TWO_QUBIT_GATES))
    best = np.inf
    for name, options in SETTINGS.items():
        shots = many if "branching" in name and errors < 1 else few
        simulator = AerSimulator(
            method="statevector", noise_model=noise, precision="single", max_parallel_threads=1, **options
        )
        start = time.process_time()
        simulator.run(circuit, shots=shots, seed_simulator=1).result()
        seconds = (time.process_time() - start) / shots
        print(f"  aer, {name}: {seconds * 1e3:.1f} ms")
        best = min(best, seconds)
    return best


def ratios(
    wanted: list[float], *, qubits: int, depth: int, shots: int, aer_shots: int
) -> Iterator[tuple[float, float]]:
    """For each number of errors per shot, how many times longer Aer takes."""
    circuit = random_circuit(qubits, depth, seed=1)
    network = weft.load_network(f"all:4x{-(-qubits // 4)}")
    program = weft.compile(weft.load_circuit(circuit), network, seed=1)
    strength = errors_per_shot(program, 400)
    for errors in wanted:
        struck = replace(program, network=scaled(network, errors / strength))
        print(f"{errors} errors per shot (found {errors_per_shot(struck, 400):.3f})")
        ours = weft_seconds(struck, shots)
        yield errors, aer_seconds(circuit, errors, aer_shots, shots) / ours


def main() -> None:
    """Prints both, for each number of errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, default=20)
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--aer-shots", type=int, default=20)
    parser.add_argument("--errors", type=float, nargs="*", default=[2.0, 0.15])
    options = parser.parse_args()
    for _, ratio in ratios(
        options.errors,
        qubits=options.qubits,
        depth=options.depth,
        shots=options.shots,
        aer_shots=options.aer_shots,
    ):
        print(f"  aer / weft: {ratio:.1f}")


if __name__ == "__main__":
    main()
