"""Cuts are made together only if they can happen at the same moment."""

import numpy as np
import pytest

from unit.protocols.cutting.cut_cases import random_circuit, random_plan
from weft.circuit import Circuit, CircuitBuilder
from weft.errors import InvalidValueError
from weft.protocols.cutting.joint import gathered, joint_gates, joint_wires
from weft.protocols.cutting.plan import CutPlan


def circuit_of(qubits: int, *pairs: tuple[int, int]) -> Circuit:
    builder = CircuitBuilder(qubits)
    for first, second in pairs:
        builder.gate("cx", first, second)
    return builder.build()


def test_parallel_gates_are_cut_together() -> None:
    circuit = circuit_of(4, (0, 2), (1, 3))
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 1, 1]))
    assert joint_gates(circuit, plan) == [(0, 1)]
    assert joint_gates(circuit, plan, most=1) == [(0,), (1,)]


def test_gates_on_one_qubit_are_not() -> None:
    circuit = circuit_of(3, (0, 2), (1, 2))
    assert joint_gates(circuit, CutPlan.of_qubits(circuit, np.array([0, 0, 1]))) == [(0,), (1,)]


def test_nor_are_gates_with_a_path_between_them_through_another_piece() -> None:
    # 0–2 and 1–3 are cut between pieces 0 and 1; what comes out of the first gets to the second by way of qubit 4 in piece 2.
    circuit = circuit_of(5, (0, 2), (2, 4), (4, 1), (1, 3))
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 1, 1, 2]))
    groups = joint_gates(circuit, plan)
    assert (0, 3) not in groups
    assert sorted(row for group in groups for row in group) == [0, 1, 2, 3]


def test_nor_are_gates_of_which_one_depends_on_a_bit_measured_after_the_other() -> None:
    builder = CircuitBuilder(4)
    builder.add_register("c", 1)
    builder.gate("cx", 0, 2)
    builder.measure(0, 0)
    builder.gate("cx", 1, 3, condition=[(0, 1)])
    circuit = builder.build()
    assert joint_gates(circuit, CutPlan.of_qubits(circuit, np.array([0, 0, 1, 1]))) == [(0,), (2,)]


def test_pairs_that_are_possible_one_by_one_may_be_impossible_together() -> None:
    # Rows 0 and 3 could be one moment, and so could rows 1 and 2; but 0 comes before 2, and 1 before 3.
    circuit = circuit_of(8, (0, 4), (1, 5), (0, 6), (1, 7))
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    assert joint_gates(circuit, plan) == [(0, 1), (2, 3)]
    with pytest.raises(InvalidValueError, match="the same moment"):
        gathered(circuit, plan, gates=[(0, 3), (1, 2)])


def test_parallel_wires_of_one_direction_are_cut_together() -> None:
    circuit = circuit_of(4, (0, 1), (2, 3), (0, 2), (1, 3))
    plan = CutPlan(np.array([[0, 0], [0, 0], [1, 1], [1, 1]]))
    assert joint_wires(circuit, plan) == [(0, 1, 2), (3,)]
    assert joint_wires(circuit, plan, most=2) == [(0, 1), (2, 3)]
    back = CutPlan(np.array([[0, 0], [1, 1], [1, 0], [1, 0]]))
    assert joint_wires(circuit, back) == [(0, 1), (2, 3)]


@pytest.mark.parametrize("wires_first", [False, True])
def test_groups_can_all_happen_at_one_moment_each(wires_first: bool) -> None:
    rng = np.random.default_rng(6)
    joined = 0
    for _ in range(60):
        circuit = random_circuit(rng, int(rng.integers(4, 11)), int(rng.integers(1, 40)), classical=0.15)
        plan = random_plan(rng, circuit, int(rng.integers(1, 4)))
        most = int(rng.integers(2, 4))
        if wires_first:
            wires = joint_wires(circuit, plan, most=most)
            gates = joint_gates(circuit, plan, most=most, wires=wires)
        else:
            gates = joint_gates(circuit, plan, most=most)
            wires = joint_wires(circuit, plan, most=most, gates=gates)
        cuts = plan.wire_cuts(circuit)
        assert sorted(row for group in gates for row in group) == plan.gate_cuts.tolist()
        assert sorted(place for group in wires for place in group) == list(range(len(cuts)))
        assert max(map(len, [*gates, *wires]), default=0) <= most
        _check_sides(circuit, plan, gates, wires)
        ordered, ordered_plan, rows = gathered(circuit, plan, gates, wires)
        _check_order(circuit, ordered, rows)
        assert np.array_equal(ordered_plan.pieces, plan.pieces[rows])
        places = np.argsort(rows)
        for group in gates:
            assert np.ptp(places[list(group)]) == len(group) - 1
        for group in wires:
            assert places[cuts[list(group), 1]].max() < places[cuts[list(group), 2]].min()
        joined += sum(len(group) > 1 for group in [*gates, *wires])
    assert joined > 50


def _check_sides(circuit: Circuit, plan: CutPlan, gates: list, wires: list) -> None:
    cuts = plan.wire_cuts(circuit)
    for group in gates:
        assert len({tuple(sorted(plan.pieces[row].tolist())) for row in group}) == 1
        assert len(set(circuit.qubits[list(group)].ravel().tolist())) == 2 * len(group)
    for group in wires:
        sides = set()
        for qubit, before, after in cuts[list(group)].tolist():
            ends = [plan.pieces[row, circuit.qubits[row].tolist().index(qubit)] for row in (before, after)]
            sides.add(tuple(map(int, ends)))
        assert len(sides) == 1


def _check_order(circuit: Circuit, ordered: Circuit, rows: np.ndarray) -> None:
    """Every two rows that share a qubit, or a bit that one of them writes, stand in the order in which they stood."""
    assert sorted(rows.tolist()) == list(range(len(circuit)))
    assert np.array_equal(ordered.opcodes, circuit.opcodes[rows])
    assert np.array_equal(ordered.qubits, circuit.qubits[rows])
    places = np.argsort(rows)
    for first in range(len(circuit)):
        for second in range(first + 1, len(circuit)):
            qubits = set(circuit.qubits[first].tolist()) & set(circuit.qubits[second].tolist()) - {-1}
            writes = [int(circuit.clbits[row]) for row in (first, second)]
            reads = [{bit for bit, _ in circuit.condition(row)} for row in (first, second)]
            shared = writes[0] >= 0 and writes[0] in {writes[1], *reads[1]}
            shared |= writes[1] >= 0 and writes[1] in reads[0]
            if qubits or shared:
                assert places[first] < places[second]


def test_gathering_nothing_keeps_the_order() -> None:
    rng = np.random.default_rng(7)
    circuit = random_circuit(rng, 5, 40, classical=0.2)
    plan = random_plan(rng, circuit, 3)
    assert gathered(circuit, plan)[2].tolist() == list(range(40))
