"""Photons of exponential shape: what a detection window keeps of them, and how much of one is in another.

A photon that an excited state of lifetime τ emits at time 0 has the wave function ψ(t) = e^{−t/2τ − iωt}/√τ for t > 0.
"""

from __future__ import annotations

import math

import numpy as np


def captured_fraction(window_s: float, lifetime_s: float) -> float:
    """Probability that a photon is inside a window that opens when the emitter is excited: 1 − e^{−T/τ}.

    Args:
        window_s: T, at least 0.
        lifetime_s: τ, positive.
    """
    return -math.expm1(-window_s / lifetime_s)


def detuned_overlap(detuning_hz: float, lifetime_s: float, window_s: float = math.inf) -> float:
    """Overlap |⟨ψ|ψ′⟩| of two photons whose frequencies differ, each normalised within the window.

    A short window cannot tell the frequencies apart, so it keeps interference at the cost of photons.

    Args:
        detuning_hz: Δ/2π, difference of the frequencies.
        lifetime_s: τ of both photons, positive.
        window_s: T, positive; by default the whole photon is seen.

    Returns:
        |1 − e^{−(1 + iΔτ)T/τ}| / (√(1 + Δ²τ²) (1 − e^{−T/τ})), from the integral of |ψ|² e^{iΔt} over the window. Its square,
        1/(1 + Δ²τ²) without a window, is the visibility with which the photons interfere.
    """
    phase = 2 * math.pi * detuning_hz * lifetime_s
    whole = 1 / math.hypot(1, phase)
    if math.isinf(window_s):
        return whole
    ratio = window_s / lifetime_s
    seen = abs(np.expm1(-complex(ratio, phase * ratio)))
    return float(min(1.0, whole * seen / captured_fraction(window_s, lifetime_s)))
