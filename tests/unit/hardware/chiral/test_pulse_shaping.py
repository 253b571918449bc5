"""Families of pulses, their optimum on the model, and the environment that hides the model."""

import math
from dataclasses import replace

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.chiral import (
    MIT_PULSES,
    MIT_UNTUNED,
    Passage,
    PulseFamily,
    find_constant,
    find_optimum,
    find_square,
)
from weft.hardware.chiral.environment import PulseEnvironment
from weft.hardware.chiral.optimum import secant_choice

EQUAL = Passage(1.0, 1.0)
FAMILY = PulseFamily(window_s=12.0, coupling_per_s=1.5, shift_per_s=0.5, knots=8)
HIDDEN = MIT_UNTUNED.passage()


def test_a_choice_goes_from_knot_to_knot_and_its_last_number_tunes() -> None:
    family = PulseFamily(window_s=2.0, coupling_per_s=4.0, shift_per_s=3.0, knots=3, steps=4)
    pulses = family.pulses([-1, 1, 0, 0, 0, 5, -0.5])
    assert pulses.sender.tolist() == [0, 2, 4, 3, 2]
    assert pulses.receiver.tolist() == [2, 2, 2, 3, 4]
    assert (pulses.step_s, pulses.shift_per_s) == (0.5, -1.5)


def test_tuning_takes_the_detuning_away() -> None:
    choice = np.append(secant_choice(EQUAL, FAMILY)[:-1], 0.4)
    tuned = FAMILY.efficiency(replace(EQUAL, detuning_per_s=-0.2), choice)
    assert tuned == pytest.approx(FAMILY.efficiency(EQUAL, np.append(choice[:-1], 0.0)), abs=1e-12)
    assert tuned > FAMILY.efficiency(replace(EQUAL, detuning_per_s=0.2), choice)


def test_shaped_pulses_pass_all_that_is_not_lost() -> None:
    assert find_optimum(EQUAL, FAMILY, starts=1).efficiency > 0.99
    assert find_optimum(HIDDEN, MIT_PULSES, starts=2).efficiency > 0.96 * HIDDEN.transmission


def test_the_optimum_is_one() -> None:
    """No step in any of its numbers gains anything."""
    best = find_optimum(HIDDEN, MIT_PULSES, starts=2)
    for number in range(MIT_PULSES.size):
        for change in (-0.02, 0.02):
            choice = best.choice.copy()
            choice[number] = np.clip(choice[number] + change, -1, 1)
            assert MIT_PULSES.efficiency(HIDDEN, choice) <= best.efficiency + 1e-7


def test_constant_couplings_do_what_the_matrix_exponential_says() -> None:
    """Found by a grid over both couplings; equal emitters, no loss, a window of 12/γ."""
    from scipy.linalg import expm

    best = 0.0
    for g1 in np.linspace(0.2, 0.32, 13):
        for g2 in np.linspace(0.2, 0.32, 13):
            slope = np.array(
                [[0, -1j * g1, 0, 0], [-1j * g1, -0.5, 0, 0], [0, -1, -0.5, -1j * g2], [0, 0, -1j * g2, 0]]
            )
            best = max(best, abs(expm(12 * slope)[3, 0]) ** 2)
    assert find_constant(EQUAL, FAMILY).efficiency == pytest.approx(best, abs=2e-4)


def test_the_best_constant_couplings_depend_on_when_they_stop() -> None:
    """.9053 after 6.7/γ, .648 after 26/γ, and 4/e² if they are so weak that the window does not matter."""
    square, on_s = find_square(EQUAL, FAMILY, windows=36)
    assert square.efficiency == pytest.approx(0.9053, abs=5e-4)
    assert on_s == pytest.approx(6.7, abs=0.2)
    long = PulseFamily(window_s=26.0, coupling_per_s=0.6, shift_per_s=0.0, steps=200)
    assert find_constant(EQUAL, long).efficiency == pytest.approx(0.648, abs=1e-3)
    longest = PulseFamily(window_s=2000.0, coupling_per_s=0.05, shift_per_s=0.0, steps=8000)
    assert find_constant(EQUAL, longest).efficiency == pytest.approx(4 / math.e**2, abs=2e-3)


def test_the_environment_keeps_the_rules_of_gymnasium() -> None:
    check_env(PulseEnvironment(HIDDEN, MIT_PULSES), skip_render_check=True)


def test_the_reward_is_a_fraction_of_shots_and_nothing_else_comes_out() -> None:
    environment = PulseEnvironment(HIDDEN, MIT_PULSES, shots=37)
    environment.reset(seed=5)
    observation, reward, terminated, truncated, info = environment.step(np.zeros(MIT_PULSES.size, dtype=np.float32))
    assert (reward * 37) == pytest.approx(round(reward * 37))
    assert observation[0] == np.float32(reward)
    assert (terminated, truncated, info) == (True, False, {"shots": 37})


@given(st.floats(min_value=0, max_value=0.4), st.integers(0, 2**32 - 1))
def test_rewards_have_the_mean_of_absorption_seen_through_readout(error: float, seed: int) -> None:
    """False alarms: a normal deviate beyond 6 in one of 100 examples, 2e-7."""
    action = np.random.default_rng(seed).uniform(-1, 1, MIT_PULSES.size).astype(np.float32)
    environment = PulseEnvironment(HIDDEN, MIT_PULSES, shots=100_000, readout_error=error)
    environment.reset(seed=seed)
    _, reward, *_ = environment.step(action)
    absorbed = MIT_PULSES.efficiency(HIDDEN, action)
    mean = absorbed * (1 - error) + (1 - absorbed) * error
    assert abs(reward - mean) <= 6 * math.sqrt(mean * (1 - mean) / 100_000) + 20 / 100_000


def test_a_seed_gives_the_same_shots() -> None:
    def play(seed: int) -> list[float]:
        environment = PulseEnvironment(HIDDEN, MIT_PULSES, shots=1000)
        environment.reset(seed=seed)
        return [environment.step(np.full(MIT_PULSES.size, 0.1, dtype=np.float32))[1] for _ in range(6)]

    assert play(1) == play(1) != play(2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PulseFamily(0.0, 1.0, 0.0), "`window_s` must be positive"),
        (lambda: PulseFamily(1.0, 1.0, -1.0), "`shift_per_s` must be finite and ≥ 0"),
        (lambda: PulseFamily(1.0, 1.0, 0.0, knots=0), "`knots` must be at least 1"),
        (lambda: FAMILY.pulses([0.0] * 3), "a choice must be 17 numbers"),
        (lambda: FAMILY.pulses([math.nan] * 17), "a choice must be 17 numbers"),
        (lambda: PulseEnvironment(EQUAL, FAMILY, shots=0), "`shots` must be at least 1"),
        (lambda: PulseEnvironment(EQUAL, FAMILY, readout_error=0.5), r"`readout_error` must lie in \[0, 0.5\)"),
    ],
)
def test_what_cannot_be_is_refused(make, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()
