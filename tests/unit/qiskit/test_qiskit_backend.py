"""Qiskit code that knows nothing of Weft transpiles for a network and runs on it."""

import math

import numpy as np
import pytest
from qiskit import transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumCircuit, QuantumRegister
from qiskit.circuit.library import efficient_su2
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2
from qiskit.providers import BackendV2, JobStatus
from qiskit.quantum_info import Statevector
from qiskit_cases import (
    NETWORK,
    SHOTS,
    allowed,
    bell,
    entangler,
    gates_that_weft_takes_apart,
    ideal,
    shared_and_loose_bits,
)

from weft import QPU, Network
from weft.circuit.gates import GATES
from weft.errors import InvalidCircuitError, InvalidValueError
from weft.qiskit import Backend, Estimator, Sampler


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_transpiled_circuit_runs_and_gives_what_the_circuit_gives(level):
    """Each of 16 probabilities by Hoeffding: false alarms below 10⁻⁷."""
    backend = Backend(NETWORK, effort="fast")
    circuit = gates_that_weft_takes_apart()
    transpiled = transpile(circuit, backend, optimization_level=level, seed_transpiler=1)
    assert set(transpiled.count_ops()) <= set(backend.operation_names) | {"barrier"}
    counts = backend.run(transpiled, shots=SHOTS, seed_simulator=3).result().get_counts()
    exact = Statevector(circuit.remove_final_measurements(inplace=False)).probabilities_dict()
    gaps = [abs(counts.get(key, 0) / SHOTS - exact.get(key, 0)) for key in {*counts, *exact}]
    assert max(gaps) < allowed(SHOTS, 16)


def test_a_circuit_need_not_be_transpiled():
    counts = Backend(NETWORK).run(bell(), shots=100).result().get_counts()
    assert set(counts) <= {"00", "11"}
    assert sum(counts.values()) == 100


def test_counts_are_spelt_as_qiskit_spells_them():
    circuit = QuantumCircuit(QuantumRegister(3), ClassicalRegister(2, "a"), ClassicalRegister(1, "b"))
    circuit.x([0, 2])
    circuit.measure([0, 1, 2], [1, 0, 2])
    result = Backend(NETWORK).run(circuit, shots=5, memory=True).result()
    assert result.get_counts() == {"1 10": 5}
    assert result.get_memory() == ["1 10"] * 5
    loose = Backend(NETWORK).run(shared_and_loose_bits(), shots=5).result().get_counts()
    assert all(len(key) == 4 for key in loose)


def test_several_circuits_give_several_counts():
    one, other = bell(), bell()
    other.name = "other"
    result = Backend(NETWORK).run([one, other], shots=50, seed_simulator=1).result()
    assert len(result.get_counts()) == 2
    assert sum(result.get_counts("other").values()) == 50
    again = Backend(NETWORK, shots=50, seed_simulator=1).run([one, other]).result()
    assert again.get_counts() == result.get_counts()


def test_the_order_of_shots_is_drawn_and_fits_the_counts():
    result = Backend(NETWORK).run(bell(), shots=200, memory=True, seed_simulator=2).result()
    memory = result.get_memory()
    assert {key: memory.count(key) for key in set(memory)} == result.get_counts()
    assert memory != sorted(memory)


def test_a_result_says_what_the_run_cost():
    result = Backend("all:2x1").run(bell(), shots=50).result()
    about = result.results[0].weft
    assert about["bell_pairs"] == 1
    assert about["makespan_s"]["mean"] > 0
    assert 1 - sum(about["error_budget"].values()) == pytest.approx(about["fidelity"]["value"])
    assert result.to_dict()["results"][0]["weft"] == about


def test_the_target_has_every_gate_and_no_coupling():
    backend = Backend("oxford")
    assert isinstance(backend, BackendV2)
    assert (backend.name, backend.num_qubits) == ("oxford", backend.network.data_qubits)
    assert backend.coupling_map is None
    assert backend.max_circuits is None
    missing = {gate.name for gate in GATES} - set(backend.operation_names)
    assert missing <= {"cu3"}
    assert {"measure", "reset", "if_else", "for_loop", "switch_case"} <= set(backend.operation_names)


def test_couplings_within_a_qpu_are_left_to_weft():
    line = Network("line", (QPU("A", 4, coupling=((0, 1), (1, 2), (2, 3))),), ())
    backend = Backend(line)
    circuit = QuantumCircuit(4)
    circuit.h(0)
    for qubit in (3, 2, 1):
        circuit.cx(0, qubit)
    circuit.measure_all()
    transpiled = transpile(circuit, backend, optimization_level=1)
    assert "swap" not in transpiled.count_ops()
    assert set(backend.run(transpiled, shots=50).result().get_counts()) <= {"0000", "1111"}


