"""Policies, distillation and who gets spare qubits."""

import dataclasses

import numpy as np
import pytest

from unit.scheduler.test_timelines_by_hand import builder_on, timed_network
from weft.errors import InvalidValueError, SchedulingError
from weft.network import QPU, BellPair, Link, Network
from weft.program import ProgramBuilder
from weft.scheduler import Distillation, Policy, schedule
from weft.scheduler.spare_qubits import share_spare_qubits

PERFECT = (QPU("A", 1), QPU("B", 1))
CX = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])


def link_of(pair: BellPair, **more: float) -> Link:
    return Link("A", "B", 1.0, 0.5, pair, **more)


def distil_density_matrix(rho: np.ndarray) -> tuple[float, np.ndarray]:
    """One BBPSSW round on ρ ⊗ ρ (qubits A1 B1 A2 B2): CNOTs from the first pair to the second, which must read 00 or 11."""
    cnots = np.zeros((16, 16))
    for state in range(16):
        a, b, c, d = (state >> k & 1 for k in (3, 2, 1, 0))
        cnots[a << 3 | b << 2 | (c ^ a) << 1 | d ^ b, state] = 1
    joint = (cnots @ np.kron(rho, rho) @ cnots.T).reshape(4, 4, 4, 4)
    kept = joint[:, 0, :, 0] + joint[:, 3, :, 3]
    return float(np.trace(kept).real), kept / np.trace(kept)


def test_bbpssw_follows_its_formula() -> None:
    """Bennett et al., Phys. Rev. Lett. 76, 722 (1996): .75 becomes .78846 and .82701 with perfect gates."""
    fidelity = 0.75
    for rounds, expected in ((1, 0.78846), (2, 0.82701)):
        odds, pair = Distillation("bbpssw", rounds).outcome(link_of(BellPair.werner(0.75)), PERFECT)
        rest = (1 - fidelity) / 3
        success = fidelity**2 + 2 * fidelity * (1 - fidelity) / 3 + 5 * rest**2
        fidelity = (fidelity**2 + rest**2) / success
        assert odds[-1] == pytest.approx(success, abs=1e-12)
        assert pair.fidelity == pytest.approx(fidelity, abs=1e-12)
        assert pair.fidelity == pytest.approx(expected, abs=1e-5)


def test_dejmps_follows_its_formula() -> None:
    """Deutsch et al., Phys. Rev. Lett. 77, 2818 (1996), with weights A, B, C, D of Φ+, Ψ−, Ψ+, Φ−."""
    a, d, c, b = 0.7, 0.15, 0.1, 0.05
    (success,), pair = Distillation("dejmps").outcome(link_of(BellPair.bell_diagonal((a, d, c, b))), PERFECT)
    total = (a + b) ** 2 + (c + d) ** 2
    assert success == pytest.approx(total)
    assert pair.bell_weights == pytest.approx(
        [(a * a + b * b) / total, 2 * a * b / total, (c * c + d * d) / total, 2 * c * d / total]
    )


def test_a_round_is_what_density_matrices_say() -> None:
    rotation = np.array([[1, -1j], [-1j, 1]]) / np.sqrt(2)
    turn = np.kron(rotation, rotation.conj())
    pair = BellPair.bell_diagonal((0.65, 0.2, 0.1, 0.05))
    (success,), found = Distillation("dejmps").outcome(link_of(pair), PERFECT)
    expected, rho = distil_density_matrix(turn @ pair.matrix @ turn.conj().T)
    assert success == pytest.approx(expected)
    assert np.allclose(found.matrix, rho)


def test_imperfect_qpus_distil_worse() -> None:
    link = link_of(BellPair.werner(0.8))
    best = Distillation("dejmps", 2).outcome(link, PERFECT)[1].fidelity
    for key in ("one_qubit_gate_error", "two_qubit_gate_error", "measurement_error"):
        bad = (dataclasses.replace(PERFECT[0], **{key: 0.02}), PERFECT[1])
        assert Distillation("dejmps", 2).outcome(link, bad)[1].fidelity < best - 1e-4
    # gates that depolarise fully leave pairs that are as good as noise, and measurements that agree by chance
    useless = tuple(dataclasses.replace(qpu, two_qubit_gate_error=0.75) for qpu in PERFECT)
    odds, pair = Distillation("dejmps").outcome(link, useless)
    assert odds == pytest.approx([0.5])
    assert pair.fidelity == pytest.approx(0.25)


def test_a_policy_says_which_pair_a_program_gets() -> None:
    link = link_of(BellPair.werner(0.75))
    assert Policy().delivered_pair(link, PERFECT) is link.pair
    assert Policy(distillation=Distillation("bbpssw")).delivered_pair(link, PERFECT).fidelity == pytest.approx(
        0.78846, abs=1e-5
    )


def test_pairs_that_cannot_be_improved_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"fidelity above 1/2 to be distilled, but link `A-B` gives 0\.5"):
        Distillation().outcome(link_of(BellPair.werner(0.5)), PERFECT)


def test_a_round_takes_its_gates_and_a_message() -> None:
    slow = dataclasses.replace(PERFECT[0], one_qubit_gate_s=1.0, two_qubit_gate_s=2.0, measurement_s=4.0)
    link = link_of(BellPair.werner(0.8), classical_latency_s=8.0)
    assert Distillation().round_s(link, (slow, PERFECT[1])) == 15


