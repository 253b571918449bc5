"""Clifford noise reduction: published and independently computed figures, found again.

    python benchmarks/clinr.py [--circuits N] [--shots N]

Random circuits of s = n² two-qubit gates, cut into four blocks; one rate p for gates, preparation, measurement and pairs, a
tenth of it for one-qubit gates, no idle noise; a buffer of n pairs per link. "Found" is the mean over circuits, ± its standard
error. A row is a hit if what was found lies within the tolerance of what is expected.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

from weft.protocols.clinr.blocks import Scheme, make_blocks
from weft.protocols.clinr.checks import STRATEGIES
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.engine import sample
from weft.protocols.clinr.forms import compare, direct_error
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.verification import Verification

GENERATORS = Scheme(checks=8, strategy="generators", verification=Verification("interleaved", 8))
VERIFICATIONS = (Verification(), Verification("interleaved", 4), Verification("cat", 4))


def row(case, expected, tolerance, values):
    found, error = np.mean(values), np.std(values, ddof=1) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    hit = abs(found - expected) <= tolerance
    digits = 1 if expected > 100 else 4
    print(
        f"{case:<58}  {expected:>9.{digits}f} ± {tolerance:<8.4g} {found:>9.{digits}f} ± {error:<8.2g} "
        f"{'hit' if hit else 'MISS'}",
        flush=True,
    )


def verdict(case, holds):
    print(f"{case:<58}  {'':>32} {'':>9} {'hit' if holds else 'MISS'}", flush=True)


def errors(measures):
    return [each.logical_error.value for each in measures]


def acceptances(measures):
    return [np.mean([block.value for block in each.acceptance]) for each in measures]


def depths(measures, convention):
    return [each.depth[convention].value for each in measures]


def no_noise():
    circuit = random_clifford_circuit(20, 400, seed=1)
    for strategy in STRATEGIES:
        for verification in VERIFICATIONS:
            scheme = Scheme(checks=8, strategy=strategy, verification=verification)
            comparison = compare(circuit, Noise(), scheme, shots=1000)
            every = (*comparison.one_qpu, *comparison.distributed)
            name = f"no noise, {strategy}, {verification.layout}"
            row(f"{name}: acceptance", 1.0, 0.0, acceptances(every))
            row(f"{name}: logical error", 0.0, 0.0, errors(every))


def comparisons(qubits, p, scheme, circuits, shots):
    return [
        compare(
            random_clifford_circuit(qubits, qubits**2, seed), Noise.uniform(p), scheme, Ring(), shots=shots, seed=seed
        )
        for seed in range(circuits)
    ]


def small(circuits, shots):
    found = comparisons(20, 1e-3, Scheme(), circuits, shots)
    for r, one_qpu, distributed, acceptance in ((1, 0.483, 0.589, 0.904), (3, 0.351, 0.483, 0.802)):
        row(f"n = 20, p = 1e-3, r = {r}: one QPU", one_qpu, 0.01, errors(each.one_qpu[r] for each in found))
        row(f"n = 20, p = 1e-3, r = {r}: distributed", distributed, 0.01, errors(each.distributed[r] for each in found))
        row(f"n = 20, p = 1e-3, r = {r}: acceptance", acceptance, 0.008, acceptances(each.one_qpu[r] for each in found))


def large(circuits, shots):
    closed = [direct_error(random_clifford_circuit(85, 85**2, seed), Noise.uniform(1e-4)) for seed in range(2)]
    row("n = 85, p = 1e-4: direct, closed form", 0.580, 0.005, closed)
    found = comparisons(85, 1e-4, Scheme(), circuits, shots)
    row("n = 85, p = 1e-4: direct, sampled", 0.580, 0.005, errors(each.direct for each in found))
    for r, one_qpu, distributed in ((1, 0.470, 0.519), (3, 0.241, 0.311)):
        row(f"n = 85, p = 1e-4, r = {r}: one QPU", one_qpu, 0.01, errors(each.one_qpu[r] for each in found))
        row(f"n = 85, p = 1e-4, r = {r}: distributed", distributed, 0.01, errors(each.distributed[r] for each in found))
    for convention, percent, expected in (("serial", 3, (7225, 11_700, 4285)), ("layers", 4, (566, 2510, 843))):
        forms = [("direct", [each.direct for each in found])]
        forms += [
            ("one QPU", [each.one_qpu[3] for each in found]),
            ("distributed", [each.distributed[3] for each in found]),
        ]
        for (form, measures), known in zip(forms, expected, strict=True):
            row(f"depth, {convention}, r = 3: {form}", known, known * percent / 100, depths(measures, convention))
    lost = np.mean([each.distributed[3].depth["layers"].value - each.direct.depth["layers"].value for each in found])
    verdict("depth, layers, r = 3: distributed loses against direct", lost > 0)


def interleaved(circuits, shots):
    found = comparisons(85, 1e-4, GENERATORS, circuits, shots)
    direct, distributed = [each.direct for each in found], [each.distributed[-1] for each in found]
    row("interleaved generators, r = 8: distributed", 0.2245, 0.01, errors(distributed))
    row("interleaved generators, r = 8: depth, distributed", 514, 514 * 0.04, depths(distributed, "layers"))
    row("interleaved generators, r = 8: depth, direct", 564, 564 * 0.04, depths(direct, "layers"))
    won = np.mean(depths(direct, "layers")) > np.mean(depths(distributed, "layers"))
    verdict(
        "interleaved generators, r = 8: distributed wins on both",
        won and np.mean(errors(distributed)) < np.mean(errors(direct)),
    )


def speed(shots):
    circuit, noise, rng = random_clifford_circuit(85, 85**2), Noise.uniform(1e-4), np.random.default_rng(0)
    start = time.process_time()
    blocks = make_blocks(circuit, Scheme(checks=8))
    ready = time.process_time()
    for block in blocks:
        sample(block.faults, noise, shots, rng)
    end = time.process_time()
    print(
        f"\n{shots:,} shots of a block of n = 85, all r from 0 to 8: {(end - ready) / 4:.3f} s of CPU time, and",
        end=" ",
    )
    print(f"{(ready - start) / 4:.3f} s to find the effects of its faults (aim: 10 s, hope: 1 s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--circuits", type=int, default=8)
    parser.add_argument("--shots", type=int, default=100_000)
    chosen = parser.parse_args()
    print(f"{'case':<58}  {'expected':>20}  {'found':>20}")
    no_noise()
    small(chosen.circuits, chosen.shots)
    large(chosen.circuits, chosen.shots)
    interleaved(chosen.circuits, chosen.shots)
    speed(chosen.shots)


if __name__ == "__main__":
    main()
