"""The estimator does what Qiskit's does, and keeps the precision that it was asked for."""

import math

import numpy as np
import pytest
from qiskit.circuit import QuantumCircuit
from qiskit.primitives import BaseEstimatorV2, StatevectorEstimator
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.observables_array import ObservablesArray
from qiskit.quantum_info import Pauli, SparseObservable, SparsePauliOp, Statevector
from qiskit_cases import GRID, NETWORK, entangler, gates_that_weft_takes_apart, ideal, rotated

from weft.circuit.observables import grouped, measured_in, shots_for, values_of
from weft.errors import InvalidValueError
from weft.qiskit import Estimator

PRECISION = 0.02
HAMILTONIAN = SparsePauliOp(["ZZII", "IXXI", "IYYI", "ZIIX", "IIII", "XYZI"], [0.5, -1.2, 0.7, 0.3, 0.25, 0.4])


def bare():
    return rotated().remove_final_measurements(inplace=False)


TABLE = {
    "a label": lambda: (entangler(4), "ZIXY"),
    "a Pauli with a sign": lambda: (entangler(4), Pauli("-XXZI")),
    "a sum": lambda: (entangler(4), HAMILTONIAN),
    "a sum with a term twice": lambda: (entangler(4), SparsePauliOp(["ZIII", "ZIII", "XIII"], [0.5, 0.25, 1])),
    "a mapping": lambda: (entangler(4), {"ZIII": 0.5, "IXIY": -2.0}),
    "a sparse observable": lambda: (entangler(4), SparseObservable.from_list([("ZIII", 0.5), ("IXIY", -1.0)])),
    "a list": lambda: (entangler(4), ["ZIII", HAMILTONIAN, Pauli("IIIX")]),
    "an array": lambda: (entangler(4), ObservablesArray([["ZIII"], ["XXII"]])),
    "the identity": lambda: (entangler(4), "IIII"),
    "one binding": lambda: (bare(), HAMILTONIAN, [0.3, 1.2]),
    "one observable, many bindings": lambda: (bare(), HAMILTONIAN, GRID),
    "many observables, one binding": lambda: (bare(), ["ZIII", "IXII", "IIZZ"], [0.3, 1.2]),
    "observables beside bindings": lambda: (bare(), ["ZIII", "IXII", HAMILTONIAN], GRID),
    "observables across bindings": lambda: (bare(), [["ZIII"], ["IXII"]], GRID[0]),
    "bindings by name": lambda: (bare(), "ZZZZ", {"b": [0.3, 0.9], "a": [1.2, 1.3]}),
    "precision of its own": lambda: (bare(), HAMILTONIAN, [0.3, 1.2], 0.05),
    "a PUB": lambda: EstimatorPub.coerce((bare(), HAMILTONIAN, [0.3, 1.2]), 0.03),
    "no bindings at all": lambda: (bare(), HAMILTONIAN, np.zeros((0, 2))),
    "a qubit that nothing acts on": lambda: (QuantumCircuit(3), "ZIX"),
}


@pytest.mark.parametrize("case", TABLE)
def test_the_estimator_agrees_with_the_reference(case):
    """The reference is exact. By Hoeffding and by the choice of shots, a value is off by more than 6 precisions with probability
    below 2 exp(−18) = 3 × 10⁻⁸, so a case of at most 18 values fails by chance with less than 6 × 10⁻⁷; seeds are fixed.
    """
    (found,) = Estimator(NETWORK, seed=2, effort="fast").run([TABLE[case]()], precision=PRECISION).result()
    (expected,) = StatevectorEstimator().run([TABLE[case]()]).result()
    assert list(found.data) == list(expected.data)
    assert found.data.shape == expected.data.shape
    assert found.data.evs.shape == found.data.stds.shape == expected.data.evs.shape
    precision = found.metadata["target_precision"]
    assert np.all(np.abs(found.data.evs - expected.data.evs) <= 6 * precision + 1e-12)
    assert np.all(found.data.stds <= 1.2 * precision)
    assert found.metadata["circuit_metadata"] == expected.metadata["circuit_metadata"]