def test_qubits_that_nothing_acts_on_need_no_place():
    wide = QuantumCircuit(50, 2)
    wide.h(17)
    wide.cx(17, 40)
    wide.measure([17, 40], [0, 1])
    assert set(Backend(ideal(2, 1)).run(wide, shots=50).result().get_counts()) <= {"00", "11"}


def test_dynamic_circuits_survive_the_transpiler():
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    circuit.measure(1, 1)
    backend = Backend(NETWORK)
    assert set(backend.run(transpile(circuit, backend), shots=100).result().get_counts()) == {"00", "11"}


def test_qiskits_own_primitives_run_on_the_backend_and_agree_with_weft():
    """Both sample the same noise. By Hoeffding, parities differ by more than the bound with probability below 10⁻⁷; means of 400
    signs each by more than 0.4 with 2 exp(−16) = 2 × 10⁻⁷.
    """
    backend = Backend("all:2x2", seed_simulator=7, effort="fast")
    (theirs,) = BackendSamplerV2(backend=backend).run([bell()], shots=SHOTS).result()
    (mine,) = Sampler("all:2x2", seed=3, effort="fast").run([bell()], shots=SHOTS).result()
    gap = [data.meas.expectation_values("ZZ") for data in (theirs.data, mine.data)]
    assert abs(gap[0] - gap[1]) < allowed(SHOTS, 1)
    theirs = BackendEstimatorV2(backend=backend).run([(entangler(3), ["ZZI", "IXX"])], precision=0.05).result()
    mine = Estimator("all:2x2", seed=3, effort="fast").run([(entangler(3), ["ZZI", "IXX"])], precision=0.05).result()
    assert np.all(np.abs(theirs[0].data.evs - mine[0].data.evs) < 0.4)
    assert math.isclose(mine[0].metadata["target_precision"], 0.05)


def test_an_ansatz_of_qiskits_library_goes_through():
    ansatz = efficient_su2(4, reps=1)
    ansatz.measure_all()
    backend = Backend(NETWORK, effort="fast")
    bound = ansatz.assign_parameters(np.linspace(0, 1, ansatz.num_parameters))
    assert sum(backend.run(transpile(bound, backend), shots=20).result().get_counts().values()) == 20


def test_shots_may_be_a_whole_number_of_numpys_and_those_that_were_set_are_checked():
    backend = Backend(NETWORK)
    assert sum(backend.run(bell(), shots=np.int64(5)).result().get_counts().values()) == 5
    backend.set_options(shots=-3)
    with pytest.raises(InvalidValueError, match=r"`shots` must be a whole number in .*, but is -3"):
        backend.run(bell())


def test_a_job_knows_where_it_stands():
    backend = Backend(NETWORK)
    job = backend.run(bell(), shots=10)
    assert job.result().job_id == job.job_id()
    assert job.status() is JobStatus.DONE
    assert job.backend() is backend
    assert not job.cancel()
    with pytest.raises(InvalidValueError, match="must be submitted once"):
        job.submit()
    failed = Backend(ideal(1, 1)).run(bell(), shots=10)
    with pytest.raises(Exception, match="qubits"):
        failed.result()
    assert failed.status() is JobStatus.ERROR


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shots": 0}, "`shots` must be a whole number in 1 … 1,000,000,000, but is 0"),
        ({"shots": 1.5}, "`shots` must be"),
        ({"seed_simulator": -2}, "`seed` must be at least 0"),
        ({"noise_model": None}, "an option must be one of shots, seed_simulator, memory, but there is `noise_model`"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(InvalidValueError, match=message):
        Backend(NETWORK).run(bell(), **options)
    with pytest.raises(InvalidValueError, match=message):
        Backend(NETWORK, **options)


def test_circuits_that_cannot_be_run_are_refused():
    backend = Backend(NETWORK)
    with pytest.raises(InvalidCircuitError, match=r"must measure something to have counts, .*; `measure_all\(\)`"):
        backend.run(entangler(2))
    free = QuantumCircuit(1, 1)
    free.rx(Parameter("a"), 0)
    free.measure(0, 0)
    with pytest.raises(InvalidCircuitError, match="every parameter must have a value"):
        backend.run(free)
    for wrong in ("bell", 3, [bell(), "bell"]):
        with pytest.raises(InvalidValueError, match="`run` must get"):
            backend.run(wrong)
