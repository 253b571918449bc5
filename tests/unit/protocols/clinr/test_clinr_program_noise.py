"""The ordinary simulator's acceptance and logical error against circuits written by hand for Stim, shots post-selected there.

Every comparison allows 5.5 standard errors of the difference, which fails falsely with a probability of 4·10⁻⁸; there are fewer
than twenty of them, so all together below 10⁻⁶.
"""

import math

import numpy as np
import pytest
import stim

import weft
from unit.protocols.clinr.clinr_cases import (
    choi_generators,
    gate_lines,
    joined,
    pieces_of,
    random_checks,
    ring,
    tableau_of,
    verified,
)
from weft.protocols.clinr import (
    Checks,
    Probe,
    Verification,
    clifford_from_circuit,
    clinr_program,
    direct_program,
    logical_error,
    part_runs,
    with_reference,
)

N, P, P_M, EPSILON = 3, 0.005, 0.01, 0.1
SIGMAS, SHOTS, STIM_SHOTS = 5.5, 100_000, 200_000


def noisy_ring(count: int):
    """As the hand-written circuits have it: total Pauli weights P and P/10, against average infidelities."""
    return ring(
        count,
        two_qubit_gate_error=0.8 * P,
        one_qubit_gate_error=2 / 3 * P / 10,
        measurement_error=P_M,
        reset_error=P_M,
        pair_fidelity=1 - EPSILON,
    )


class ByHand:
    """A noisy circuit in Stim; remembers what each measurement means."""

    def __init__(self) -> None:
        self.circuit, self.measured = stim.Circuit(), 0

    def reset(self, *qubits: int) -> None:
        self.circuit.append("R", qubits)
        self.circuit.append("X_ERROR", qubits, P_M)

    def gate(self, name: str, *qubits: int) -> None:
        self.circuit.append(name, qubits)
        weight = P / 10 if len(qubits) == 1 else P
        self.circuit.append(f"DEPOLARIZE{len(qubits)}", qubits, weight)

    def measure(self, basis: str, qubit: int) -> int:
        self.circuit.append(basis, [qubit], P_M)
        self.measured += 1
        return self.measured - 1

    def check(self, pauli, qubits, ancilla: int) -> int:
        self.reset(ancilla)
        self.gate("H", ancilla)
        for kind, qubit in zip(pauli, qubits, strict=True):
            if kind:
                self.gate(["CX", "CY", "CZ"][kind - 1], ancilla, qubit)
        return self.measure("MX", ancilla)

    def prepare(self, block, side, result) -> None:
        for a, b in zip(side, result, strict=True):
            self.reset(a, b)
            self.gate("H", a)
            self.gate("CX", a, b)
        self.run(block, result)

    def run(self, block, qubits) -> None:
        for name, operands in gate_lines(block):
            self.gate(name, *[qubits[k] for k in operands])

    def feed_back(self, bits, pauli: stim.PauliString, qubits) -> None:
        for bit in bits:
            for kind, qubit in zip(pauli, qubits, strict=True):
                if kind:
                    target = stim.target_rec(bit - self.measured)
                    self.circuit.append(["CX", "CY", "CZ"][kind - 1], [target, qubit])


def clinr_by_hand(blocks, checks, hosts):
    """The whole of CliNR with a reference: which samples are accepted, and which generators are wrong on the output."""
    hand, tableaus, used, wanted = ByHand(), [tableau_of(block) for block in blocks], 3 + 2 * N, []
    ancilla, near, far = range(3)
    reference, data = list(range(3, 3 + N)), list(range(3 + N, used))
    for kept, sent in zip(reference, data, strict=True):
        hand.circuit.append("H", [kept])
        hand.circuit.append("CX", [kept, sent])
    for number, (block, tableau) in enumerate(zip(blocks, tableaus, strict=True)):
        side, result = [list(range(used + k * N, used + k * N + N)) for k in (0, 1)]
        used += 2 * N
        hand.prepare(block, side, result)
        for pauli, sign in zip(checks[number].paulis, checks[number].signs, strict=True):
            wanted.append((number, hand.check(pauli, side + result, ancilla), sign))
        for place, (qubit, target) in enumerate(zip(data, side, strict=True)):
            xs, zs = [], []
            if number and hosts[number] != hosts[number - 1]:
                hand.circuit.append("R", [near, far])
                hand.circuit.append("H", [near])
                hand.circuit.append("CX", [near, far])
                hand.circuit.append("PAULI_CHANNEL_1", [far], [EPSILON / 3] * 3)
                hand.gate("CX", qubit, near)
                hand.gate("CX", far, target)
                xs.append(hand.measure("M", near))
                zs.append(hand.measure("MX", far))
            else:
                hand.gate("CX", qubit, target)
            xs.append(hand.measure("M", target))
            zs.append(hand.measure("MX", qubit))
            hand.feed_back(xs, tableau.x_output(place), result)
            hand.feed_back(zs, tableau.z_output(place), result)
        data = result
    return sample(hand, joined(blocks), reference + data, wanted)


def direct_by_hand(circuit):
    hand, reference, data = ByHand(), list(range(N)), list(range(N, 2 * N))
    for kept, sent in zip(reference, data, strict=True):
        hand.circuit.append("H", [kept])
        hand.circuit.append("CX", [kept, sent])
    hand.run(circuit, data)
    return sample(hand, circuit, reference + data, [])


def sample(hand: ByHand, circuit, qubits, wanted):
    for generator in choi_generators(circuit):
        spread = stim.PauliString(max(qubits) + 1)
        for place, kind in enumerate(generator):
            spread[qubits[place]] = kind
        spread.sign = generator.sign
        hand.circuit.append("MPP", stim.target_combined_paulis(spread))
    record = hand.circuit.compile_sampler(seed=7).sample(STIM_SHOTS)
    failed = np.zeros((STIM_SHOTS, 1 + max((number for number, _, _ in wanted), default=0)), dtype=bool)
    for number, bit, sign in wanted:
        failed[:, number] |= record[:, bit] != sign
    return ~failed, record[:, hand.measured :]


