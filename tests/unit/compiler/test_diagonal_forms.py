"""The diagonal form of a gate is the gate, and its turns are the fewest."""

import numpy as np
import pytest

from weft.circuit.gates import CODES, GATES, matrix_of
from weft.compiler.forms import diagonal_form, has_diagonal_form
from weft.compiler.turns import P, X, turns_for

FORMS = [gate for gate in GATES if gate.qubits == 2 and has_diagonal_form(CODES[gate.name])]
ONE_QUBIT = [gate for gate in GATES if gate.qubits == 1]
ONE = np.eye(2)


def some_angles(count: int) -> list[list[float]]:
    """Random ones, multiples of π/2, and some so small that they are lost in the rounding of a matrix."""
    if count == 0:
        return [[]]
    rng = np.random.default_rng(count)
    special = rng.integers(-4, 5, (30, count)) * np.pi / 2
    tiny = rng.choice([0.0, 1e-300, 1e-17, -1e-12, 1e-9, 1e-5], (30, count))
    near = special + tiny
    return [
        [0.0] * count,
        *(row for part in (rng.uniform(-20, 20, (30, count)), special, tiny, near) for row in part.tolist()),
    ]


def rebuilt(form) -> np.ndarray:
    first, second = (ONE if basis is None else basis for basis in form.before)
    change = np.kron(first, second)
    phase = np.kron(matrix_of(P, (form.phase,)), ONE)
    return change.conj().T @ phase @ matrix_of(form.code, form.angles) @ change


@pytest.mark.parametrize("gate", FORMS, ids=lambda gate: gate.name)
def test_a_form_is_its_gate(gate) -> None:
    """Up to a global phase; entry by entry, so that not even the smallest rotation gets lost in the rounding of an overlap."""
    code = CODES[gate.name]
    for angles in some_angles(gate.angles):
        form = diagonal_form(code, tuple(angles))
        wanted, found = matrix_of(code, angles), rebuilt(form)
        overlap = np.vdot(found, wanted)
        np.testing.assert_allclose(found * overlap / abs(overlap), wanted, rtol=0, atol=3e-15)
        assert (
            np.count_nonzero(matrix_of(form.code, form.angles) - np.diag(np.diag(matrix_of(form.code, form.angles))))
            == 0
        )
        assert form.phase == 0 or form.before[0] is None


@pytest.mark.parametrize("gate", FORMS, ids=lambda gate: gate.name)
def test_bases_are_unitary_and_left_out_where_nothing_changes(gate) -> None:
    for angles in some_angles(gate.angles):
        matrix = matrix_of(CODES[gate.name], angles)
        form = diagonal_form(CODES[gate.name], tuple(angles))
        for operand, basis in enumerate(form.before):
            z = np.kron(np.diag([1, -1]), ONE) if operand == 0 else np.kron(ONE, np.diag([1, -1]))
            if basis is None:
                assert np.allclose(z @ matrix, matrix @ z, atol=1e-12)
            else:
                np.testing.assert_allclose(basis @ basis.conj().T, ONE, atol=1e-15)


@pytest.mark.parametrize("angle", [1e-5, 1e-9, 1e-12, 1e-17, 1e-300])
def test_the_smallest_controlled_rotations_keep_their_angle(angle: float) -> None:
    """A cu3 that hardly turns: its phase gate turns by exactly as much, about the right axis, to all digits."""
    about_y = diagonal_form(CODES["cu3"], (angle, 0.0, 0.0))
    assert about_y.angles[0] == pytest.approx(angle, rel=1e-12)
    about_z = diagonal_form(CODES["cu3"], (0.0, 0.0, angle))
    assert abs(about_z.angles[0]) == pytest.approx(angle, rel=1e-9, abs=3e-16)


@pytest.mark.parametrize("gate", FORMS, ids=lambda gate: gate.name)
def test_what_is_called_a_controlled_pauli_is_one(gate) -> None:
    """That is U = (1 + A + B − AB)/2 with A and B Paulis along some axes, up to a global phase; then kept copies may serve it.

    A `cu3` with a phase of its control is not: this one is tested below.
    """
    for angles in some_angles(gate.angles):
        form = diagonal_form(CODES[gate.name], tuple(angles))
        if form.is_pauli and not form.phase:
            assert np.allclose(np.abs(np.diag(matrix_of(form.code, form.angles))), 1)
            assert np.allclose(matrix_of(form.code, form.angles), np.diag([1, 1, 1, -1]), atol=1e-12)


def test_a_controlled_pauli_with_a_phase_is_none() -> None:
    """cu3(π, π, π/2) turns its control too, and what stands for a controlled Pauli on kept copies has no room for that."""
    form = diagonal_form(CODES["cu3"], (np.pi, np.pi, np.pi / 2))
    assert form.phase != 0
    assert not form.is_pauli


def product_of(turns) -> np.ndarray:
    product = ONE.astype(complex)
    for code, angles in turns:
        product = matrix_of(code, angles) @ product
    return product


def some_unitaries() -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    named = [matrix_of(CODES[gate.name], angles) for gate in ONE_QUBIT for angles in some_angles(gate.angles)[:60]]
    products = [named[a] @ named[b] for a, b in rng.integers(len(named), size=(300, 2))]
    phases = np.exp(1j * rng.uniform(0, 7, len(named)))
    return [*named, *products, *(phase * matrix for phase, matrix in zip(phases, named, strict=True))]


def test_turns_are_the_unitary() -> None:
    """Up to a phase, to rounding."""
    for matrix in some_unitaries():
        found = product_of(turns_for(np.ascontiguousarray(matrix)))
        overlap = np.vdot(found, matrix)
        np.testing.assert_allclose(found * overlap / abs(overlap), matrix, rtol=0, atol=3e-11)


def test_turns_are_the_fewest() -> None:
    """None for the identity, one for the rest; only antidiagonal ones may take two, an X first, which every copy can do."""
    for matrix in some_unitaries():
        turns = turns_for(np.ascontiguousarray(matrix))
        off, diagonal = abs(matrix[0, 1]) + abs(matrix[1, 0]), abs(matrix[0, 0]) + abs(matrix[1, 1])
        if diagonal < 1e-12:
            assert turns[0] == (X, ())
            assert len(turns) <= 2
        else:
            assert len(turns) <= 1
        if off < 1e-12 and abs(matrix[0, 0] - matrix[1, 1]) < 1e-16:
            assert turns == ()


@pytest.mark.parametrize("name", ["z", "s", "sdg", "t", "tdg", "h", "sx", "sxdg", "x"])
def test_named_gates_keep_their_name(name: str) -> None:
    assert turns_for(np.ascontiguousarray(np.exp(0.3j) * matrix_of(CODES[name]))) == ((CODES[name], ()),)


def test_an_x_with_a_phase_is_an_x_and_a_diagonal_gate() -> None:
    """Copies in the Z basis can do both: the X each, the diagonal gate one of them."""
    [first, second] = turns_for(np.ascontiguousarray(matrix_of(P, (0.4,)) @ matrix_of(X)))
    assert first == (X, ())
    assert second[0] == P
    assert second[1][0] == pytest.approx(0.4)
