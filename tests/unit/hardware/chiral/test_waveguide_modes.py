"""Both modules on a waveguide that is followed mode by mode: nothing of the theory of cascades, and a true travel time."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from weft.hardware.chiral import TwoModules
from weft.hardware.chiral.cascade import DATA, SITES, build_cascade
from weft.hardware.chiral.emitters import directional_state
from weft.hardware.chiral.excitation_space import list_states
from weft.hardware.chiral.master_equation import evolve
from weft.hardware.chiral.photon_shapes import catching_pulse, emitting_pulse

DECAY = 1.5


@dataclass(frozen=True)
class Waveguide:
    """Modes to both sides, in a band of ±reach, whose spacing makes everything come back after `recurrence`.

    The emitters of a module sit at one point but for the phase between them, so that the waveguide's exchange between them averages
    out, as the coupler would have it.
    """

    delay: float
    phase: float
    reach: float
    recurrence: float

    def populations(self, sender: np.ndarray, receiver: np.ndarray, step: float) -> np.ndarray:
        """Of the four data qubits, after an excitation that was to go to the right."""
        spacing = 2 * np.pi / self.recurrence
        modes = spacing * np.arange(-int(self.reach / spacing), int(self.reach / spacing) + 1)
        phases = np.exp(1j * np.array([0, self.phase, 0, self.phase]))[:, None]
        way = np.exp(1j * np.outer([0, 0, self.delay, self.delay], modes))
        strengths = np.sqrt(np.array([1.0, 1.0, DECAY, DECAY]) / 2 * spacing / (2 * np.pi))[:, None]
        # ⟨emitter|H|mode⟩: e^{ikx} for modes to the right, e^{−ikx} for modes to the left.
        bonds = np.hstack([strengths * phases * way, strengths * (phases * way).conj()])
        frequencies = np.concatenate([modes, modes])
        back = bonds.conj().T.copy()
        state = np.zeros(8 + len(frequencies), dtype=complex)
        state[:2] = directional_state("right")

        def slope(state: np.ndarray, g1: float, g2: float) -> np.ndarray:
            couplings = np.array([g1, g1, g2, g2])
            data, emitters, field = state[:4], state[4:8], state[8:]
            parts = (couplings * emitters, couplings * data + bonds @ field, frequencies * field + back @ emitters)
            return -1j * np.concatenate(parts)

        for at in range(len(sender) - 1):
            middle = (sender[at] + sender[at + 1]) / 2, (receiver[at] + receiver[at + 1]) / 2
            first = slope(state, sender[at], receiver[at])
            second = slope(state + step / 2 * first, *middle)
            third = slope(state + step / 2 * second, *middle)
            fourth = slope(state + step * third, sender[at + 1], receiver[at + 1])
            state = state + step / 6 * (first + 2 * second + 2 * third + fourth)
        return np.abs(state[:4]) ** 2


def pulses(step: float) -> tuple[np.ndarray, np.ndarray]:
    """Half a photon, and a receiver that is not quite right for it."""
    times = np.arange(-9, 9 + step / 2, step)
    return emitting_pulse(times, 1.0, 1.0, 0.5), 0.8 * catching_pulse(times, 1.0, DECAY)


def delayed(sender: np.ndarray, receiver: np.ndarray, delay: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    waits = np.zeros(round(delay / step))
    return np.append(sender, waits), np.append(waits, receiver)


def test_the_travel_time_only_sets_the_clock_of_the_receiver() -> None:
    step, delay = 0.02, 4.0
    sender, receiver = pulses(step)
    waveguide = Waveguide(delay, math.pi / 2, reach=60.0, recurrence=45.0)
    found = waveguide.populations(*delayed(sender, receiver, delay, step), step)
    expected = np.abs(TwoModules(1.0, DECAY).passage("right").amplitudes(sender, receiver, step)[-1]) ** 2
    assert found == pytest.approx(np.repeat(expected[[0, 3]], 2) / 2, abs=0.005)


def test_emitters_far_from_a_quarter_wavelength_send_light_both_ways_and_get_some_back() -> None:
    """60 % off. The delay is short, because the master equation has none; what it costs here is below .004."""
    step, delay, error = 0.005, 0.06, 0.6
    sender, receiver = pulses(step)
    waveguide = Waveguide(delay, math.pi / 2 * (1 + error), reach=300.0, recurrence=24.0)
    found = waveguide.populations(*delayed(sender, receiver, delay, step), step)
    one_way = np.abs(TwoModules(1.0, DECAY).passage("right").amplitudes(sender, receiver, step)[-1]) ** 2
    expected = data_populations(TwoModules(1.0, DECAY, spacing_error=error), sender[::4], receiver[::4], 4 * step)
    assert found == pytest.approx(expected, abs=0.004)
    assert np.abs(expected - np.repeat(one_way[[0, 3]], 2) / 2).min() > 0.04


def data_populations(modules: TwoModules, sender: np.ndarray, receiver: np.ndarray, step: float) -> np.ndarray:
    states = list_states(SITES, 1)
    start = np.zeros(len(states), dtype=complex)
    start[[states.index((site,)) for site in DATA["left"]]] = directional_state("right")
    rho = evolve(build_cascade(modules, "right"), np.outer(start, start.conj()), sender, receiver, step)
    return np.diag(rho).real[[states.index((site,)) for sites in DATA.values() for site in sites]]
