"""Draws of the kernels against the distributions that they should have."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from weft.scheduler.heap import pop, push
from weft.scheduler.sampling import attempts, fill_keys, minus_log, mix, scale_of, stream, uniform


@njit
def draw(key, rows, shots, scale):
    keys, found = np.empty(shots, dtype=np.uint64), np.empty((rows, shots))
    fill_keys(key, 0, keys)
    for row in range(rows):
        for shot in range(shots):
            found[row, shot] = attempts(mix(stream(key, row) + keys[shot]), scale)
    return found


@njit
def logs(values):
    return np.array([minus_log(value) for value in values])


@njit
def uniforms(bits):
    return np.array([uniform(b) for b in bits])


@pytest.mark.parametrize("p", [1e-6, 1e-4, 0.01, 0.1, 0.3, 0.5, 0.9, 0.999, 1.0])
def test_attempts_are_geometric_in_every_part_of_the_range(p: float) -> None:
    """Chi-square of 2·10⁶ draws in up to 60 cells of equal probability, and of the tail beyond 10 means.

    Nine values of p, two tests each, at 5·10⁻⁸: false alarm below 10⁻⁶ in all; seeds are fixed.
    """
    found = draw(np.uint64(12345), 2000, 1000, scale_of(p)).ravel()
    assert found.min() >= 1
    assert np.array_equal(found, np.floor(found))
    if p == 1:
        assert found.max() == 1
        return
    edges = np.unique(np.concatenate(([0], stats.geom.ppf(np.arange(1, 60) / 60, p), [np.inf])))
    expected = np.diff(np.append(stats.geom.cdf(edges[:-1], p), 1.0)) * len(found)
    counts = np.histogram(found, np.append(edges[:-1] + 0.5, np.inf))[0]
    keep = expected > 20
    chi_square = ((counts - expected)[keep] ** 2 / expected[keep]).sum()
    assert stats.chi2.sf(chi_square, max(keep.sum() - 1, 1)) > 5e-8
    bound = math.ceil(10 / p)
    tail = stats.geom.sf(bound, p) * len(found)
    assert stats.poisson.sf((found > bound).sum() - 1, tail) > 2.5e-8
    assert stats.poisson.cdf((found > bound).sum(), tail) > 2.5e-8


def test_a_success_probability_of_1e_9_is_no_harder() -> None:
    """The mean within 6 standard errors (2·10⁻⁹)."""
    found = draw(np.uint64(1), 1000, 1000, scale_of(1e-9))
    assert abs(found.mean() / 1e9 - 1) < 6 / 1000


def test_the_logarithm_is_that_of_the_library() -> None:
    values = np.concatenate([np.linspace(1e-3, 1, 100_001), 2.0 ** -np.arange(53), 1 - 2.0 ** -np.arange(2, 54)])
    found = logs(values)
    assert np.abs(found + np.log(values)).max() < 2e-11
    assert found.min() >= 0


def test_uniform_numbers_reach_one_and_never_zero() -> None:
    found = uniforms(np.array([0, 2**64 - 1, 2**63], dtype=np.uint64))
    assert found.tolist() == [1.0, 2.0**-52, 0.5]


def test_draws_of_shots_and_rows_are_independent() -> None:
    """Correlations of neighbouring rows and shots, and of their numbers' ranks, within 6 standard errors (2·10⁻⁹) each."""
    found = draw(np.uint64(7), 1001, 1001, scale_of(0.2))
    for other in (found[1:, :-1], found[:-1, 1:], found[1:, 1:]):
        assert abs(np.corrcoef(found[:-1, :-1].ravel(), other.ravel())[0, 1]) < 6e-3


@njit
def heap_sort(values):
    times, items, size = np.empty(len(values)), np.empty(len(values), dtype=np.int64), 0
    for item in range(len(values)):
        size = push(times, items, size, values[item], item)
    order = np.empty(len(values), dtype=np.int64)
    for place in range(len(values)):
        _, order[place], size = pop(times, items, size)
    return order


def test_a_heap_gives_entries_back_in_order_and_equal_ones_as_numbered() -> None:
    values = np.random.default_rng(1).integers(0, 50, 1000).astype(float)
    assert np.array_equal(heap_sort(values), np.argsort(values, kind="stable"))
