"""Split blocks over links with pairs of infidelity 0.01, one gate at a time, with every QPU a server of its own.

    python benchmarks/clinr_split.py [--qubits N] [--shots N] [--pair-error EPS]

`weft clinr --resources split --convention serial` charges all gates of a block to the block's own clock. But a QPU works for two
blocks: it prepares B of its own and lets ancillas visit A of the next. Here gates of both queue at it, in quanta of five; visits go
first, for they are short and another QPU waits for them. The engine says how often attempts fail, stage by stage; the queue is
played event by event, and shares nothing with the engine's kernel. s = n² gates, s p = 0.72, four blocks on four QPUs, checks in
sequence, any order; "engine" is the depth on the block's own clock, "queued" that of the queue, with its standard error.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
from collections import deque

import numpy as np

from weft.protocols.clinr.blocks import Scheme, make_blocks
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.engine import sample
from weft.protocols.clinr.forms import compare
from weft.protocols.clinr.noise import Noise

BLOCKS, QUANTUM = 4, 5
SCHEMES = ((1, 0), (2, 0), (4, 0), (0, 4), (1, 2), (1, 4), (2, 4), (3, 4), (4, 4))


def stage_work(block, n, split):
    """Gates of each stage on the QPU before and on the block's own."""
    operations, work = block.operations, np.zeros((block.operations.num_stages, 2), dtype=int)
    ancillas = operations.num_qubits - 2 * n
    for stage, pair in zip(
        operations.stages[operations.is_two_qubit_gate], operations.qubits[operations.is_two_qubit_gate], strict=True
    ):
        near = split and any(qubit < n or 2 * n <= qubit < 2 * n + ancillas // 2 for qubit in pair.tolist())
        work[stage, 0 if near else 1] += 1
    return work


class Machine:
    """QPUs as servers of two classes of gates, and links that fill buffers."""

    def __init__(self, n, pair_time):
        self.now, self.events, self.order = 0.0, [], itertools.count()
        self.queues = [(deque(), deque()) for _ in range(BLOCKS)]
        self.busy = [False] * BLOCKS
        self.places, self.made, self.count = np.zeros((BLOCKS, n)), np.zeros(BLOCKS), [0] * BLOCKS
        self.pair_time = pair_time

    def at(self, time, action):
        heapq.heappush(self.events, (time, next(self.order), action))

    def run(self):
        while self.events:
            self.now, _, action = heapq.heappop(self.events)
            action()

    def work(self, qpu, gates, done, *, first=False):
        if gates == 0:
            self.at(self.now, done)
            return
        self.queues[qpu][0 if first else 1].append([gates, done])
        self.serve(qpu)

    def serve(self, qpu):
        queue = next((each for each in self.queues[qpu] if each), None)
        if self.busy[qpu] or queue is None:
            return
        task = queue[0]
        quantum = min(QUANTUM, task[0])
        self.busy[qpu] = True

        def finish():
            self.busy[qpu] = False
            task[0] -= quantum
            if task[0] == 0:
                queue.remove(task)
                task[1]()
            self.serve(qpu)

        self.at(self.now + quantum, finish)

    def pairs(self, link, number, done):
        time = self.now
        for _ in range(number):
            place = self.count[link] % self.places.shape[1]
            self.made[link] = max(self.made[link], self.places[link, place]) + self.pair_time
            time = max(time, self.made[link])
            self.places[link, place] = time
            self.count[link] += 1
        self.at(time, done)


def play(n, works, failing, pairs, pair_time, rng):
    """When all injections are done, once."""
    machine, ready, injected = Machine(n, pair_time), [False] * BLOCKS, [False] * BLOCKS

    def prepare(block):
        begin(block, 0, int(np.searchsorted(failing[block], rng.random(), side="right")))

    def begin(block, stage, fails):
        if stage == len(works[block]):
            accept(block)
            return
        missing = [2]

        def part():
            missing[0] -= 1
            if missing[0] == 0:
                prepare(block) if stage == fails else begin(block, stage + 1, fails)

        def start():
            machine.work(block, int(works[block][stage, 1]), part)
            machine.work(max(block - 1, 0), int(works[block][stage, 0]), part, first=True)

        machine.pairs(block, int(pairs[stage]) if block else 0, start)

    def accept(block):
        ready[block] = True
        for each in (block, block + 1):
            if each < BLOCKS and ready[each] and (each == 0 or ready[each - 1]) and not injected[each]:
                injected[each] = True
                machine.work(max(each - 1, 0), n, lambda: None)

    for block in range(BLOCKS):
        prepare(block)
    machine.run()
    return machine.now


def queued_depth(circuit, noise, scheme, pair_time, shots):
    n, rng = circuit.num_qubits, np.random.default_rng(2)
    blocks = make_blocks(circuit, scheme, split=True)
    attempts = [sample(block.faults, noise, 20_000, rng) for block in blocks]
    works = [stage_work(block, n, number > 0) for number, block in enumerate(blocks)]
    stages = range(len(works[0]))
    failing = [1 - np.array([each.passing(stage) for stage in stages]) / len(each.passed) for each in attempts]
    pairs = np.array([*scheme.pair_stages, *np.diff(scheme.checks_by_stage, prepend=0)])
    pairs[0] += n
    depths = [play(n, works, failing, pairs, pair_time, rng) for _ in range(shots)]
    return np.mean(depths), np.std(depths) / np.sqrt(shots)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, default=85)
    parser.add_argument("--shots", type=int, default=100)
    parser.add_argument("--pair-error", type=float, default=0.01)
    chosen = parser.parse_args()
    n = chosen.qubits
    circuit = random_clifford_circuit(n, n**2, seed=1)
    noise = Noise.uniform(0.72 / n**2, pair=chosen.pair_error)
    print(f"n = {n}, ε = {chosen.pair_error:g}, s = n², s p = 0.72")
    print(
        f"{'τ_e':>4} {'checks':>7} {'of pairs':>9} {'error':>7} {'direct':>7} {'engine':>8} {'queued':>14} {'direct':>7}"
    )
    for pair_time in (1, 5):
        for checks, pair_checks in SCHEMES:
            scheme, ring = (
                Scheme(BLOCKS, checks, pair_checks=pair_checks),
                Ring(BLOCKS, pair_time, None, "any order", "split"),
            )
            found = compare(circuit, noise, scheme, ring, shots=20_000)
            ours, direct = found.distributed[-1], found.direct
            depth, spread = queued_depth(circuit, noise, scheme, pair_time, chosen.shots)
            print(
                f"{pair_time:>4} {checks:>7} {pair_checks:>9} {ours.logical_error.value:>7.3f} "
                f"{direct.logical_error.value:>7.3f} {ours.depth['serial'].value:>8.0f} {depth:>8.0f} ± {spread:<4.0f}"
                f"{direct.depth['serial'].value:>8.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
