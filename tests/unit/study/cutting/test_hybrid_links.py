"""Gates between QPUs teleported through repaired pairs, or cut, give what the circuit gives on one perfect machine.

Statistical tests allow 5.5 standard errors, of which a result is further off with a probability below 4·10⁻⁸; seeds are fixed.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import weft
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.observables import grouped, measured_in, values_of
from weft.compiler.cutting.mixture import Option
from weft.errors import DoesNotFitError, InvalidNetworkError, InvalidValueError, SimulationError
from weft.network import QPU, BellPair, Link, Network
from weft.protocols.cutting.cancellation import cancellation_overhead
from weft.protocols.cutting.pairs import pair_overhead
from weft.simulator.exact_outcomes import exact_outcomes
from weft.study.cutting.cut_and_knit import cut
from weft.study.cutting.hybrid_plan import Budget, homes_of, options, plan_hybrid
from weft.study.cutting.hybrid_sums import Moments, summed

BIASED = BellPair.bell_diagonal((0.85, 0.1, 0.04, 0.01))
OBSERVABLES = ["ZZZ", "XIY", {"IIZ": 0.5, "IZI": -2.0, "III": 3.0}]


def random_pair(seed: int, weight: float) -> BellPair:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    noise = root @ root.conj().T
    phi_plus = BellPair.werner(1.0).matrix
    return BellPair.from_density_matrix((1 - weight) * phi_plus + weight * noise / np.trace(noise).real)


def non_maximally_entangled(k: float) -> BellPair:
    vector = np.array([1, 0, 0, k]) / np.hypot(1, k)
    return BellPair.from_density_matrix(np.outer(vector, vector))


def network(pair: BellPair, shape: str = "line:3x1"):
    """Only its pairs are imperfect in what follows, unless shots are sampled; and QPUs are perfect, too, where they are."""
    found = weft.load_network(shape)
    perfect = {
        key: 0.0
        for key in ("one_qubit_gate_error", "two_qubit_gate_error", "measurement_error", "reset_error")
        if hasattr(found.qpus[0], key)
    }
    qpus = tuple(replace(qpu, **perfect, t1_s=float("inf"), t2_s=float("inf")) for qpu in found.qpus)
    return replace(found, qpus=qpus, links=tuple(replace(link, pair=pair) for link in found.links))


def random_circuit(seed: int, gates: int = 2, qubits: int = 3) -> Circuit:
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits)
    for number in range(gates + 1):
        for qubit in range(qubits):
            builder.gate("u", qubit, angles=rng.uniform(-3, 3, 3).tolist())
        if number < gates:
            name, angles = [("cx", ()), ("rzz", (rng.uniform(0.3, 2),)), ("cp", (rng.uniform(0.3, 2),))][
                rng.integers(3)
            ]
            builder.gate(name, *rng.choice(qubits, 2, replace=False).tolist(), angles=angles)
    return builder.build()


def truth(circuit: Circuit, observable) -> float:
    """From the state vector of the circuit, with no part in what is tested."""
    terms = {observable: 1.0} if isinstance(observable, str) else observable
    value = sum(c for label, c in terms.items() if not label.strip("I"))
    for group in grouped(terms):
        found = exact_outcomes(measured_in(circuit, group))
        value += float(values_of(group, terms, found.bits) @ found.probabilities)
    return value


def assert_true(found, circuit: Circuit, observables=OBSERVABLES, errors: float = 0.0) -> None:
    for one, observable in zip(found.expectations, observables, strict=True):
        assert one.value == pytest.approx(truth(circuit, observable), abs=1e-9 + errors * one.stderr)


PAIRS = {
    "perfect": BellPair.werner(1.0),
    "Werner": BellPair.werner(0.8),
    "a mixture of Bell states": BIASED,
    "any state": random_pair(3, 0.25),
    "pure": non_maximally_entangled(0.6),
}


@pytest.mark.parametrize("pairs", ["cancelled", "assisted"])
@pytest.mark.parametrize("name", PAIRS)
def test_repaired_pairs_give_the_ideal_answer(name, pairs) -> None:
    circuit = random_circuit(1)
    found = cut(circuit, network(PAIRS[name]), observables="ZZZ", pairs=pairs, exact=True)
    assert_true(found, circuit, ["ZZZ"])
    gamma = (pair_overhead if pairs == "assisted" else cancellation_overhead)(PAIRS[name])
    assert found.most_ebits > 0
    assert found.overhead == pytest.approx(gamma**found.most_ebits, rel=1e-9)
    assert found.is_exact


def test_pairs_as_they_are_do_not() -> None:
    circuit = random_circuit(1)
    found = cut(circuit, network(BIASED), observables="ZZZ", most_ebits=9, exact=True)
    assert abs(found.expectations[0].value - truth(circuit, "ZZZ")) > 0.01
    assert found.overhead == 1


def test_useless_pairs_are_assisted_without_any_and_cannot_be_cancelled() -> None:
    circuit, useless = random_circuit(1), network(BellPair.werner(0.4))
    found = cut(circuit, useless, observables="ZZZ", pairs="assisted", exact=True)
    assert_true(found, circuit, ["ZZZ"])
    assert found.ebits == found.most_ebits == 0
    assert found.overhead == pytest.approx(9)  # 3 for each of two
    with pytest.raises(InvalidValueError, match="must leave a part of every Pauli"):
        cut(circuit, network(BellPair.werner(0.25)), observables="ZZZ", pairs="cancelled", exact=True)


def test_pairs_of_every_link_are_repaired_by_themselves() -> None:
    """A relay joins two different pairs."""
    line = network(BIASED)
    line = replace(line, links=(line.links[0], replace(line.links[1], pair=random_pair(4, 0.2))))
    builder = CircuitBuilder(3)
    for first, second in ((0, 1), (1, 2), (0, 2)):
        builder.gate("ry", first, angles=(0.9,))
        builder.gate("cx", first, second)
        builder.gate("rx", second, angles=(0.7,))
    circuit = builder.build()
    found = cut(circuit, line, observables="XZZ", pairs="cancelled", shots=10_000, seed=2, sampling="terms")
    assert found.most_ebits >= 3
    assert_true(found, circuit, ["XZZ"], errors=5.5)


@given(st.integers(0, 10_000), st.integers(0, 2))
@settings(deadline=None, max_examples=6)
def test_a_circuit_some_of_whose_gates_are_cut_gives_what_it_gives_whole(seed, most_ebits) -> None:
    circuit = random_circuit(seed)
    found = cut(circuit, network(PAIRS["perfect"]), observables=OBSERVABLES[:2], most_ebits=most_ebits, exact=True)
    assert_true(found, circuit, OBSERVABLES[:2])
    assert found.most_ebits <= most_ebits
    assert found.overhead <= np.exp(found.plan.model.log_overhead) + 1e-9


@pytest.mark.parametrize("sampling", ["circuits", "terms"])
@pytest.mark.parametrize("pairs", ["cancelled", "assisted"])
def test_shots_are_unbiased_and_their_errors_what_they_say(pairs, sampling) -> None:
    circuit = random_circuit(5)
    found = cut(
        circuit, network(BIASED), observables=OBSERVABLES, pairs=pairs, most_ebits=1, shots=10_000, seed=1,
        sampling=sampling,
    )  # fmt: skip
    assert (found.shots, found.sampling) == (10_000, sampling)
    assert found.most_ebits == 1
    assert found.ebits < found.shots or pairs == "cancelled"
    assert_true(found, circuit, errors=5.5)
    for one, weight in zip(found.expectations, (1, 1, 2.5), strict=True):
        # No group has less than a quarter of the shots it would get alone, and no shot counts more than γ.
        assert 0 < one.stderr < weight * found.overhead / np.sqrt(10_000 / 4)


@pytest.mark.parametrize("sampling", ["circuits", "terms"])
def test_distributions(sampling) -> None:
    circuit = random_circuit(6).measured()
    found = cut(circuit, network(BIASED), pairs="cancelled", shots=10_000, seed=3, sampling=sampling).distribution
    exact = exact_outcomes(circuit)
    wanted = {bits.tobytes(): p for bits, p in zip(exact.bits, exact.probabilities.tolist(), strict=True)}
    for bits, value, error in zip(found.bits, found.values, found.stderrs, strict=True):
        assert value == pytest.approx(wanted.pop(bits.tobytes(), 0.0), abs=5.5 * error)
    assert all(probability < 0.01 for probability in wanted.values())


def test_an_exact_distribution_of_a_circuit_that_branches() -> None:
    builder = CircuitBuilder(3)
    builder.add_register("c", 3)
    builder.gate("ry", 0, angles=(1.0,))
    builder.gate("cx", 0, 1)
    builder.measure(1, 0)
    builder.gate("x", 2, condition=[(0, 1)])
    builder.gate("ry", 2, angles=(0.4,))
    builder.gate("cx", 2, 0)
    builder.measure(0, 1)
    builder.measure(2, 2)
    circuit = builder.build()
    found = cut(circuit, network(BIASED), pairs="assisted", most_ebits=1, exact=True).distribution
    exact = exact_outcomes(circuit)
    assert found.bits.tolist() == exact.bits.tolist()
    np.testing.assert_allclose(found.values, exact.probabilities, atol=1e-9)
    assert found.keys() == ["".join(map(str, bits[::-1])) for bits in exact.bits.tolist()]


def test_swaps_cost_nothing_and_observables_follow_them() -> None:
    builder = CircuitBuilder(3)
    builder.gate("ry", 0, angles=(0.6,))
    builder.gate("swap", 0, 2)
    circuit = builder.build()
    found = cut(circuit, network(BIASED), observables="ZII", pairs="cancelled", exact=True)
    assert found.expectations[0].value == pytest.approx(np.cos(0.6), abs=1e-12)
    assert found.most_ebits == 0


def test_a_precision_is_reached_or_refused() -> None:
    circuit = random_circuit(7)
    found = cut(circuit, network(BIASED), observables="ZZZ", pairs="cancelled", precision=0.03, seed=1)
    assert found.expectations[0].stderr <= 0.03
    assert_true(found, circuit, ["ZZZ"], errors=5.5)
    with pytest.raises(InvalidValueError, match="`most_shots` must be at least"):
        cut(circuit, network(BIASED), observables="ZZZ", most_ebits=0, precision=1e-4, most_shots=1000)


def test_drawn_terms_of_programs_take_the_shots_that_theory_says() -> None:
    """A single Pauli needs between γ² − 1 and γ² draws for each 1/precision², and gets at most 5 % more."""
    circuit = random_circuit(7)
    asked = {"observables": "ZZZ", "most_ebits": 0, "sampling": "terms"}
    found = cut(circuit, network(BIASED), precision=0.1, seed=1, **asked)
    assert found.expectations[0].stderr <= 0.1
    assert (found.overhead**2 - 1) / 0.1**2 <= found.shots <= 1.05 * found.overhead**2 / 0.1**2
    assert_true(found, circuit, ["ZZZ"], errors=5.5)


# Budgets.


def ring(seed: int) -> Circuit:
    """Four rotations of different angles around a ring, so that each costs something else to cut."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(4)
    for qubit in range(4):
        for name in ("h", "t"):
            builder.gate(name, qubit)
        builder.gate("rxx", qubit, (qubit + 1) % 4, angles=(rng.uniform(0.05, 1.5),))
        builder.gate("rz", qubit, angles=(0.3,))
    return builder.build()


