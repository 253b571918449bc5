"""Wins of distributed noise reduction, as Programs on the ordinary scheduler and simulator.

    python benchmarks/clinr_programs.py [--qubits N] [--density F] [--pair-error EPS] [--idle-error Q] [--probes N] [--shots N]

A random circuit of s = F n² gates, of which one is expected to fail (p = 1/s); four checks in sequence, whole blocks, any order,
four QPUs, a Bell pair in five gate times. Programs start each gate when its qubits are free. "±" is a standard error. Without
options pairs have an infidelity of 0.01 and nothing decays; `--pair-error 3e-6 --idle-error 1e-5` is for good pairs and qubits that
decay as they wait; halves of pairs decay as well, so that it matters whether links make them at once or just in time.
"""

from __future__ import annotations

import argparse
import functools
import math

import numpy as np

import weft
from weft.protocols.clinr import (
    Noise,
    Probe,
    choose_checks,
    clinr_program,
    clinr_tree,
    direct_program,
    logical_error,
    random_clifford_circuit,
    ring_machine,
    with_reference,
)
from weft.scheduler import Policy

PAIR_TIME, CHECKS = 5.0, 4


def measure(program_of, circuit, network, noise, policy, probes, shots):
    """Logical error and makespan, each with its standard error."""
    chosen, wrong, lost, makespans = choose_checks(circuit, probes, seed=2), [], [], []
    reference = with_reference(network, circuit.num_qubits)
    for seed, (pauli, sign) in enumerate(zip(chosen.paulis, chosen.signs.tolist(), strict=True)):
        probe = Probe(pauli, sign)
        result = weft.simulate(
            program_of(network=reference, boundary=probe), shots=shots, seed=seed, backend="stabilizer", policy=policy
        )
        wrong.append(result.counts.get("1", 0))
        lost.append((1 - 2 * noise.measurement) ** probe.readings)
        makespans.append(result.makespan.mean)
    error = logical_error(wrong, shots, circuit.num_qubits, lost)
    return *error, np.mean(makespans), np.std(makespans, ddof=1) / math.sqrt(probes)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, default=20)
    parser.add_argument("--density", type=float, default=8.0)
    parser.add_argument("--pair-error", type=float, default=0.01)
    parser.add_argument("--idle-error", type=float, default=0.0)
    parser.add_argument("--probes", type=int, default=32)
    parser.add_argument("--shots", type=int, default=500)
    chosen = parser.parse_args()
    n = chosen.qubits
    circuit = random_clifford_circuit(n, round(chosen.density * n**2), seed=1)
    noise = Noise.uniform(1 / circuit.two_qubit_gates, pair=chosen.pair_error, idle=chosen.idle_error)
    tree = clinr_tree(circuit, parts=(4,), checks=(CHECKS,), seed=1)
    print(f"n = {n}, s = {circuit.two_qubit_gates}, p = {noise.two_qubit:.3g}, ε = {noise.pair:g}, idle {noise.idle:g}")
    print(f"{'form':<19} {'logical error':>16} {'makespan, gate times':>22}")
    clinr = functools.partial(clinr_program, tree, injection="any_order")
    forms = {
        "direct": (1, functools.partial(direct_program, circuit), Policy()),
        "one QPU": (1, clinr, Policy()),
        "ring": (4, clinr, Policy()),
        "ring, just in time": (4, clinr, Policy("just_in_time")),
    }
    for form, (qpus, program_of, policy) in forms.items():
        network = ring_machine(qpus, n, noise, tau_e=PAIR_TIME)
        error, spread, makespan, deviation = measure(
            program_of, circuit, network, noise, policy, chosen.probes, chosen.shots
        )
        print(f"{form:<19} {error:>8.3f} ± {spread:.3f} {makespan:>14.0f} ± {deviation:.0f}", flush=True)


if __name__ == "__main__":
    main()
