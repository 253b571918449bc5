"""Blocks that run again depending on what they measured, against closed forms and exact density matrices."""

import dataclasses
import math

import numpy as np
import pytest

import weft
from unit.program.retry_cases import checked_pair
from weft.circuit import Register
from weft.errors import InvalidValueError, SimulationError
from weft.network import QPU, BellPair, Link, Network
from weft.program import Pauli, Program, ProgramBuilder
from weft.scheduler import Policy

_NOISE = {
    "two_qubit_gate_error": 0.02,
    "two_qubit_gate_s": 1e-4,
    "measurement_s": 1e-4,
    "t2_s": 0.05,
    "measurement_error": 0.01,
}


def after_a_check(fidelity: float) -> tuple[float, float]:
    """Fidelity of a pair that another one has checked by CX and Z measurements, and how often the check agrees.

    Both are Werner pairs; the source counts as a bit flip only what changes the parity: Bennett et al., Phys. Rev. Lett. 76, 722
    (1996), eq. (7), where the sum F² + 2F(1−F)/3 + 5((1−F)/3)² is the probability of agreement.
    """
    rest = (1 - fidelity) / 3
    agrees = fidelity**2 + 2 * fidelity * rest + 5 * rest**2
    return (fidelity**2 + rest**2) / agrees, agrees


@pytest.mark.parametrize("fidelity", [0.75, 0.9])
def test_a_checked_pair_has_the_fidelity_of_bbpssw_and_as_many_runs(fidelity: float) -> None:
    """Deviations of 5.5 standard errors: false alarms of 4·10⁻⁸."""
    expected, agrees = after_a_check(fidelity)
    if fidelity == 0.75:
        assert expected == pytest.approx(0.78846, abs=1e-5)
    shots = 100_000
    found = weft.simulate(checked_pair(BellPair.werner(fidelity)), shots=shots, seed=1, backend="stabilizer")
    assert abs(found.fidelity.value - expected) < 5.5 * found.fidelity.stderr
    runs = found.supply.block_runs[0] / shots
    assert abs(runs - 1 / agrees) < 5.5 * math.sqrt(1 - agrees) / agrees / math.sqrt(shots)
    assert found.supply.used[0] == 2 * found.supply.block_runs[0]


def test_the_density_matrix_is_that_of_the_runs_that_agreed() -> None:
    expected, _ = after_a_check(0.8)
    found = weft.simulate(checked_pair(BellPair.werner(0.8)), shots=200, seed=1, backend="density")
    assert found.fidelity.value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("policy", [Policy(), Policy("prefetch"), Policy(cutoff_s=5e-3)])
def test_frames_and_density_matrices_agree_with_all_noise_and_time(policy: Policy) -> None:
    """5.5 standard errors of the difference; makespans alike, because the same frames decide."""
    program = checked_pair(BellPair.werner(0.85), latency_s=1e-4, **_NOISE)
    frames = weft.simulate(program, shots=150_000, seed=2, backend="stabilizer", policy=policy)
    exact = weft.simulate(program, shots=3_000, seed=3, backend="density", policy=policy)
    error = math.hypot(frames.fidelity.stderr, exact.fidelity.stderr)
    assert abs(frames.fidelity.value - exact.fidelity.value) < 5.5 * error
    spread = math.hypot(frames.makespans_s.std() / 387, exact.makespans_s.std() / 54)
    assert abs(frames.makespans_s.mean() - exact.makespans_s.mean()) < 5.5 * spread


def test_a_block_may_stand_in_a_program_that_is_not_clifford() -> None:
    """Rotations of e^(±iφZ/2) on the two halves of Φ+ cancel, so the fidelity is as without them."""
    expected, _ = after_a_check(0.8)
    found = weft.simulate(checked_pair(BellPair.werner(0.8), angle=0.3), shots=200, seed=1)
    assert found.backend == "density"
    assert found.fidelity.value == pytest.approx(expected, abs=1e-12)