def probe_flips(wrong: np.ndarray, circuit, pauli: np.ndarray) -> np.ndarray:
    """Which samples have the wrong sign of a stabilizer: the sum of its generators."""
    side = pauli[: circuit.num_qubits]  # says which of X_A ⊗ C X_B C† and Z_A ⊗ C Z_B C† it is made of
    xs, zs = (side == 1) | (side == 2), side >= 2
    return wrong[:, np.flatnonzero(np.concatenate((xs, zs)))].sum(axis=1) % 2 == 1


def signed(checks: Checks):
    return zip(checks.paulis, checks.signs.tolist(), strict=True)


def agree(one: float, other: float, *errors: float) -> None:
    assert abs(one - other) < SIGMAS * math.hypot(*errors)


def compare(program_of, circuit, accepted, wrong, seed):
    """Probes of random stabilizers, whose readings are wrong by themselves with a known probability."""
    good = wrong[accepted.all(axis=1)]
    result = None
    for pauli, sign in signed(random_checks(circuit, 2, seed)):
        probe = Probe(pauli, sign)
        result = weft.simulate(program_of(probe), shots=SHOTS, seed=seed, backend="stabilizer")
        flips = probe_flips(good, circuit, pauli).mean()
        expected = (1 - (1 - 2 * flips) * (1 - 2 * P_M) ** probe.readings) / 2
        found = result.counts.get("1", 0) / SHOTS
        agree(found, expected, math.sqrt(found / SHOTS), math.sqrt(flips / len(good)))
    return result


@pytest.mark.parametrize("qpus", [1, 2])
def test_acceptance_of_each_block_and_what_probes_find_are_as_by_hand(qpus: int) -> None:
    blocks = pieces_of(N, 8, 3, 11)
    checks = [random_checks(block, 2, 12) for block in blocks]
    hosts = [f"Q{k % qpus}" for k in range(3)]
    accepted, wrong = clinr_by_hand(blocks, checks, hosts)
    network = with_reference(noisy_ring(qpus), N)
    result = compare(
        lambda probe: clinr_program(verified(blocks, checks), network, hosts=hosts, boundary=probe),
        joined(blocks), accepted, wrong, 13,
    )  # fmt: skip
    parts = part_runs(clinr_program(verified(blocks, checks), network, hosts=hosts), result.supply.block_runs, SHOTS)
    for number, part in enumerate(parts):
        rate, expected = part.acceptance, accepted[:, number].mean()
        agree(rate, expected, rate * math.sqrt((1 - rate) / SHOTS), math.sqrt(expected * (1 - expected) / STIM_SHOTS))
    assert [part.accepted for part in parts] == [SHOTS] * 3


def test_what_probes_find_of_a_direct_program_is_as_by_hand() -> None:
    circuit = joined(pieces_of(N, 8, 3, 11))
    accepted, wrong = direct_by_hand(circuit)
    network = with_reference(noisy_ring(1), N)
    compare(lambda probe: direct_program(circuit, network, boundary=probe), circuit, accepted, wrong, 14)


def test_the_logical_error_is_that_of_all_stabilizers_at_once() -> None:
    """From 24 random probes; the standard error that is claimed is that of their spread."""
    blocks = pieces_of(N, 8, 2, 15)
    checks, circuit = [random_checks(block, 2, 16) for block in blocks], joined(blocks)
    accepted, wrong = clinr_by_hand(blocks, checks, ["Q0", "Q1"])
    good = wrong[accepted.all(axis=1)].any(axis=1)
    probes = [Probe(pauli, sign) for pauli, sign in signed(random_checks(circuit, 24, 17))]
    network = with_reference(noisy_ring(2), N)
    found = [
        weft.simulate(
            clinr_program(verified(blocks, checks), network, boundary=probe), shots=4_000, seed=k, backend="stabilizer"
        )
        for k, probe in enumerate(probes)
    ]
    lost = [(1 - 2 * P_M) ** probe.readings for probe in probes]
    value, error = logical_error([result.counts.get("1", 0) for result in found], 4_000, N, lost)
    assert error < 0.02
    agree(value, good.mean(), error, math.sqrt(good.mean() / len(good)))


@pytest.mark.parametrize("verification", [Verification(), Verification("interleaved", 2), Verification("cat", 2)])
def test_a_flip_before_the_block_is_found_by_the_checks_that_anticommute_however_they_are_measured(
    verification: Verification, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X on the first qubit, before the block, anticommutes with checks that have Y or Z on A there."""
    monkeypatch.setattr("weft.scheduler.retrying.MOST_RUNS", 200)
    [block] = pieces_of(N, 8, 1, 18)
    checks = random_checks(block, 6, 19)
    flip = weft.CircuitBuilder(N)
    flip.gate("x", 0)
    faulty = joined([clifford_from_circuit(flip.build()), block])
    assert 0 < np.count_nonzero(checks.paulis[:, 0] >= 2) < 6
    for pauli, sign in signed(checks):
        one = Checks(pauli[None], np.array([sign]))
        program = clinr_program(verified([faulty], [one]), ring(1), verification=verification)
        if pauli[0] >= 2:
            with pytest.raises(weft.WeftError, match="must have a chance to succeed"):
                weft.simulate(program, shots=64, seed=1, backend="stabilizer")
        else:
            assert weft.simulate(program, shots=64, seed=1, backend="stabilizer").supply.block_runs[0] == 64
