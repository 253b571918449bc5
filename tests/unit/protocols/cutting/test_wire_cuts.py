"""Cut wires carry what they carried."""

import numpy as np
import pytest

from weft.circuit.gates import CODES, matrix_of
from weft.errors import InvalidValueError
from weft.protocols.cutting.bases import inverse, unbiased_bases
from weft.protocols.cutting.choi import operation_choi, wire_choi
from weft.protocols.cutting.operations import Operation
from weft.protocols.cutting.wire_cuts import wire_cut, wire_overhead


def identity_choi(wires):
    vector = np.eye(2**wires).ravel()
    return np.outer(vector, vector)


def assert_is_the_identity(wires, communication):
    cut = wire_cut(wires, communication)
    np.testing.assert_allclose(wire_choi(cut), identity_choi(wires), atol=1e-12)
    assert cut.communication == communication


@pytest.mark.parametrize("communication", [False, True])
@pytest.mark.parametrize("wires", [1, 2, 3])
def test_cut_wires_are_the_identity(wires, communication) -> None:
    assert_is_the_identity(wires, communication)


@pytest.mark.slow
def test_four_cut_wires_are_the_identity() -> None:
    assert_is_the_identity(4, communication=True)


@pytest.mark.parametrize("wires", [1, 2, 3, 4])
def test_overheads_are_those_of_the_literature(wires) -> None:
    assert wire_cut(wires).overhead == pytest.approx(wire_overhead(wires))
    assert wire_overhead(wires) ** 2 == 16**wires
    assert wire_cut(wires, communication=True).overhead == pytest.approx(wire_overhead(wires, communication=True))
    assert wire_overhead(wires, communication=True) == 2 ** (wires + 1) - 1


def unitary_of(steps, wires):
    """Independent of Weft's own evaluation: Kronecker products, and signs for CZ."""
    states = np.arange(2**wires)
    bit = lambda wire: states >> (wires - 1 - wire) & 1
    unitary = np.eye(2**wires, dtype=np.complex128)
    for step in steps:
        if step.name == "cz":
            unitary = (1 - 2 * (bit(step.qubits[0]) & bit(step.qubits[1])))[:, None] * unitary
        else:
            (wire,) = step.qubits
            matrix = matrix_of(CODES[step.name])
            unitary = np.kron(np.kron(np.eye(2**wire), matrix), np.eye(2 ** (wires - 1 - wire))) @ unitary
    return unitary


@pytest.mark.parametrize("wires", [1, 2, 3, 4, 5])
def test_bases_are_unbiased(wires) -> None:
    """All overlaps between vectors of two bases are 2^−k, that of Z included."""
    size = 2**wires
    bases = [np.eye(size), *(unitary_of(basis, wires) for basis in unbiased_bases(wires))]
    assert len(bases) == size + 1
    for k, first in enumerate(bases):
        for second in bases[:k]:
            np.testing.assert_allclose(np.abs(first.conj().T @ second) ** 2, 1 / size, atol=1e-12)


def test_a_basis_is_undone_by_its_inverse() -> None:
    for basis in unbiased_bases(2):
        choi = operation_choi(Operation(2, (*basis, *inverse(basis))))[0]
        np.testing.assert_allclose(choi, identity_choi(2), atol=1e-12)


def test_measuring_i_and_z_is_one_experiment() -> None:
    steps = {operation.steps for operation in wire_cut(2).left}
    assert (len(wire_cut(2).left), len(steps)) == (16, 9)


@pytest.mark.parametrize("wires", [0, -1, 6])
def test_a_number_of_wires_that_makes_no_sense_is_refused(wires) -> None:
    for refuse in (wire_cut, wire_overhead):
        with pytest.raises(InvalidValueError, match=f"`wires` must lie in 1 … 5, but is {wires}"):
            refuse(wires)