def enumerated(ways: list[list[Option]], precision: float, shot_s: float) -> list[tuple[float, float, float]]:
    """Ebits, shots and seconds of every way to do all gates."""
    found = []
    for choice in product(*ways):
        shots = np.exp(2 * sum(option.log_overhead for option in choice)) / precision**2
        seconds = shots * (shot_s + sum(option.seconds for option in choice))
        found.append((sum(option.ebits for option in choice), shots, seconds))
    return found


@given(st.integers(0, 10_000), st.sampled_from(["as they are", "cancelled", "assisted"]), st.floats(0, 1))
@settings(deadline=None, max_examples=12)
def test_the_choice_is_the_best_of_all(seed, pairs, share) -> None:
    where = network(BIASED, "line:4x1")
    program = weft.compile(ring(seed), where, effort="fast")
    plan = plan_hybrid(ring(seed), where, pairs, effort="fast")
    homes = homes_of(program, 4)
    rows = np.flatnonzero(plan.circuit.qubits[:, 1] >= 0).tolist()
    all_ways = np.array(enumerated(options(plan, rows, homes), 0.01, 0.0))
    ebits, shots, _ = all_ways.T
    budget = int(share * ebits.max())
    by_ebits = plan_hybrid(ring(seed), where, pairs, Budget(most_ebits=budget), effort="fast")
    assert by_ebits.model.shots == pytest.approx(shots[ebits <= budget].min(), rel=1e-9)
    most = float(shots.min() + share * (shots.max() - shots.min())) * (1 + 1e-9)
    by_shots = plan_hybrid(ring(seed), where, pairs, Budget(most_shots=most), effort="fast")
    assert by_shots.model.ebits == ebits[shots <= most].min()
    assert by_ebits.model.ebits <= budget
    assert by_shots.model.shots <= most


