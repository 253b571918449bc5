"""The ring as a network: each kind of noise alone does what its probability says."""

import math

import pytest

import weft
from unit.protocols.clinr.clinr_cases import joined, pieces_of, random_checks, verified
from weft.errors import InvalidValueError
from weft.protocols.clinr import (
    Noise,
    Probe,
    clinr_program,
    direct_program,
    logical_error,
    ring_machine,
    with_reference,
)
from weft.scheduler import Policy

SHOTS, PROBES, SIGMAS = 2_000, 32, 5.5


def error_of(program_of, circuit, readings_wrong: float = 0.0) -> tuple[float, float]:
    checks = random_checks(circuit, PROBES, 31)
    probes = [Probe(pauli, sign) for pauli, sign in zip(checks.paulis, checks.signs.tolist(), strict=True)]
    results = [
        weft.simulate(program_of(probe), shots=SHOTS, seed=seed, backend="stabilizer")
        for seed, probe in enumerate(probes)
    ]
    wrong = [result.counts.get("1", 0) for result in results]
    return logical_error(
        wrong, SHOTS, circuit.num_qubits, [(1 - 2 * readings_wrong) ** probe.readings for probe in probes]
    )


def test_the_logical_error_of_all_stabilizers_together_is_exact() -> None:
    """One qubit, X on it with 1/10: that spoils YY and ZZ, and not XX. Wrong readings, a tenth of them on each, are divided out."""
    assert logical_error([0, 100, 100], 1000, 1, [1.0] * 3)[0] == pytest.approx(0.1)
    assert logical_error([100, 180, 180], 1000, 1, [0.8] * 3)[0] == pytest.approx(0.1)


def test_pairs_alone_leave_an_error_unless_all_are_good() -> None:
    """1 − (1 − ε)ⁿ: a Pauli on one qubit of the data never undoes that on another. 5.5 standard errors: 4·10⁻⁸."""
    n, epsilon = 3, 0.05
    blocks = pieces_of(n, 8, 2, 32)
    checks = [random_checks(block, 0, 1) for block in blocks]
    network = with_reference(ring_machine(2, n, Noise(pair=epsilon)), n)
    value, error = error_of(
        lambda probe: clinr_program(verified(blocks, checks), network, boundary=probe), joined(blocks)
    )
    assert abs(value - (1 - (1 - epsilon) ** n)) < SIGMAS * error
    assert error < 0.02


def test_one_gate_alone_leaves_an_error_with_its_probability_whatever_readings_are() -> None:
    [circuit] = pieces_of(2, 1, 1, 33)
    noise = Noise(two_qubit=0.1, remote=0.1, measurement=0.05)
    network = with_reference(ring_machine(1, 2, noise), 2)
    value, error = error_of(lambda probe: direct_program(circuit, network, boundary=probe), circuit, 0.05)
    assert abs(value - 0.1) < SIGMAS * error
    assert error < 0.02


def test_wrong_readings_alone_discard_a_block_with_their_probability() -> None:
    [block] = pieces_of(3, 8, 1, 34)
    network = ring_machine(1, 3, Noise(measurement=0.1))
    program = clinr_program(verified([block], [random_checks(block, 1, 1)]), network)
    runs = weft.simulate(program, shots=50_000, seed=1, backend="stabilizer").supply.block_runs[0] / 50_000
    assert abs(runs - 1 / 0.9) < SIGMAS * math.sqrt(0.1) / 0.9 / math.sqrt(50_000)


def test_coherence_falls_by_the_factor_of_a_depolarising_channel_per_gate_time() -> None:
    """X, Y and Z with q/3 each leave every Bloch component 1 − 4q/3; T1 = T2 is just that, e^(−t/T1) for all three."""
    qpu = ring_machine(2, 2, Noise(idle=0.01)).qpus[0]
    assert math.exp(-1 / qpu.t1_s) == pytest.approx(1 - 4 / 3 * 0.01)
    assert qpu.t2_s == qpu.t1_s


def test_pairs_take_tau_gate_times_and_each_link_makes_one_at_a_time() -> None:
    """Without blocks that take time to speak of, n pairs of a link take nτ and the two gates of the last hop."""
    n, tau = 4, 50.0
    blocks = pieces_of(n, 1, 3, 35)
    checks = [random_checks(block, 0, 1) for block in blocks]
    program = clinr_program(verified(blocks, checks), ring_machine(3, n, Noise(), tau_e=tau), injection="any_order")
    for policy in (Policy(), Policy("prefetch", buffer_pairs=n)):
        found = weft.simulate(program, shots=1, seed=1, backend="stabilizer", policy=policy).makespans_s[0]
        assert found == n * tau + 1.0 or found == n * tau + 2.0


def test_what_programs_cannot_tell_apart_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="`remote` must be as `two_qubit` = 0"):
        ring_machine(2, 3, Noise(two_qubit=0.1))
    with pytest.raises(InvalidValueError, match="`qpus` must be at least 1, but is 0"):
        ring_machine(0, 3, Noise())
    with pytest.raises(InvalidValueError, match="at least 2 probes"):
        logical_error([1], 100, 3, [1.0])
