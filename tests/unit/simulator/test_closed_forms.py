"""What the simulator says where theory has a formula. Sampled values state their false-alarm rate."""

import numpy as np
import pytest
from noisy_cases import bernstein, compiled, make_network, pair_of_qpus

import weft
from weft.circuit import CircuitBuilder
from weft.network import QPU, BellPair, Network
from weft.program import Pauli, ProgramBuilder
from weft.scheduler import schedule
from weft.simulator import gate_fidelity, simulate


def circuit(qubits, *gates):
    builder = CircuitBuilder(qubits)
    for name, *operands in gates:
        builder.gate(name, *operands)
    return builder


def one_qpu(qubits, **hardware):
    return Network("one", (QPU("A", qubits, **hardware),), ())


CZ = circuit(2, ("cz", 0, 1))


@pytest.mark.parametrize("fidelity", [1.0, 0.9689, 0.8, 0.5, 0.25])
def test_a_gate_teleported_through_a_werner_pair(fidelity):
    program = compiled(CZ, pair_of_qpus(pair=BellPair.werner(fidelity)))
    assert gate_fidelity(program, shots=1).average == pytest.approx(1 - 0.8 * (1 - fidelity), abs=1e-12)


def test_the_published_pair_teleports_with_975_per_mille():
    program = compiled(CZ, pair_of_qpus(pair=BellPair.werner(0.9689)))
    assert gate_fidelity(program, shots=1).average == pytest.approx(0.9751, abs=5e-5)


@pytest.mark.parametrize("error", [0.0, 0.001, 0.3, 0.5])
def test_a_one_qubit_gate_has_the_average_infidelity_it_was_given(error):
    program = compiled(circuit(1, ("t", 0)), one_qpu(1, one_qubit_gate_error=error))
    assert gate_fidelity(program, shots=1).average == pytest.approx(1 - error, abs=1e-12)


@pytest.mark.parametrize("error", [0.0, 0.02, 0.3, 0.75])
def test_a_two_qubit_gate_has_the_average_infidelity_it_was_given(error):
    program = compiled(circuit(2, ("iswap", 0, 1)), one_qpu(2, two_qubit_gate_error=error))
    assert gate_fidelity(program, shots=1).average == pytest.approx(1 - error, abs=1e-12)


@pytest.mark.parametrize("t2_s", [0.05, 0.5, 5.0])
def test_dephasing_while_a_pair_is_awaited(t2_s):
    """A |+⟩ that waits a geometric number of attempts keeps the mean coherence p z / (1 − (1 − p) z), z = exp(−attempt/T2).

    False-alarm rate 2e-9 per case (six standard errors).
    """
    attempt_s, p = 0.02, 0.15
    gates = circuit(2, ("h", 0), ("h", 1), ("cz", 0, 1), ("h", 1))  # qubit 1 ends in |0⟩ or |1⟩ as qubit 0: a Bell pair
    hardware = {"t2_s": t2_s, "communication_t2_s": np.inf, "communication_t1_s": np.inf}
    program = compiled(gates, pair_of_qpus(hardware=hardware, attempt_s=attempt_s, success=p))
    result = simulate(program, shots=20_000, seed=1, backend="density")
    z = np.exp(-attempt_s / t2_s * np.array([1.0, 2.0]))
    once, twice = p * z / (1 - (1 - p) * z)
    # each qubit flips in Z with (1 − c)/2; the fidelity of the graph state is the probability that neither does
    expected = (1 + 2 * once + twice) / 4
    assert abs(result.fidelity.value - expected) < 6 * result.fidelity.stderr
    assert result.fidelity.stderr < 0.01
    assert result.makespan.mean == pytest.approx(attempt_s / p, rel=0.05)


def test_a_link_far_slower_than_t2_leaves_the_dephased_state():
    gates = circuit(2, ("h", 0), ("h", 1), ("cz", 0, 1))
    network = pair_of_qpus(hardware={"t2_s": 1e-3, "communication_t2_s": np.inf}, attempt_s=1.0, success=0.5)
    assert simulate(compiled(gates, network), shots=50, seed=1).fidelity.value == pytest.approx(0.25, abs=1e-9)