def test_time_is_saved_by_cutting_what_takes_long_to_teleport() -> None:
    """The slow link is worth a small angle's cut, the quick one is not."""
    where = network(PAIRS["perfect"], "line:4x1")
    slow = replace(
        where,
        links=tuple(
            replace(link, attempt_s=1.0 if link.a == "B" else 1e-6, success_probability=1.0) for link in where.links
        ),
    )
    builder = CircuitBuilder(4)
    for qubit in range(4):
        builder.gate("h", qubit)
    for qubit in range(3):
        builder.gate("rzz", qubit, qubit + 1, angles=(0.1,))
    plan = plan_hybrid(builder.build(), slow, budget=Budget(most_seconds=1e9))
    assert len(plan.cuts) == 1
    assert plan.model.seconds < 1e4
    with pytest.raises(DoesNotFitError, match="`most_seconds` must be at least"):
        plan_hybrid(builder.build(), slow, budget=Budget(most_seconds=1e-9))


def test_nothing_is_cut_where_the_compiler_does_better_than_the_model() -> None:
    """One pair serves three gates that share a control, which the model does not know."""
    builder = CircuitBuilder(4)
    builder.gate("h", 0)
    for target in (2, 3, 2):
        builder.gate("cx", 0, target)
        builder.gate("cx", 1, 0)
        builder.gate("cx", 1, 0)
    where = network(PAIRS["perfect"], "line:2x2")
    program = weft.compile(builder.build(), where)
    plan = plan_hybrid(builder.build(), where, budget=Budget(most_ebits=program.ebits))
    assert plan.cuts == ()
    assert plan.model.ebits <= program.ebits


