"""How fast programs are played: CPU seconds of one core after compilation, the best of a few runs.

    python benchmarks/schedule_speed.py [--rows 1000000] [--shots 100] [--repeats 3]

The programs are random: local gates on one or two qubits, and telegates (a pair, two CX, two measurements, two corrections) between
QPUs that share a link; every QPU has two communication qubits, four where links keep pairs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from weft.network import QPU, BellPair, Link, Network
from weft.program import Pauli, Program, ProgramBuilder
from weft.scheduler import Policy, schedule
from weft.scheduler.chains import Chain, wait_for_chain
from weft.scheduler.player import Player

CHUNK = 64


def torus(rows: int, columns: int, data: int, communication: int) -> Network:
    """QPUs on a torus: two links for each."""
    qpus = tuple(
        QPU(f"Q{i}", data, communication, one_qubit_gate_s=1e-7, two_qubit_gate_s=1e-6, measurement_s=2e-6, t2_s=1.0)
        for i in range(rows * columns)
    )
    ends = []
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            ends += [(here, row * columns + (column + 1) % columns), (here, (row + 1) % rows * columns + column)]
    links = tuple(
        Link(f"Q{a}", f"Q{b}", 1e-6, 0.1, pair=BellPair.werner(0.95), classical_latency_s=1e-7) for a, b in ends
    )
    return Network("torus", qpus, links)


def random_program(network: Network, rows: int, remote: float, seed: int) -> Program:
    """Random gates, a share `remote` of which are telegates (by count)."""
    generator = np.random.default_rng(seed)
    builder = ProgramBuilder(network)
    data = [[builder.add_qubit(f"{q.name}.d{i}", p) for i in range(q.data_qubits)] for p, q in enumerate(network.qpus)]
    halves = [
        [builder.add_qubit(f"{q.name}.c{i}", p, communication=True) for i in range(2)]
        for p, q in enumerate(network.qpus)
    ]
    is_remote, choices = generator.random(rows) < remote, generator.integers(0, 2**31, (rows, 3))
    ends = network.link_ends.tolist()
    for telegate, (one, two, three) in zip(is_remote.tolist(), choices.tolist(), strict=True):
        if len(builder) >= rows:
            break
        if telegate:
            link = one % len(ends)
            a, b = ends[link]
            half, other = halves[a][two % 2], halves[b][three % 2]
            control, target = data[a][two % len(data[a])], data[b][three % len(data[b])]
            first, second = builder.new_bit(), builder.new_bit()
            builder.entangle(link, half, other)
            builder.gate("cx", control, half)
            builder.measure(half, first)
            builder.correct(Pauli.X, other, [first])
            builder.gate("cx", other, target)
            builder.measure(other, second, basis=Pauli.X)
            builder.correct(Pauli.Z, control, [second])
        else:
            here = data[one % len(data)]
            if three % 2 and len(here) > 1:
                builder.gate("cx", here[two % len(here)], here[(two + 1) % len(here)])
            else:
                builder.gate("h", here[two % len(here)])
    return builder.build()


def best_cpu_s(work: Callable[[], object], repeats: int) -> float:
    """CPU seconds, after one run that compiles."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def stream(player: Player, shots: int) -> None:
    """Plays everything, chunk by chunk, and drops the idle times."""
    rows = len(player.program)
    idle = np.zeros((CHUNK, 2, player.width), dtype=np.float32)
    for block in player.blocks(shots, 1):
        for low in range(0, rows, CHUNK):
            player.play(block, low, min(low + CHUNK, rows), idle)
        player.finish(block)


def report(what: str, cpu_s: float, op_shots: float) -> None:
    """Prints one line."""
    print(f"{what:60s} {cpu_s:8.3f} s {op_shots / cpu_s:12.3g} op-shots/s")


def report_chains(pairs: int, repeats: int) -> None:
    """Prints a line for each order of swapping over 5 nodes."""
    for swap_success, order in (
        (0.5, "nested"),
        (1.0, "nested"),
        (0.5, "as_soon_as_possible"),
        (1.0, "as_soon_as_possible"),
    ):
        chain = Chain((1e-3,) * 4, (0.1,) * 4, swap_success)
        cpu_s = best_cpu_s(lambda chain=chain, order=order: wait_for_chain(chain, pairs, 1, order=order), repeats)
        print(f"{f'4 links, p = .1, swaps {swap_success}, {order}':60s} {cpu_s:8.3f} s {pairs / cpu_s:12.3g} pairs/s")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shots", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    rows, shots, repeats = options.rows, options.shots, options.repeats
    program = random_program(torus(3, 4, 16, 2), rows, 0.1, 1)
    roomy = random_program(torus(3, 4, 16, 16), rows, 0.1, 1)
    large = random_program(torus(50, 50, 2, 2), rows, 0.1, 1)
    report_chains(1_000_000, repeats)
    print(f"{len(program):,} instructions, {program.ebits:,} pairs, {shots} shots")
    report("times stored", best_cpu_s(lambda: schedule(program, shots, 1), repeats), len(program) * shots)
    player = Player(program)
    report("times streamed", best_cpu_s(lambda: stream(player, shots), repeats), len(program) * shots)
    for policy in (
        Policy("just_in_time"), Policy(cutoff_s=1e-4), Policy("prefetch"), Policy("prefetch", cutoff_s=1e-4),
        Policy("prefetch", cutoff_s=1e-4, sharing="request"),
    ):  # fmt: skip
        few = shots if policy.sharing == "program" else max(shots // 20, 1)
        name = f"streamed, {policy.timing}, cutoff {policy.cutoff_s}, by {policy.sharing}"
        player = Player(roomy, policy)
        work = lambda player=player, few=few: stream(player, few)
        report(name, best_cpu_s(work, repeats), len(roomy) * few)
    player = Player(large)
    name = f"streamed, {large.num_qubits:,} qubits, {len(large.network.links):,} links"
    report(name, best_cpu_s(lambda: stream(player, 2 * player.width), repeats), len(large) * 2 * player.width)


if __name__ == "__main__":
    main()
