"""Exact density matrices of compiled programs against an interpreter made of Kraus operators: equal to rounding, shot by shot."""

import numpy as np
import pytest
from kraus_interpreter import Interpreter
from noisy_cases import (
    CLIFFORD,
    DECOUPLED,
    GATE_KINDS,
    GENERAL,
    NOT_PAULI,
    PAULI_NOISE,
    RELAXATION,
    SIDE_EFFECTS,
    SLOW_NOISE,
    TOMOGRAPHY,
    compiled,
    dynamic_circuit,
    exact,
    make_network,
    pair_of_qpus,
    static_circuit,
)

from weft.circuit import CircuitBuilder
from weft.scheduler import schedule
from weft.simulator.backend import STAGES, is_static, terminal_measurements
from weft.simulator.noise import CAUSES, noise_of

NETWORK = pair_of_qpus((2, 1), communication=1, pair=TOMOGRAPHY, hardware=RELAXATION, attempt_s=0.01, success=0.2)


@pytest.mark.parametrize("names", [CLIFFORD, GENERAL], ids=["clifford", "general"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fidelity_and_outcomes_of_a_unitary_circuit(seed, names):
    program = compiled(static_circuit(seed, 3, 5, names), NETWORK)
    assert is_static(program)
    assert program.num_qubits == 5
    timelines = schedule(program, 2, seed)
    overlaps, tables, bits = exact(program, timelines)
    keep = frozenset(np.flatnonzero(terminal_measurements(program)).tolist())
    for shot in range(2):
        ideal = Interpreter(program, timelines, shot, (), keep=keep)
        ideal.run()
        for stage in range(STAGES):
            player = Interpreter(program, timelines, shot, CAUSES[:stage], keep=keep)
            player.run()
            fidelity = np.trace(ideal.data_state() @ player.data_state()).real
            assert overlaps[stage, shot] == pytest.approx(fidelity, abs=1e-12)
        player = Interpreter(program, timelines, shot, CAUSES)
        player.run()
        assert_same_outcomes(tables[-1][shot], bits, player.distribution())


@pytest.mark.parametrize("names", [CLIFFORD, GENERAL], ids=["clifford", "general"])
def test_outcomes_of_a_circuit_that_branches(names):
    program = compiled(dynamic_circuit(4, 3, 2, names), NETWORK)
    timelines = schedule(program, 1, 4)
    _, tables, bits = exact(program, timelines)
    for stage in range(STAGES):
        player = Interpreter(program, timelines, 0, CAUSES[:stage])
        player.run()
        assert_same_outcomes(tables[stage][0], bits, player.distribution())


KINDS = {
    "Gaussian": ({**SLOW_NOISE, "t1_s": 0.5}, {}),
    "decoupled": ({**DECOUPLED, "t1_s": 0.5}, {}),
    "stated Paulis": ({**PAULI_NOISE, **GATE_KINDS}, {}),
    "damping and over-rotation": ({**PAULI_NOISE, **NOT_PAULI}, {}),
    "crosstalk and jitter": (PAULI_NOISE, SIDE_EFFECTS),
    "everything": ({**DECOUPLED, **GATE_KINDS, **NOT_PAULI, "t1_s": 0.5}, SIDE_EFFECTS),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [CLIFFORD, GENERAL], ids=["clifford", "general"])
@pytest.mark.parametrize("branches", [False, True], ids=["unitary", "branching"])
def test_every_kind_of_noise(kind, names, branches):
    hardware, side_effects = KINDS[kind]
    network = pair_of_qpus(
        (2, 1), communication=1, pair=TOMOGRAPHY, hardware=hardware, attempt_s=0.01, success=0.2, **side_effects
    )
    circuit = dynamic_circuit(4, 3, 2, names) if branches else static_circuit(6, 3, 5, names)
    program = compiled(circuit, network)
    timelines = schedule(program, 2, 7)
    if kind in {"Gaussian", "decoupled"}:
        assert (noise_of(program).idling.gaussian_rate_hz > 0).all()
    overlaps, tables, bits = exact(program, timelines)
    keep = frozenset(np.flatnonzero(terminal_measurements(program)).tolist())
    for shot in range(2):
        if not branches:
            ideal = Interpreter(program, timelines, shot, (), keep=keep)
            ideal.run()
            for stage in range(STAGES):
                player = Interpreter(program, timelines, shot, CAUSES[:stage], keep=keep)
                player.run()
                fidelity = np.trace(ideal.data_state() @ player.data_state()).real
                assert overlaps[stage, shot] == pytest.approx(fidelity, abs=1e-12)
        player = Interpreter(program, timelines, shot, CAUSES)
        player.run()
        assert_same_outcomes(tables[-1][shot], bits, player.distribution())


def test_swapping_on_the_way():
    """A relay: both pairs, the Bell measurement between them and its corrections."""
    builder = CircuitBuilder(2)
    builder.gate("ry", 0, angles=[0.7])
    builder.gate("crx", 0, 1, angles=[1.2])
    network = make_network(
        [(0, 1), (1, 2)], (1, 0, 1), communication=2, pair=TOMOGRAPHY, hardware=RELAXATION, attempt_s=0.01, success=0.2
    )
    program = compiled(builder, network)
    assert program.ebits == 2
    timelines = schedule(program, 2, 0)
    _, tables, bits = exact(program, timelines)
    for shot in range(2):
        player = Interpreter(program, timelines, shot, CAUSES)
        player.run()
        assert_same_outcomes(tables[-1][shot], bits, player.distribution())


def test_inputs_that_wait_from_the_start():
    builder = CircuitBuilder(1)
    builder.gate("x", 0)
    program = compiled(builder, pair_of_qpus((1, 1)))
    assert not noise_of(program).waits[0, 0]
    assert noise_of(program, inputs_wait=True).waits[0, 0]


def assert_same_outcomes(table, bits, expected):
    found = table.reshape((2,) * len(bits))
    total = 0.0
    for key, probability in expected.items():
        assert found[tuple(key[bit] for bit in bits)] == pytest.approx(probability, abs=1e-12)
        total += probability
    assert total == pytest.approx(1)