def test_pairs_that_sharing_saves_are_spent_on_gates_that_would_have_been_cut() -> None:
    """One pair serves the four large angles, and another the four small ones; a single pair is allowed."""
    builder = CircuitBuilder(4)
    for first, second in ((0, 1), (2, 3)) * 3:
        for name in ("h", "t"):
            builder.gate(name, first)
        builder.gate("cx", first, second)
        builder.gate("h", second)
    for angle in (1.2, 0.2):
        builder.gate("ry", 0, angles=(0.5,))
        for target in (2, 3, 2, 3):
            builder.gate("rzz", 0, target, angles=(angle,))
            builder.gate("rz", target, angles=(0.3,))
    circuit, where = builder.build(), network(PAIRS["perfect"], "line:2x2")
    assert weft.compile(circuit, where).ebits == 2
    by_model = plan_hybrid(circuit, where, budget=Budget(most_ebits=1))
    assert len(by_model.cuts) == 7
    found = cut(circuit, where, observables="ZZZZ", most_ebits=1, shots=100, seed=1)
    assert found.most_ebits == 1
    assert len(found.plan.cuts) == 4
    assert found.overhead < by_model.cut_overhead


def test_conditional_gates_are_teleported_whatever_they_cost() -> None:
    builder = CircuitBuilder(2)
    builder.add_register("c", 2)
    builder.gate("h", 0)
    builder.measure(0, 0)
    builder.gate("cx", 0, 1, condition=[(0, 1)])
    where = network(BIASED, "line:2x1")
    with pytest.raises(DoesNotFitError, match="`most_ebits` must be at least 1, but is 0"):
        plan_hybrid(builder.build(), where, budget=Budget(most_ebits=0))
    assert plan_hybrid(builder.build(), where, budget=Budget(most_ebits=1)).cuts == ()


