"""On islands of several QPUs, a budget of pairs or of time decides which gates within them are cut besides."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from qiskit.quantum_info import Pauli, Statevector

import weft
from weft.circuit import CircuitBuilder
from weft.circuit.qiskit_export import to_qiskit
from weft.errors import DoesNotFitError, InvalidNetworkError
from weft.network import QPU, ClassicalLink, Link, Network
from weft.protocols.cutting.plan import CutPlan
from weft.study.cutting.hybrid_plan import Budget
from weft.study.cutting.machine import Job, Machine
from weft.study.cutting.plan_cuts import plan_cuts
from weft.study.cutting.within_islands import cut_within

ISLANDS = Network(
    "two islands",
    tuple(QPU(name, 2, one_qubit_gate_s=1e-6, two_qubit_gate_s=1e-5) for name in "ABCD"),
    (Link("A", "B", attempt_s=1e-3), Link("C", "D", attempt_s=1e-2)),
    classical_links=(ClassicalLink("B", "C"),),
)
OBSERVABLES = ["ZZIIIIII", "IIIZZIII", "XIIIIIIY"]


def bricks(layers=2):
    """A chain of eight qubits, whose gates differ in what they cost to cut."""
    builder = CircuitBuilder(8)
    for layer in range(layers):
        for qubit in range(8):
            builder.gate("u", qubit, angles=[0.3 + qubit, 0.2 + layer, 0.5])
        for qubit in range(7):
            builder.gate("rzz", qubit, qubit + 1, angles=[0.2 + 0.17 * ((3 * qubit + layer) % 7)])
    return builder.build()


def by_state_vector(circuit):
    state = Statevector(to_qiskit(circuit))
    return [state.expectation_value(Pauli(label)).real for label in OBSERVABLES]


def values(knitted):
    return [one.value for one in knitted.expectations]


def planned(circuit):
    """Where it is cut if pairs do not matter: between the two halves, and nowhere else."""
    pieces = np.repeat([0, 1], 4).astype(np.int32)
    return CutPlan.of_qubits(circuit, pieces)


def planned_within(circuit, network=ISLANDS, **budget):
    cutting = plan_cuts(circuit, network, measured=False, plan=planned(circuit))
    return cut_within(cutting, Machine(network), Budget(**budget))


def test_fewer_pairs_cost_more_shots():
    circuit = bricks()
    overheads = [planned_within(circuit, most_ebits=most).overhead for most in (4, 3, 2, 1, 0)]
    free = plan_cuts(circuit, ISLANDS, measured=False, plan=planned(circuit))
    assert overheads[0] == free.overhead
    assert overheads == sorted(overheads)
    assert overheads[-1] > overheads[0]


@pytest.mark.parametrize("most", [2, 1, 0])
def test_the_answer_is_the_same(most):
    circuit = bricks(1)
    knitted = weft.cut(circuit, ISLANDS, plan=planned(circuit), observables=OBSERVABLES, exact=True, most_ebits=most)
    assert knitted.cutting.plan.within.sum() == 2 - most
    assert values(knitted) == pytest.approx(by_state_vector(circuit), abs=1e-9)


def test_no_choice_of_gates_within_the_budget_costs_less():
    """Every set of gates within islands, its pairs counted as the compiler spends them."""
    circuit = bricks()
    plan = planned(circuit)
    rows = [row for row in range(len(circuit)) if sorted(circuit.qubits[row].tolist()) in ([1, 2], [5, 6])]
    machine = Machine(ISLANDS)
    costs = []
    for count in range(len(rows) + 1):
        for chosen in combinations(rows, count):
            within = np.isin(np.arange(len(circuit)), chosen)
            cutting = plan_cuts(circuit, ISLANDS, measured=False, plan=CutPlan(plan.pieces, within))
            pieces = cutting.pieces(cutting.bare, cutting.plan, cutting.cuts)
            programs = [
                machine.program(piece.filled([cutting.cuts[s.cut].operations(s.end)[0] for s in piece.slots]), place)
                for place, piece in enumerate(pieces)
            ]
            costs.append((sum(program.ebits for program in programs), cutting.overhead))
    for most in range(5):
        best = min(overhead for ebits, overhead in costs if ebits <= most)
        assert planned_within(circuit, most_ebits=most).overhead == pytest.approx(best, rel=1e-9)


def test_with_shots_the_budget_holds_and_the_answer_is_unbiased():
    """Within 5.2 standard errors, a false alarm in 10⁶ for all."""
    circuit = bricks(1)
    knitted = weft.cut(
        circuit, ISLANDS, plan=planned(circuit), observables=OBSERVABLES, shots=40_000, most_ebits=1, seed=5
    )
    for one, expected in zip(knitted.expectations, by_state_vector(circuit), strict=True):
        assert abs(one.value - expected) < 5.2 * one.stderr
        assert one.stderr < 0.2
    assert 0 < knitted.ebits <= knitted.shots  # of pieces, at most one of which takes a pair


def test_time_decides_what_is_worth_a_pair():
    """C–D is ten times slower than A–B; where all attempts are slow, everything is cut."""
    circuit = bricks()
    taken = planned_within(circuit, most_seconds=1e9).plan.within
    slow = replace(ISLANDS, links=tuple(replace(link, attempt_s=1e3) for link in ISLANDS.links))
    assert planned_within(circuit, slow, most_seconds=1e9).plan.within.sum() > taken.sum()
    with pytest.raises(DoesNotFitError, match="`most_seconds` must be at least"):
        planned_within(circuit, most_seconds=1e-3)


def test_outcomes_too():
    circuit = CircuitBuilder(4)
    for qubit in range(4):
        circuit.gate("ry", qubit, angles=[0.4 + qubit])
    for qubit in range(3):
        circuit.gate("cx", qubit, qubit + 1)
    links = tuple(Link(*ends, attempt_s=1e-3) for ends in ("AB", "CD"))
    qpus = tuple(QPU(name, 1) for name in "ABCD")
    network = Network("mixed", qpus, links, classical_links=(ClassicalLink("B", "C"),))
    built = circuit.build().measured()
    plan = CutPlan.of_qubits(built, np.array([0, 0, 1, 1], dtype=np.int32))
    knitted = weft.cut(built, network, plan=plan, exact=True, most_ebits=0)
    probabilities = Statevector(to_qiskit(circuit.build())).probabilities_dict()
    found = dict(zip(knitted.distribution.keys(), knitted.distribution.values, strict=True))
    assert found == pytest.approx({key: p for key, p in probabilities.items() if p > 1e-12}, abs=1e-9)
    assert knitted.ebits == 0


def test_budgets_where_there_is_nothing_to_decide():
    circuit = bricks(1)
    alone = Network("apart", tuple(QPU(name, 4) for name in "AB"), (), classical_links=(ClassicalLink("A", "B"),))
    asked = {"observables": OBSERVABLES, "exact": True}
    free = weft.cut(circuit, alone, **asked)
    assert values(weft.cut(circuit, alone, most_ebits=0, **asked)) == values(free)
    assert weft.cut(circuit, alone, most_seconds=10.0, **asked).cutting.overhead == free.cutting.overhead


def test_a_program_that_takes_more_than_the_budget_is_refused():
    """The model counts pairs of one way to fill slots; whatever is compiled later is held to the budget, too."""
    builder = CircuitBuilder(4)
    for first in range(3):
        builder.gate("rzz", first, first + 1, angles=[0.3])
        builder.gate("rx", first, angles=[0.3])
    circuit = builder.build().measured()
    free = Machine(ISLANDS)
    ebits = free.program(circuit, 0).ebits
    assert ebits > 0
    with pytest.raises(DoesNotFitError, match=f"`most_ebits` must be at least {ebits} .* but is {ebits - 1}"):
        Machine(ISLANDS, most_ebits=ebits - 1).run([Job(circuit, 0, 10, 1)])
    both = Machine(ISLANDS, most_ebits=2 * ebits - 1)
    both.run([Job(circuit, 0, 10, 1)])
    with pytest.raises(DoesNotFitError, match=f"`most_ebits` must be at least {2 * ebits} "):
        both.run([Job(circuit, 1, 10, 1)])


def test_pairs_are_repaired_on_networks_of_quantum_links_only():
    with pytest.raises(InvalidNetworkError, match="quantum links only for pairs to be repaired, but B-C is classical"):
        weft.cut(bricks(1), ISLANDS, observables=OBSERVABLES, pairs="cancelled")
