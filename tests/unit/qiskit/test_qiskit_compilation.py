"""A variational loop searches once, and what it runs afterwards is what a search would have found."""

import copy
import pickle
import threading

import numpy as np
import pytest
from qiskit.circuit import ClassicalRegister, ParameterVector, QuantumCircuit, QuantumRegister
from qiskit_cases import ideal

import weft
from weft.qiskit import Compilations, Estimator, Sampler
from weft.qiskit.circuits import circuit_of, without_idle_qubits
from weft.qiskit.machine import Machine
from weft.scheduler import AS_SOON_AS_POSSIBLE


def ring(layers=1):
    angles = ParameterVector("a", 2 * layers)
    circuit = QuantumCircuit(4)
    circuit.h(range(4))
    for layer in range(layers):
        for qubit in range(4):
            circuit.rzz(angles[2 * layer], qubit, (qubit + 1) % 4)
        circuit.rx(angles[2 * layer + 1], range(4))
    return circuit


def machine(network="all:2x2"):
    return Machine(network, policy=AS_SOON_AS_POSSIBLE, backend="auto", effort="fast")


def test_a_loop_of_a_sampler_searches_once():
    sampler = Sampler("all:2x2", seed=1, default_shots=20, effort="fast")
    circuit = ring()
    circuit.measure_all()
    for step in range(5):
        sampler.run([(circuit, [0.1 * step + 0.1, 0.3])]).result()
    sampler.run([(circuit, [0.1, 0.3])]).result()
    assert sampler.compilations == Compilations(searched=1, refilled=4, found=1)


def test_a_loop_of_an_estimator_searches_once_for_each_basis():
    estimator = Estimator("all:2x2", seed=1, default_precision=0.5, effort="fast")
    for step in range(4):
        estimator.run([(ring(), {"ZZII": 1.0, "XXXX": 0.5}, [0.1 * step + 0.1, 0.3])]).result()
    assert estimator.compilations == Compilations(searched=2, refilled=6, found=0)


def test_a_refilled_program_is_the_one_that_a_search_finds():
    warm = machine()
    warm.program(circuit_of(ring(2).assign_parameters([0.1, 0.2, 0.3, 0.4])))
    values = [0.7, -1.2, 2.5, 0.05]
    refilled = warm.program(circuit_of(ring(2).assign_parameters(values)))
    assert warm.compilations == Compilations(searched=1, refilled=1, found=0)
    searched = machine().program(circuit_of(ring(2).assign_parameters(values)))
    assert refilled.id == searched.id


def test_angles_that_change_the_shape_are_searched_for_and_come_out_right():
    """At rx(0) the segments before and after it are one, which takes fewer Bell pairs."""
    warm = machine()
    generic = warm.program(circuit_of(ring(2).assign_parameters([0.1, 0.2, 0.3, 0.4])))
    special = warm.program(circuit_of(ring(2).assign_parameters([0.1, 0.0, 0.3, 0.4])))
    assert warm.compilations.searched == 2
    assert special.ebits < generic.ebits


def test_what_is_remembered_is_limited(monkeypatch):
    monkeypatch.setattr("weft.qiskit.machine._MOST_PROGRAMS", 2)
    monkeypatch.setattr("weft.qiskit.machine._MOST_TEMPLATES", 1)
    warm, circuits = machine(), [circuit_of(ring().assign_parameters([angle, 0.3])) for angle in (0.1, 0.2, 0.3)]
    for circuit in (*circuits, circuits[0]):
        warm.program(circuit)
    assert warm.compilations == Compilations(searched=1, refilled=3, found=0)


def test_jobs_at_the_same_time_share_what_is_remembered():
    warm = machine()
    circuits = [circuit_of(ring().assign_parameters([0.1 * k + 0.1, 0.3])) for k in range(8)]
    threads = [threading.Thread(target=warm.program, args=(circuit,)) for circuit in circuits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warm.compilations == Compilations(searched=1, refilled=7, found=0)


def test_trusted_nodes_are_left_out_if_the_policy_says_so():
    policy = weft.Policy(trusted_nodes="forbid")
    assert machine(ideal(2, 1)).network.name == "ideal"
    assert Sampler(ideal(2, 1), policy=policy).network == ideal(2, 1)


def test_idle_qubits_are_left_out_in_order():
    circuit = QuantumCircuit(QuantumRegister(5), ClassicalRegister(2))
    circuit.x(3)
    circuit.cx(3, 1)
    circuit.measure([1, 3], [0, 1])
    narrow = without_idle_qubits(circuit_of(circuit))
    assert narrow.num_qubits == 2
    assert narrow.qubits.tolist() == [[1, -1], [1, 0], [0, -1], [1, -1]]
    assert without_idle_qubits(circuit_of(QuantumCircuit(3))).num_qubits == 1


@pytest.mark.parametrize("name", ["searched", "refilled", "found"])
def test_compilations_are_counted_from_nothing(name):
    assert getattr(machine().compilations, name) == 0


def test_importing_weft_does_not_load_the_room():
    import subprocess
    import sys

    code = "import sys, weft; print('weft.qiskit' in sys.modules, 'qiskit' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]
    assert np.all([name in dir(__import__("weft.qiskit").qiskit) for name in ("Sampler", "Estimator", "Backend")])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda primitive: pickle.loads(pickle.dumps(primitive))])
def test_a_copy_knows_the_same_programs_and_gives_the_same(copied):
    circuit = ring().assign_parameters([0.4, 0.3])
    circuit.measure_all()
    sampler = Sampler("all:2x2", seed=1, default_shots=20, effort="fast")
    (first,) = sampler.run([circuit]).result()
    other = copied(sampler)
    (second,) = other.run([circuit]).result()
    assert np.array_equal(first.data.meas.array, second.data.meas.array)
    assert other.compilations == Compilations(searched=1, refilled=0, found=1)
    assert sampler.compilations == Compilations(searched=1, refilled=0, found=0)
