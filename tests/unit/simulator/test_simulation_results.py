"""Results: how they add up, how counts are keyed, and what is refused."""

import numpy as np
import pytest
from noisy_cases import PAULI_NOISE, RELAXATION, branching_probe, compiled, pair_of_qpus, unitary_probe

from weft.circuit import CircuitBuilder
from weft.errors import InvalidValueError, SimulationError
from weft.network import QPU, BellPair, Link, Network
from weft.program import Pauli, ProgramBuilder
from weft.simulator import choose_backend, simulate
from weft.simulator.backend import is_static

NOISY = pair_of_qpus((2, 1), pair=BellPair.werner(0.93), hardware=PAULI_NOISE)
BACKENDS = ("density", "stabilizer", "statevector")


@pytest.fixture(scope="module", params=[unitary_probe, branching_probe], ids=["static", "dynamic"])
def program(request):
    return compiled(request.param(), NOISY)


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_add_up(program, backend):
    """Unequal parts: fidelity is the mean over samples, not over parts."""
    a = simulate(program, shots=50, seed=1, backend=backend)
    b = simulate(program, shots=900, seed=2, backend=backend)
    both = a + b
    assert both.shots == 950
    assert both.samples == a.samples + b.samples
    assert both.seeds == (1, 2)
    for key in {*a.counts, *b.counts}:
        assert both.counts[key] == a.counts.get(key, 0) + b.counts.get(key, 0)
    assert sum(both.counts.values()) == 950
    np.testing.assert_array_equal(np.sort(both.makespans_s), np.sort(np.concatenate((a.makespans_s, b.makespans_s))))
    assert both.makespan.mean == pytest.approx((50 * a.makespan.mean + 900 * b.makespan.mean) / 950)
    if both.distributions is None:
        pooled = (a.samples * a.fidelity.value + b.samples * b.fidelity.value) / both.samples
        assert both.fidelity.value == pytest.approx(pooled, abs=1e-12)
    else:
        for mine, theirs, ours in zip(a.distributions, b.distributions, both.distributions, strict=True):
            assert sum(ours.values()) == pytest.approx(both.samples)
            for key, weight in ours.items():
                assert weight == pytest.approx(mine.get(key, 0) + theirs.get(key, 0))
    assert both.fidelity.stderr < 1.1 * b.fidelity.stderr
    assert (b + a).fidelity.value == pytest.approx(both.fidelity.value, abs=1e-12)


def test_other_tasks_and_shared_seeds_are_refused(program):
    a = simulate(program, shots=20, seed=1, backend="stabilizer")
    with pytest.raises(InvalidValueError, match="same program on the same backend"):
        a + simulate(program, shots=20, seed=2, backend="statevector")
    other = compiled(three_registers(), pair_of_qpus((2, 2)))
    with pytest.raises(InvalidValueError, match="same program"):
        a + simulate(other, shots=20, seed=2, backend="stabilizer")
    b = simulate(program, shots=20, seed=2, backend="stabilizer")
    with pytest.raises(InvalidValueError, match="both have 1"):
        (a + b) + simulate(program, shots=30, seed=1, backend="stabilizer")
    with pytest.raises(TypeError):
        a + 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_same_seed_gives_the_same_result(program, backend):
    results = [simulate(program, shots=200, seed=seed, backend=backend) for seed in (5, 5, 6)]
    assert results[0].counts == results[1].counts
    assert results[0].error_budget == results[1].error_budget
    np.testing.assert_array_equal(results[0].makespans_s, results[1].makespans_s)
    assert results[0].counts != results[2].counts


def test_a_random_seed_is_named(program):
    results = [simulate(program, shots=5) for _ in range(2)]
    assert results[0].seeds != results[1].seeds
    again = simulate(program, shots=5, seed=results[0].seeds[0])
    assert again.counts == results[0].counts


def test_progress_is_told_after_each_batch(program, monkeypatch):
    told = []
    monkeypatch.setattr("weft.simulator.stabilizer.Stabilizer.batch_shots", lambda *_: 40)
    result = simulate(program, shots=100, seed=1, backend="stabilizer", progress=told.append)
    assert told == [40, 80, 100]
    assert result.shots == 100
    assert result.makespans_s[:40].tolist() != result.makespans_s[40:80].tolist()  # each batch has timelines of its own


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shots": 0}, "`shots` must .*, but is 0"),
        ({"shots": -3}, "`shots` must .*, but is -3"),
        ({"seed": -1}, "`seed` must lie in"),
        ({"seed": 2**63}, "`seed` must lie in"),
        (
            {"backend": "quantum"},
            "`backend` must be auto, density, stabilizer, statevector, estimate, but is 'quantum'",
        ),
    ],
)
def test_what_cannot_be_is_refused(program, options, message):
    with pytest.raises(InvalidValueError, match=message):
        simulate(program, **options)


