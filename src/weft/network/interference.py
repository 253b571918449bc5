"""What two photons that were not emitted at the same moment lose when they interfere."""

from __future__ import annotations

import math

_SERIES_FROM = 25.0  # below it the product of exponential and erfc neither overflows nor underflows


def interference_visibility(jitter_s: float, lifetime_s: float) -> float:
    """Visibility with which two photons of exponential shape interfere when their emission times jitter.

    The photons have |ψ(t)|² = e^{−t/τ}/τ, and their emission times differ by a normal Δ of standard deviation s. The square of
    their overlap is e^{−|Δ|/τ}, and V is its mean. A pair that is heralded by their interference has V times its coherence.

    Args:
        jitter_s: s, standard deviation of the difference of emission times, at least 0.
        lifetime_s: τ, of the excited state, positive.

    Returns:
        V = e^{s²/2τ²} erfc(s/(√2 τ)). A pair that is otherwise perfect has the fidelity (1 + V)/2.

    Source:
        The mean of e^{−|Δ|/τ} over a normal distribution; erfcx for large arguments from its asymptotic series, Abramowitz and
        Stegun, (7.1.23).

    >>> round(interference_visibility(0.1, 1.0), 5)
    0.92496
    """
    x = jitter_s / lifetime_s / math.sqrt(2)
    if x < _SERIES_FROM:
        return math.exp(x * x) * math.erfc(x)
    y = 0.5 / x / x
    return (1 - y * (1 - 3 * y * (1 - 5 * y * (1 - 7 * y)))) / (x * math.sqrt(math.pi))
