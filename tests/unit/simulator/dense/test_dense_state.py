"""The kernels of dense states against NumPy in double precision."""

import numpy as np
import pytest
from dense_reference import apply_matrix

from weft.simulator.dense.state import (
    apply_gate,
    apply_gates,
    coefficients_of,
    overlap_and_weight,
    reduced_density,
    sample,
    zero_state,
)

QUBITS = 7
PAIRS = [(first, second) for second in range(QUBITS) for first in range(second)]


def random_unitary(generator):
    return np.linalg.qr(generator.normal(size=(4, 4)) + 1j * generator.normal(size=(4, 4)))[0]


def random_state(generator, qubits=QUBITS):
    state = generator.normal(size=2**qubits) + 1j * generator.normal(size=2**qubits)
    return state / np.linalg.norm(state)


def parts_of(state):
    return np.stack((state.real, state.imag)).astype(np.float32)


def expected(state, matrix, first, second):
    """Axis 0 is the highest qubit."""
    qubits = int(np.log2(len(state)))
    axes = (qubits - 1 - second, qubits - 1 - first)
    return apply_matrix(state.reshape((2,) * qubits), matrix, axes).reshape(-1)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_gate_on_any_two_qubits(first, second):
    """Lanes, rows, and one of each; in place and into another state."""
    generator = np.random.default_rng(first + 10 * second)
    matrix, state = random_unitary(generator), random_state(generator)
    coefficients = coefficients_of(matrix[None], [first], [second])
    before, after = parts_of(state), np.empty((2, 2**QUBITS), dtype=np.float32)
    apply_gate(before, after, first, second, coefficients[0])
    np.testing.assert_allclose(after[0] + 1j * after[1], expected(state, matrix, first, second), atol=1e-6)
    np.testing.assert_array_equal(before, parts_of(state))
    apply_gates(before, np.array([first]), np.array([second]), coefficients, 0, 1)
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("qubits", [4, 5, 9])
def test_a_run_of_gates(qubits):
    """From `low` up to `high` only; the smallest state is a single row of lanes."""
    generator = np.random.default_rng(qubits)
    pairs = np.array([sorted(generator.choice(qubits, 2, replace=False)) for _ in range(30)])
    matrices = np.array([random_unitary(generator) for _ in range(30)])
    state = zero_state(qubits)
    apply_gates(state, pairs[:, 0], pairs[:, 1], coefficients_of(matrices, *pairs.T), 2, 28)
    reference = np.zeros(2**qubits, dtype=complex)
    reference[0] = 1
    for matrix, (first, second) in zip(matrices[2:28], pairs[2:28].tolist(), strict=True):
        reference = expected(reference, matrix, first, second)
    np.testing.assert_allclose(state[0] + 1j * state[1], reference, atol=1e-5)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_reduced_state_of_any_two_qubits(first, second):
    state = random_state(np.random.default_rng(first + 10 * second))
    axes = (QUBITS - 1 - second, QUBITS - 1 - first)
    matrix = np.moveaxis(state.reshape((2,) * QUBITS), axes, (0, 1)).reshape(4, -1)
    np.testing.assert_allclose(reduced_density(parts_of(state), first, second), matrix @ matrix.conj().T, atol=1e-6)


def test_overlap_and_weight():
    generator = np.random.default_rng(5)
    one, other = random_state(generator, 10), 0.5 * random_state(generator, 10)
    overlap, weight = overlap_and_weight(parts_of(other), parts_of(one))
    assert overlap == pytest.approx(abs(np.vdot(one, other)) ** 2, rel=1e-5)
    assert weight == pytest.approx(0.25, rel=1e-6)


def test_samples_are_where_the_cumulative_weights_pass_the_draws():
    generator = np.random.default_rng(6)
    state = random_state(generator)
    state[generator.random(2**QUBITS) < 0.5] = 0
    edges = np.cumsum(np.abs(state) ** 2)
    draws = np.sort(generator.random(500))
    draws = draws[np.min(np.abs(draws[:, None] * edges[-1] - edges), axis=1) > 1e-5]  # not within rounding of an edge
    found = sample(parts_of(state), draws)
    np.testing.assert_array_equal(found, np.searchsorted(edges, draws * edges[-1], side="right"))


def test_no_sample_is_impossible():
    """Not even for draws at the ends."""
    state = np.zeros((2, 64), dtype=np.float32)
    state[0, 20] = state[1, 37] = np.sqrt(0.5)
    assert sample(state, np.array([0.0, 0.4999, 0.5001, 1 - 2**-53])).tolist() == [20, 20, 37, 37]
