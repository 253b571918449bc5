"""Clifford noise reduction: the fast engine against the ordinary simulator, on the same checks and the same noise.

    python benchmarks/clinr_engines.py [--probes N] [--shots N]

Acceptance of each block and the logical error, on one QPU and over four; "apart" is their difference in standard errors of it,
which should stay below 3 but for chance. The simulator asks for random stabilizers of what comes out, and plays all restarts.
"""

from __future__ import annotations

import argparse
import math

import weft
from weft.protocols.clinr import (
    Noise,
    Probe,
    Scheme,
    VerifiedCircuit,
    choose_checks,
    clinr_program,
    compare,
    cut,
    logical_error,
    part_runs,
    random_clifford_circuit,
    ring_machine,
    with_reference,
)
from weft.protocols.clinr.blocks import make_blocks

CASES = ((3, 30, 5e-3), (20, 400, 1e-3))
ENGINE_SHOTS = 200_000


def deviation(share, trials):
    return math.sqrt(share * (1 - share) / trials)


def row(case, engine, simulator, error):
    print(f"{case:<44} {engine:>8.4f} {simulator:>10.4f} {abs(engine - simulator) / error:>8.1f}", flush=True)


def simulate(circuit, noise, qpus, probes, shots):
    """Logical error, its standard error, and (accepted, prepared) of each block."""
    parts = [
        VerifiedCircuit(part, block.checks)
        for part, block in zip(cut(circuit, 4), make_blocks(circuit, Scheme()), strict=True)
    ]
    network = with_reference(ring_machine(qpus, circuit.num_qubits, noise), circuit.num_qubits)
    chosen, wrong, lost, runs = choose_checks(circuit, probes, seed=9), [], [], []
    for seed, (pauli, sign) in enumerate(zip(chosen.paulis, chosen.signs.tolist(), strict=True)):
        probe = Probe(pauli, sign)
        program = clinr_program(parts, network, injection="any_order", boundary=probe)
        result = weft.simulate(program, shots=shots, seed=seed, backend="stabilizer")
        wrong.append(result.counts.get("1", 0))
        lost.append((1 - 2 * noise.measurement) ** probe.readings)
        runs.append(part_runs(program, result.supply.block_runs, shots))
    blocks = [[sum(run[block][place] for run in runs) for place in (0, 1)] for block in range(4)]
    return *logical_error(wrong, shots, circuit.num_qubits, lost), blocks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", type=int, default=32)
    parser.add_argument("--shots", type=int, default=1_000)
    chosen = parser.parse_args()
    print(f"{'':<44} {'engine':>8} {'simulator':>10} {'apart':>8}")
    for qubits, gates, p in CASES:
        circuit, noise = random_clifford_circuit(qubits, gates, seed=1), Noise.uniform(p)
        comparison = compare(circuit, noise, shots=ENGINE_SHOTS)
        for form, qpus, measures in (("one QPU", 1, comparison.one_qpu[-1]), ("ring", 4, comparison.distributed[-1])):
            name = f"n = {qubits}, p = {p:g}, {form}"
            error, spread, blocks = simulate(circuit, noise, qpus, chosen.probes, chosen.shots)
            for number, (accepted, prepared) in enumerate(blocks):
                known, found = measures.acceptance[number].value, accepted / prepared
                errors = deviation(known, ENGINE_SHOTS), deviation(found, prepared)
                row(f"{name}: acceptance, block {number + 1}", known, found, math.hypot(*errors))
            known, sampled = measures.logical_error.value, int(measures.residual_weights.sum())
            row(f"{name}: logical error", known, error, math.hypot(spread, deviation(known, sampled)))


if __name__ == "__main__":
    main()
