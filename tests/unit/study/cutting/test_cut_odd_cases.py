"""Cutting what hardly anybody cuts: pieces that read nothing, identities, conditions on bits that nothing writes, a shot or two."""

import math

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.errors import DoesNotFitError
from weft.network import QPU, ClassicalLink, Network
from weft.protocols.cutting.plan import CutPlan
from weft.simulator.exact_outcomes import exact_outcomes
from weft.study.cutting import by_terms

PERFECT = Network("perfect", (QPU("A", 1), QPU("B", 1)), (), classical_links=(ClassicalLink("A", "B"),))
TALKING = Network("talking", PERFECT.qpus, (), classical_links=(ClassicalLink("A", "B", 0.0, real_time=True),))
WAYS = ({"exact": True}, {"shots": 2000}, {"shots": 2000, "sampling": "terms"}, {"precision": 0.05})


def circuit_of(*gates, bits=0):
    """Of two qubits; gates are names, qubits, angles and conditions."""
    builder = CircuitBuilder(2)
    builder.add_register("c", bits)
    for name, qubits, *more in gates:
        angles, condition = (*more, [], None)[:2] if more else ([], None)
        builder.gate(name, *qubits, angles=angles, condition=condition or [])
    return builder.build()


BELL = circuit_of(("h", [0]), ("cx", [0, 1]))


@pytest.mark.parametrize("way", WAYS)
def test_a_piece_that_nothing_is_read_from(way):
    apart = circuit_of(("h", [0]), ("x", [1]))
    [one] = weft.cut(apart, PERFECT, observables="IX", seed=1, **way).expectations
    assert one.value == pytest.approx(1)
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.extend(circuit_of(("x", [0]), ("cx", [0, 1])))
    builder.measure(1, 0)
    found = weft.cut(builder.build(), PERFECT, seed=1, **way).distribution
    error = found.stderrs[found.keys().index("1")]
    assert found.values[found.keys().index("1")] == pytest.approx(1, abs=1e-9 + 5.2 * error)


@pytest.mark.parametrize("way", WAYS)
def test_identities_need_no_shots(way):
    found = weft.cut(BELL, PERFECT, observables=["II", {"II": -0.5}, {}], seed=1, **way)
    assert [one.value for one in found.expectations] == [1, -0.5, 0]
    assert found.is_exact


@pytest.mark.parametrize("measured", [True, False])
@pytest.mark.parametrize("value", [0, 1])
def test_conditions_on_bits_that_nothing_has_written(value, measured):
    """Such bits are 0."""
    circuit = circuit_of(("x", [0]), ("cx", [0, 1], [], [(0, value)]), bits=1)
    if measured:
        builder = CircuitBuilder(2)
        builder.add_register("c", 1)
        builder.extend(circuit)
        builder.measure(1, 0)
        assert weft.cut(builder.build(), PERFECT, exact=True).distribution.keys() == ["01"[1 - value]]
        return
    plan = CutPlan.of_qubits(circuit, np.array([0, 1], dtype=np.int32))
    for where in (None, plan):
        [one] = weft.cut(circuit, PERFECT, exact=True, observables="ZI", plan=where).expectations
        assert one.value == pytest.approx(1 if value else -1)


def test_groups_that_share_shots_move_together():
    """ZX, ZY and ZZ read the same shots of qubit 1, whose noise they add up, not their squares.

    100 runs: a sample variance with 99 degrees of freedom is above 1.8 times the true one in a case of 10⁶.
    """
    circuit = circuit_of(("u", [0], [math.acos(3**-0.5), math.pi / 4, 0]), ("h", [1]))
    cutting = weft.where_to_cut(circuit, PERFECT, measured=False)
    observable = {"ZX": 1.0, "ZY": 1.0, "ZZ": 1.0}
    runs = [
        weft.cut(circuit, PERFECT, observables=observable, shots=2000, seed=seed, cutting=cutting).expectations[0]
        for seed in range(100)
    ]
    predicted = np.mean([one.stderr**2 for one in runs])
    assert np.var([one.value for one in runs], ddof=1) < 1.8 * predicted
    assert abs(np.mean([one.value for one in runs])) < 5.2 * math.sqrt(predicted / 100)


def test_a_shot_of_each_circuit_says_nothing_of_its_spread():
    """No error bar may be 0 because nothing was seen to vary."""
    circuit = circuit_of(("ry", [0], [1.1]), ("ry", [1], [0.4]), ("cx", [0, 1]))
    cutting = weft.where_to_cut(circuit, PERFECT, measured=False)
    circuits = weft.cut(circuit, PERFECT, observables="ZZ", exact=True, cutting=cutting).circuits
    [one] = weft.cut(
        circuit, PERFECT, observables="ZZ", shots=circuits, sampling="circuits", cutting=cutting
    ).expectations
    assert one.stderr > 0.5


def test_drawn_terms_reach_a_precision_with_communication():
    """Terms whose message does not come count nothing, so more of them are needed."""
    circuit = circuit_of(("u", [0], [1.0, 0.5, 0.2]), ("cz", [0, 1]), ("ry", [0], [0.9]))
    plan = CutPlan(np.array([[0, -1], [1, 1], [1, -1]], dtype=np.int32))
    wide = Network("wide", (QPU("A", 2), QPU("B", 2)), (), classical_links=TALKING.classical_links)
    for sampling in ("terms", "circuits"):
        found = weft.cut(circuit, wide, plan=plan, observables="ZZ", precision=0.1, sampling=sampling, seed=1)
        assert found.expectations[0].stderr <= 0.1


