"""Without noise, every form of CliNR computes its circuit, whatever the strategy; shown on Stim, row by row."""

from dataclasses import replace

import numpy as np
import pytest

import weft
from unit.protocols.clinr.clinr_cases import (
    Open,
    choi_generators,
    holds,
    joined,
    pieces_of,
    play,
    random_checks,
    ring,
    verified,
)
from weft.errors import DoesNotFitError, InvalidNetworkError, InvalidProgramError, InvalidValueError
from weft.network import QPU, Link, Network
from weft.program import Op, Program
from weft.protocols.clinr import (
    Probe,
    Verification,
    VerifiedCircuit,
    clinr_program,
    clinr_tree,
    direct_program,
    part_runs,
    random_clifford_circuit,
    with_reference,
)
from weft.scheduler import Policy

VERIFICATIONS = [
    Verification(),
    Verification("interleaved", 3),
    Verification("interleaved", 4),
    Verification("cat", 2),
    Verification("cat", 3),
]


def check_full(blocks, checks, network, seed, **options):
    """All retries right at once, and all 2n stabilizers of the circuit with its reference."""
    boundary = Open()
    program = clinr_program(verified(blocks, checks), network, boundary=boundary, **options)
    played = play(program, seed)
    assert all(played.retries_right)
    qubits = [*boundary.reference, *boundary.outputs]
    assert all(holds(played, stabilizer, qubits) for stabilizer in choi_generators(joined(blocks)))
    return program


@pytest.mark.parametrize("seed", range(40))
def test_checks_always_hold_and_the_output_is_that_of_the_circuit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits, count, qpus = int(rng.integers(2, 7)), int(rng.integers(1, 6)), int(rng.integers(1, 5))
    blocks = pieces_of(qubits, 4 * qubits, count, seed)
    checks = [random_checks(block, int(rng.integers(0, 6)), seed + 100) for block in blocks]
    verification = VERIFICATIONS[int(rng.integers(len(VERIFICATIONS)))]
    injection = ("in_order", "any_order")[seed % 2]
    lanes = (None, 1, 2)[int(rng.integers(3))]
    network = ring(qpus)
    program = check_full(blocks, checks, network, seed, verification=verification, injection=injection, lanes=lanes)
    hops = sum(block % qpus != (block - 1) % qpus for block in range(1, count))
    assert program.ebits == qubits * hops
    assert len(program.retries) == sum(len(one.signs) for one in checks)


def test_a_wrong_circuit_or_a_wrong_sign_is_noticed() -> None:
    """The test of the tests: an unlike block breaks a stabilizer, a wrong sign a check."""
    blocks, others = pieces_of(3, 12, 2, 1), pieces_of(3, 12, 2, 2)
    boundary = Open()
    checks = [random_checks(block, 3, 1) for block in blocks]
    played = play(clinr_program(verified(blocks, checks), ring(2), boundary=boundary), 0)
    qubits = [*boundary.reference, *boundary.outputs]
    assert not all(holds(played, stabilizer, qubits) for stabilizer in choi_generators(joined(others)))
    wrong = [replace(one, signs=~one.signs) for one in checks]
    assert not any(play(clinr_program(verified(blocks, wrong), ring(2), boundary=Open()), 0).retries_right)


