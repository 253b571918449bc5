"""Compares ways to run a random Clifford circuit: as it is, with noise reduction on one QPU, and spread over a ring of four.

python examples/clinr.py

All on the ordinary simulator, part by part with restarts. The logical error is the probability that the output carries a Pauli that
it should not; it is estimated from random stabilizers of the output and a reference that the input is entangled with.
"""

import weft
from weft.network import Network
from weft.program import Program
from weft.protocols.clinr import (
    Noise,
    Probe,
    choose_checks,
    clinr_program,
    clinr_tree,
    direct_program,
    logical_error,
    part_runs,
    random_clifford_circuit,
    ring_machine,
    with_reference,
)

QUBITS, RATE, TAU_E = 20, 1e-3, 5.0
PROBES, SHOTS = 16, 1_000
NOISE = Noise.uniform(RATE)
CIRCUIT = random_clifford_circuit(QUBITS, QUBITS**2, seed=1)


def program(form: str, network: Network, boundary: Probe) -> Program:
    """The circuit in one of its forms."""
    if form == "direct":
        return direct_program(CIRCUIT, network, boundary=boundary)
    tree = clinr_tree(CIRCUIT, parts=(4,), checks=(3,), seed=1)
    return clinr_program(tree, network, boundary=boundary, injection="any_order")


def main() -> None:
    """Prints a line for each form."""
    stabilizers = choose_checks(CIRCUIT, PROBES, seed=2)
    probes = [Probe(pauli, sign) for pauli, sign in zip(stabilizers.paulis, stabilizers.signs.tolist(), strict=True)]
    readings = [(1 - 2 * RATE) ** probe.readings for probe in probes]
    print(
        f"{QUBITS} qubits, {CIRCUIT.two_qubit_gates} two-qubit gates, p = {RATE}, a Bell pair in {TAU_E:g} gate times\n"
    )
    print(f"{'form':8} {'QPUs':>4} {'pairs':>6} {'logical error':>16} {'acceptance':>11} {'makespan, gate times':>21}")
    for form, qpus in (("direct", 1), ("one QPU", 1), ("ring", 4)):
        machine = ring_machine(qpus, QUBITS, NOISE, tau_e=TAU_E)
        programs = [program(form, with_reference(machine, QUBITS), probe) for probe in probes]
        results = [  # each with a seed of its own, or they would see the same faults
            weft.simulate(each, shots=SHOTS, seed=seed, backend="stabilizer") for seed, each in enumerate(programs)
        ]
        wrong = [result.counts.get("1", 0) for result in results]
        error, spread = logical_error(wrong, SHOTS, QUBITS, readings)
        parts = part_runs(programs[0], results[0].supply.block_runs, SHOTS)
        accepted = f"{sum(part.acceptance for part in parts) / len(parts):.3f}" if parts else "—"
        pairs, makespan = programs[0].ebits - QUBITS, results[0].makespan.mean
        print(f"{form:8} {qpus:4} {pairs:6} {error:8.3f} ± {spread:.3f} {accepted:>11} {makespan:21.0f}")


if __name__ == "__main__":
    main()
