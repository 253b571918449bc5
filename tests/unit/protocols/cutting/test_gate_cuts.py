"""Cut gates are the gates that were cut, at the least overhead that there can be."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import unitary_group

from weft.circuit.circuit import CircuitBuilder
from weft.circuit.clifford import clifford_tableau
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.errors import InvalidValueError
from weft.protocols.cutting.choi import _factors, gate_choi, operation_choi
from weft.protocols.cutting.gate_cuts import (
    gate_cut,
    gate_overhead,
    gate_overheads,
    parallel_gate_cut,
    parallel_overhead,
)

CX = matrix_of(CODES["cx"])
TWO_QUBIT_GATES = [gate for gate in GATES if gate.qubits == 2]
angle = st.one_of(st.floats(-7, 7), st.sampled_from([k * math.pi / 4 for k in range(-8, 9)]), st.floats(-1e-6, 1e-6))


def choi_of(unitary):
    vector = np.asarray(unitary).ravel()
    return np.outer(vector, vector.conj())


def side_by_side(unitaries):
    """Gates at once, first operands before second ones."""
    count = len(unitaries)
    joint = np.ones((1, 1))
    for unitary in unitaries:
        joint = np.kron(joint, unitary)
    order = [2 * k for k in range(count)] + [2 * k + 1 for k in range(count)]
    axes = order + [2 * count + axis for axis in order]
    return joint.reshape([2] * (4 * count)).transpose(axes).reshape(4**count, 4**count)


def assert_exact(cut, unitary):
    np.testing.assert_allclose(gate_choi(cut), choi_of(unitary), atol=1e-10)


@given(st.sampled_from(TWO_QUBIT_GATES), st.tuples(angle, angle, angle))
@settings(deadline=None, max_examples=80)
def test_every_gate_is_what_its_cut_says(gate, angles) -> None:
    unitary = matrix_of(CODES[gate.name], angles)
    cut = gate_cut(unitary)
    assert_exact(cut, unitary)
    assert cut.overhead == pytest.approx(gate_overhead(unitary), abs=1e-10)
    assert not any(operation.ancillas for operation in cut.left + cut.right)


@pytest.mark.parametrize("seed", range(12))
def test_any_unitary_is_what_its_cut_says_with_and_without_an_ancilla(seed) -> None:
    unitary = unitary_group.rvs(4, random_state=seed)
    cut, without = gate_cut(unitary), gate_cut(unitary, ancillas=False)
    assert_exact(cut, unitary)
    assert_exact(without, unitary)
    assert cut.overhead == pytest.approx(gate_overhead(unitary), abs=1e-10)
    assert not any(operation.ancillas for operation in cut.left)
    assert not any(operation.ancillas for operation in without.left + without.right)
    assert cut.overhead <= without.overhead <= 1 + math.sqrt(2) * (cut.overhead - 1)


@pytest.mark.parametrize(
    ("name", "angles", "overhead"),
    [
        ("cx", (), 3),
        ("cz", (), 3),
        ("ecr", (), 3),
        ("swap", (), 7),
        ("iswap", (), 7),
        ("dcx", (), 7),
        ("rzz", (0.3,), 1 + 2 * math.sin(0.3)),
        ("rxx", (-2.0,), 1 + 2 * math.sin(2.0)),
        ("cp", (0.7,), 1 + 2 * math.sin(0.35)),
        ("crx", (3.0,), 1 + 2 * math.sin(1.5)),
        ("cs", (), 1 + math.sqrt(2)),
    ],
)
def test_overheads_are_those_of_the_literature(name, angles, overhead) -> None:
    unitary = matrix_of(CODES[name], angles)
    assert gate_overhead(unitary) == pytest.approx(overhead, abs=1e-12)
    assert gate_cut(unitary).overhead == pytest.approx(overhead, abs=1e-12)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_no_cut_of_local_operations_can_do_with_less(seed) -> None:
    """A witness: products of states give W an expectation in [−1, 1], the gate's Choi state gives it γ.

    W = 2 Ω − 1 with Ω = Σ_kl |kk⟩⟨ll| in the operator Schmidt basis; found here from the unitary alone.
    """
    unitary = unitary_group.rvs(4, random_state=seed)
    realigned = unitary.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4) / 2
    first, coefficients, second = np.linalg.svd(realigned)
    diagonal = sum(np.kron(first[:, k], second[k]) for k in range(4))
    state = np.einsum("ak,k,kb->ab", first, coefficients, second).ravel()
    assert 2 * abs(np.vdot(diagonal, state)) ** 2 - 1 == pytest.approx(gate_overhead(unitary), abs=1e-10)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        a, b = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))
        product = np.kron(a / np.linalg.norm(a), b / np.linalg.norm(b))
        assert abs(np.vdot(diagonal, product)) ** 2 <= 1 + 1e-12


def test_a_product_of_local_unitaries_is_a_single_term() -> None:
    for seed in range(5):
        a, b = unitary_group.rvs(2, size=2, random_state=seed)
        cut = gate_cut(np.kron(a, b))
        assert cut.coefficients.shape == (1, 1)
        assert cut.overhead == pytest.approx(1, abs=1e-12)
        assert_exact(cut, np.kron(a, b))


@pytest.mark.parametrize("theta", [1e-2, 1e-5, 1e-8])
def test_a_gate_next_to_the_identity_is_not_taken_for_it(theta) -> None:
    unitary = matrix_of(CODES["rzz"], (theta,))
    cut = gate_cut(unitary)
    assert cut.overhead - 1 == pytest.approx(2 * theta, rel=1e-3)
    assert_exact(cut, unitary)
    assert np.abs(gate_choi(cut) - choi_of(unitary)).max() < theta**2 / 10 + 1e-13


@pytest.mark.parametrize("theta", [1e-4, 1e-9])
def test_a_swap_almost_is_cut_as_exactly_as_any(theta) -> None:
    unitary = matrix_of(CODES["swap"]) @ matrix_of(CODES["rzx"], (theta,))
    cut = gate_cut(unitary)
    assert_exact(cut, unitary)
    assert cut.overhead == pytest.approx(gate_overhead(unitary), abs=1e-10)


def test_a_cx_needs_few_experiments() -> None:
    cut = gate_cut(CX)
    assert (len(cut.left), len(cut.right), np.count_nonzero(cut.coefficients)) == (5, 5, 6)
    assert not cut.communication


def test_the_control_of_a_cx_is_measured_and_its_target_in_x() -> None:
    """Without a gate more than that takes."""
    cut = gate_cut(CX)
    ((control,), (target,)) = ([op for op in end if op.bits] for end in (cut.left, cut.right))
    assert [step.name for step in control.steps] == ["measure"]
    assert [step.name for step in target.steps] == ["h", "measure", "h"]


@pytest.mark.parametrize("names", [["cx"], ["ecr"], ["swap"], ["iswap"], ["dcx"], ["cx", "cz"], ["swap", "cy"]])
def test_pieces_of_clifford_circuits_stay_clifford(names) -> None:
    cut = parallel_gate_cut([matrix_of(CODES[name]) for name in names])
    steps = {step for operation in cut.left + cut.right for step in operation.steps}
    for step in steps:
        assert step.name == "measure" or clifford_tableau(CODES[step.name], step.angles) is not None


def test_every_operation_can_be_done() -> None:
    """Summed over its outcomes, each is a channel: nothing is postselected."""
    cut = parallel_gate_cut([unitary_group.rvs(4, random_state=3), CX])
    for operation in cut.left[:60] + cut.right[:60]:
        size = 2**operation.wires
        choi = operation_choi(operation).sum(axis=0).reshape(size, size, size, size)
        np.testing.assert_allclose(np.einsum("aiaj->ij", choi), np.eye(size), atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_two_gates_at_once_cost_less_than_one_after_the_other(seed) -> None:
    unitaries = unitary_group.rvs(4, size=2, random_state=seed)
    cut = parallel_gate_cut(unitaries)
    apart = [gate_overhead(unitary) for unitary in unitaries]
    assert_exact(cut, side_by_side(unitaries))
    assert cut.overhead == pytest.approx(parallel_overhead(apart), abs=1e-9)
    assert cut.overhead < apart[0] * apart[1]


@given(st.sampled_from(TWO_QUBIT_GATES), st.sampled_from(TWO_QUBIT_GATES), st.tuples(angle, angle, angle))
@settings(deadline=None, max_examples=15)
def test_two_named_gates_at_once_are_what_their_cut_says(first, second, angles) -> None:
    unitaries = [matrix_of(CODES[first.name], angles), matrix_of(CODES[second.name], angles[::-1])]
    assert_exact(parallel_gate_cut(unitaries), side_by_side(unitaries))


def test_three_cx_at_once_are_what_their_cut_says() -> None:
    """The Choi matrix itself would be 4096 × 4096; it is contracted with a random matrix at the left end instead."""
    unitary = side_by_side([CX] * 3)
    cut = parallel_gate_cut([CX] * 3)
    assert cut.overhead == pytest.approx(15)
    left, right = _factors(cut)
    real, imaginary = np.random.default_rng(2).normal(size=(2, 64, 64))
    probe = real + 1j * imaginary
    vectors = unitary.reshape(8, 8, 8, 8).transpose(0, 2, 1, 3).reshape(64, 64)
    expected = np.einsum("ab,ax,by->xy", probe, vectors, vectors.conj())
    np.testing.assert_allclose(np.einsum("ab,tab,txy->xy", probe, left, right, optimize=True), expected, atol=1e-8)


def test_overheads_of_gates_at_once() -> None:
    assert parallel_overhead([3, 3]) == pytest.approx(7)
    assert parallel_overhead([3, 3, 3]) == pytest.approx(15)
    assert parallel_overhead([2.5]) == pytest.approx(2.5)
    assert parallel_overhead([]) == pytest.approx(1)


def test_overheads_of_a_circuit_are_those_of_its_gates() -> None:
    builder = CircuitBuilder(3)
    builder.add_bits(1)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    builder.gate("rzz", 1, 2, angles=(0.3,))
    builder.gate("rzz", 1, 2, angles=(0.4,))
    builder.gate("cx", 2, 1)
    builder.measure(0, 0)
    expected = [1, 3, 1 + 2 * math.sin(0.3), 1 + 2 * math.sin(0.4), 3, 1]
    np.testing.assert_allclose(gate_overheads(builder.build()), expected, atol=1e-12)
    assert gate_overheads(CircuitBuilder(2).build()).shape == (0,)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(2), r"must have shape \(4, 4\), but has \(2, 2\)"),
        (2 * np.eye(4), "must be unitary"),
        (np.full((4, 4), np.nan), "must have finite entries"),
        (np.diag([1, 1, 1, np.inf]), "must have finite entries"),
    ],
)
def test_what_is_no_unitary_is_refused(matrix, message) -> None:
    for refuse in (gate_cut, gate_overhead):
        with pytest.raises(InvalidValueError, match=message):
            refuse(matrix)


def test_too_many_gates_at_once_are_refused_with_their_number() -> None:
    with pytest.raises(InvalidValueError, match=r"at most 64 strings .* but are 7 with 128"):
        parallel_gate_cut([CX] * 7)
    with pytest.raises(InvalidValueError, match="but are 0"):
        parallel_gate_cut([])
