"""The sampler does what Qiskit's does, and circuits that measure on their way, which Qiskit's reference refuses."""

import itertools
import math

import numpy as np
import pytest
from qiskit.circuit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.primitives import BaseSamplerV2, PrimitiveResult, StatevectorSampler
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_cases import (
    GRID,
    NETWORK,
    SHOTS,
    allowed,
    bell,
    gates_that_weft_takes_apart,
    ideal,
    measuring_nothing,
    one_qubit_twice,
    overwritten,
    rotated,
    several_registers,
    shared_and_loose_bits,
    with_a_vector,
)

import weft
from weft.errors import DoesNotFitError, InvalidCircuitError, InvalidNetworkError, InvalidValueError, SimulationError
from weft.qiskit import Sampler

TABLE = {
    "a circuit alone": bell,
    "a tuple of one": lambda: (bell(),),
    "shots of its own": lambda: (bell(), None, 2500),
    "several registers, one wider than a byte, bits never written": several_registers,
    "registers that share bits, bits in no register": shared_and_loose_bits,
    "one binding": lambda: (rotated(), [0.3, 1.2]),
    "bindings of shape (1,)": lambda: (rotated(), [[0.3, 1.2]]),
    "bindings of shape (2, 3)": lambda: (rotated(), GRID),
    "bindings by name": lambda: (rotated(), {"b": [0.3, 0.9], "a": [1.2, 1.3]}),
    "bindings of several keys": lambda: (rotated(), {("a",): [[0.3], [0.4]], "b": [1.2, 1.3]}),
    "bindings of a vector": lambda: ((c := with_a_vector()), {tuple(c.parameters): [[0.1, 0.2, 0.3], [1.1, 1.2, 1.3]]}),
    "a bindings array": lambda: (rotated(), BindingsArray({("a", "b"): GRID[0]}, shape=(3,))),
    "no bindings at all": lambda: (rotated(), np.zeros((0, 2))),
    "a PUB": lambda: SamplerPub.coerce((rotated(), [0.3, 1.2]), 3000),
    "gates that are taken apart": gates_that_weft_takes_apart,
    "one qubit into two bits": one_qubit_twice,
    "measuring nothing": measuring_nothing,
}


def parities(array):
    """Means of the parities of up to two bits of a register: they tell bits and their correlations apart."""
    signs = 1 - 2.0 * np.unpackbits(array.array, axis=-1)[..., ::-1][..., : array.num_bits]
    singles = [signs[..., bit] for bit in range(array.num_bits)]
    pairs = [first * second for first, second in itertools.combinations(singles, 2)]
    return np.array([product.mean(axis=-1) for product in singles + pairs])


@pytest.mark.parametrize("case", TABLE)
def test_the_sampler_agrees_with_the_reference(case):
    """False alarms: below 10⁻⁷ for each register of a case; seeds are fixed."""
    (found,) = Sampler(NETWORK, seed=11, effort="fast").run([TABLE[case]()], shots=SHOTS).result()
    (expected,) = StatevectorSampler(seed=12).run([TABLE[case]()], shots=SHOTS).result()
    assert list(found.data) == list(expected.data)
    assert found.data.shape == expected.data.shape
    assert found.metadata["shots"] == expected.metadata["shots"]
    assert found.metadata["circuit_metadata"] == expected.metadata["circuit_metadata"]
    for name in expected.data:
        mine, theirs = found.data[name], expected.data[name]
        assert (mine.shape, mine.num_shots, mine.num_bits) == (theirs.shape, theirs.num_shots, theirs.num_bits)
        if mine.array.size:
            gaps = np.abs(parities(mine) - parities(theirs))
            assert gaps.max() < allowed(mine.num_shots, gaps.size)


