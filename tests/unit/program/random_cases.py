"""Random circuits and networks."""

from __future__ import annotations

import numpy as np

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import GATES
from weft.network import QPU, Link, Network


def network_of(
    kind: str, data: list[int], communication: int | list[int | None] | None = None, **link: float
) -> Network:
    """QPUs A, B, … with so many data qubits, all joined, or in a line, a ring, a star, or a grid two wide."""
    count = len(data)
    limits = communication if isinstance(communication, list) else [communication] * count
    qpus = tuple(QPU(chr(65 + i), size, limit) for i, (size, limit) in enumerate(zip(data, limits, strict=True)))
    edges = {
        "all": [(i, j) for i in range(count) for j in range(i + 1, count)],
        "line": [(i, i + 1) for i in range(count - 1)],
        "ring": [(i, (i + 1) % count) for i in range(count if count > 2 else count - 1)],
        "star": [(0, i) for i in range(1, count)],
        "grid": [(i, j) for i in range(count) for j in (i + 2, i + 1 if i % 2 == 0 else 0) if i < j < count],
    }[kind]
    settings = {"attempt_s": 1e-5} | link
    return Network(kind, qpus, tuple(Link(qpus[a].name, qpus[b].name, **settings) for a, b in edges))


def random_network(rng: np.random.Generator, qubits: int) -> Network:
    """Uneven QPUs with just enough or a little more room; relays always have what they need."""
    count = int(rng.integers(1, 5))
    data = [0] * count
    for _ in range(qubits + int(rng.integers(0, 3))):
        data[int(rng.integers(count))] += 1
    kind = str(rng.choice(["all", "line", "ring", "star", "grid"]))
    limits: list[int | None] = [None, 2, 3] if kind != "all" else [None, 1, 2, 3]
    return network_of(kind, data, limits[int(rng.integers(len(limits)))])


def add_random_gates(builder: CircuitBuilder, rng: np.random.Generator, count: int, conditional: float = 0.0) -> None:
    """Gates of every kind, two thirds of them on two qubits."""
    groups = [[gate for gate in GATES if gate.qubits == size] for size in (1, 2)]
    for _ in range(count):
        group = groups[1 if builder.num_qubits > 1 and rng.random() < 2 / 3 else 0]
        gate = group[int(rng.integers(len(group)))]
        operands = rng.choice(builder.num_qubits, gate.qubits, replace=False).tolist()
        builder.gate(
            gate.name,
            *operands,
            angles=rng.uniform(-np.pi, np.pi, gate.angles).tolist(),
            condition=_condition(builder, rng, conditional),
        )


def _condition(builder: CircuitBuilder, rng: np.random.Generator, chance: float) -> list[tuple[int, int]]:
    if not builder.num_clbits or rng.random() >= chance:
        return []
    bits = rng.choice(builder.num_clbits, min(builder.num_clbits, int(rng.integers(1, 3))), replace=False)
    return [(int(bit), int(rng.integers(2))) for bit in bits]


def random_circuit(rng: np.random.Generator, qubits: int, gates: int) -> Circuit:
    """A random product state, then gates, without measurements."""
    builder = CircuitBuilder(qubits, name="random")
    for qubit in range(qubits):
        builder.gate("u", qubit, angles=rng.uniform(-np.pi, np.pi, 3).tolist())
    add_random_gates(builder, rng, gates)
    return builder.build()


def dynamic_circuit(rng: np.random.Generator, qubits: int, instructions: int) -> Circuit:
    """The same with measurements into rewritten bits, resets, and conditions on all of them."""
    builder = CircuitBuilder(qubits, name="dynamic")
    builder.add_register("c", int(rng.integers(1, 5)))
    for qubit in range(qubits):
        builder.gate("u", qubit, angles=rng.uniform(-np.pi, np.pi, 3).tolist())
    for _ in range(instructions):
        what = rng.random()
        qubit = int(rng.integers(qubits))
        if what < 0.2:
            builder.measure(qubit, int(rng.integers(builder.num_clbits)), condition=_condition(builder, rng, 0.3))
        elif what < 0.28:
            builder.reset(qubit, condition=_condition(builder, rng, 0.3))
        else:
            add_random_gates(builder, rng, 1, conditional=0.3)
    builder.measure(0, 0)
    return builder.build()