def test_distilled_pairs_take_as_many_raw_ones_as_theory_says() -> None:
    """Round k needs (2/q₁)(2/q₂)… raw pairs in the mean; within 6 standard errors (2·10⁻⁹), seed fixed."""
    network = timed_network()
    links = (dataclasses.replace(network.links[0], pair=BellPair.werner(0.8), success_probability=0.5),)
    builder, _, halves = builder_on(dataclasses.replace(network, links=links))
    builder.entangle(0, halves[0][0], halves[1][0])
    for end in range(2):
        builder.measure(halves[end][0], builder.new_bit())
    distillation, shots = Distillation("dejmps", 3), 50_000
    raw = np.array(
        [
            schedule(builder.build(), 1000, k, policy=Policy(distillation=distillation)).supply.generated[0]
            for k in range(shots // 1000)
        ]
    )
    odds, _ = distillation.outcome(links[0], network.qpus)
    assert abs(raw.mean() / 1000 - np.prod(2 / np.array(odds))) < 6 * raw.std() / 1000 / np.sqrt(len(raw))


@pytest.mark.parametrize(
    "values",
    [{"timing": "late"}, {"sharing": "never"}, {"buffer_pairs": 0}, {"cutoff_s": 0.0}, {"cutoff_s": float("inf")}],
)
def test_policies_that_cannot_be_are_refused(values) -> None:
    with pytest.raises(InvalidValueError, match=f"`{next(iter(values))}` must"):
        Policy(**values)


@pytest.mark.parametrize("values", [{"protocol": "magic"}, {"rounds": 0}, {"rounds": 17}])
def test_distillations_that_cannot_be_are_refused(values) -> None:
    with pytest.raises(InvalidValueError, match=f"`{next(iter(values))}` must"):
        Distillation(**values)


def star(hub: int | None, leaves: list[int | None], channels: int = 1):
    """A program that takes a pair from each leaf of a star, with one communication qubit at each end."""
    qpus = (QPU("H", 0, hub), *(QPU(f"L{i}", 0, limit) for i, limit in enumerate(leaves)))
    links = tuple(Link("H", f"L{i}", 1.0, 0.5, BellPair.werner(0.9), channels) for i in range(len(leaves)))
    builder = ProgramBuilder(Network("star", qpus, links))
    half = builder.add_qubit("h", 0, communication=True)
    for leaf in range(len(leaves)):
        other = builder.add_qubit(f"l{leaf}", leaf + 1, communication=True)
        builder.entangle(leaf, half, other)
        builder.measure(half, builder.new_bit())
        builder.measure(other, builder.new_bit())
    return builder.build()


@pytest.mark.parametrize(
    ("hub", "leaves", "shares"),
    [
        (None, [None, None], [4, 4]),  # nobody is limited but by the policy
        (8, [None, None, None], [3, 2, 2]),  # seven spare qubits in turns
        (8, [2, None, None], [1, 3, 3]),  # what one cannot take goes to the others
        (1, [None, None], [0, 0]),
        (3, [1, None], [0, 2]),
    ],
)
def test_spare_qubits_are_shared_in_turns(hub, leaves, shares) -> None:
    program = star(hub, leaves)
    assert share_spare_qubits(program, Policy("prefetch", 4))[1].tolist() == shares
    assert share_spare_qubits(program, Policy())[1].tolist() == [0] * len(leaves)


def test_distillation_takes_its_room_before_buffers_do() -> None:
    """Two rounds hold two pairs more: with 8 spare qubits, two channels of each of two links, and nothing is left to keep."""
    program = star(9, [None, None], channels=3)
    policy = Policy("prefetch", 4, distillation=Distillation(rounds=2))
    channels, pairs = share_spare_qubits(program, policy)
    assert (channels.tolist(), pairs.tolist()) == ([2, 2], [0, 0])
    with pytest.raises(SchedulingError, match="link `H-L1` must have 2 spare communication qubits"):
        share_spare_qubits(star(4, [None, None]), policy)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"buffer_pairs": 1.5}, r"`buffer_pairs` must be a whole number in 1 … 1024, but is 1.5"),
        ({"cutoff_s": "1"}, r"`cutoff_s` must be a positive and finite number of seconds, or None, but is '1'"),
        ({"cutoff_s": 0}, r"`cutoff_s` must be a positive"),
        ({"distillation": "dejmps:1"}, r"`distillation` must be a Distillation"),
    ],
)
def test_values_of_the_wrong_kind_are_refused_by_name(options, message):
    with pytest.raises(InvalidValueError, match=message):
        Policy(**options)


def test_policies_that_differ_a_little_are_told_apart():
    assert str(Policy(cutoff_s=0.010000001)) != str(Policy(cutoff_s=0.010000004))


@pytest.mark.parametrize("error", [0.01, 0.2, 0.5])
def test_a_rotation_before_a_round_of_distillation_costs_one_gate_error_per_half(error):
    """An average infidelity e replaces a qubit by a random one with probability 2e; two halves of a pair, once each."""
    fresh = (1 - 2 * error) ** 2
    rho = fresh * BellPair.werner(0.95).matrix + (1 - fresh) * np.eye(4) / 4
    qpus = tuple(QPU(name, 1, one_qubit_gate_error=error) for name in "AB")
    [odds], pair = Distillation("bbpssw", 1).outcome(link_of(BellPair.werner(0.95)), qpus)
    expected, kept = distil_density_matrix(rho)
    phi = np.array([1, 0, 0, 1]) / np.sqrt(2)
    assert odds == pytest.approx(expected, abs=1e-12)
    assert pair.fidelity == pytest.approx((phi @ kept @ phi).real, abs=1e-12)
