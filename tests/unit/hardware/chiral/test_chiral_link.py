"""The link that a chiral waveguide makes, and what it makes on a bus."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.hardware.chiral import MIT_CHIRAL, MIT_CHIRAL_SOURCES, ChiralWaveguideLink, link_on_bus
from weft.hardware.chiral.mit import PUBLISHED_ABSORPTION, PUBLISHED_W_FIDELITY
from weft.hardware.chiral.sharing import w_fidelity
from weft.hardware.link_model import LinkModel, link_of

PERFECT = ChiralWaveguideLink(linewidth_a_hz=3e6, linewidth_b_hz=3e6, coupling_hz=3e6, window_s=1.5e-6)
"""Nothing is lost, and the window is 28 lifetimes."""


def test_it_is_a_link_model_that_makes_a_link() -> None:
    model: LinkModel = MIT_CHIRAL
    link = link_of(model, "A", "B")
    assert link.success_probability == 1
    assert link.attempt_s == pytest.approx(MIT_CHIRAL.preparation_s + MIT_CHIRAL.window_s, rel=1e-3)
    assert link.pair.fidelity == pytest.approx(MIT_CHIRAL.pair.fidelity)


def test_without_imperfections_the_pair_is_perfect() -> None:
    assert PERFECT.pair.fidelity == pytest.approx(1, abs=1e-4)
    assert PERFECT.transfer_efficiency == pytest.approx(1, abs=1e-4)
    assert PERFECT.doubts() == ()


@pytest.mark.parametrize("loss_db", [0.5, 3.0, 10.0])
def test_loss_alone_does_what_the_closed_form_says(loss_db: float) -> None:
    """Everything lost leaves |00⟩, so that the pair is an amplitude-damped one."""
    link = replace(PERFECT, end_loss_db=loss_db)
    eta = 10 ** (-loss_db / 10)
    assert link.w_fidelity("right") == pytest.approx(w_fidelity(eta), abs=1e-4)
    # In the frame of Φ+ the receiver's qubit is flipped: |00⟩ lost is |01⟩ there.
    expected = np.diag([0.5, (1 - eta) / 2, 0, eta / 2]).astype(complex)
    expected[0, 3] = expected[3, 0] = math.sqrt(eta) / 2
    weights = np.sort(np.diag(link.pair.matrix).real)
    assert weights == pytest.approx(np.sort(np.diag(expected).real), abs=1e-4)
    assert link.pair.fidelity == pytest.approx(w_fidelity(eta), abs=1e-4)


def test_strong_dephasing_is_followed_and_leaves_no_coherence() -> None:
    found = replace(PERFECT, data_t2_s=2e-8).shared("right")
    assert found.coherence < 1e-3
    assert 0 <= found.kept <= 1
    assert 0 <= found.delivered <= 1


def test_the_sender_waits_while_the_photon_travels() -> None:
    near = replace(PERFECT, data_t1_s=20e-6)
    far = replace(near, length_m=500.0, group_index=1.44)
    assert far.classical_latency_s == pytest.approx(500 * 1.44 / 299_792_458)
    alive = math.exp(-far.classical_latency_s / 20e-6)
    kept, delivered = far.shared("right").kept, far.shared("right").delivered
    assert (kept, delivered) == pytest.approx((near.shared("right").kept * alive, near.shared("right").delivered))


def test_preparation_counts_in_the_pair_and_readout_does_not() -> None:
    worse = replace(PERFECT, preparation_error=0.1, readout_error=0.2)
    assert worse.pair.fidelity == pytest.approx(0.9, abs=1e-4)
    assert worse.w_fidelity("left") == pytest.approx(0.9 * 0.8, abs=1e-4)


def test_the_direction_says_whose_qubit_keeps_the_excitation() -> None:
    lossy = replace(PERFECT, end_loss_db=6.0, linewidth_b_hz=4e6)
    right, left = lossy.pair.matrix, replace(lossy, direction="left").pair.matrix
    swap = np.eye(4)[[0, 2, 1, 3]]
    # Φ+ frames flip B's qubit; exchanging both ends therefore flips both.
    flip = np.kron([[0, 1], [1, 0]], [[0, 1], [1, 0]])
    assert left == pytest.approx(flip @ swap @ right @ swap @ flip, abs=2e-3)
    assert right[0, 0].real != pytest.approx(right[3, 3].real, abs=0.1)


def test_the_published_w_fidelities_are_met_within_their_error_bars() -> None:
    """One number is fitted to the one on the right, so that only the other is a prediction."""
    for direction, (value, error) in PUBLISHED_W_FIDELITY.items():
        assert MIT_CHIRAL.w_fidelity(direction) == pytest.approx(value, abs=error)
    assert MIT_CHIRAL.w_fidelity("right") == pytest.approx(PUBLISHED_W_FIDELITY["right"][0], abs=1e-4)
    assert MIT_CHIRAL.transfer_efficiency > PUBLISHED_ABSORPTION


def test_every_component_has_a_source_and_a_mark() -> None:
    assert set(MIT_CHIRAL_SOURCES) == {field.name for field in fields(MIT_CHIRAL)}
    marks = {"published", "remembered", "derived", "assumed", "fitted"}
    assert {source.split(":")[0] for source in MIT_CHIRAL_SOURCES.values()} <= marks


@pytest.mark.parametrize(
    "worse",
    [
        {"end_loss_db": 3.0}, {"loss_db_per_m": 1.0}, {"length_m": 30.0}, {"data_t1_s": 6e-6}, {"data_t2_s": 3e-6},
        {"emitter_t1_s": 2e-6}, {"spacing_error": 0.2}, {"coupler_error": 0.5}, {"detuning_hz": 1e6},
        {"preparation_error": 0.3}, {"coupling_hz": 0.4e6}, {"window_s": 0.3e-6}, {"modules_passed": 2},
    ],
)  # fmt: skip
def test_each_component_that_gets_worse_costs_fidelity(worse: dict[str, float]) -> None:
    assert replace(MIT_CHIRAL, **worse).pair.fidelity < MIT_CHIRAL.pair.fidelity - 1e-3


def test_a_lossy_link_gains_by_emitting_less_than_half() -> None:
    """√(1−x) + √(ηx) is largest at x = η/(1+η), where the fidelity is (1 + η)/2."""
    lossy, eta = replace(PERFECT, end_loss_db=3.0), 10**-0.3
    best = replace(lossy, emitted_share=eta / (1 + eta))
    assert best.pair.fidelity == pytest.approx((1 + eta) / 2, abs=1e-4)
    assert best.pair.fidelity > lossy.pair.fidelity


def test_along_a_bus_loss_grows_with_distance_and_with_modules_passed() -> None:
    positions = np.array([0.0, 1.0, 2.5, 6.0])
    far = link_on_bus(MIT_CHIRAL, positions, 0, 3)
    assert (far.length_m, far.modules_passed) == (6.0, 2)
    expected = 10 ** (-(1.65 + 6 * 0.05 + 2 * 0.2) / 10)
    assert far.waveguide_transmission == pytest.approx(expected)
    assert link_on_bus(MIT_CHIRAL, positions, 3, 0) == far
    near = [link_on_bus(MIT_CHIRAL, positions, 0, j).transfer_efficiency for j in (1, 2, 3)]
    assert near == sorted(near, reverse=True)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"spacing_error": 0.3}, "goes the wrong way"),
        ({"window_s": 0.3e-6}, "lies outside `window_s`"),
        ({"coupling_hz": 1e6}, "cuts off the pulses"),
        ({"coupling_hz": 2e8}, "rotating-wave"),
    ],
)
def test_it_says_where_it_is_in_doubt(change: dict[str, float], text: str) -> None:
    assert MIT_CHIRAL.doubts() == ()
    doubts = replace(MIT_CHIRAL, **change).doubts()
    assert len(doubts) == 1
    assert text in doubts[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"linewidth_a_hz": 0.0}, "`linewidth_a_hz` must be positive, but is 0"),
        ({"end_loss_db": -1.0}, "`end_loss_db` must be finite and ≥ 0, but is -1"),
        ({"readout_error": 1.0}, r"`readout_error` must lie in \[0, 1\), but is 1"),
        ({"emitted_share": 0.0}, r"`emitted_share` must lie in \(0, 1\], but is 0"),
        ({"data_t2_s": 1e-3}, "`data_t2_s` must be at most twice `data_t1_s`"),
        ({"modules_passed": 0.5}, "`modules_passed` must be a whole number"),
        ({"direction": "up"}, "`direction` must be right or left, but is `up`"),
        ({"detuning_hz": math.nan}, "`detuning_hz` must be a number"),
        ({"window_s": 1.0}, "`window_s` must be at most 2000 times the shortest lifetime"),
        ({"data_t2_s": 1e-12}, "`window_s` must be at most 2000 times the shortest lifetime"),
        ({"length_m": "far"}, "`length_m` must be a number, but is far"),
    ],
)
def test_impossible_components_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        replace(MIT_CHIRAL, **change)


def test_a_bus_needs_two_different_modules_at_different_places() -> None:
    with pytest.raises(InvalidValueError, match="i and j must be two of 3 modules, but are 1 and 1"):
        link_on_bus(MIT_CHIRAL, np.arange(3.0), 1, 1)
    with pytest.raises(InvalidValueError, match="must sit at different places"):
        link_on_bus(MIT_CHIRAL, np.array([0.0, 1.0, 1.0]), 0, 1)