def three_registers():
    """With bits shared by two registers of the program."""
    builder = CircuitBuilder(4, name="registers")
    for name, size in (("low", 2), ("unused", 1), ("high", 3)):
        builder.add_register(name, size)
    for qubit in (0, 3):
        builder.gate("x", qubit)
    for qubit, bit in ((0, 1), (1, 0), (3, 4), (2, 5)):
        builder.measure(qubit, bit)
    return builder


@pytest.mark.parametrize("backend", BACKENDS)
def test_counts_are_keyed_as_qiskit_keys_them(backend):
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
    from qiskit_aer import AerSimulator

    circuit = QuantumCircuit(
        QuantumRegister(4), *(ClassicalRegister(n, m) for m, n in (("low", 2), ("unused", 1), ("high", 3)))
    )
    circuit.x([0, 3])
    circuit.measure([0, 1, 3, 2], [1, 0, 4, 5])
    expected = AerSimulator().run(circuit, shots=7).result().get_counts()
    program = compiled(three_registers(), pair_of_qpus((2, 2)))
    found = simulate(program, shots=7, seed=1, backend=backend).counts
    assert found == expected == {"010 0 10": 7}


def test_registers_may_share_bits():
    builder = CircuitBuilder(2)
    bits = builder.add_bits(2)
    builder.name_bits("forward", bits)
    builder.name_bits("backward", bits[::-1])
    builder.gate("x", 0)
    builder.measure(0, 0)
    builder.measure(1, 1)
    assert simulate(compiled(builder, pair_of_qpus((1, 1))), shots=3, seed=1).counts == {"10 01": 3}


