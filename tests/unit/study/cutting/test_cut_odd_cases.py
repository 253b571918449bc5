"""Cutting what hardly anybody cuts: pieces that read nothing, identities, conditions on bits that nothing writes, a shot or two."""

import math

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.network import QPU, ClassicalLink, Network
from weft.protocols.cutting.plan import CutPlan

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
