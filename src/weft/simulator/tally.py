"""Adds up results of one task as they come; the cost is in proportion to what is added, not to what is there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from weft.simulator.result import Result


class Tally:
    """The sum of results.

    Sums are made one after another, from the first part on, so it does not matter when in between `result` is asked for: a run
    that was interrupted and went on gives, bit by bit, what one that was not gives.
    """

    def __init__(self, first: Result) -> None:
        self._first = first
        self._seeds = set(first.seeds)
        self._counts = Counter(first.counts)
        self._makespans = [first.makespans_s]
        self.shots = first.shots
        self._samples = first.samples
        self._sums = first.overlap_sums.copy()
        self._products = first.overlap_products.copy()
        self._supply = first.supply
        self._strengths = first.strengths
        self._distributions = None if first.distributions is None else [dict(part) for part in first.distributions]

    def add(self, part: Result) -> None:
        """Adds a result of the same task."""
        self._seeds |= set(part.seeds)
        self._counts.update(part.counts)
        if part.strengths != self._strengths:
            self._strengths = _mean(self._strengths, self.shots, part.strengths, part.shots)
        self._makespans.append(part.makespans_s)
        self.shots += part.shots
        self._samples += part.samples
        self._sums += part.overlap_sums
        self._products += part.overlap_products
        if self._supply is not None and part.supply is not None:
            self._supply = self._supply + part.supply
        if self._distributions is not None and part.distributions is not None:
            for total, more in zip(self._distributions, part.distributions, strict=True):
                _add_weights(total, more)

    def result(self) -> Result:
        """What has been added up so far."""
        self._makespans = [np.concatenate(self._makespans)]
        return replace(
            self._first,
            seeds=tuple(sorted(self._seeds)),
            counts=dict(sorted(self._counts.items())),
            makespans_s=self._makespans[0],
            samples=self._samples,
            overlap_sums=self._sums.copy(),
            overlap_products=self._products.copy(),
            supply=self._supply,
            strengths=self._strengths,
            distributions=None if self._distributions is None else tuple(dict(part) for part in self._distributions),
        )


def _add_weights(total: dict[bytes, float], more: Mapping[bytes, float]) -> None:
    for key, weight in more.items():
        total[key] = total.get(key, 0.0) + weight


_Strengths = Mapping[str, Mapping[str, float]]


def _mean(first: _Strengths, shots: int, second: _Strengths, more: int) -> _Strengths:
    """The mean of two runs, weighted by shots; causes and places that one does not name count for 0 in it."""
    return {
        cause: {
            place: (shots * first.get(cause, {}).get(place, 0.0) + more * second.get(cause, {}).get(place, 0.0))
            / (shots + more)
            for place in sorted({*first.get(cause, {}), *second.get(cause, {})})
        }
        for cause in sorted({*first, *second})
    }