def one_qubit_program(bits, *rows):
    network = Network("one", (QPU("A", 1),), ())
    builder = ProgramBuilder(network, num_clbits=bits)
    builder.add_qubit("A.d0", 0)
    for row in rows:
        row(builder)
    return builder.build()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_without_bits(backend):
    program = one_qubit_program(0, lambda b: b.gate("h", 0))
    result = simulate(program, shots=5, seed=1, backend=backend)
    assert result.counts == {"": 5}
    assert result.fidelity.value == pytest.approx(1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_empty_program(backend):
    result = simulate(one_qubit_program(1), shots=5, seed=1, backend=backend)
    assert result.counts == {"0": 5}
    assert result.makespan.mean == 0
    assert result.fidelity.value == pytest.approx(1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_many_bits_that_nothing_writes(backend):
    """More of them than an array can have axes."""
    program = one_qubit_program(100, lambda b: b.gate("x", 0), lambda b: b.measure(0, 70))
    assert simulate(program, shots=3, seed=1, backend=backend).counts == {"0" * 29 + "1" + "0" * 70: 3}
    branching = one_qubit_program(
        100, lambda b: b.gate("x", 0), lambda b: b.measure(0, 70), lambda b: b.gate("x", 0), lambda b: b.measure(0, 3)
    )
    assert simulate(branching, shots=3, seed=1, backend=backend).counts == {"0" * 29 + "1" + "0" * 70: 3}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_data_qubit_measured_into_a_bit_that_is_not_the_circuits(backend):
    program = one_qubit_program(
        0, lambda b: b.gate("h", 0), lambda b: b.gate("s", 0), lambda b: b.measure(0, b.new_bit(), basis=Pauli.Y)
    )
    assert not is_static(program)
    assert simulate(program, shots=4, seed=1, backend=backend).counts == {"": 4}


def test_a_state_that_grows_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("weft.simulator.statevector.MOST_AMPLITUDES", 32)
    builder = CircuitBuilder(8, name="wide")
    for qubit in range(8):
        builder.gate("ry", qubit, angles=[0.3])
    program = compiled(builder, pair_of_qpus((8, 0), hardware=RELAXATION))  # on a sparse state
    with pytest.raises(SimulationError, match="`wide` must have at most 32 amplitudes"):
        simulate(program, shots=3, seed=1, backend="statevector")


def test_a_backend_that_cannot_says_why():
    builder = unitary_probe()
    builder.gate("t", 0)
    general = compiled(builder, NOISY)
    with pytest.raises(SimulationError, match="must have Clifford gates only"):
        simulate(general, backend="stabilizer")
    builder = CircuitBuilder(12)
    for qubit in range(11):
        builder.gate("cx", qubit, qubit + 1)
    wide = compiled(builder, pair_of_qpus((12, 0)))
    with pytest.raises(SimulationError, match="must have at most 4\\^10 elements"):
        simulate(wide, backend="density")
    assert choose_backend(wide).name == "stabilizer"
    assert choose_backend(general).name == "density"


def test_too_many_outcomes_for_so_few_shots_are_not_compared():
    builder = CircuitBuilder(7)
    builder.add_register("c", 7)
    builder.reset(0)
    for qubit in range(7):
        builder.gate("h", qubit)
        builder.measure(qubit, qubit)
    noisy = QPU("A", 7, measurement_error=0.01), QPU("B", 1)
    network = Network("noisy", noisy, (Link("A", "B", 1e-6),))
    result = simulate(compiled(builder, network), shots=100, seed=1, backend="statevector")
    assert result.fidelity.value is None
    assert set(result.error_budget.values()) == {None}
    assert "not estimated" in result.fidelity.definition
    # Without noise there is nothing to estimate.
    ideal = simulate(compiled(builder, pair_of_qpus((7, 0))), shots=100, seed=1, backend="statevector")
    assert (ideal.fidelity.value, ideal.fidelity.stderr) == (1.0, 0.0)


def test_an_error_that_came_in_no_shot_may_still_come():
    """Without an error in any shot the fidelity is uncertain by about one over their number, unless errors are followed exactly."""
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    qpus = QPU("A", 1, two_qubit_gate_error=1e-9), QPU("B", 1, two_qubit_gate_error=1e-9)
    program = compiled(builder, Network("nearly ideal", qpus, (Link("A", "B", 1e-6),)))
    for backend, stderr in (("stabilizer", 1 / 52), ("statevector", 1 / 52), ("density", 0.0)):
        fidelity = simulate(program, shots=50, seed=1, backend=backend).fidelity
        assert fidelity.value == pytest.approx(1, abs=1e-8)
        assert fidelity.stderr == pytest.approx(stderr)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_communication_qubit_measured_into_a_bit_of_the_circuit(backend):
    """Its outcome is random, so there is no one ideal state; both halves of a pair agree."""
    builder = ProgramBuilder(pair_of_qpus((1, 1)), num_clbits=2)
    halves = [builder.add_qubit(name, qpu, communication=True) for qpu, name in enumerate(("A.c0", "B.c0"))]
    builder.entangle(0, *halves)
    for bit, half in enumerate(halves):
        builder.measure(half, bit)
    program = builder.build()
    assert not is_static(program)
    result = simulate(program, shots=200, seed=1, backend=backend)
    assert set(result.counts) == {"00", "11"}
    assert result.fidelity.value == pytest.approx(1)


def test_results_can_be_summed_and_shown_in_one_line():
    program = compiled(unitary_probe(), pair_of_qpus((2, 2), hardware=PAULI_NOISE))
    parts = [simulate(program, shots=20, seed=seed) for seed in (1, 2, 3)]
    assert sum(parts).shots == 60
    for value in (program, parts[0]):
        assert len(repr(value).splitlines()) == 1


def test_what_is_no_program_is_refused_by_name():
    with pytest.raises(InvalidValueError, match=r"must be a Program, as `weft.compile` returns it, but is a str"):
        simulate("ghz:2")
    program = compiled(unitary_probe(), pair_of_qpus((2, 2)))
    with pytest.raises(InvalidValueError, match=r"`shots` must be a whole number, but is 1.5"):
        simulate(program, shots=1.5)


def test_exact_states_of_large_programs_are_still_averaged_over_many_timelines():
    """Two or three timelines would leave a standard error that means nothing."""
    builder = CircuitBuilder(8)
    for qubit in range(8):
        builder.gate("h", qubit)
    builder.gate("cx", 0, 7)
    program = compiled(builder, pair_of_qpus((4, 4), hardware={"t2_s": 0.1, "two_qubit_gate_s": 1e-3}))
    result = simulate(program, shots=100, seed=1, backend="density")
    assert result.samples >= 64


def test_nothing_is_twirled_by_default_where_a_state_vector_is_sure_to_fit():
    builder = CircuitBuilder(12)
    for qubit in range(11):
        builder.gate("cx", qubit, qubit + 1)
    plain = compiled(builder, pair_of_qpus((6, 6), hardware={"t2_s": 0.1}))
    relaxing = compiled(builder, pair_of_qpus((6, 6), hardware={"t1_s": 0.1}))
    assert choose_backend(plain).name == "stabilizer"
    assert choose_backend(relaxing).name == "statevector"


def test_a_poor_link_that_is_not_used_spoils_nothing_and_needs_no_note():
    """Its pair is neither perfect nor a mixture of Bell states, but the circuit fits on one QPU."""
    state = np.array([0.9, 0.1j, 0.2, 0.9])
    pair = BellPair.from_density_matrix(np.outer(state, state.conj()) / np.vdot(state, state).real)
    assert not pair.is_bell_diagonal
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    result = simulate(compiled(builder, pair_of_qpus((2, 2), pair=pair)), shots=30, seed=1, backend="stabilizer")
    assert result.ebits == 0
    assert (result.fidelity.value, result.fidelity.stderr, result.notes) == (1.0, 0.0, ())
