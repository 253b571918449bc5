"""The dense check is itself checked on operations whose Choi matrices are known."""

import numpy as np
import pytest

from weft.circuit.gates import CODES, matrix_of
from weft.errors import InvalidValueError
from weft.protocols.cutting.choi import gate_choi, operation_choi, wire_choi
from weft.protocols.cutting.decomposition import Decomposition
from weft.protocols.cutting.operations import Operation, Step

IDENTITY = np.eye(2).ravel()


def test_a_gate_gives_the_choi_matrix_of_its_unitary() -> None:
    vector = matrix_of(CODES["cx"]).ravel()
    choi = operation_choi(Operation(2, (Step("cx", (0, 1)),)))
    np.testing.assert_allclose(choi[0], np.outer(vector, vector.conj()), atol=1e-15)


def test_a_measurement_has_one_matrix_per_outcome() -> None:
    choi = operation_choi(Operation(1, (Step("measure", (0,), bit=0),), bits=1))
    np.testing.assert_allclose(choi[0], np.diag([1, 0, 0, 0]), atol=0)
    np.testing.assert_allclose(choi[1], np.diag([0, 0, 0, 1]), atol=0)


def test_a_reset_forgets_its_input() -> None:
    choi = operation_choi(Operation(1, (Step("reset", (0,)),)))
    np.testing.assert_allclose(choi[0], np.diag([1, 1, 0, 0]), atol=0)


def test_an_ancilla_that_is_entangled_and_dropped_dephases() -> None:
    choi = operation_choi(Operation(1, (Step("cx", (0, 1)),), ancillas=1))
    np.testing.assert_allclose(choi[0], np.diag([1, 0, 0, 1]), atol=0)


def test_messages_carry_what_the_left_end_measured() -> None:
    """Measure and prepare: a dephased wire."""
    left = Operation(1, (Step("measure", (0,), bit=0),), bits=1)
    right = Operation(1, (Step("x", (0,), condition=((0, 1),)),), messages=1)
    cut = Decomposition.of_terms([(1.0, left, right)])
    assert cut.communication
    np.testing.assert_allclose(wire_choi(cut), np.diag([1, 0, 0, 1]), atol=0)


def test_terms_with_equal_operations_are_merged() -> None:
    nothing, flip = Operation(1, ()), Operation(1, (Step("x", (0,)),))
    cut = Decomposition.of_terms([(0.5, nothing, nothing), (-0.25, flip, nothing), (0.5, nothing, nothing)])
    assert cut.left == (nothing, flip)
    assert cut.right == (nothing,)
    assert cut.coefficients.tolist() == [[1.0], [-0.25]]
    assert cut.overhead == 1.25
    flipped = np.kron(matrix_of(CODES["x"]), np.eye(2)).ravel()
    expected = np.outer(np.eye(4).ravel(), np.eye(4).ravel()) - 0.25 * np.outer(flipped, flipped.conj())
    np.testing.assert_allclose(gate_choi(cut), expected, atol=1e-15)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("warp", (0,)), "must be a gate"),
        (Step("cx", (0,)), "must be a gate"),
        (Step("rz", (0,)), "must be a gate"),
        (Step("x", (1,)), "within the 1 qubits"),
        (Step("measure", (0,)), "within the 0 bits"),
        (Step("x", (0,), condition=((0, 1),)), "within the 0 messages"),
    ],
)
def test_a_step_that_cannot_be_done_is_refused(step: Step, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Operation(1, (step,))


def test_a_decomposition_must_fit_together() -> None:
    nothing = Operation(1, ())
    reader = Operation(1, (), messages=1)
    with pytest.raises(InvalidValueError, match="must have shape"):
        Decomposition((nothing,), (nothing,), np.zeros((2, 1)))
    with pytest.raises(InvalidValueError, match="equally many wires"):
        Decomposition.of_terms([(1.0, nothing, nothing), (1.0, Operation(2, ()), nothing)])
    with pytest.raises(InvalidValueError, match="reads more"):
        Decomposition.of_terms([(1.0, nothing, reader)])
    with pytest.raises(InvalidValueError, match="at least one"):
        Decomposition.of_terms([])
