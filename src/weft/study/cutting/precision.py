"""How many shots a precision takes: a pilot, and then as many as the spread that was measured asks for.

The pilot is a hundredth of what is enough at worst, but no less than honest errors take: what N shots have not shown comes with a
probability of a few 1/N, and may yet add some w/N to the error, w being what a shot counts at most. Then the errors so far say how
many shots there have to be, at most tenfold at a time, so that a poor first guess is made good before it has cost much. Only
spreads decide, in a few large stages, and a stage that was begun is finished. An answer that stops by its own error after N shots
is biased by κ₃/(σ²N) at most, to first order, which is far less than its error σ/√N: κ₃ is the third central moment of what a shot
counts.

Source: Stein, Ann. Math. Statist. 16, 243 (1945), for two stages; Chow and Robbins, Ann. Math. Statist. 36, 457 (1965):
intervals of a width that is fixed beforehand cover as they should, for small widths, if shots go on until the measured spread is
small enough. The bias follows from Wald's identity, E[N (mean − truth)] = 0, and the covariance κ₃/N of mean and variance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from weft.errors import InvalidValueError
from weft.study.cutting.hybrid_sums import Observables

_PILOT = 0.01
"""The share of what is enough at worst that is taken first."""
_MOST_PILOT = 0.1
"""The share of the budget that is, at most."""
_UNSEEN = 4
"""The pilot is as many times w/precision, which is √(what is enough), so that what it has not shown adds less than that."""
_GROWTH = 10
"""How many times the shots so far there are after a step, at most."""
_LEAST_STEP = 1.02
_SPARE = 1.03
"""More shots than are thought to be needed, because what is thought is itself estimated."""
FEWEST_DRAWS = 400
"""Of drawn terms, before their spread is believed: it is then known to some 10 %, where single draws count about as much."""


class Source(Protocol):
    """What shots are taken of."""

    @property
    def done(self) -> int:
        """Shots so far."""

    @property
    def fewest(self) -> int:
        """Shots that have to be taken at least: at first, for there to be an answer; then, for there to be any more."""

    @property
    def pilot(self) -> int:
        """Shots that have to be taken before errors can be believed."""

    def take(self, shots: int, total: int) -> None:
        """Takes some, of as many in all."""

    def worst_error(self) -> float:
        """The largest standard error of all answers."""

    def enough(self, precision: float) -> float:
        """Shots that are enough for a precision whatever the circuit."""

    def surely(self, precision: float) -> float:
        """Shots that a precision takes whatever the circuit; 0 where none are known to be."""

    def at_best(self, precision: float) -> float:
        """Shots that it takes if all are taken as what was measured says is best; infinite where there is no choice."""


def take_to_precision(source: Source, precision: float, most_shots: int) -> None:
    """Takes shots until all errors are small enough.

    Args:
        source: of them.
        precision: standard error that no answer may exceed.
        most_shots: of all together.

    Raises:
        InvalidValueError: if it takes more, as far as is known beforehand or from shots so far; the message says how many.
    """
    _refuse(max(source.fewest, source.surely(precision)), most_shots, precision)
    enough = source.enough(precision)
    believed = min(max(source.pilot, _UNSEEN * math.sqrt(enough)), enough)
    wanted = max(min(_PILOT * enough, _MOST_PILOT * most_shots), believed, source.fewest)
    pilot = math.ceil(min(wanted, most_shots))
    source.take(pilot, pilot)
    while (error := source.worst_error()) > precision:
        done = source.done
        measured = min(done * (error / precision) ** 2, max(source.at_best(precision), _LEAST_STEP * done))
        needed = max(measured, done + source.fewest)
        _refuse(needed, most_shots, precision)
        total = min(math.ceil(_SPARE * needed), most_shots)
        source.take(min(total, _GROWTH * done) - done, total)


def _refuse(needed: float, most_shots: int, precision: float) -> None:
    if needed > most_shots:
        raise InvalidValueError(
            f"`most_shots` must be at least {math.ceil(needed):,} for a precision of {precision:g}, as far as is known, but is "
            f"{most_shots:,}"
        )


def largest_value(terms: Mapping[str, float]) -> float:
    """How far from its constant an observable can be: Σ |c| over its terms that are not the identity."""
    return math.fsum(abs(value) for label, value in terms.items() if label.strip("I"))


def draws_enough(observables: Observables | None, overhead: float, precision: float) -> float:
    """Draws that are enough for all observables, or for all outcomes if there are none: (γ Σ|c|)²/precision².

    Args:
        observables: name and terms of each; None for the outcomes, whose values are 0 and 1.
        overhead: γ.
        precision: standard error wanted.
    """
    scale = 1.0 if observables is None else max((largest_value(terms) for _, terms in observables), default=0.0)
    return (scale * overhead / precision) ** 2


def draws_surely(observables: Observables | None, overhead: float, precision: float) -> float:
    """Draws that it takes whatever the circuit: a single Pauli reads ±c γ in each, and its mean lies within ±c.

    Args:
        observables: name and terms of each; None for the outcomes, of which nothing is known.
        overhead: γ, if every draw counts ±γ.
        precision: standard error wanted.
    """
    lone = 0.0
    for _, terms in observables or ():
        if sum(bool(value and label.strip("I")) for label, value in terms.items()) == 1:
            lone = max(lone, largest_value(terms))
    return lone**2 * max(overhead**2 - 1, 0.0) / precision**2
