"""qiskit-addon-cutting on one case of `cutting.py`: reads a task as JSON, prints values, shots and CPU seconds as JSON.

    python benchmarks/cutting_peer.py < TASK

Run by a Python that has qiskit-addon-cutting and qiskit-aer. As its documentation has it: partition, generate all experiments,
sample each with the same number of shots, reconstruct.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from qiskit import QuantumCircuit, qasm2
from qiskit.quantum_info import PauliList
from qiskit_addon_cutting import (
    cut_wires,
    expand_observables,
    generate_cutting_experiments,
    partition_problem,
    reconstruct_expectation_values,
)
from qiskit_addon_cutting.instructions import CutWire
from qiskit_aer.primitives import SamplerV2


def with_wires_cut(circuit: QuantumCircuit, wires: list[int]) -> QuantumCircuit:
    """The circuit with marks where its second half begins on some wires."""
    answer = QuantumCircuit(circuit.num_qubits)
    half = len(circuit.data) // 2
    for place, instruction in enumerate(circuit.data):
        if place == half:
            for wire in wires:
                answer.append(CutWire(), [wire])
        answer.append(instruction.operation, [circuit.find_bit(qubit).index for qubit in instruction.qubits])
    return answer


def main() -> None:
    """Runs the task."""
    task = json.load(sys.stdin)
    circuit = qasm2.loads(task["qasm"])
    started = time.process_time()
    labels = task["labels"] or None
    paulis = PauliList(task["observables"])
    if task["wires"]:
        marked = with_wires_cut(circuit, task["wires"])
        circuit = cut_wires(marked)
        paulis = expand_observables(paulis, marked, circuit)
        labels = None
    problem = partition_problem(circuit=circuit, partition_labels=labels, observables=paulis)
    experiments, coefficients = generate_cutting_experiments(
        circuits=problem.subcircuits, observables=problem.subobservables, num_samples=np.inf
    )
    sampler = SamplerV2(seed=1)
    results, count = {}, 0
    for label, some in experiments.items():
        results[label] = sampler.run(some, shots=task["shots"]).result()
        count += len(some)
    values = reconstruct_expectation_values(results, coefficients, problem.subobservables)
    seconds = time.process_time() - started
    print(json.dumps({"values": [float(v) for v in values], "shots": count * task["shots"], "cpu_seconds": seconds}))


if __name__ == "__main__":
    main()