def test_counts_do_not_depend_on_workers_and_budgets_add_up() -> None:
    program = checked_pair(BellPair.werner(0.85), **_NOISE)
    one, two = (weft.simulate(program, shots=70_000, seed=4, backend="stabilizer", workers=k) for k in (1, 2))
    assert one.counts == two.counts
    assert np.array_equal(one.makespans_s, two.makespans_s)
    assert sum(one.error_budget.values()) == pytest.approx(1 - one.fidelity.value)


def test_shots_that_agree_at_once_are_as_if_nobody_had_run_again() -> None:
    """One run for all, then nothing more: the outcomes of shots that agreed are the same, whatever the others do."""
    once = checked_pair(BellPair.werner(0.7), most_runs=1)
    again = checked_pair(BellPair.werner(0.7), most_runs=2)
    found = [weft.simulate(program, shots=5_000, seed=5, backend="stabilizer") for program in (once, again)]
    agreed = 5_000 - found[0].supply.blocks_given_up[0]
    assert found[1].supply.block_runs[0] == 5_000 + found[0].supply.blocks_given_up[0]
    same = found[0].makespans_s == found[1].makespans_s
    assert same.sum() == agreed


def test_the_state_vector_backend_says_why_it_cannot() -> None:
    with pytest.raises(SimulationError, match="depends on what it measured"):
        weft.simulate(checked_pair(BellPair.werner(0.9)), shots=10, seed=1, backend="statevector")


def test_estimates_are_below_the_fidelity() -> None:
    program = checked_pair(BellPair.werner(0.9), **_NOISE)
    estimate = weft.simulate(program, shots=64, seed=1, backend="estimate").fidelity.value
    assert 0 < estimate < weft.simulate(program, shots=1_000, seed=1, backend="density").fidelity.value


def one_qubit_program(write) -> Program:
    """A program on the three data qubits of one QPU, with two bits of the circuit's."""
    qpu = QPU("A", 3, 2, measurement_error=0.1)
    network = Network("one", (qpu, QPU("B", 1, 2)), (Link("A", "B", attempt_s=1.0),))
    builder = ProgramBuilder(network, registers=(Register("c", (0, 1)),), num_clbits=2)
    write(builder, [builder.add_qubit(f"A.d{k}", 0) for k in range(3)])
    return builder.build()


def test_what_was_measured_before_a_block_is_not_chosen_by_it() -> None:
    """The block repeats until its own bit equals one from before, which stays a fair coin; density matrices refuse."""

    def write(builder: ProgramBuilder, qubits: list[int]) -> None:
        builder.gate("h", qubits[0])
        builder.measure(qubits[0], 0)
        start = len(builder)
        builder.reset(qubits[1])
        builder.gate("h", qubits[1])
        builder.measure(qubits[1], 1)
        builder.retry(qubits[1], start, (0, 1))

    program = one_qubit_program(write)
    found = weft.simulate(program, shots=20_000, seed=1)
    assert found.backend == "stabilizer"
    assert set(found.counts) == {"00", "11"}
    assert abs(found.counts["00"] - 10_000) < 5.5 * math.sqrt(5_000)
    with pytest.raises(SimulationError, match="read no bits from before it"):
        weft.simulate(program, shots=10, seed=1, backend="density")


def test_a_block_that_gives_up_leaves_what_it_has() -> None:
    """A coin that may be thrown twice shows 1 in a quarter of the shots."""

    def write(builder: ProgramBuilder, qubits: list[int]) -> None:
        builder.reset(qubits[0])
        builder.gate("h", qubits[0])
        builder.measure(qubits[0], 0)
        builder.retry(qubits[0], 0, (0,), most_runs=2)

    program = one_qubit_program(write)
    found = weft.simulate(program, shots=20_000, seed=1)
    ones = sum(count for key, count in found.counts.items() if key.endswith("1"))
    assert abs(ones - 5_000) < 5.5 * math.sqrt(20_000 * 3 / 16)
    with pytest.raises(SimulationError, match="must run until it succeeds"):
        weft.simulate(program, shots=10, seed=1, backend="density")


