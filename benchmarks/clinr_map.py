"""Where distributed Clifford noise reduction wins: a map over noise and links.

    python benchmarks/clinr_map.py [--qubits N] [--gates F] [--rate P] [--shots N]

Random circuits of s = F n² two-qubit gates, cut into four blocks over four QPUs; p for gates, preparation and measurement. For
each infidelity ε of pairs and idle noise per gate time, in units of p, and time τ_e to make a pair, whether some number of checks
(one to six uniform ones in sequence, or eight interleaved generators) makes the distributed form win on error and depth at once:

    D  against the direct circuit      Q  against one QPU with as many checks      B  against both, with the same checks

With whole blocks the data hop through n pairs; split blocks are made of the link's pairs, so that checks find the faults of those,
some of them, if that serves better, with four checks of the bare pairs.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from weft.protocols.clinr.blocks import Scheme
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.forms import compare
from weft.protocols.clinr.measures import beats
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.verification import Verification

SEQUENCE = Scheme(checks=6)
INTERLEAVED = Scheme(checks=8, strategy="generators", verification=Verification("interleaved", 8))
RESOURCES = ("whole", "split")


def verdict(circuit, noise, resources, pair_time, convention, shots):
    """The letters that hold for some checks."""
    ring = Ring(pair_time=pair_time, resources=resources, injection="any order")
    letters = set()
    early = (0, 4) if resources == "split" else (0,)
    for scheme in (replace(scheme, pair_checks=number) for scheme in (SEQUENCE, INTERLEAVED) for number in early):
        comparison = compare(circuit, noise, scheme, ring, shots=shots, convention=convention)
        one_qpu = {measures.checks: measures for measures in comparison.one_qpu}
        for distributed in comparison.distributed[1:]:
            same_checks = one_qpu.get(distributed.checks + scheme.pair_checks)
            over_direct = beats(distributed, comparison.direct, convention)
            over_one_qpu = same_checks is not None and beats(distributed, same_checks, convention)
            held = (("D", over_direct), ("Q", over_one_qpu), ("B", over_direct and over_one_qpu))
            letters.update(letter for letter, holds in held if holds)
    return "".join(letter if letter in letters else "." for letter in "DQB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, default=85)
    parser.add_argument("--gates", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--shots", type=int, default=10_000)
    chosen = parser.parse_args()
    n, p = chosen.qubits, chosen.rate
    circuit = random_clifford_circuit(n, round(chosen.gates * n**2), seed=1)
    print(f"n = {n}, s = {circuit.two_qubit_gates}, p = {p}")
    print(f"{'':>26}  {'one gate at a time':^18}  {'parallel layers':^18}")
    print(f"{'ε/p':>6} {'τ_e':>6} {'idle/p':>9}   " + "  ".join(f"{name:^8}" for name in RESOURCES * 2))
    for idle in (0.0, 1e-3):
        for infidelity in (0.1, 1, 10, 100):
            for pair_time in (1, 5):
                noise = Noise.uniform(p, pair=infidelity * p, idle=idle * p)
                row = [
                    f"{verdict(circuit, noise, resources, pair_time, convention, chosen.shots):^8}"
                    for convention in ("serial", "layers")
                    for resources in RESOURCES
                ]
                print(f"{infidelity:>6} {pair_time:>6} {idle:>9}   " + "  ".join(row), flush=True)


if __name__ == "__main__":
    main()
