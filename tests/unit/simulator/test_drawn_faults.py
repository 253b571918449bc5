"""Faults that are drawn for all places at once are those that would be drawn place by place."""

import numpy as np
import pytest
from noisy_cases import (
    DECOUPLED,
    GATE_KINDS,
    GENERAL,
    NOT_PAULI,
    PAULI_NOISE,
    RELAXATION,
    SIDE_EFFECTS,
    TOMOGRAPHY,
    bernstein,
    compiled,
    dynamic_circuit,
    pair_of_qpus,
    static_circuit,
)

from weft.program import Op, Pauli
from weft.scheduler import Timelines, schedule
from weft.simulator.faults import AFTER, BEFORE, READOUT, draw_faults
from weft.simulator.noise import Cause, noise_of

SHOTS = 40_000
EVERYTHING = pair_of_qpus(
    (2, 1),
    pair=TOMOGRAPHY,
    hardware=DECOUPLED | GATE_KINDS | NOT_PAULI | {"t1_s": 0.5},
    attempt_s=0.01,
    success=0.2,
    **SIDE_EFFECTS,
)
PLAIN = pair_of_qpus((2, 1), hardware=PAULI_NOISE, attempt_s=0.01, success=0.2)
EXTREME = pair_of_qpus(
    (2, 1), hardware=RELAXATION | {"measurement_error": 1.0, "one_qubit_gate_error": 0.5, "t1_s": 1e-4, "t2_s": 1e-4}
)
HALF = pair_of_qpus((2, 1), hardware={}, crosstalk_flip_probability=0.5)


def drawn(network, *, twirl=True, seed=3, shots=SHOTS):
    """All shots have one timeline, so that every place has one probability."""
    program = compiled(dynamic_circuit(5, 3, 4, GENERAL), network)
    noise, one = noise_of(program), schedule(program, 1, 9)
    many = Timelines(program, np.repeat(one.start_s, shots, axis=1), np.repeat(one.end_s, shots, axis=1))
    return program, noise, one, draw_faults(program, noise, many, np.random.default_rng(seed), twirl=twirl)


def expected_means(program, noise, timelines, *, twirl):
    """(row, when, qubit, Pauli, cause) → probability, place by place."""
    means = {}

    def put(*key_and_probability):
        *key, probability = key_and_probability
        if probability > 0:
            means[tuple(map(int, key))] = means.get(tuple(map(int, key)), 0.0) + probability

    for row, opcode in enumerate(program.opcodes.tolist()):
        qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        if opcode == Op.ENTANGLE:
            pair = noise.pairs[program.links[row]]
            if twirl or pair.is_bell_diagonal:
                for pauli, weight in zip((Pauli.Z, Pauli.X, Pauli.Y), pair.bell_weights[1:], strict=True):
                    put(row, AFTER, qubits[1], pauli, Cause.BELL_PAIRS, weight)
            strikes = noise.crosstalk.at(row)
            flips = noise.crosstalk.mean_flips(timelines, strikes)[:, 0]
            for qubit, mean in zip(noise.crosstalk.qubits[strikes], flips, strict=True):
                put(row, BEFORE, qubit, Pauli.Z, Cause.WAITING, (1 - np.exp(-2 * mean)) / 2)
            continue
        for operand, qubit in enumerate(qubits):
            if noise.waits[row, operand]:
                idle = noise.idle_s(timelines, row, operand)[None]
                (x,), (z,) = noise.idling.hazards(np.array([qubit]), idle, relaxation=twirl)
                each = (1 - np.exp(-4 * x[0])) / 4
                put(row, BEFORE, qubit, Pauli.X, Cause.WAITING, each)
                put(row, BEFORE, qubit, Pauli.Y, Cause.WAITING, each)
                put(row, BEFORE, qubit, Pauli.Z, Cause.WAITING, (1 - np.exp(-2 * (x[0] + z[0]))) / 2 - each)
        for kind, weight in enumerate(noise.gates.twirled[noise.gates.table_of_row[row]].tolist()):
            for operand, qubit in enumerate(qubits):
                pauli = (kind >> (2 * operand)) & 3
                if kind and pauli:
                    put(row, AFTER, qubit, pauli, Cause.LOCAL_GATES, weight)
        when, pauli = (READOUT, 0) if opcode == Op.MEASURE else (AFTER, Pauli.X)
        put(row, when, qubits[0], pauli, Cause.MEASUREMENT_AND_FEED_FORWARD, noise.flip_probability[row])
    return means