@pytest.mark.parametrize(("first", "second"), [(0.925, 0.85), (0.97, 0.6), (1.0, 0.25)])
def test_swapping_multiplies_werner_weights(first, second):
    """w = w₁ w₂ and F = (1 + 3 w)/4; physics.md: .79 from w .9 and .8."""
    links = make_network([(0, 1), (1, 2)], (1, 0, 1), communication=2)
    network = Network(
        "relay",
        links.qpus,
        tuple(
            weft.network.Link(link.a, link.b, 1e-3, pair=BellPair.werner(fidelity))
            for link, fidelity in zip(links.links, (first, second), strict=True)
        ),
    )
    program = compiled(CZ, network)
    assert program.ebits == 2
    fidelity = (1 + 3 * ((4 * first - 1) / 3) * ((4 * second - 1) / 3)) / 4
    if (first, second) == (0.925, 0.85):
        assert fidelity == pytest.approx(0.79)
    assert gate_fidelity(program, shots=1).average == pytest.approx(1 - 0.8 * (1 - fidelity), abs=1e-12)


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector"])
def test_ghz_under_gate_noise(backend):
    """h, cx, cx: an error after h acts as Z on the GHZ state unless it is X; errors after a cx are found by hand below.

    False-alarm rate 1e-8 per backend.
    """
    one, two = 0.02, 0.03
    program = compiled(
        circuit(3, ("h", 0), ("cx", 0, 1), ("cx", 1, 2)), one_qpu(3, one_qubit_gate_error=one, two_qubit_gate_error=two)
    )
    # X on |+⟩ does nothing; Y and Z become Z on the GHZ state. A pair of Paulis on the qubits of a cx leaves the state alone if it
    # stabilises it: after the first cx (Bell pair) II, XX, YY, ZZ; an odd number of Z alone is Z on the GHZ state: IZ, ZI, XY, YX.
    # After the second cx, on qubits 1 and 2 of three: II and ZZ do nothing; IZ and ZI are Z. The 8 of 15 after the first cx that
    # flip one of its qubits become XX there, with or without Z; the same error after the second cx, 2 of 15, takes them back.
    z_one = 1.5 * one * 2 / 3
    same_first, z_first = 1 - 1.25 * two * 12 / 15, 1.25 * two * 4 / 15
    same_second, z_second = 1 - 1.25 * two * 14 / 15, 1.25 * two * 2 / 15
    even = (1 - z_one) * same_first + z_one * z_first
    odd = (1 - z_one) * z_first + z_one * same_first
    expected = even * same_second + odd * z_second + 1.25 * two * 8 / 15 * 1.25 * two * 2 / 15
    shots = {"density": 1, "stabilizer": 40_000, "statevector": 10_000}[backend]
    found = simulate(program, shots=shots, seed=2, backend=backend).fidelity.value
    limit = bernstein(shots * expected * (1 - expected), 1e-8) / shots if shots > 1 else 1e-12
    assert abs(found - expected) < limit


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector"])
def test_readout_errors_show_in_counts_and_not_in_the_state(backend):
    """Two wrong bits with probability r² and so on. False-alarm rate 4e-8 per backend."""
    wrong, shots = 0.1, 20_000
    program = compiled(circuit(2, ("x", 0)), one_qpu(2, measurement_error=wrong))
    result = simulate(program, shots=shots, seed=3, backend=backend)
    assert result.fidelity.value == pytest.approx(1, abs=1e-12)
    for outcome, flips in (("01", 0), ("00", 1), ("11", 1), ("10", 2)):
        p = wrong**flips * (1 - wrong) ** (2 - flips)
        assert abs(result.counts[outcome] - shots * p) < bernstein(shots * p * (1 - p), 1e-8)


@pytest.mark.parametrize("backend", ["density", "statevector"])
def test_an_excited_qubit_relaxes_while_it_waits(backend):
    """exp(−t/T1), t the sum over a fixed wait. False-alarm rate 1e-8."""
    builder = circuit(3, ("x", 0), ("cz", 1, 2), ("cz", 0, 1))
    hardware = {"t1_s": 0.8, "communication_t1_s": np.inf, "communication_t2_s": np.inf}
    program = compiled(builder, pair_of_qpus((2, 1), hardware=hardware, attempt_s=0.5, success=1.0))
    assert program.ebits == 1
    shots = 10_000
    result = simulate(program, shots=shots, seed=1, backend=backend)
    survives = np.exp(-0.5 / 0.8)
    ones = sum(count for key, count in result.counts.items() if key[-1] == "1")
    assert abs(ones - shots * survives) < bernstein(shots * survives * (1 - survives), 1e-8)
    tolerance = 1e-9 if backend == "density" else bernstein(shots * survives * (1 - survives), 1e-8) / shots
    assert result.fidelity.value == pytest.approx(survives, abs=tolerance)


@pytest.mark.parametrize(
    ("backend", "t1_s"),
    [(name, t1_s) for name in ("density", "statevector") for t1_s in (np.inf, 0.6)] + [("stabilizer", np.inf)],
)
def test_coherence_decays_with_t2_whatever_t1_is(backend, t1_s):
    """A |+⟩ that waits for t is found again with (1 + e^{−t/T2})/2. False-alarm rate 1e-8."""
    builder = circuit(3, ("h", 0), ("cz", 1, 2), ("cz", 1, 0), ("h", 0))
    network = pair_of_qpus((2, 1), hardware={"t1_s": t1_s, "t2_s": 0.7}, attempt_s=0.5, success=1.0)
    program = compiled(builder, network)
    assert program.ebits == 1
    shots = 40_000
    counts = simulate(program, shots=shots, seed=1, backend=backend).counts
    zeros = sum(count for key, count in counts.items() if key[-1] == "0")
    p = (1 + np.exp(-0.5 / 0.7)) / 2
    assert abs(zeros - shots * p) < bernstein(shots * p * (1 - p), 1e-8)