def test_registers_are_correlated_shot_by_shot():
    circuit = QuantumCircuit(QuantumRegister(2), ClassicalRegister(1, "a"), ClassicalRegister(1, "b"))
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    (result,) = Sampler(NETWORK, seed=1).run([circuit]).result()
    assert np.array_equal(result.data.a.array, result.data.b.array)
    assert set(result.join_data().get_counts()) == {"00", "11"}


def test_the_first_shots_are_a_fair_sample_of_all():
    """Outcomes are counted and then put in an order: without one that is drawn, the first half would be all zeros.

    The number of ones among the first 2000 of 4000 shots is off by 6 standard deviations (11.2 each) with probability 2 × 10⁻⁹.
    """
    (result,) = Sampler(NETWORK, seed=1).run([bell()], shots=4000).result()
    half = result.data.meas.slice_shots(range(2000)).get_counts()["11"]
    assert abs(half - result.data.meas.get_counts()["11"] / 2) < 6 * math.sqrt(4000 / 32)
    assert not np.array_equal(np.sort(result.data.meas.array, axis=0), result.data.meas.array)


def test_a_bit_that_is_written_twice_has_the_last_outcome():
    """P(1) of the second qubit is sin² 1; off by 6 standard deviations with probability 2 × 10⁻⁹."""
    (result,) = Sampler(NETWORK, seed=3).run([overwritten()], shots=SHOTS).result()
    p = math.sin(1) ** 2
    assert abs(result.data.c.get_counts()["1"] / SHOTS - p) < 6 * math.sqrt(p * (1 - p) / SHOTS)


def test_circuits_may_measure_reset_and_branch_on_their_way():
    """A qubit is teleported by hand from one QPU to the other, and the way back undoes it: all shots give 0."""
    circuit = QuantumCircuit(QuantumRegister(4), ClassicalRegister(2, "bell"), ClassicalRegister(1, "out"))
    circuit.u(0.3, 0.4, 0.5, 0)
    circuit.h(1)
    circuit.cx(1, 3)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    circuit.reset([0, 1])
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(3)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(3)
    circuit.u(-0.3, -0.5, -0.4, 3)
    circuit.measure(3, 2)
    (result,) = Sampler(NETWORK, seed=3).run([circuit], shots=500).result()
    assert result.data.out.get_counts() == {"0": 500}
    assert len(result.data.bell.get_counts()) == 4


def test_jobs_are_told_apart_and_repeated_by_their_seeds():
    pubs = [(rotated(), GRID[0]), (rotated(), GRID[0])]
    sampler = Sampler(NETWORK, seed=5, default_shots=200)
    first, again = (sampler.run(pubs).result() for _ in range(2))
    assert all(np.array_equal(one.data.c.array, other.data.c.array) for one, other in zip(first, again, strict=True))
    assert not np.array_equal(first[0].data.c.array, first[1].data.c.array)
    generator = Sampler(NETWORK, seed=np.random.default_rng(5), default_shots=200)
    one, other = (generator.run(pubs).result() for _ in range(2))
    assert not np.array_equal(one[0].data.c.array, other[0].data.c.array)
    drawn = Sampler(NETWORK, default_shots=200).run(pubs).result()
    assert drawn[0].metadata["seeds"][0] != drawn[0].metadata["seeds"][1]


def test_shots_are_the_pubs_then_the_jobs_then_the_samplers():
    sampler = Sampler(NETWORK, default_shots=10)
    assert [pub.metadata["shots"] for pub in sampler.run([bell(), (bell(), None, 30)]).result()] == [10, 30]
    assert [pub.metadata["shots"] for pub in sampler.run([bell(), (bell(), None, 30)], shots=20).result()] == [20, 30]


