"""Couplings that emit and catch a photon of one chosen shape, in closed form.

The photon is a hyperbolic secant, symmetric in time, so that catching it is emitting it backwards. Losses beside the waveguide and
detuning are not in these formulas; pulses that know of them come from `optimum.py` or from learning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError

_TAIL = 300.0
"""bt beyond which a photon is followed no further: its amplitude is 10⁻⁶⁵ of the highest there, and squares do not underflow."""


def secant_photon(times_s: NDArray[np.float64], bandwidth_per_s: float) -> NDArray[np.float64]:
    """Amplitude √(b/4) sech(bt/2) of a photon of bandwidth b, in s^−½; the integral of its square is 1."""
    return np.asarray(np.sqrt(bandwidth_per_s / 4) / np.cosh(_phase(times_s, bandwidth_per_s) / 2))


def emitting_pulse(
    times_s: NDArray[np.float64], bandwidth_per_s: float, decay_per_s: float, share: float = 1.0
) -> NDArray[np.float64]:
    """Coupling g(t) ≥ 0 that lets a module emit a secant photon with a given probability, and keep the rest.

    The photon's amplitude √x f(t) fixes that of the emitters, −iE with E = f √(x/γ), and what has left fixes that of the data
    qubits, D² = 1 − E² − x∫f². The emitters' equation, Ė = gD − γE/2, then gives g. For x = 1 and b = γ it is (γ/2) sech(γt/2).

    Args:
        times_s (float array): when, in seconds; the photon's middle is at 0.
        bandwidth_per_s: b of the photon, at most γ.
        decay_per_s: γ of the emitters.
        share: x, probability that the photon is emitted, in (0, 1].

    Raises:
        InvalidValueError: if the photon is shorter than the emitters can make it, or the share is not a probability above 0.

    Source:
        The construction of Cirac, Zoller, Kimble, Mabuchi, Phys. Rev. Lett. 78, 3221 (1997), written for an emitter that is not
        eliminated adiabatically.
    """
    if not 0 < bandwidth_per_s <= decay_per_s:
        raise InvalidValueError(
            f"`bandwidth_per_s` must lie in (0, decay_per_s = {decay_per_s:g}], but is {bandwidth_per_s:g}"
        )
    if not 0 < share <= 1:
        raise InvalidValueError(f"`share` must lie in (0, 1], but is {share}")
    b = bandwidth_per_s
    emitters = np.sqrt(share / decay_per_s) * secant_photon(times_s, b)
    # D² and Ė + γE/2 with the part of the photon that is late, (1 − tanh)/2, so that nothing cancels at late times.
    late = 1 / (1 + np.exp(_phase(times_s, b)))
    data = np.sqrt((1 - share) + share * late * ((1 - b / decay_per_s) + b / decay_per_s * late))
    return np.asarray(emitters * ((decay_per_s - b) / 2 + b * late) / data)


def catching_pulse(times_s: NDArray[np.float64], bandwidth_per_s: float, decay_per_s: float) -> NDArray[np.float64]:
    """Coupling that absorbs a secant photon of any amplitude: that which would emit it, backwards; arguments as above."""
    return emitting_pulse(-times_s, bandwidth_per_s, decay_per_s)


def _phase(times_s: NDArray[np.float64], bandwidth_per_s: float) -> NDArray[np.float64]:
    return np.clip(bandwidth_per_s * times_s, -_TAIL, _TAIL)