def test_gates_that_are_taken_apart():
    circuit = gates_that_weft_takes_apart().remove_final_measurements(inplace=False)
    (found,) = Estimator(NETWORK, seed=2, effort="fast").run([(circuit, "ZZZZ")], precision=PRECISION).result()
    exact = Statevector(circuit).expectation_value(Pauli("ZZZZ")).real
    assert abs(found.data.evs - exact) < 6 * PRECISION  # 3 × 10⁻⁸


@pytest.mark.parametrize("label", ["0", "1", "+", "-", "r", "l"])
def test_projectors_are_observables_too(label):
    """The reference takes Paulis only, so the state itself is asked; off by 6 precisions with probability 3 × 10⁻⁸."""
    circuit = QuantumCircuit(1)
    circuit.u(0.7, 0.4, 0.1, 0)
    exact = abs(np.vdot(Statevector.from_label(label).data, Statevector(circuit).data)) ** 2
    (found,) = Estimator(NETWORK, seed=4).run([(circuit, label)], precision=0.01).result()
    assert abs(found.data.evs - exact) < 0.06


def test_circuits_may_measure_and_branch_on_their_way():
    circuit = QuantumCircuit(2, 1)
    circuit.ry(1.0, 0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    (found,) = Estimator(NETWORK, seed=4).run([(circuit, ["ZZ", "XI"])], precision=0.05).result()
    assert found.data.evs[0] == 1
    assert abs(found.data.evs[1]) < 0.3


def test_the_standard_errors_are_those_of_repetitions():
    """χ² of 80 estimates about the exact value, in units of the standard errors that each reports: 80 ± 12.6, and between 30 and
    160 but for 3.5 × 10⁻⁷.
    """
    observable = SparsePauliOp(["ZZII", "IZZI", "IIXX"], [0.5, -1.2, 0.7])
    pub = (bare(), observable, np.tile([0.3, 1.2], (80, 1)))
    data = Estimator(NETWORK, seed=9, effort="fast").run([pub], precision=0.1).result()[0].data
    exact = StatevectorEstimator().run([(bare(), observable, [0.3, 1.2])]).result()[0].data.evs
    assert 30 < (((data.evs - exact) / data.stds) ** 2).sum() < 160


def test_shots_are_what_the_precision_takes_in_the_worst_state():
    groups = grouped(["ZZI", "IZZ", "XII"])
    assert [group.labels for group in groups] == [("IZZ", "ZZI"), ("XII",)]
    shots = shots_for(groups, {"ZZI": 1.0, "IZZ": -2.0, "XII": 1.0}, 0.1)
    assert shots == [1200, 400]  # 9/1200 + 1/400 = 0.01
    (found,) = Estimator(NETWORK, seed=1).run([(QuantumCircuit(1), "X")], precision=1 / 64).result()
    assert found.metadata["shots"] == 4096
    assert found.data.stds == pytest.approx(1 / 64, rel=1e-2)  # |0⟩ is the worst state for X


def test_terms_that_commute_qubit_by_qubit_share_their_shots():
    labels = ["XXII", "IXXI", "IIXX", "ZIII", "IZII", "YIIY", "IIII"]
    groups = grouped(labels)
    assert sorted(label for group in groups for label in group.labels) == sorted(set(labels) - {"IIII"})
    assert len(groups) == 3
    for group in groups:
        for label in group.labels:
            assert all(group.axes[qubit] == axis for qubit, axis in enumerate(reversed(label)) if axis != "I")


@pytest.mark.parametrize("axis", ["X", "Y", "Z"])
def test_the_bit_of_an_axis_tells_its_eigenstates_apart(axis):
    import weft

    plus, minus = {"X": "+-", "Y": "rl", "Z": "01"}[axis]
    (group,) = grouped([axis])
    for state, value in ((plus, 1.0), (minus, -1.0)):
        circuit = QuantumCircuit(1)
        circuit.prepare_state(state, 0)
        counts = weft.run(measured_in(weft.load_circuit(circuit), group), NETWORK, shots=20, seed=1).counts
        assert len(counts) == 1
        bits = np.array([[int(key)] for key in counts], dtype=np.uint8)
        assert values_of(group, {axis: 1.0}, bits).tolist() == [value]


def test_observables_of_one_binding_share_its_runs():
    estimator = Estimator(NETWORK, seed=1)
    (result,) = estimator.run([(bare(), [["ZIII"], ["IZII"], ["IIZZ"]], GRID[0])], precision=0.1).result()
    assert result.data.evs.shape == (3, 3)
    assert result.metadata["bases"].tolist() == [1, 1, 1]
    assert result.metadata["shots"].tolist() == [100, 100, 100]


def test_the_metadata_name_the_cost():
    (result,) = Estimator("all:2x2", seed=1, effort="fast").run([(bare(), HAMILTONIAN, GRID)], precision=0.3).result()
    metadata = result.metadata
    assert metadata["bell_pairs"].shape == metadata["fidelity"]["value"].shape == (2, 3)
    assert np.all(metadata["bell_pairs"] > 0)
    assert np.all(metadata["makespan_s"]["p50"] <= metadata["makespan_s"]["p95"])
    lost = sum(metadata["error_budget"].values())
    assert np.allclose(1 - lost, metadata["fidelity"]["value"])
    assert [len(seeds) for seeds in metadata["seeds"].ravel()] == metadata["bases"].ravel().tolist()


def test_noise_shrinks_what_is_estimated():
    """Values of about .94, with standard errors of .004, are over .99 or under .8 with probability below 10⁻⁹."""
    circuit = QuantumCircuit(4)
    circuit.h(0)
    for qubit in range(3):
        circuit.cx(qubit, qubit + 1)
    (result,) = Estimator("all:2x2", seed=1, effort="fast").run([(circuit, ["XXXX", "IZZI"])], precision=0.01).result()
    assert np.all(result.data.evs < 0.99)
    assert np.all(result.data.evs > 0.8)


def test_an_identity_needs_no_shots():
    (result,) = Estimator(NETWORK).run([(entangler(2), {"II": 2.5})]).result()
    assert (float(result.data.evs), float(result.data.stds), result.metadata["shots"]) == (2.5, 0.0, 0)


def test_jobs_are_repeated_by_their_seeds():
    pub = (bare(), HAMILTONIAN, GRID[0])
    estimator = Estimator(NETWORK, seed=3, default_precision=0.1, effort="fast")
    assert isinstance(estimator, BaseEstimatorV2)
    assert (estimator.seed, estimator.default_precision, estimator.network.name) == (3, 0.1, "ideal")
    one, other = (estimator.run([pub]).result()[0].data.evs for _ in range(2))
    assert np.array_equal(one, other)
    drawn = [Estimator(NETWORK, default_precision=0.1, effort="fast").run([pub]).result()[0].data.evs for _ in range(2)]
    assert not np.array_equal(*drawn)


@pytest.mark.parametrize("precision", [0, -0.1, math.nan, math.inf, "small"])
def test_a_precision_that_cannot_be_is_refused(precision):
    with pytest.raises(InvalidValueError, match="`default_precision` must be a positive number, because"):
        Estimator(NETWORK, default_precision=precision)


def test_requests_that_cannot_be_are_refused():
    estimator = Estimator(ideal(1, 2))
    with pytest.raises(InvalidValueError, match="`precision` of PUB 0 must be a positive number"):
        estimator.run([(entangler(2), "ZZ")], precision=0)
    with pytest.raises(
        InvalidValueError, match=r"within 1,000,000,000 shots of a basis, .* takes .*; 0.0003\d would do"
    ):
        estimator.run([(entangler(2), {"ZZ": 10.0})], precision=1e-7)
    with pytest.raises(ValueError, match="number of qubits"):
        estimator.run([(entangler(2), "ZZZ")])
    with pytest.raises(ValueError, match="not broadcastable"):
        estimator.run([(bare(), ["ZIII", "XIII"], GRID)])
    with pytest.raises(ValueError, match="Non-Hermitian"):
        estimator.run([(entangler(2), SparsePauliOp("ZZ", 1j))])
    with pytest.raises(ValueError, match="does not match the number of parameters"):
        estimator.run([(bare(), "ZIII")])
    with pytest.raises(InvalidValueError, match="`seed` must be"):
        Estimator(NETWORK, seed=0.5)
