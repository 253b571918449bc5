"""Networks, circuits and bounds that the tests of the simulator share."""

from __future__ import annotations

import math

import numpy as np

from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.compiler import compile_circuit
from weft.network import QPU, BellPair, Link, Network
from weft.scheduler import Timelines, schedule
from weft.simulator.backend import STAGES, is_static
from weft.simulator.density import _forget_qubits, _read_out, timelines_at_once
from weft.simulator.density_run import DensityRun
from weft.simulator.density_state import overlap
from weft.simulator.noise import noise_of

PAULI_NOISE = {
    "one_qubit_gate_s": 1e-5, "two_qubit_gate_s": 1e-4, "measurement_s": 2e-4, "reset_s": 3e-5,
    "one_qubit_gate_error": 0.004, "two_qubit_gate_error": 0.015, "measurement_error": 0.02, "reset_error": 0.03,
    "t2_s": 0.4,
}  # fmt: skip
RELAXATION = PAULI_NOISE | {"t1_s": 0.5, "communication_t1_s": 0.3, "communication_t2_s": 0.2}
GATE_KINDS = {
    "two_qubit_pauli_errors": {"ZZ": 0.02, "XI": 0.01, "YX": 0.004}, "one_qubit_pauli_errors": {"Z": 0.02, "Y": 0.003},
}  # fmt: skip
SLOW_NOISE = PAULI_NOISE | {"dephasing": "gaussian", "t2_s": 0.2, "communication_t2_s": 0.1}
DECOUPLED = SLOW_NOISE | {"decoupling_interval_s": 0.02}
NOT_PAULI = {
    "one_qubit_gate_damping": 0.01, "two_qubit_gate_damping": 0.03,
    "one_qubit_over_rotation": 0.05, "two_qubit_over_rotation": -0.08,
}  # fmt: skip
SIDE_EFFECTS = {"crosstalk_flip_probability": 0.004, "timing_jitter_s": 2e-10, "photon_lifetime_s": 1e-9}
TOMOGRAPHY = BellPair.from_density_matrix(
    np.array([[.012, .014, .014, 0], [.014, .508, .475, .008], [.014, .475, .479, .009], [0, .008, .009, 0]])
    * np.exp(1j * np.pi * np.array(
        [[0, -1.850, -1.825, -.985], [1.850, 0, -.002, -.902], [1.825, .002, 0, -.931], [.985, .902, .931, 0]]))
)  # fmt: skip


def make_network(ends, data, *, communication=None, pair=None, hardware=None, attempt_s=1e-4, success=0.01, **link):
    """QPUs A, B, … with `data[k]` data qubits each and a link for each pair in `ends`."""
    pair = pair or BellPair.werner(1.0)
    qpus = tuple(QPU(chr(65 + k), count, communication, **(hardware or {})) for k, count in enumerate(data))
    links = tuple(Link(qpus[a].name, qpus[b].name, attempt_s, success, pair=pair, **link) for a, b in ends)
    return Network("test", qpus, links)


def pair_of_qpus(data=(1, 1), **options):
    return make_network([(0, 1)], data, **options)


def compiled(builder, network):
    return compile_circuit(builder.build(), network, effort="fast").program


def mirrored(rng, builder, depth, *, names, angle=0.5):
    """Random gates, a random Pauli, and the same gates backwards: close to a definite outcome, so that noise shows."""
    gates = []
    for _ in range(depth):
        gate = GATES[CODES[names[rng.integers(len(names))]]]
        qubits = rng.choice(builder.num_qubits, gate.qubits, replace=False).tolist()
        gates.append((gate, qubits, rng.uniform(-angle, angle, gate.angles).tolist()))
        builder.gate(gate.name, *qubits, angles=gates[-1][2])
    builder.gate(("x", "y", "z")[rng.integers(3)], int(rng.integers(builder.num_qubits)))
    for gate, qubits, angles in reversed(gates):
        name = _INVERSE.get(gate.name, gate.name)
        back = [-angle for angle in ((angles[0], angles[2], angles[1]) if gate.name in {"u", "cu3"} else angles)]
        product = matrix_of(CODES[name], tuple(back)) @ matrix_of(CODES[gate.name], tuple(angles))
        assert np.allclose(product, np.eye(len(product)) * product[0, 0])
        builder.gate(name, *qubits, angles=back)


_INVERSE = {"s": "sdg", "t": "tdg", "sx": "sxdg"}
CLIFFORD = ("h", "s", "sx", "y", "cx", "cz", "cy", "swap", "cx", "cz")
GENERAL = ("h", "t", "ry", "u", "cp", "rxx", "rzz", "crx", "cx", "cz", "cu3")