def test_a_pair_is_awaited_for_attempts_times_their_duration():
    """Mean and variance of the geometric distribution; six standard errors, false-alarm rate 2e-9 for the mean."""
    program = compiled(CZ, pair_of_qpus(attempt_s=0.01, success=0.2))
    waits = schedule(program, 20_000, 5).makespan_s
    error = 0.01 * np.sqrt(0.8) / 0.2 / np.sqrt(20_000)
    assert abs(waits.mean() - 0.05) < 6 * error
    assert waits.std() == pytest.approx(0.01 * np.sqrt(0.8) / 0.2, rel=0.05)


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector"])
@pytest.mark.parametrize("basis", list(Pauli))
def test_a_measurement_in_any_basis_is_wrong_as_often_as_it_should_be(basis, backend):
    """An eigenstate is measured twice: each bit is wrong independently, and the state is left as it was. False-alarm rate 4e-9."""
    wrong, shots = 0.2, 10_000
    network = one_qpu(1, measurement_error=wrong)
    builder = ProgramBuilder(network, num_clbits=2)
    builder.add_qubit("A.d0", 0)
    builder.gate("x", 0)
    for gate in {Pauli.X: ("h",), Pauli.Y: ("h", "s"), Pauli.Z: ()}[basis]:
        builder.gate(gate, 0)
    builder.measure(0, 0, basis=basis)
    builder.measure(0, 1, basis=basis)
    counts = simulate(builder.build(), shots=shots, seed=1, backend=backend).counts
    for outcome, errors in (("11", 0), ("01", 1), ("10", 1), ("00", 2)):
        p = wrong**errors * (1 - wrong) ** (2 - errors)
        assert abs(counts.get(outcome, 0) - shots * p) < bernstein(shots * p * (1 - p), 1e-9)


@pytest.mark.parametrize("backend", ["density", "stabilizer", "statevector"])
@pytest.mark.parametrize(("condition", "happens"), [((0, 0), True), ((0, 1), False), ((1, 0), True), ((1, 1), False)])
def test_a_conditional_gate_errs_only_if_it_happens(condition, happens, backend):
    """Bit 0 is measured to be 0, bit 1 never written. Z errs with Pauli weight 3/2 · .3; two thirds flip. False-alarm rate 1e-9."""
    shots, builder = 5000, CircuitBuilder(2)
    builder.add_register("c", 3)
    builder.measure(0, 0)
    builder.gate("z", 1, condition=[condition])
    builder.measure(1, 2)
    network = one_qpu(2, one_qubit_gate_error=0.3)
    counts = simulate(compiled(builder, network), shots=shots, seed=1, backend=backend).counts
    flipped = sum(count for key, count in counts.items() if key[0] == "1")
    p = 1.5 * 0.3 * 2 / 3 if happens else 0.0
    assert abs(flipped - shots * p) < (bernstein(shots * p * (1 - p), 1e-9) if happens else 0.5)


@pytest.mark.parametrize("backend", ["density", "statevector"])
def test_the_phase_of_a_pair(backend):
    """(|00⟩ + e^{iφ}|11⟩)/√2 measured in X on one side and in Y on the other: equal with (1 + sin φ)/2. False-alarm rate 1e-9."""
    phase, shots = 0.7, 10_000
    vector = np.array([1, 0, 0, np.exp(1j * phase)]) / np.sqrt(2)
    builder = ProgramBuilder(
        pair_of_qpus(pair=BellPair.from_density_matrix(np.outer(vector, vector.conj()))), num_clbits=2
    )
    halves = [builder.add_qubit(name, qpu, communication=True) for qpu, name in enumerate(("A.c0", "B.c0"))]
    builder.entangle(0, *halves)
    for bit, (half, basis) in enumerate(zip(halves, (Pauli.X, Pauli.Y), strict=True)):
        builder.measure(half, bit, basis=basis)
    counts = simulate(builder.build(), shots=shots, seed=1, backend=backend).counts
    p = (1 + np.sin(phase)) / 2
    assert abs(counts.get("00", 0) + counts.get("11", 0) - shots * p) < bernstein(shots * p * (1 - p), 1e-9)


def test_reset_errors():
    builder = circuit(1, ("h", 0))
    builder.reset(0)
    program = compiled(builder, one_qpu(1, reset_error=0.3))
    counts = simulate(program, shots=20_000, seed=1).counts
    assert abs(counts["1"] - 6000) < bernstein(20_000 * 0.21, 1e-9)
