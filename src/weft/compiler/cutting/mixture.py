"""Mixed programs: which gates to teleport, which to cut, and which to do with the help of a poor pair.

Every gate between pieces can be done in several ways, which differ in sampling overhead, in Bell pairs, and in how long a shot
waits. Overheads multiply, pairs and waits add up. Of all ways to do the first k gates, only those matter for which no other is as
good in both of what the budget weighs; so all gates together are decided exactly, one after the other (Nemhauser and Ullmann,
Management Science 15, 494 (1969)).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.errors import DoesNotFitError, InvalidValueError

_LARGEST_LOG = math.log(sys.float_info.max)


class Option(NamedTuple):
    """A way to do one gate.

    Attributes:
        log_overhead: ln γ; 0 for a gate that is teleported as it is.
        ebits: Bell pairs that it takes in every shot.
        seconds: that a shot waits for it.
    """

    log_overhead: float
    ebits: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Mixture:
    """What was chosen, and what it comes to.

    Attributes:
        choices: for each gate, the position of its option.
        log_overhead: ln γ of all gates together.
        ebits: of a shot.
        shots: γ²/precision², for an observable whose values lie in [−1, 1]; infinite where no number can say it.
        seconds: for all shots, one after the other.
    """

    choices: tuple[int, ...]
    log_overhead: float
    ebits: int
    shots: float
    seconds: float


class _Front(NamedTuple):
    """Ways to do the first gates that are not beaten: price ascending, overhead descending."""

    overhead: NDArray[np.float64]
    price: NDArray[np.float64]
    tie: NDArray[np.float64]
    before: NDArray[np.int64]  # position in the front of one gate fewer
    option: NDArray[np.int64]


def choose_mixture(
    options: Sequence[Sequence[Option]],
    *,
    most_ebits: int | None = None,
    most_shots: float | None = None,
    most_seconds: float | None = None,
    precision: float = 0.01,
    shot_s: float = 0.0,
) -> Mixture:
    """The best way to do all gates under one budget: exactly one must be given.

    Args:
        options: for each gate, the ways to do it.
        most_ebits: Bell pairs for a shot; the choice takes the fewest shots.
        most_shots: for the precision; the choice takes the fewest Bell pairs.
        most_seconds: for all shots; the choice takes the least time.
        precision: standard error wanted, at most, of an observable whose values lie in [−1, 1].
        shot_s: how long a shot takes apart from waiting for these gates, in seconds.

    Raises:
        InvalidValueError: for arguments that cannot be.
        DoesNotFitError: if nothing stays within the budget; the message says how much would be needed.
    """
    _check(options, (most_ebits, most_shots, most_seconds), precision, shot_s)
    by_time = most_seconds is not None
    fronts = _fronts(options, by_time=by_time)
    last = fronts[-1]
    log_shots = 2 * (last.overhead - math.log(precision))
    if most_ebits is not None:
        position = _within("most_ebits", last.price, most_ebits, log_shots)
    elif most_shots is not None:
        position = _within("most_shots", np.exp(log_shots), most_shots, last.price)
    else:
        times = np.exp(log_shots) * (shot_s + last.price)
        position = _within("most_seconds", times, most_seconds or 0.0, times)
    choices = _trace(fronts, position)
    return _mixture(options, choices, precision, shot_s)


def _check(
    options: Sequence[Sequence[Option]], budgets: tuple[float | None, ...], precision: float, shot_s: float
) -> None:
    given = [budget for budget in budgets if budget is not None]
    if len(given) != 1:
        raise InvalidValueError(
            f"exactly one of `most_ebits`, `most_shots` and `most_seconds` must be given, but {len(given)} are"
        )
    if not given[0] >= 0:
        raise InvalidValueError(f"a budget must be at least 0, but is {given[0]}")
    if not 0 < precision < math.inf:
        raise InvalidValueError(f"`precision` must be positive, but is {precision}")
    if not 0 <= shot_s < math.inf:
        raise InvalidValueError(f"`shot_s` must be at least 0, but is {shot_s}")
    for gate, ways in enumerate(options):
        if not ways:
            raise InvalidValueError(f"every gate must have an option, but gate {gate} has none")
        for option in ways:
            if not all(0 <= number < math.inf for number in option) or option.ebits != int(option.ebits):
                raise InvalidValueError(
                    f"an option's numbers must be finite, at least 0, and its ebits whole, but gate {gate} has {option}"
                )


def _fronts(options: Sequence[Sequence[Option]], *, by_time: bool) -> list[_Front]:
    """The fronts of overhead and price, for no gate, one, two, …; the price is seconds or else ebits, and the other breaks ties."""
    zero, none = np.zeros(1), np.zeros(1, dtype=np.int64)
    fronts = [_Front(zero, zero, zero, none, none)]
    for ways in options:
        table = np.array(ways, dtype=np.float64)
        price, tie = (table[:, 2], table[:, 1]) if by_time else (table[:, 1], table[:, 2])
        fronts.append(_unbeaten(fronts[-1], table[:, 0], price, tie))
    return fronts


def _unbeaten(
    front: _Front, overhead: NDArray[np.float64], price: NDArray[np.float64], tie: NDArray[np.float64]
) -> _Front:
    """A front with one more gate."""
    overheads = np.add.outer(front.overhead, overhead).ravel()
    prices = np.add.outer(front.price, price).ravel()
    ties = np.add.outer(front.tie, tie).ravel()
    order = np.lexsort((ties, overheads, prices))
    least = np.minimum.accumulate(overheads[order])
    order = order[np.append(True, overheads[order][1:] < least[:-1])]
    return _Front(overheads[order], prices[order], ties[order], order // len(price), order % len(price))


def _within(name: str, spent: NDArray[np.float64], budget: float, wish: NDArray[np.float64]) -> int:
    """The position that spends no more than the budget and is least in `wish`."""
    allowed = spent <= budget * (1 + 1e-12)
    if not allowed.any():
        raise DoesNotFitError(f"`{name}` must be at least {spent.min():.6g}, but is {budget:.6g}")
    return int(np.argmin(np.where(allowed, wish, np.inf)))


def _trace(fronts: list[_Front], position: int) -> tuple[int, ...]:
    """The options that lead to a position of the last front."""
    choices = []
    for front in reversed(fronts[1:]):
        choices.append(int(front.option[position]))
        position = int(front.before[position])
    return tuple(reversed(choices))


def _mixture(options: Sequence[Sequence[Option]], choices: tuple[int, ...], precision: float, shot_s: float) -> Mixture:
    chosen = [ways[choice] for ways, choice in zip(options, choices, strict=True)]
    overhead = math.fsum(option.log_overhead for option in chosen)
    log_shots = 2 * (overhead - math.log(precision))
    shots = math.exp(log_shots) if log_shots < _LARGEST_LOG else math.inf
    lasts = shot_s + math.fsum(option.seconds for option in chosen)
    seconds = shots * lasts if lasts else 0.0
    return Mixture(choices, overhead, sum(int(option.ebits) for option in chosen), shots, seconds)
