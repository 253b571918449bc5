"""Clifford noise reduction over many QPUs: how many pairs a link must make in parallel so that no hop waits for pairs.

    python benchmarks/clinr_asymptotics.py [--qpus K ...] [--shots N] [--buffers-up-to K]

The scheduler alone, without frames or states: k blocks on k QPUs, each prepared again until it is accepted, injected in any order
through n pairs per hop, while links of τ_e fill buffers of n pairs. A circuit of n qubits is cut into k blocks, so that blocks
become shorter as k grows. "least pairs" is the least number in parallel with which the makespan is at most 2 % above that with
pairs at once; "by course" is the same from the kernel behind `weft clinr`, which shares no code with the scheduler; "buffer" the
least number of pairs that a link must be able to keep at twice that number in parallel.

    checks at no cost         layers; a block takes 2 s/(n k), and fails with 1/4 whatever its length: the published setting
    the same, odds by length  and it fails with 1 − e^(−3/k), because short blocks have fewer gates that may fail
    checks in sequence        layers; three checks of 1.5 n gates each, as they are
    one gate at a time        n + s/k gates and three checks; a hop takes n
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np

from weft.protocols.clinr.course import Ring, course
from weft.protocols.clinr.timing import BlockTiming, timing_program
from weft.scheduler import Policy, schedule

QUBITS, PAIR_TIME, ALLOWED = 64, 4.0, 1.02
GATES = 128_000
FAILING = 0.25


def free(k, fails=FAILING):
    return BlockTiming(math.ceil(2 * GATES / QUBITS / k), 1, 0.0, 1 - fails), 1.0, "layers"


def by_length(k):
    return free(k, 1 - math.exp(-3 / k))


def in_sequence(k):
    return BlockTiming(1 + math.ceil(2 * GATES / QUBITS / k), 3, 1.5 * QUBITS, (1 - FAILING) ** (1 / 3)), 1.0, "layers"


def serial(k):
    block = BlockTiming(QUBITS + math.ceil(GATES / k), 3, 1.5 * QUBITS, (1 - FAILING) ** (1 / 3))
    return block, float(QUBITS), "serial"


CASES = {
    "checks at no cost": free,
    "the same, odds by length": by_length,
    "checks in sequence": in_sequence,
    "one gate at a time": serial,
}


def makespan(k, case, parallel, buffer, shots):
    block, hop_time, _ = case(k)
    pair_time = PAIR_TIME if parallel else 0.0
    program = timing_program(k, QUBITS, block, pair_time=pair_time, parallel_pairs=max(parallel, 1), hop_time=hop_time)
    times = schedule(program, shots, seed=1, policy=Policy("prefetch", buffer_pairs=buffer))
    return float(times.makespan_s.mean())


def makespan_by_course(k, case, parallel, shots=400):
    block, _, convention = case(k)
    ends = np.tile(block.preparation + block.check * np.arange(1, block.checks + 1), (k, 1))
    failing = np.tile(1 - block.odds ** np.arange(1, block.checks + 1), (k, 1))
    ring = Ring(k, PAIR_TIME / parallel if parallel else 0.0, QUBITS, "any order")
    pairs = np.full(block.checks, QUBITS)
    rng = np.random.default_rng(1)
    return float(course(ends, failing, pairs, QUBITS, ring, convention, shots, rng).depths.mean())


def least(guess, most, good):
    """The least number from 1 to `most` that is good, where all above it are."""
    number = min(max(guess, 1), most)
    while number < most and not good(number):
        number += 1
    while number > 1 and good(number - 1):
        number -= 1
    return number


def least_pairs(k, case, shots):
    base = makespan(k, case, 0, 1, shots)
    guess = math.ceil(QUBITS * PAIR_TIME / base)
    return base, least(guess, QUBITS, lambda m: makespan(k, case, m, QUBITS, shots) <= ALLOWED * base)


def least_pairs_by_course(k, case):
    base = makespan_by_course(k, case, 0)
    return least(1, QUBITS, lambda m: makespan_by_course(k, case, m) <= ALLOWED * base)


def least_buffer(k, case, parallel, base, shots):
    low, high = 1, QUBITS
    while low < high:
        middle = (low + high) // 2
        enough = makespan(k, case, min(2 * parallel, QUBITS), middle, shots) <= ALLOWED * base
        low, high = (low, middle) if enough else (middle + 1, high)
    return high


def fit(found):
    """Least squares of m = c f(k) in the logarithm, and how far off it is at worst, where m is more than one."""
    numbers = [(k, m) for k, m in found if m > 1]
    if len(numbers) < 3:
        return "no growth to fit"
    ks, ms = np.array(numbers, dtype=float).T
    words = []
    for name, law in (("k/ln k", ks / np.log(ks)), ("k", ks)):
        c = np.exp(np.mean(np.log(ms / law)))
        words.append(f"{c:.3g} {name} (off by a factor of {np.exp(np.max(np.abs(np.log(ms / law / c)))):.2f} at worst)")
    return f"fit: {'; '.join(words)}; exponent of k {np.polyfit(np.log(ks), np.log(ms), 1)[0]:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qpus", type=int, nargs="+", default=[10, 50, 100, 200, 500, 1000])
    parser.add_argument("--shots", type=int, default=6, help="for 1,000 QPUs, more for fewer")
    parser.add_argument("--buffers-up-to", type=int, default=100, metavar="K")
    chosen = parser.parse_args()
    started = time.process_time()
    print(f"n = {QUBITS}, s = {GATES:,}, τ_e = {PAIR_TIME:g}")
    for name, case in CASES.items():
        print(f"\n{name}\n{'QPUs':>6} {'makespan':>9} {'least pairs':>12} {'by course':>10} {'buffer':>7}")
        found = []
        for k in chosen.qpus:
            shots = min(max(chosen.shots * 1000 // k, chosen.shots), 512)
            base, parallel = least_pairs(k, case, shots)
            buffer = least_buffer(k, case, parallel, base, shots) if k <= chosen.buffers_up_to else "—"
            found.append((k, parallel))
            print(f"{k:>6} {base:>9.0f} {parallel:>12} {least_pairs_by_course(k, case):>10} {buffer:>7}", flush=True)
        print(fit(found))
    print(f"\n{time.process_time() - started:.0f} s of CPU time")


if __name__ == "__main__":
    main()
