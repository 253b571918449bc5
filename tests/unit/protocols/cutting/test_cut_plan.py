"""A plan says what is cut, how wide its pieces are, and whether they can be run."""

import numpy as np
import pytest

from unit.protocols.cutting.cut_cases import final_state, random_circuit, random_plan, slow_widths
from weft.circuit import CircuitBuilder, load_circuit
from weft.circuit.gates import CODES
from weft.errors import DoesNotFitError, InvalidValueError
from weft.protocols.cutting.plan import CutPlan
from weft.protocols.cutting.preparation import with_short_lives, without_swaps


def test_qubits_that_stay_in_their_pieces_have_gate_cuts_only() -> None:
    circuit = load_circuit("ghz:6")
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 0, 1, 1, 1]))
    assert plan.gate_cuts.tolist() == [3]
    assert len(plan.wire_cuts(circuit)) == 0
    assert plan.num_pieces == 2


def test_a_qubit_that_changes_pieces_is_a_wire_cut() -> None:
    circuit = load_circuit("ghz:3")
    plan = CutPlan(np.array([[0, -1], [0, 0], [1, 1]]))
    assert plan.gate_cuts.tolist() == []
    assert plan.wire_cuts(circuit).tolist() == [[1, 1, 2]]


@pytest.mark.parametrize("first", ["reset before", "reset after"])
def test_nothing_is_cut_at_a_reset(first: str) -> None:
    builder = CircuitBuilder(1)
    for kind in ("reset", "x") if first == "reset before" else ("x", "reset"):
        builder.reset(0) if kind == "reset" else builder.gate("x", 0)
    circuit = builder.build()
    plan = CutPlan(np.array([[0, -1], [1, -1]]))
    assert len(plan.wire_cuts(circuit)) == 0
    assert len(plan.wires(circuit)) == 2


def test_a_reset_under_a_condition_passes_the_state_on() -> None:
    builder = CircuitBuilder(1)
    builder.add_register("c", 1)
    builder.gate("x", 0)
    builder.reset(0, condition=[(0, 1)])
    circuit = builder.build()
    assert len(CutPlan(np.array([[0, -1], [1, -1]])).wire_cuts(circuit)) == 1


def test_widths_are_those_of_a_walk_through_the_rows() -> None:
    rng = np.random.default_rng(1)
    for _ in range(150):
        circuit = random_circuit(rng, int(rng.integers(2, 7)), int(rng.integers(1, 25)), classical=0.3)
        plan = random_plan(rng, circuit, int(rng.integers(1, 4)))
        assert plan.widths(circuit).tolist() == slow_widths(circuit, plan)
        plan.check(circuit, [10] * 4, communication=True)


def test_wires_hold_every_operand_once_and_break_where_wires_are_cut() -> None:
    rng = np.random.default_rng(2)
    for _ in range(60):
        circuit = random_circuit(rng, 5, 20, classical=0.3)
        plan = random_plan(rng, circuit, 3)
        wires = plan.wires(circuit)
        there = circuit.qubits >= 0
        assert np.array_equal(wires.of >= 0, there)
        assert np.array_equal(wires.qubits[wires.of[there]], circuit.qubits[there])
        assert np.array_equal(wires.pieces[wires.of[there]], plan.pieces[there])
        for qubit, before, after in plan.wire_cuts(circuit).tolist():
            ended = wires.of[before, circuit.qubits[before].tolist().index(qubit)]
            begun = wires.of[after, circuit.qubits[after].tolist().index(qubit)]
            assert wires.last[ended] == before
            assert wires.first[begun] == after
            assert begun == ended + 1


def test_the_ghz_state_needs_two_qubits_at_once() -> None:
    circuit = load_circuit("ghz:50")
    assert CutPlan.of_qubits(circuit, np.zeros(50, dtype=np.int32)).width(circuit, 0) == 2


