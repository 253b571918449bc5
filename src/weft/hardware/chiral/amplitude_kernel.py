"""Runge–Kutta steps through the four amplitudes of one excitation."""

import numba
import numpy as np

jit = numba.njit(cache=True, nogil=True)


@jit
def _slope(state, g1, g2, lost1, lost2, lost_data, feed):
    d1, e1, e2, d2 = state
    return (
        -1j * g1 * e1 - lost_data * d1,
        -1j * g1 * d1 - lost1 * e1,
        -1j * g2 * d2 - lost2 * e2 - feed * e1,
        -1j * g2 * e2 - lost_data * d2,
    )


@jit
def _moved(state, slope, step):
    return (
        state[0] + step * slope[0],
        state[1] + step * slope[1],
        state[2] + step * slope[2],
        state[3] + step * slope[3],
    )


@jit
def follow_amplitudes(sender, receiver, step, decay1, decay2, transmission, detuning, emitter_loss, data_loss):
    """d₁, e₁, e₂, d₂ at each time, shape (steps + 1, 4); couplings are linear between the times at which they are given."""
    lost1, lost_data = (decay1 + emitter_loss) / 2 + 0j, data_loss / 2 + 0j
    lost2 = (decay2 + emitter_loss) / 2 + 1j * detuning
    feed = np.sqrt(transmission * decay1 * decay2) + 0j
    amplitudes = np.empty((len(sender), 4), dtype=np.complex128)
    state = (1 + 0j, 0j, 0j, 0j)
    amplitudes[0] = state
    for at in range(len(sender) - 1):
        middle1, middle2 = (sender[at] + sender[at + 1]) / 2, (receiver[at] + receiver[at + 1]) / 2
        first = _slope(state, sender[at], receiver[at], lost1, lost2, lost_data, feed)
        second = _slope(_moved(state, first, step / 2), middle1, middle2, lost1, lost2, lost_data, feed)
        third = _slope(_moved(state, second, step / 2), middle1, middle2, lost1, lost2, lost_data, feed)
        fourth = _slope(_moved(state, third, step), sender[at + 1], receiver[at + 1], lost1, lost2, lost_data, feed)
        state = _moved(state, first, step / 6)
        state = _moved(state, second, step / 3)
        state = _moved(state, third, step / 3)
        state = _moved(state, fourth, step / 6)
        for place in range(4):
            amplitudes[at + 1, place] = state[place]
    return amplitudes