@pytest.mark.parametrize("seed", range(12))
def test_parts_may_have_parts_and_all_levels_are_verified(seed: int) -> None:
    """Recursive noise reduction: (2 L + 1) n qubits and an ancilla for L levels, as arXiv 2511.22624 counts them."""
    rng = np.random.default_rng(seed)
    qubits, levels = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    counts, checks = rng.integers(1, 4, size=levels).tolist(), rng.integers(0, 3, size=levels).tolist()
    circuit = random_clifford_circuit(qubits, 40, seed=seed)
    tree = clinr_tree(circuit, counts, checks, strategy=("uniform", "generators")[seed % 2], seed=seed)
    boundary, network = Open(), ring(int(rng.integers(1, 3)))
    injection = ("in_order", "any_order")[seed // 2 % 2]
    played = play(clinr_program(tree, network, injection=injection, boundary=boundary), seed)
    assert all(played.retries_right)
    assert len(played.retries_right) == np.dot(np.cumprod(counts), checks)
    qubits_held = [*boundary.reference, *boundary.outputs]
    assert all(holds(played, stabilizer, qubits_held) for stabilizer in choi_generators(circuit))
    on_one = clinr_program(tree, ring(1)).num_qubits
    assert on_one == (2 * levels + 1) * qubits + (any(checks))


def test_an_inner_part_that_fails_runs_again_alone_and_all_do_when_the_whole_fails() -> None:
    """Wrong readings ε are all the noise. An inner part is checked once, and so runs 1/(1 − ε) times per run of the whole.

    5.5 standard errors of a sum of geometric numbers, one per run of the whole: false alarms of 4·10⁻⁸.
    """
    n, shots, epsilon = 2, 20_000, 0.1
    tree = clinr_tree(random_clifford_circuit(n, 8, seed=1), (1, 2), (1, 1), seed=2)
    network = ring(1, measurement_error=epsilon)
    program = clinr_program(tree, network)
    result = weft.simulate(program, shots=shots, seed=1, backend="stabilizer")
    whole, *inner = part_runs(program, result.supply.block_runs, shots)
    assert whole.accepted == shots
    assert whole.acceptance < 1 - epsilon  # its check also finds wrong readings of the injections
    for part in inner:
        assert part.accepted == whole.prepared
        spread = np.sqrt(part.accepted * epsilon) / (1 - epsilon)
        assert abs(part.prepared - part.accepted / (1 - epsilon)) < 5.5 * spread


def test_a_block_is_given_up_at_its_first_failed_check() -> None:
    """All checks of a part go back to its beginning, each before the next one's ancilla is prepared; and so it is written down."""
    blocks = pieces_of(3, 8, 2, 3)
    program = clinr_program(verified(blocks, [random_checks(block, 3, 1) for block in blocks]), ring(2))
    assert [len({retry.start for retry in program.retries[first : first + 3]}) for first in (0, 3)] == [1, 1]
    ancilla = program.qubits[program.retries[0].row, 0]
    for retry, following in zip(program.retries[:2], program.retries[1:3], strict=True):
        resets = (program.opcodes == Op.RESET) & (program.qubits[:, 0] == ancilla)
        assert retry.row < np.flatnonzero(resets)[np.flatnonzero(resets) < following.row][-1]
    assert Program.from_bytes(program.to_bytes()) == program


def test_one_qpu_needs_three_registers_and_an_ancilla() -> None:
    blocks = pieces_of(4, 10, 5, 3)
    checks = [random_checks(block, 2, 1) for block in blocks]
    assert clinr_program(verified(blocks, checks), ring(1)).num_qubits == 3 * 4 + 1
    with pytest.raises(InvalidProgramError, match="at most 12 data qubits, but holds 13"):
        clinr_program(verified(blocks, checks), ring(1, 12))


def test_on_a_ring_only_the_first_qpu_needs_the_third_register() -> None:
    blocks = pieces_of(4, 10, 4, 3)
    checks = [random_checks(block, 2, 1) for block in blocks]
    program = clinr_program(verified(blocks, checks), ring(4))
    data = program.qubit_qpus[~program.qubit_is_communication]
    assert np.bincount(data).tolist() == [13, 9, 9, 9]
    assert program.ebits_by_link == {"Q0-Q1": 4, "Q1-Q2": 4, "Q2-Q3": 4}


def test_rings_may_be_of_any_network_and_blocks_may_be_hosted_anywhere() -> None:
    blocks = pieces_of(3, 8, 4, 4)
    checks = [random_checks(block, 2, 1) for block in blocks]
    shorthand = weft.load_network("ring:4x10")
    check_full(blocks, checks, weft.load_network("ring:4x13"), 0)
    program = check_full(blocks, checks, weft.load_network("all:3x13"), 1, hosts=["C", "A", "A", "B"])
    assert program.ebits_by_link == {"A-C": 3, "A-B": 3}
    assert clinr_program(verified(blocks, checks), shorthand).network is shorthand


def test_links_share_the_communication_qubits_of_a_qpu() -> None:
    blocks = pieces_of(6, 8, 4, 4)
    checks = [random_checks(block, 1, 1) for block in blocks]
    program = check_full(blocks, checks, ring(4, communication_qubits=5), 0)
    named = np.bincount(program.qubit_qpus[program.qubit_is_communication], minlength=4)
    assert named.tolist() == [2, 4, 4, 2]  # two lanes, because the QPUs in the middle have two links
    with pytest.raises(DoesNotFitError, match="at least 6 communication qubits for its 2 links, but has 5"):
        clinr_program(verified(blocks, checks), ring(4, communication_qubits=5), lanes=3)


@pytest.mark.parametrize("policy", [Policy(), Policy("just_in_time"), Policy("prefetch", buffer_pairs=3)])
@pytest.mark.parametrize("verification", VERIFICATIONS[::2])
def test_the_simulator_accepts_every_block_at_once_and_finds_no_error(
    verification: Verification, policy: Policy
) -> None:
    blocks = pieces_of(3, 8, 3, 5)
    checks = [random_checks(block, 2, 1) for block in blocks]
    wanted = random_checks(joined(blocks), 4, 2)
    network = with_reference(ring(3, two_qubit_gate_s=1.0), 3)
    for pauli, sign in zip(wanted.paulis, wanted.signs, strict=True):
        program = clinr_program(
            verified(blocks, checks), network, verification=verification, boundary=Probe(pauli, bool(sign))
        )
        result = weft.simulate(program, shots=64, seed=1, backend="stabilizer", policy=policy)
        assert result.counts == {"0": 64}
        assert result.supply.block_runs.tolist() == [64] * 6


def test_direct_programs_pass_all_probes_and_fail_those_of_another_circuit() -> None:
    circuit, other = joined(pieces_of(3, 8, 2, 6)), joined(pieces_of(3, 8, 2, 7))
    network, wrong = with_reference(ring(1), 3), 0
    for seed in range(8):
        for target, found in ((circuit, []), (other, [])):
            checks = random_checks(target, 1, seed)
            program = direct_program(circuit, network, boundary=Probe(checks.paulis[0], bool(checks.signs[0])))
            found.append(weft.simulate(program, shots=64, seed=1, backend="stabilizer").counts.get("1", 0))
            if target is circuit:
                assert found == [0]
            else:
                wrong += found[0] > 0
    assert wrong > 0


def test_in_order_the_bits_of_each_hop_are_waited_for_and_in_any_order_only_those_that_travel_furthest() -> None:
    """Three hops, one after the other, against the two links that the first hop's bits travel to the last QPU."""
    blocks = pieces_of(3, 8, 4, 8)
    checks = [random_checks(block, 1, 1) for block in blocks]
    makespans = {}
    for latency_s in (0.0, 1000.0):
        network = ring(4, two_qubit_gate_s=1.0, classical_latency_s=latency_s)
        for injection in ("in_order", "any_order"):
            program = clinr_program(verified(blocks, checks), network, injection=injection)
            result = weft.simulate(program, shots=1, seed=1, backend="stabilizer")
            makespans[latency_s, injection] = result.makespans_s[0]
    assert makespans[0.0, "any_order"] <= makespans[0.0, "in_order"] < 100.0
    assert 2000.0 <= makespans[1000.0, "any_order"] < 2100.0
    assert 3000.0 <= makespans[1000.0, "in_order"] < 3100.0


def test_blocks_are_prepared_side_by_side_and_links_fill_buffers_meanwhile() -> None:
    """With gates that take no time but for CX, k QPUs take one preparation and k − 1 injections; one QPU takes k of both."""
    n, k = 4, 4
    blocks = [pieces_of(n, 30, 1, 9)[0]] * k
    checks = [random_checks(block, 0, 1) for block in blocks]
    options = {"two_qubit_gate_s": 1.0, "attempt_s": 0.25}

    def makespan(network: Network) -> float:
        policy = Policy("prefetch", buffer_pairs=n)
        program = clinr_program(verified(blocks, checks), network, lanes=1, injection="any_order")
        return float(weft.simulate(program, shots=1, seed=1, backend="stabilizer", policy=policy).makespans_s[0])

    one, many = makespan(ring(1, **options)), makespan(ring(k, **options))
    assert one == pytest.approx(k * (one / k))
    assert many < one / k + k * 2 * n
    assert makespan(ring(k, **options | {"attempt_s": 100.0})) > 300.0


def test_what_cannot_be_is_refused_with_the_reason() -> None:
    blocks = pieces_of(3, 8, 2, 8)
    checks = [random_checks(block, 1, 1) for block in blocks]
    network = ring(2)
    line = Network("apart", tuple(QPU(f"Q{k}", 20) for k in range(3)), (Link("Q0", "Q1", 1.0), Link("Q1", "Q2", 1.0)))
    with pytest.raises(InvalidValueError, match="at least 1 circuit"):
        clinr_program([], network)
    with pytest.raises(InvalidValueError, match="equally many qubits"):
        clinr_program([*verified(blocks, checks), *clinr_tree(pieces_of(2, 8, 1, 1)[0], (1,), (0,))], network)
    with pytest.raises(InvalidValueError, match="must not hold the identity"):
        VerifiedCircuit(blocks[0], replace(checks[0], paulis=0 * checks[0].paulis))
    with pytest.raises(InvalidValueError, match=r"Pauli on 6 qubits, but are 1 for an array of shape \(1, 5\)"):
        VerifiedCircuit(blocks[0], replace(checks[0], paulis=checks[0].paulis[:, :5]))
    with pytest.raises(InvalidValueError, match="must act on 3 qubits, but one acts on 2"):
        VerifiedCircuit(blocks[0], checks[0], clinr_tree(pieces_of(2, 8, 1, 1)[0], (1,), (0,)))
    with pytest.raises(InvalidValueError, match="of the same levels, at least 1, but are of 2 and 1"):
        clinr_tree(blocks[0], (2, 2), (1,))
    with pytest.raises(InvalidValueError, match="`injection` must be one of"):
        clinr_program(verified(blocks, checks), network, injection="backwards")
    with pytest.raises(InvalidValueError, match="`lanes` must be at least 1"):
        clinr_program(verified(blocks, checks), network, lanes=0)
    with pytest.raises(InvalidValueError, match="one QPU for each of 2 parts"):
        clinr_program(verified(blocks, checks), network, hosts=["Q0"])
    with pytest.raises(InvalidNetworkError, match="there is no `Q9`"):
        clinr_program(verified(blocks, checks), network, hosts=["Q0", "Q9"])
    with pytest.raises(InvalidNetworkError, match="`Q0` and `Q2` are not"):
        clinr_program(verified(blocks, checks), line, hosts=["Q0", "Q2"])
    with pytest.raises(InvalidNetworkError, match="`coupling` must be left out"):
        clinr_program(verified(blocks, checks), Network("chain", (QPU("A", 20, coupling=((0, 1),)),), ()))
    with pytest.raises(InvalidNetworkError, match="must have a QPU `reference`"):
        direct_program(blocks[0], network, boundary=Probe(checks[0].paulis[0], False))
    with pytest.raises(InvalidValueError, match="must act on 6 qubits, but acts on 3"):
        direct_program(blocks[0], network, boundary=Probe(np.ones(3, dtype=np.uint8), False))