def static_circuit(seed, qubits, depth, names):
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits, name=f"static {seed}")
    mirrored(rng, builder, depth, names=names)
    builder.add_register("c", qubits)
    for qubit in range(qubits):
        if rng.random() < 0.3:
            builder.gate("h", qubit)  # ends in X
        builder.measure(qubit, qubit)
    return builder


def dynamic_circuit(seed, qubits, depth, names):
    """Measures on the way into two bits, one of which is written again, and acts on what it found."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits, name=f"dynamic {seed}")
    builder.add_register("c", qubits)
    builder.add_register("d", 2)
    mirrored(rng, builder, depth, names=names)
    for turn in range(2):
        first, second = rng.choice(qubits, 2, replace=False).tolist()
        if rng.random() < 0.5:
            builder.gate("ry" if "ry" in names else "h", first, angles=[1.1] if "ry" in names else [])
        builder.measure(first, qubits + turn)
        builder.gate(("x", "y", "z")[rng.integers(3)], second, condition=[(qubits + turn, int(rng.integers(2)))])
        if rng.random() < 0.5:
            builder.reset(first)
        builder.gate("x", first, condition=[(qubits, 1)])
        mirrored(rng, builder, depth // 2, names=names)
    builder.measure(second, qubits)
    builder.gate("x", first, condition=[(qubits, 0)])
    for qubit in range(qubits):
        builder.measure(qubit, qubit)
    return builder


def unitary_probe():
    """Three qubits on which every cause of noise shows, whoever is neighbour of whom."""
    builder = CircuitBuilder(3, name="unitary probe")
    builder.gate("h", 0)
    for first, second in ((0, 1), (1, 2), (2, 0), (0, 1)):
        builder.gate("cx", first, second)
        builder.gate("h", second)
    return builder


def branching_probe():
    """The same for a circuit that measures, resets and branches; ideally it finds 0, 0 and a random bit twice."""
    builder = CircuitBuilder(3, name="branching probe")
    builder.add_register("c", 3)
    builder.add_register("d", 1)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    builder.gate("cx", 1, 2)
    builder.gate("h", 2)
    builder.measure(2, 3)
    builder.gate("z", 0, condition=[(3, 1)])  # now qubits 0 and 1 are in Φ+
    builder.reset(2)
    builder.gate("cx", 0, 1)
    builder.gate("h", 0)
    builder.gate("x", 1, condition=[(3, 1)])
    builder.gate("cx", 1, 2)
    builder.gate("h", 1)
    builder.gate("cz", 1, 2)
    builder.gate("h", 1)
    for qubit in range(3):
        builder.measure(qubit, qubit)
    return builder


def tiled_timelines(program, distinct, shots, seed):
    """Few sampled timelines, each used by many shots, so that exact answers for all of them are cheap."""
    few = schedule(program, distinct, seed)
    which = np.arange(shots) % distinct
    return few, Timelines(program, np.ascontiguousarray(few.start_s[:, which]), few.end_s[:, which].copy())


def exact(program, timelines, noise=None):
    """Per stage and timeline: the overlap with the ideal state (None if there is none) and the distribution of outcomes.

    If there is an ideal state, outcomes contain readout errors at every stage, and so mean something at the last one only.
    """
    noise = noise or noise_of(program)
    static, step = is_static(program), timelines_at_once(program)
    overlaps, tables = np.ones((STAGES, timelines.shots)), []
    ideal = DensityRun(program, noise, timelines, 1, 0, hold_outputs=static).run()
    bits: list[int] = []
    for stage in range(STAGES):
        parts = []
        for low in range(0, timelines.shots, step):
            part = timelines.part(low, min(low + step, timelines.shots))
            state = DensityRun(program, noise, part, part.shots, stage, hold_outputs=static).run()
            if static:
                overlaps[stage, low : low + step] = overlap(ideal, state)
            found = _read_out(program, noise, state) if static else _forget_qubits(program, state)
            bits = found.bits
            parts.append(found.table)
        tables.append(np.concatenate(parts))
    return (overlaps if static else None), tables, bits


def outcome_index(rows, bits):
    """Which column of an exact table each row of measured bits is."""
    index = np.zeros(len(rows), dtype=np.int64)
    for bit in bits:
        index = 2 * index + rows[:, bit]
    return index


def bernstein(variance, false_alarm):
    """How far a sum of independent numbers in [−1, 1] of that total variance may be from its mean (Bernstein's inequality)."""
    log = math.log(2 / false_alarm)
    return log / 3 + math.sqrt(log**2 / 9 + 2 * variance * log)