def test_drawn_terms_say_how_far_they_are():
    said = []
    found = weft.cut(
        BELL, PERFECT, observables=["ZZ", "XX"], shots=1001, sampling="terms", progress=lambda *told: said.append(told)
    )
    done, total = np.array(said).T
    assert np.all(np.diff(done) > 0)
    assert len(done) == found.circuits
    assert done[-1] == found.shots == 1000
    assert np.all(total == found.shots)


@pytest.mark.parametrize("observable", [{"ZZ": 0.0}, {"ZZ": 1e-6}])
def test_a_precision_that_takes_next_to_no_shots(observable):
    """Two draws at least, whatever the observable is worth."""
    for sampling in ("terms", "circuits"):
        [one] = weft.cut(BELL, PERFECT, observables=observable, precision=0.1, sampling=sampling).expectations
        assert abs(one.value) < 1e-4


def test_circuits_of_drawn_terms_are_made_some_at_a_time(monkeypatch):
    """Nearly every shot may have one of its own; how many are held at once changes nothing."""
    asked = {"observables": ["ZZ", "XX"], "shots": 800, "sampling": "terms", "seed": 3}
    at_once = weft.cut(BELL, PERFECT, **asked)
    monkeypatch.setattr(by_terms, "_AT_ONCE", 3)
    assert weft.cut(BELL, PERFECT, **asked).expectations == at_once.expectations


def test_observables_may_be_any_collection():
    names = ("ZZ", "XX")
    asked = {"exact": True, "seed": 1}
    several = weft.cut(BELL, PERFECT, observables=list(names), **asked).expectations
    for same in (names, iter(names), np.array(names), dict.fromkeys(names).keys()):
        assert weft.cut(BELL, PERFECT, observables=same, **asked).expectations == several


@pytest.mark.parametrize("network", [PERFECT, weft.load_network("line:2x1")])
def test_no_more_shots_than_the_most_are_taken_by_default(network):
    assert weft.cut(BELL, network, observables="ZZ", most_shots=200).shots == 200
    assert weft.cut(BELL, network, observables="ZZ").shots == 100_000


LOOSE_WAYS = (
    ("apart:2x2", {"exact": True}),
    ("apart:2x2", {"shots": 20_000}),
    ("apart:2x2", {"shots": 20_000, "sampling": "terms"}),
    ("all:2x2", {"exact": True, "pairs": "cancelled"}),
)


def loose_circuit(registers):
    """A bit that decides something and is in no register, or all bits in none."""
    builder = CircuitBuilder(3)
    builder.add_bits(1)
    bits = builder.add_register("c", 2).bits if registers else builder.add_bits(2)
    builder.gate("ry", 0, angles=[1.0])
    builder.gate("cx", 0, 1)
    builder.measure(1, 0)
    builder.gate("ry", 1, angles=[0.5])
    builder.gate("x", 1, condition=[(0, 1)])
    builder.gate("cx", 0, 1)
    builder.gate("cx", 1, 2)
    builder.measure(1, bits[0])
    builder.measure(2, bits[1])
    return builder.build()


@pytest.mark.parametrize("registers", [True, False])
@pytest.mark.parametrize(("network", "how"), LOOSE_WAYS)
def test_bits_in_no_register(network, how, registers):
    """They are in no outcome, so that none is listed twice; without registers all bits are. False alarms: 4 · 8 · 2e-7 at 5.2 σ;
    beside noise of the hardware, which spoils less than 0.03 here."""
    circuit = loose_circuit(registers)
    ideal = exact_outcomes(circuit)
    width = 2 if registers else 3
    wanted = {}
    for bits, probability in zip(ideal.bits.tolist(), ideal.probabilities.tolist(), strict=True):
        key = "".join(map(str, bits[::-1]))[:width]
        wanted[key] = wanted.get(key, 0) + probability
    found = weft.cut(circuit, network, seed=1, **how).distribution
    keys = found.keys()
    assert len(set(keys)) == len(keys) == len(found.values)
    assert {len(key) for key in keys} == {width}
    slack = 1e-9 if "exact" in how else 0.03
    for key, value, error in zip(keys, found.values, found.stderrs, strict=True):
        assert value == pytest.approx(wanted.get(key, 0), abs=slack + 5.2 * error)
    assert found.values.sum() == pytest.approx(1, abs=slack + 5.2 * np.sqrt((found.stderrs**2).sum()) * 2)


def test_an_island_without_data_qubits_runs_nothing():
    links = (ClassicalLink("A", "B"), ClassicalLink("B", "C"))
    network = Network("gap", (QPU("A", 1), QPU("B", 0), QPU("C", 1)), (), classical_links=links)
    found = weft.cut(BELL, network, observables="ZZ", exact=True)
    assert found.expectations[0].value == pytest.approx(1)
    assert found.cutting.overhead == pytest.approx(3)
    nothing = Network("nothing", (QPU("A", 0), QPU("B", 0)), (), classical_links=links[:1])
    with pytest.raises(DoesNotFitError, match="must have data qubits"):
        weft.cut(BELL, nothing, observables="ZZ", exact=True)
