"""Says where errors are so large that an answer is no better than a guess, and how many shots it would take."""

from __future__ import annotations

import math

import numpy as np

from weft.study.cutting.hybrid_sums import Observables
from weft.study.cutting.knitted import Expected, QuasiDistribution
from weft.study.cutting.precision import largest_value

_USEFUL = 0.1


def notes_on(
    expectations: tuple[Expected, ...],
    distribution: QuasiDistribution | None,
    observables: Observables | None,
    shots: int,
) -> tuple[str, ...]:
    """Notes on answers that a guess beats; none where there are no such answers.

    Whoever guesses 0 for an observable is wrong by Σ|c| at most; whoever guesses that all outcomes are as likely is wrong, in all
    of them together (the root of the sum of squares), by less than 1.

    Args:
        expectations: of the observables, in their order.
        distribution: None if observables were asked for.
        observables: name and terms of each.
        shots: that it took.
    """
    if distribution is not None:
        together = float(np.linalg.norm(distribution.stderrs))
        return _note("of all outcomes together", together, 1.0, shots)
    pairs = zip(expectations, observables or (), strict=True)
    ratios = [(one.stderr, largest_value(terms), one.label) for one, (_, terms) in pairs]
    lost = [(error / most, error, most, label) for error, most, label in ratios if most and error > most]
    if not lost:
        return ()
    _, error, most, label = max(lost)
    more = f" (and of {len(lost) - 1:,} more)" if len(lost) > 1 else ""
    return _note(f"of {label}{more}", error, most, shots)


def _note(what: str, error: float, most: float, shots: int) -> tuple[str, ...]:
    if error <= most:
        return ()
    wanted = _USEFUL * most
    needed = math.ceil(shots * (error / wanted) ** 2)
    text = (
        f"a guess is no worse than this answer: the standard error {what} is {error:.2g}, that of a guess {most:g} at most; "
        f"an error of {wanted:g} would take about {needed:.2g} shots"
    )
    return (text,)
