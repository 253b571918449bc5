"""What the plan of an earlier circuit buys in a variational loop: compiling with a search, and with its plan, and simulating.

QAOA circuits of two layers on rings with chords, one core; milliseconds, medians of 9 angles.

    python benchmarks/variational.py
"""

import time
from statistics import median

import numpy as np
from qiskit.circuit import QuantumCircuit

import weft
from weft.compiler import compile_circuit
from weft.compiler.template import shape_of
from weft.qiskit.circuits import circuit_of


def qaoa(qubits, angles):
    circuit = QuantumCircuit(qubits)
    circuit.h(range(qubits))
    for gamma, beta in angles:
        for qubit in range(qubits):
            circuit.rzz(gamma, qubit, (qubit + 1) % qubits)
        for qubit in range(0, qubits, 2):
            circuit.rzz(gamma, qubit, (qubit + qubits // 2 - 1) % qubits)
        circuit.rx(beta, range(qubits))
    circuit.measure_all()
    return circuit_of(circuit)


def from_plan(template, circuit):
    return template.program(shape_of(circuit))


def timed(function, *arguments, **options):
    started = time.perf_counter()
    answer = function(*arguments, **options)
    return answer, 1e3 * (time.perf_counter() - started)


def main():
    rng = np.random.default_rng(1)
    print(f"{'qubits':>6}  {'network':8} {'search':>7} {'plan':>6} {'simulate 1000 shots':>20}  same program")
    for qubits, name in ((8, "all:2x4"), (16, "all:4x4"), (24, "ring:4x6")):
        network = weft.load_network(name)
        template = compile_circuit(qaoa(qubits, rng.uniform(0.1, 1, (2, 2))), network).template
        searches, plans, runs, same = [], [], [], True
        for trial in range(10):
            circuit = qaoa(qubits, rng.uniform(0.1, 1, (2, 2)))
            searched, search_ms = timed(compile_circuit, circuit, network)
            planned, plan_ms = timed(from_plan, template, circuit)
            same &= searched.program.id == planned.id
            if qubits <= 16:
                _, run_ms = timed(weft.simulate, planned, shots=1000, seed=1, workers=1)
                runs.append(run_ms)
            if trial:  # the first may compile kernels
                searches.append(search_ms)
                plans.append(plan_ms)
        simulated = f"{median(runs[1:]):20.0f}" if runs else f"{'':20}"
        print(
            f"{qubits:6}  {name:8} {median(searches):7.0f} {median(plans):6.1f} {simulated}  {'yes' if same else 'NO'}"
        )


if __name__ == "__main__":
    main()
