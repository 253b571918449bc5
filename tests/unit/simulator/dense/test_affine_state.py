"""Rows modulo what is known, and wires that are given back."""

from itertools import combinations

import numpy as np
from dense_reference import apply_matrix
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.circuit.gates import CODES, matrix_of
from weft.simulator.dense.affine_state import AffineState, reduced

rows = st.frozensets(st.integers(0, 5), max_size=6)


def sums(generators):
    """All sums of rows."""
    return {
        frozenset(wire for wire in range(6) if sum(wire in row for row in chosen) % 2)
        for count in range(len(generators) + 1)
        for chosen in combinations(generators, count)
    }


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(rows, max_size=4), rows, rows)
def test_a_remainder_says_whether_rows_differ_by_a_sum(generators, one, other):
    same = reduced(one, generators) == reduced(other, generators)
    assert same == (one ^ other in sums(generators))
    assert one ^ reduced(one, generators) in sums(generators)


def played(state):
    """ψ after all parts, for wires by number."""
    psi = np.zeros((2,) * state.width, dtype=complex)
    psi[(0,) * state.width] = 1
    for part in state.parts:
        psi = apply_matrix(psi, part.matrix, part.wires)
    return psi


def test_a_wire_that_others_determine_is_used_again():
    """Two qubits of equal value that a cz must tell apart, and a third; there are wires for two only."""
    state = AffineState(3, most_wires=2)

    def gate(name, *qubits, angle=0.0):
        state.gate(CODES[name], matrix_of(CODES[name], (angle, 0.0, 0.0)), list(qubits))

    gate("h", 0)
    gate("cx", 0, 1)
    assert state.width == 1
    gate("cz", 0, 1)
    assert state.width == 2
    gate("ry", 2, angle=0.4)
    assert state.width == 2
    assert state.rows[0] == state.rows[1] != state.rows[2]
    psi = played(state)
    first, third = (state.number[next(iter(state.rows[qubit]))] for qubit in (0, 2))
    expected = np.multiply.outer(np.array([1, -1]) / np.sqrt(2), [np.cos(0.2), np.sin(0.2)])
    np.testing.assert_allclose(psi if first < third else psi.T, expected, atol=1e-12)
