"""The classical fidelity of sampled distributions, and an honest error for it.

F = (Σ √(p q))² compares a distribution p with the ideal one, q. To first order, its root is the mean of a number per sample, so the
spread of these numbers over samples is its error (the delta method: van der Vaart, Asymptotic Statistics, 1998, chapter 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from weft.simulator.backend import Batch
from weft.simulator.distinct_outcomes import distinct_rows

Floats = NDArray[np.float64]


def classical_fidelity(weights: Mapping[bytes, float], ideal: Mapping[bytes, float]) -> float:
    """F of two distributions that need not be normalised."""
    shared = sum(np.sqrt(weight * ideal[key]) for key, weight in weights.items() if key in ideal)
    return float(min(shared**2 / (sum(weights.values()) * sum(ideal.values())), 1.0))


def roots_of(tables: Sequence[Floats], samples: int) -> Floats:
    """Numbers whose mean over samples is √F, for distributions known exactly for each sampled timeline.

    Args:
        tables: per stage, the probability of each outcome, shape (timelines, outcomes); with one timeline it serves all.
        samples: how many timelines there are.

    Returns:
        Shape (stages, samples).
    """
    ideal = tables[0].mean(axis=0)
    roots = np.empty((len(tables), samples))
    for stage, table in enumerate(tables):
        mean = table.mean(axis=0)
        terms = table @ np.sqrt(_ratio(ideal, mean))
        roots[stage] = (terms + terms.mean()) / 2  # half of the root is due to the ideal distribution, which is exact
    return roots


def sampled_batch(stages: Sequence[NDArray[np.uint8]]) -> Batch:
    """What a backend found that samples one outcome per shot and stage; each stage's array has shape (shots, num_clbits)."""
    shots = len(stages[0])
    rows, index, _ = distinct_rows(np.concatenate(stages))
    chosen = index.reshape(len(stages), shots)
    counts = np.array([np.bincount(row, minlength=len(rows)) for row in chosen], dtype=np.float64)
    ideal = counts[0]
    roots = np.empty((len(stages), shots))
    for stage, count in enumerate(counts):
        # both are sampled, so both contribute to the error; shared random numbers let it cancel
        roots[stage] = np.sqrt(_ratio(ideal, count))[chosen[stage]] / 2 + np.sqrt(_ratio(count, ideal))[chosen[0]] / 2
    keys = [row.tobytes() for row in rows]
    distributions = [{keys[k]: float(count[k]) for k in np.flatnonzero(count)} for count in counts]
    return Batch(stages[-1], roots, distributions)


def _ratio(over: Floats, under: Floats) -> Floats:
    """Their quotient, and 0 where an outcome does not occur."""
    return np.divide(over, under, out=np.zeros_like(over), where=under > 1e-15)