def test_inner_blocks_are_right_in_the_reference_run_even_if_their_bit_is_written_again() -> None:
    """An X where the inner block's bit is 1, which it never is when it has succeeded."""

    def write(builder: ProgramBuilder, qubits: list[int]) -> None:
        inner = builder.new_bit()
        builder.reset(qubits[0])
        builder.gate("h", qubits[0])
        builder.measure(qubits[0], inner)
        builder.retry(qubits[0], 0, (inner,))
        builder.reset(qubits[1])
        builder.correct(Pauli.X, qubits[1], (inner,))
        builder.measure(qubits[1], 0)
        builder.gate("h", qubits[0])
        builder.measure(qubits[0], inner)
        builder.reset(qubits[2])
        builder.gate("h", qubits[2])
        builder.measure(qubits[2], 1)
        builder.retry(qubits[2], 0, (1,))

    program = one_qubit_program(write)
    network = dataclasses.replace(program.network, qpus=tuple(QPU(name, 3, 2) for name in "AB"))
    found = weft.simulate(dataclasses.replace(program, network=network), shots=2_000, seed=1, backend="stabilizer")
    assert found.counts == {"00": 2_000}


def test_conditions_of_several_bits_are_not_followed_as_a_parity() -> None:
    """Frames cannot tell, so a decision that depends on it is refused, on every backend."""

    def write(builder: ProgramBuilder, qubits: list[int]) -> None:
        bits = [builder.new_bit() for _ in range(2)]
        for qubit, bit in zip(qubits, bits, strict=False):
            builder.reset(qubit)
            builder.gate("h", qubit)
            builder.measure(qubit, bit)
        builder.reset(qubits[2])
        builder.gate("x", qubits[2], condition=[(bit, 1) for bit in bits])
        builder.measure(qubits[2], 0)
        builder.retry(qubits[2], 0, (0,))

    program = one_qubit_program(write)
    for backend in ("auto", "density", "stabilizer", "statevector"):
        with pytest.raises(SimulationError):
            weft.simulate(program, shots=10, seed=1, backend=backend)


def test_a_second_decision_at_an_emptied_qubit_adds_nothing() -> None:
    """The halves of a pair in different bases are independent coins."""
    builder = ProgramBuilder(
        Network("two", (QPU("A", 1, 2), QPU("B", 1, 2)), (Link("A", "B", attempt_s=1.0),)),
        registers=(Register("c", (0, 1)),), num_clbits=2,
    )  # fmt: skip
    ends = [builder.add_qubit(f"{name}.c0", place, communication=True) for place, name in enumerate("AB")]
    builder.entangle(0, *ends)
    bits = [builder.new_bit(), builder.new_bit()]
    for end, bit in zip(ends, bits, strict=True):
        builder.measure(end, bit)
    builder.retry(ends[0], 0, (bits[0],))
    builder.retry(ends[0], 0, bits)
    builder.entangle(0, *ends)
    builder.measure(ends[0], 0)
    builder.measure(ends[1], 1, basis=Pauli.X)
    counts = weft.simulate(builder.build(), shots=8_000, seed=1, backend="density").counts
    assert len(counts) == 4
    assert all(abs(count - 2_000) < 5.5 * math.sqrt(1_500) for count in counts.values())


def test_attempts_of_failed_runs_nearby_are_refused_rather_than_forgotten() -> None:
    link = Link("A", "B", attempt_s=1.0, success_probability=0.5, crosstalk_flip_probability=0.02)
    builder = ProgramBuilder(Network("two", (QPU("A", 1, 2), QPU("B", 1, 2)), (link,)))
    data = builder.add_qubit("A.d0", 0)
    ends = [builder.add_qubit(f"{name}.c0", place, communication=True) for place, name in enumerate("AB")]
    builder.gate("h", data)
    start = len(builder)
    builder.entangle(0, *ends)
    for end in ends:
        builder.measure(end, builder.new_bit())
    builder.retry(ends[0], start, odds=0.1)
    builder.gate("h", data)
    with pytest.raises(InvalidValueError, match="attempts of failed runs are not followed"):
        weft.simulate(builder.build(), shots=10, seed=1)