def test_a_plan_of_an_empty_circuit_has_no_pieces() -> None:
    circuit = CircuitBuilder(2).build()
    plan = CutPlan(np.zeros((0, 2)))
    plan.check(circuit, [1])
    assert plan.num_pieces == 0
    assert plan.width(circuit, 0) == 0
    assert len(plan.wires(circuit)) == 0


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([[0, -1], [0, 0]], "one row per instruction"),
        ([[0, -1], [0, 0], [0, -1]], "for every operand"),
        ([[0, 1], [0, 0], [0, 0]], "for every operand"),
        ([[-2, -1], [0, 0], [0, 0]], "for every operand"),
    ],
)
def test_a_plan_for_another_circuit_is_refused(pieces: list[list[int]], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        CutPlan(np.array(pieces)).check(load_circuit("ghz:3"))


def test_a_plan_has_two_columns() -> None:
    with pytest.raises(InvalidValueError, match="shape"):
        CutPlan(np.zeros(3))


def test_a_piece_that_is_too_wide_is_refused() -> None:
    circuit = load_circuit("qft:4")
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 0, 1]))
    plan.check(circuit, [3, 1])
    with pytest.raises(DoesNotFitError, match="piece 0 must fit in 2 qubits, but needs 3"):
        plan.check(circuit, [2, 2])
    with pytest.raises(DoesNotFitError, match="a capacity for each"):
        plan.check(circuit, [4])


def test_bits_are_read_where_they_were_measured_unless_pieces_communicate() -> None:
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.measure(0, 0)
    builder.gate("x", 1, condition=[(0, 1)])
    circuit = builder.build()
    plan = CutPlan.of_qubits(circuit, np.array([0, 1]))
    plan.check(circuit, communication=True)
    with pytest.raises(InvalidValueError, match="row 1 is in \\[1\\] and reads what row 0 measured in 0"):
        plan.check(circuit)
    CutPlan.of_qubits(circuit, np.array([1, 1])).check(circuit)


def test_a_bit_that_nobody_measured_may_be_read_anywhere() -> None:
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.gate("cx", 0, 1, condition=[(0, 1)])
    circuit = builder.build()
    CutPlan.of_qubits(circuit, np.array([0, 1])).check(circuit)


def test_relabelling_swaps_changes_nothing_but_names() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        circuit = random_circuit(rng, 5, 20, swaps=0.5)
        relabelled, names = without_swaps(circuit)
        assert not np.any(relabelled.opcodes == CODES["swap"])
        assert sorted(names.tolist()) == list(range(5))
        np.testing.assert_allclose(np.transpose(final_state(relabelled), names), final_state(circuit), atol=1e-12)


def test_measurements_follow_the_names() -> None:
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.gate("swap", 0, 1)
    builder.gate("swap", 0, 1, condition=[(0, 1)])
    builder.measure(0, 0)
    relabelled, names = without_swaps(builder.build())
    assert names.tolist() == [1, 0]
    assert len(relabelled) == 2
    assert relabelled.qubits.tolist() == [[1, 0], [1, -1]]
    assert relabelled.clbits.tolist() == [-1, 0]


def test_short_lives_compute_the_same_and_are_never_longer() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        circuit = random_circuit(rng, 5, 20).measured()
        short = with_short_lives(circuit)
        assert len(short) == len(circuit)
        np.testing.assert_allclose(final_state(short), final_state(circuit), atol=1e-12)
        whole = [CutPlan.of_qubits(c, np.zeros(5, dtype=np.int32)).width(c, 0) for c in (short, circuit)]
        assert whole[0] <= whole[1]


def test_rows_of_one_qubit_and_of_one_bit_keep_their_order() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        circuit = random_circuit(rng, 4, 25, classical=0.5)
        short = with_short_lives(circuit)
        for qubit in range(4):
            assert _story(circuit, qubit) == _story(short, qubit)
        classical = [_touching(c) for c in (circuit, short)]
        assert classical[0] == classical[1]


def _story(circuit, qubit: int) -> list:
    return [
        (int(circuit.opcodes[row]), circuit.qubits[row].tolist(), circuit.angles[row].tolist(), circuit.condition(row))
        for row in range(len(circuit))
        if qubit in circuit.qubits[row]
    ]


def _touching(circuit) -> list:
    """For each bit, in order, who writes and who reads it."""
    return [
        [
            (int(circuit.opcodes[row]), circuit.qubits[row].tolist(), circuit.condition(row))
            for row in range(len(circuit))
            if circuit.clbits[row] == bit or any(read == bit for read, _ in circuit.condition(row))
        ]
        for bit in range(circuit.num_clbits)
    ]


def test_a_measured_ghz_state_needs_two_qubits_at_once_if_lives_are_short() -> None:
    circuit = load_circuit("ghz:12").measured()
    everything = np.zeros(12, dtype=np.int32)
    assert CutPlan.of_qubits(circuit, everything).width(circuit, 0) == 12
    short = with_short_lives(circuit)
    assert CutPlan.of_qubits(short, everything).width(short, 0) == 2
