"""Shots of pieces that nothing disturbs are drawn from their exact distribution; all others are simulated."""

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.network import QPU, Network
from weft.scheduler import AS_SOON_AS_POSSIBLE
from weft.study.cutting.machine import Job, Machine
from weft.study.cutting.undisturbed import undisturbed


def perfect(qubits, **numbers):
    return Network("island", (QPU("A", qubits, **numbers),), ())


def piece(qubits=3):
    """What pieces are like: rotations, a measurement and a reset on the way, and a condition."""
    builder = CircuitBuilder(qubits)
    bits = builder.add_register("bits", qubits + 1).bits
    for qubit in range(qubits):
        builder.gate("ry", qubit, angles=[0.5 + qubit])
    for qubit in range(qubits - 1):
        builder.gate("cx", qubit, qubit + 1)
    builder.measure(0, bits[qubits])
    builder.gate("rx", 1, angles=[0.7], condition=[(bits[qubits], 1)])
    builder.reset(0)
    builder.gate("h", 0)
    for qubit in range(qubits):
        builder.measure(qubit, bits[qubit])
    return builder.build()


def asked(circuit, network):
    return undisturbed(circuit, compile_circuit(circuit, network).program, AS_SOON_AS_POSSIBLE)


def test_what_is_drawn_is_what_a_simulation_samples():
    """Every outcome's share of 40,000 shots each way; the greatest of 16 differences passes 6 standard errors once in 3 · 10⁷."""
    job = Job(piece(), 0, 40_000, 5)
    drawn, sampled = (Machine(perfect(3), backend=backend).run([job])[0] for backend in ("auto", "statevector"))
    share = {}
    for sign, outcomes in ((1, drawn), (-1, sampled)):
        assert outcomes.times.sum() == 40_000
        for bits, times in zip(outcomes.bits.tolist(), outcomes.times, strict=True):
            both = share.setdefault(tuple(bits), [0.0, 0.0])
            both[0] += sign * times / 40_000
            both[1] += times / 80_000
    assert len(share) == 16
    for difference, mean in share.values():
        assert abs(difference) < 6 * np.sqrt(2 * mean * (1 - mean) / 40_000)


def test_shots_last_as_long_as_simulated_ones_do():
    job = Job(piece(), 0, 100, 1)
    network = perfect(3, one_qubit_gate_s=1e-6, two_qubit_gate_s=3e-6, measurement_s=5e-6)
    drawn, sampled = (Machine(network, backend=backend).run([job])[0] for backend in ("auto", "statevector"))
    assert drawn.seconds == pytest.approx(sampled.seconds, rel=1e-12)
    assert drawn.seconds > 0


def test_seeds_decide():
    machine, circuit = Machine(perfect(3)), piece()
    one, same, other = machine.run([Job(circuit, 0, 500, seed) for seed in (1, 1, 2)])
    assert np.array_equal(one.times, same.times)
    assert not np.array_equal(one.times, other.times)


@pytest.mark.parametrize(
    "numbers", [{"two_qubit_gate_error": 1e-3}, {"measurement_error": 1e-3}, {"reset_error": 1e-3}, {"t2_s": 1.0}]
)
def test_what_is_imperfect_is_simulated(numbers):
    assert asked(piece(), perfect(3, **numbers)) is None


def test_pairs_and_large_states_are_simulated():
    assert asked(piece(), weft.load_network("all:3x1")) is None
    assert asked(piece(13), perfect(13)) is None  # 2^13 amplitudes, and two ways to go on
    assert asked(piece(12), perfect(12)) is not None