def test_the_metadata_are_those_of_the_simulation():
    sampler = Sampler("all:2x2", seed=1)
    result = sampler.run([(rotated(), [0.3, 1.2])], shots=300).result()
    metadata = result[0].metadata
    (seed,) = metadata["seeds"]
    plain = weft.run(rotated().assign_parameters([0.3, 1.2]), "all:2x2", shots=300, seed=1)
    assert metadata["bell_pairs"] == plain.ebits == metadata["bell_pairs_by_link"]["A-B"] > 0
    bound = weft.load_circuit(rotated().assign_parameters([0.3, 1.2]))
    same = weft.simulate(weft.compile(bound, "all:2x2"), shots=300, seed=seed)
    assert metadata["makespan_s"] == {"mean": same.makespan.mean, "p50": same.makespan.p50, "p95": same.makespan.p95}
    assert metadata["fidelity"]["value"] == same.fidelity.value
    assert metadata["fidelity"]["stderr"] == same.fidelity.stderr
    assert metadata["fidelity"]["definition"] == same.fidelity.definition
    assert metadata["error_budget"] == same.error_budget
    assert 1 - sum(metadata["error_budget"].values()) == pytest.approx(metadata["fidelity"]["value"])
    assert result[0].data.c.get_counts() == same.counts
    assert result.metadata == {"version": 2, "network": "all:2x2"}


def test_the_metadata_of_bindings_are_arrays():
    (result,) = Sampler("all:2x2", seed=1).run([(rotated(), GRID)], shots=50).result()
    metadata = result.metadata
    for values in (
        metadata["bell_pairs"],
        metadata["makespan_s"]["p95"],
        metadata["fidelity"]["value"],
        metadata["seeds"],
    ):
        assert values.shape == (2, 3)


def test_a_fidelity_that_cannot_be_estimated_is_nan_in_an_array():
    circuit = rotated()
    circuit.h(range(4))
    circuit.measure([0, 1, 2, 3], [0, 1, 2, 3])
    (result,) = Sampler("all:2x2", seed=1, backend="statevector").run([(circuit, GRID[0])], shots=2).result()
    assert np.isnan(result.metadata["fidelity"]["value"]).all()


def test_a_circuit_without_registers_is_warned_about_as_the_reference_does():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    with pytest.warns(UserWarning, match="must have a classical register"):
        (result,) = Sampler(NETWORK).run([circuit]).result()
    assert len(list(result.data)) == 0


def test_no_pubs_give_no_results():
    assert list(Sampler(NETWORK).run([]).result()) == []


def test_it_is_a_sampler_of_qiskits():
    sampler = Sampler("all:2x2", default_shots=7, seed=3)
    assert isinstance(sampler, BaseSamplerV2)
    assert (sampler.default_shots, sampler.seed, sampler.network.name) == (7, 3, "all:2x2")
    assert isinstance(sampler.run([bell()]).result(), PrimitiveResult)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"default_shots": 0}, "`default_shots` must be a whole number of at least 1, but is 0"),
        ({"default_shots": True}, "`default_shots` must be"),
        ({"seed": -1}, "`seed` must be at least 0, but is -1"),
        ({"seed": "one"}, "`seed` must be a whole number"),
        ({"policy": "prefetch"}, "`policy` must be a weft.Policy"),
        ({"effort": "most"}, "`effort` must be one of fast, default, best"),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(InvalidValueError, match=message):
        Sampler(NETWORK, **arguments)


def test_requests_that_cannot_be_are_refused():
    sampler = Sampler(ideal(2, 1))
    with pytest.raises(InvalidNetworkError):
        Sampler("rign:2x2")
    with pytest.raises(ValueError, match="does not match the number of parameters"):
        sampler.run([rotated()])
    with pytest.raises(ValueError, match="shots must be positive"):
        sampler.run([bell()], shots=0)
    with pytest.raises(DoesNotFitError):
        sampler.run([gates_that_weft_takes_apart()]).result()
    waiting = bell()
    waiting.delay(100, 0)
    with pytest.raises(InvalidCircuitError, match="must do without delays"):
        sampler.run([waiting]).result()
    with pytest.raises(SimulationError, match="must give an outcome for each of 5 shots"):
        Sampler(ideal(2, 1), backend="estimate").run([bell()], shots=5).result()
