"""Noisy circuits on one QPU against Qiskit Aer's density matrices and noise model."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error

from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.network import QPU, Network
from weft.simulator import simulate

ONE, TWO, READOUT = 0.01, 0.03, 0.05
GATES = [
    ("h", 0),
    ("cx", 0, 1),
    ("t", 1),
    ("h", 1),
    ("cx", 1, 2),
    ("sx", 2),
    ("cz", 0, 2),
    ("t", 0),
    ("h", 2),
    ("cx", 2, 0),
]


@pytest.fixture(scope="module")
def noise_model():
    """Aer's `depolarizing_error(λ)` mixes with the identity: average infidelity λ (d − 1)/d."""
    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(2 * ONE, 1), ["h", "t", "sx"])
    model.add_all_qubit_quantum_error(depolarizing_error(4 / 3 * TWO, 2), ["cx", "cz"])
    model.add_all_qubit_readout_error(ReadoutError([[1 - READOUT, READOUT], [READOUT, 1 - READOUT]]))
    return model


def test_state_and_outcomes(noise_model):
    """The state fidelity is equal to rounding; outcomes within Aer's exact probabilities: six standard deviations, 2e-8 in all."""
    builder, circuit = CircuitBuilder(3), QuantumCircuit(3)
    for name, *qubits in GATES:
        builder.gate(name, *qubits)
        getattr(circuit, name)(*qubits)
    circuit.save_density_matrix()
    rho = np.asarray(
        AerSimulator(method="density_matrix", noise_model=noise_model).run(circuit).result().data()["density_matrix"]
    )
    ideal = np.asarray(AerSimulator(method="density_matrix").run(circuit).result().data()["density_matrix"])
    qpu = QPU("A", 3, one_qubit_gate_error=ONE, two_qubit_gate_error=TWO, measurement_error=READOUT)
    shots = 40_000
    result = simulate(
        compile_circuit(builder.build(), Network("one", (qpu,), ())).program, shots=shots, seed=1, backend="density"
    )
    assert result.fidelity.value == pytest.approx(np.trace(rho @ ideal).real, abs=1e-10)
    probabilities = rho.diagonal().real.reshape(2, 2, 2)
    confusion = np.array([[1 - READOUT, READOUT], [READOUT, 1 - READOUT]])
    probabilities = np.einsum("abc,ax,by,cz->xyz", probabilities, confusion, confusion, confusion).reshape(-1)
    for outcome, p in enumerate(probabilities):
        assert abs(result.counts.get(f"{outcome:03b}", 0) - shots * p) < 6 * np.sqrt(shots * p * (1 - p))