# Requests that cannot be.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pairs": "perfect"}, "`pairs` must be one of as they are, cancelled, assisted"),
        ({"most_ebits": -1}, "`most_ebits` must be a whole number ≥ 0, but is -1"),
        ({"most_ebits": 1.5}, "`most_ebits` must be a whole number"),
        ({"most_seconds": float("nan")}, "`most_seconds` must be finite and ≥ 0"),
        ({"most_seconds": 1.0, "most_ebits": 1}, "only one of"),
        ({"most_shots": 0, "precision": 0.1}, "`most_shots` must be a whole number ≥ 1, but is 0"),
        ({"pairs": "assisted", "shots": 1}, "`shots` must be at least 2"),
    ],
)
def test_arguments_that_cannot_be(arguments, message) -> None:
    with pytest.raises(InvalidValueError, match=message):
        cut(random_circuit(1), network(BIASED), observables="ZZZ", **arguments)


def test_too_many_terms_for_an_exact_answer_are_drawn_with_shots() -> None:
    circuit, where = random_circuit(2, gates=9), network(BIASED)
    with pytest.raises(SimulationError, match="at most 512 terms"):
        cut(circuit, where, observables="ZZZ", pairs="assisted", exact=True)
    found = cut(circuit, where, observables="ZZZ", pairs="assisted", shots=200, seed=1)
    assert (found.sampling, found.shots) == ("terms", 200)


def test_classical_links_are_for_cuts_between_islands() -> None:
    with pytest.raises(InvalidNetworkError, match="must have quantum links only"):
        cut(random_circuit(1), "classical:2x4", observables="ZZZ", pairs="cancelled")


def test_a_constant_needs_no_shots() -> None:
    found = cut(random_circuit(1), network(BIASED), observables={"III": 2.5}, pairs="cancelled", shots=100)
    assert found.expectations[0][1:] == (2.5, 0.0)
    assert found.shots == 0


def test_swaps_that_may_fail_are_no_obstacle() -> None:
    qpus = (QPU("A", 2), QPU("B", 0, 4, swap_success_probability=0.5), QPU("C", 2))
    chain = Network("chain", qpus, tuple(Link(a, b, 1e-5, 0.5, pair=BIASED) for a, b in ("AB", "BC")))
    builder = CircuitBuilder(3)
    for first, second in ((0, 1), (1, 2)):
        builder.gate("ry", first, angles=(0.9,))
        builder.gate("cx", first, second)
    circuit = builder.build()
    found = cut(circuit, chain, observables="ZIZ", pairs="cancelled", exact=True)
    assert found.most_ebits == 2
    assert_true(found, circuit, ["ZIZ"])


def test_the_same_seed_gives_the_same_answer_however_many_run_side_by_side() -> None:
    circuit = random_circuit(5)
    one, two = (
        cut(circuit, network(BIASED), observables="ZZZ", pairs="cancelled", shots=1000, seed=4, workers=workers)
        for workers in (1, 2)
    )
    assert one.expectations == two.expectations


def test_few_shots_leave_an_error():
    """One shot says nothing of its own spread; a few say it without bias."""
    once = Moments(1.0, np.array([0.8]), np.array([0.64]))
    few = Moments(4.0, np.array([0.5]), np.array([1.0]))
    assert once.variances == pytest.approx([0.64])
    assert few.variances == pytest.approx([(1 - 0.25) * 4 / 3])
    assert summed([once, few])[1] == pytest.approx([0.64 + 0.25])