@pytest.mark.parametrize("twirl", [True, False])
@pytest.mark.parametrize("network", [EVERYTHING, PLAIN, EXTREME, HALF], ids=["everything", "plain", "extreme", "half"])
def test_how_often_each_fault_strikes(network, twirl):
    """Every row, qubit and Pauli on its own; false-alarm rate 1e-7 for each of the eight cases."""
    program, noise, one, faults = drawn(network, twirl=twirl)
    means = expected_means(program, noise, one, twirl=twirl)
    columns = (faults.row, faults.when, faults.qubit, faults.pauli, faults.cause)
    keys, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    found = {tuple(key): count for key, count in zip(keys.tolist(), counts.tolist(), strict=True)}
    assert set(found) <= set(means)
    for key, p in means.items():
        off = abs(found.get(key, 0) - SHOTS * p)
        assert off <= bernstein(SHOTS * p * (1 - p), 1e-7 / len(means)) + 1e-6, (key, found.get(key, 0) / SHOTS, p)


@pytest.mark.parametrize("network", [EVERYTHING, EXTREME], ids=["everything", "extreme"])
def test_faults_are_sorted_and_none_comes_twice(network):
    _, _, _, faults = drawn(network, shots=500)
    shot = np.repeat(np.arange(500), np.diff(faults.offsets))
    assert faults.offsets[0] == 0
    assert faults.offsets[-1] == len(faults) == len(shot)
    order = np.lexsort((faults.when, faults.row, shot))
    assert np.array_equal(order, np.arange(len(faults)))
    places = np.column_stack((shot, faults.row, faults.when, faults.qubit, faults.cause))
    assert len(np.unique(places, axis=0)) == len(faults)


def test_the_two_paulis_of_a_gate_come_together():
    """ZZ and nothing else: both operands are struck in the same shots. Independent gates are struck independently.

    False-alarm rate 1e-7.
    """
    network = pair_of_qpus((3, 1), hardware={"two_qubit_pauli_errors": {"ZZ": 0.2}})
    program = compiled(static_circuit(1, 3, 4, ("cx", "cz", "h")), network)
    noise, timelines = noise_of(program), schedule(program, SHOTS, 1)
    faults = draw_faults(program, noise, timelines, np.random.default_rng(2), twirl=True)
    shot = np.repeat(np.arange(SHOTS), np.diff(faults.offsets))
    assert set(faults.pauli.tolist()) == {int(Pauli.Z)}
    struck = {}
    for row in np.unique(faults.row).tolist():
        first, second = (shot[(faults.row == row) & (faults.qubit == qubit)] for qubit in program.qubits[row].tolist())
        assert np.array_equal(first, second)
        struck[row] = set(first.tolist())
    assert len(struck) >= 2
    one, other = list(struck.values())[:2]
    assert abs(len(one & other) - SHOTS * 0.04) < bernstein(SHOTS * 0.04, 1e-7)


def test_the_same_seed_gives_the_same_faults_and_another_others():
    first, again, other = (drawn(EVERYTHING, seed=seed, shots=300)[3] for seed in (3, 3, 4))
    assert all(np.array_equal(getattr(first, name), getattr(again, name)) for name in first.__dataclass_fields__)
    assert len(first) != len(other) or not np.array_equal(first.row, other.row)


def test_numbers_of_faults_vary_from_shot_to_shot_as_those_of_independent_places_do():
    """The variance over shots of the number of wrong readings is Σ p (1 − p).

    The mean square of 40,000 independent numbers of this kurtosis is 6 of its standard deviations off with less than 1e-7.
    """
    _, noise, _, faults = drawn(PLAIN)
    shot = np.repeat(np.arange(SHOTS), np.diff(faults.offsets))
    counts = np.bincount(shot[faults.cause == Cause.MEASUREMENT_AND_FEED_FORWARD], minlength=SHOTS)
    variance = float((noise.flip_probability * (1 - noise.flip_probability)).sum())
    assert abs(counts.var() / variance - 1) < 6 * np.sqrt((2 + 1 / variance) / SHOTS)


def test_nothing_noisy_gives_no_faults():
    _, _, _, faults = drawn(pair_of_qpus((2, 1)), shots=100)
    assert len(faults) == 0
    assert faults.offsets.tolist() == [0] * 101
