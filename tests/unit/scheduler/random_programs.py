"""Random programs that are heavy on pairs: telegates, swaps over two links, conditions, resets, measured qubits used again."""

from __future__ import annotations

import numpy as np

from weft.network import QPU, BellPair, Link, Network
from weft.program import Pauli, Program, ProgramBuilder, Role
from weft.scheduler import Distillation, Policy


def random_line(rng: np.random.Generator, *, success: float | None = None, communication: int | None = None) -> Network:
    """QPUs in a line, every number random; `communication` qubits each, or some, or as many as you like."""
    count = int(rng.integers(2, 6))
    qpus = tuple(
        QPU(
            f"Q{i}", 2,
            communication or [None, 2, 3, 5, 8][rng.integers(5)],
            one_qubit_gate_s=float(rng.random()), two_qubit_gate_s=float(rng.random()),
            measurement_s=float(rng.random()), reset_s=float(rng.random()),
        )
        for i in range(count)
    )  # fmt: skip
    links = tuple(
        Link(
            f"Q{i}", f"Q{i + 1}", float(rng.uniform(0.1, 1)), success or float(rng.uniform(0.2, 1)), BellPair.werner(0.9),
            int(rng.integers(1, 4)), float(rng.choice([0.0, rng.random()])),
        )
        for i in range(count - 1)
    )  # fmt: skip
    return Network("line", qpus, links)


def random_program(rng: np.random.Generator, network: Network, size: int) -> Program:
    """About `size` building blocks; one communication qubit per QPU where it has no more, else two."""
    builder = ProgramBuilder(network, num_clbits=2)
    count = len(network.qpus)
    data = [[builder.add_qubit(f"Q{i}.d{k}", i) for k in range(2)] for i in range(count)]
    each = [1 if q.communication_qubits == 1 else 2 for q in network.qpus]
    halves = [[builder.add_qubit(f"Q{i}.c{k}", i, communication=True) for k in range(each[i])] for i in range(count)]
    for _ in range(size):
        here, what = int(rng.integers(count)), rng.random()
        one, other = (data[here][k] for k in rng.permutation(2))
        if what < 0.15:
            builder.gate("cx", one, other)
        elif what < 0.25:
            builder.gate("h", one, condition=[(int(rng.integers(2)), Role.IF_ONE)])
        elif what < 0.35:
            builder.measure(one, int(rng.integers(2)))
        elif what < 0.4:
            builder.reset(one)
        elif what < 0.85 or min(each) < 2 or count < 3:
            link = int(rng.integers(count - 1))
            _telegate(rng, builder, data, halves, link)
        else:
            _swap(rng, builder, data, halves, int(rng.integers(count - 2)))
    return builder.build()


def _telegate(rng, builder, data, halves, link) -> None:
    a, b = link, link + 1
    near, far = rng.choice(halves[a]), rng.choice(halves[b])
    control, target = rng.choice(data[a]), rng.choice(data[b])
    first, second = builder.new_bit(), builder.new_bit()
    builder.entangle(link, near, far)
    builder.gate("cx", control, near)
    builder.measure(near, first)
    builder.correct(Pauli.X, far, [first])
    builder.gate("cx", far, target)
    builder.measure(far, second, basis=Pauli.X)
    builder.correct(Pauli.Z, control, [second])


def _swap(rng, builder, data, halves, a) -> None:
    """A pair over two links, made by a swap in the middle; then it is measured at both ends."""
    near, far = rng.choice(halves[a]), rng.choice(halves[a + 2])
    one, other = halves[a + 1]
    x, z = builder.new_bit(), builder.new_bit()
    builder.entangle(a, near, one)
    builder.entangle(a + 1, other, far)
    builder.gate("cx", one, other)
    builder.measure(one, z, basis=Pauli.X)
    builder.measure(other, x)
    builder.correct(Pauli.X, far, [x])
    builder.correct(Pauli.Z, far, [z])
    builder.gate("cx", far, rng.choice(data[a + 2]))
    builder.measure(near, builder.new_bit())
    builder.measure(far, builder.new_bit())


def random_policy(rng: np.random.Generator, program: Program) -> Policy:
    """Any combination; distillation only where every QPU has room for it."""
    unlimited = all(qpu.communication_qubits is None for qpu in program.network.qpus)
    distillation = Distillation(["bbpssw", "dejmps"][rng.integers(2)], int(rng.integers(1, 4)))
    return Policy(
        timing=["as_soon_as_possible", "just_in_time", "prefetch"][rng.integers(3)],
        buffer_pairs=int(rng.integers(1, 6)),
        cutoff_s=None if rng.random() < 0.4 else float(rng.uniform(1.5, 10)),
        sharing=["program", "request"][rng.integers(2)],
        distillation=distillation if unlimited and rng.random() < 0.5 else None,
    )
