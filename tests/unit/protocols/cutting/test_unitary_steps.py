"""One-qubit unitaries as steps."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.circuit.gates import CODES, GATES, matrix_of
from weft.protocols.cutting.operations import unitary_steps

angle = st.one_of(st.floats(-10, 10), st.sampled_from([k * math.pi / 4 for k in range(-8, 9)]), st.floats(-1e-7, 1e-7))


@given(angle, angle, angle, angle)
def test_the_step_is_the_unitary_up_to_a_phase(theta: float, phi: float, lam: float, phase: float) -> None:
    matrix = np.exp(1j * phase) * matrix_of(CODES["u"], (theta, phi, lam))
    product = np.eye(2)
    for step in unitary_steps(matrix, 0):
        product = matrix_of(CODES[step.name], step.angles) @ product
    overlap = np.vdot(product, matrix)
    np.testing.assert_allclose(matrix, overlap / abs(overlap) * product, atol=4e-12)


@given(st.floats(-17, -1), st.floats(-16, -12), st.booleans(), st.integers(0, 1000))
def test_rounding_of_small_entries_does_not_spoil_large_ones(size, noise, flip, seed) -> None:
    """Next to a diagonal unitary, or to a flip, small entries have next to no phase of their own."""
    rng = np.random.default_rng(seed)
    matrix = matrix_of(CODES["u"], (10**size, *rng.uniform(-3, 3, size=2)))
    matrix = (matrix[:, ::-1] if flip else matrix) + 10**noise * rng.normal(size=(2, 2))
    product = np.eye(2)
    for step in unitary_steps(matrix, 0):
        product = matrix_of(CODES[step.name], step.angles) @ product
    overlap = np.vdot(product, matrix)
    np.testing.assert_allclose(matrix, overlap / abs(overlap) * product, atol=20 * 10**noise + 4e-12)


@pytest.mark.parametrize("name", ["x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"])
def test_a_named_gate_is_found_under_its_name(name: str) -> None:
    (step,) = unitary_steps(np.exp(0.3j) * matrix_of(CODES[name]), 5)
    assert (step.name, step.qubits, step.angles) == (name, (5,), ())


def test_the_identity_takes_no_step() -> None:
    assert unitary_steps(1j * np.eye(2), 0) == ()


def test_every_clifford_gate_has_exact_angles() -> None:
    """Backends tell Clifford gates by their angles; noise of linear algebra must not hide them."""
    h, s = matrix_of(CODES["h"]), matrix_of(CODES["s"])
    rng = np.random.default_rng(5)
    for _ in range(200):
        matrix = np.eye(2)
        for choice in rng.integers(2, size=12):
            matrix = (h, s)[choice] @ matrix
        matrix = matrix * np.exp(1j * rng.uniform(0, 7)) + 1e-15 * rng.normal(size=(2, 2))
        for step in unitary_steps(matrix, 0):
            assert len(step.angles) == GATES[CODES[step.name]].angles
            assert all(a / (math.pi / 2) == round(a / (math.pi / 2)) for a in step.angles)
