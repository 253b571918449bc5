"""Restarts, injections and links in time, against closed forms and counts by hand."""

import math

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.protocols.clinr.course import Ring, course

SURE = np.zeros((4, 1))


def last(ends, failing, ring, convention="layers", *, qubits=3, shots=1):
    pairs = np.array([qubits, *[1] * (ends.shape[1] - 1)])
    times = course(ends, failing, pairs, qubits, ring, convention, shots, np.random.default_rng(4))
    return times.depths


def test_one_qpu_does_one_block_after_another() -> None:
    ends = np.array([[5.0], [7.0], [2.0], [4.0]])
    assert last(ends, SURE, None) == [18 + 4]
    assert last(ends, SURE, None, "serial") == [18 + 4 * 3]


def test_a_ring_prepares_all_blocks_at_once() -> None:
    ends = np.array([[5.0], [7.0], [2.0], [4.0]])
    assert last(ends, SURE, Ring(pair_time=0)) == [7 + 3]  # blocks 0 | 1, 2, 3 after the slowest
    assert last(ends, SURE, Ring(pair_time=0), "serial") == [8 + 3 * 3]  # block 0 at 5, then 8, 11, 14
    assert last(ends, SURE, Ring(pair_time=0, injection="any order")) == [8]  # 2 | 3 go before 0 | 1


def test_a_qpu_takes_its_next_block_when_its_last_one_has_gone_on() -> None:
    """Two QPUs, blocks of 10: 0 at 10, 1 at 11, prepare 2 from 12 to 22, inject, prepare 3 from 23 to 33, inject.

    In any order, 0 and 1 are injected at the same time.
    """
    ends = np.full((4, 1), 10.0)
    assert last(ends, SURE, Ring(qpus=2, pair_time=0)) == [34]
    assert last(ends, SURE, Ring(qpus=2, pair_time=0, injection="any order")) == [33]


@pytest.mark.parametrize(
    ("buffer", "depth"),
    [
        (6, 10 + 1 + 1),  # by 10, two pairs a gate time have filled any buffer
        (2, 10 + 1 + 4 * 0.5 + 1),  # two wait, four are made while they are used
        (1, 10 + 1 + 5 * 0.5 + 1),
    ],
)
def test_a_small_buffer_makes_an_injection_wait_for_pairs(buffer, depth) -> None:
    ends = np.full((2, 1), 10.0)
    assert last(ends, SURE[:2], Ring(qpus=2, pair_time=0.5, buffer=buffer), qubits=6) == [depth]


def test_slow_links_are_what_counts() -> None:
    """Six pairs of 100 gate times each, made from the beginning on, on all links side by side."""
    ends = np.full((4, 1), 10.0)
    assert last(ends, SURE, Ring(pair_time=100.0), qubits=6) == [600 + 3]
    assert last(ends, SURE, Ring(pair_time=100.0, injection="any order"), qubits=6) == [600 + 1]
    assert last(ends, SURE, Ring(pair_time=100.0), "serial", qubits=6) == [600 + 1 + 6 + 6]


def test_a_ring_waits_for_the_unluckiest_of_its_blocks() -> None:
    """The mean of the largest of four geometric numbers: Σ (1 − (1 − fᵐ)⁴) over m ≥ 0; within 5.5 standard errors (4e-8)."""
    failing, shots = 0.3, 100_000
    depths = last(np.ones((4, 1)), np.full((4, 1), failing), Ring(pair_time=0, injection="any order"), shots=shots) - 1
    known = sum(1 - (1 - failing**attempts) ** 4 for attempts in range(60))
    assert abs(depths.mean() - known) < 5.5 * depths.std() / math.sqrt(shots)


def test_a_failed_attempt_ends_with_the_check_that_fails() -> None:
    """It costs 3 with .2 and 4 with .3, and the rest is accepted at 4: (.2 · 3 + .3 · 4)/.5 + 4."""
    shots = 100_000
    depths = last(np.array([[1.0, 3.0, 4.0]]), np.array([[0.0, 0.2, 0.5]]), None, shots=shots) - 1
    assert abs(depths.mean() - 7.6) < 5.5 * depths.std() / math.sqrt(shots)


def test_any_order_is_never_later_in_layers() -> None:
    """The same restarts, shot by shot."""
    rng = np.random.default_rng(1)
    ends, failing = np.cumsum(rng.random((6, 3)) * 50, axis=1), np.cumsum(rng.random((6, 3)) * 0.3, axis=1)
    in_order, any_order = (
        last(ends, failing, Ring(qpus=6, pair_time=3.0, injection=injection), shots=2000)
        for injection in ("in order", "any order")
    )
    assert np.all(any_order <= in_order + 1e-9)
    assert any_order.mean() < in_order.mean()


def test_split_blocks_wait_for_their_pairs_before_they_begin_and_inject_where_the_data_are() -> None:
    """Three pairs of 4 each, then 5 and 2 with one more pair for a check at 16, before 17; injections of 3 on QPUs of their own."""
    ends = np.array([[5.0, 7.0], [5.0, 7.0]])
    for pair_time, ready in ((4.0, 12 + 5 + 2), (6.0, 24 + 2), (0.0, 7)):
        ring = Ring(qpus=2, pair_time=pair_time, resources="split")
        assert last(ends, np.zeros((2, 2)), ring, "serial") == [max(ready, 7 + 3) + 3]


def test_a_split_block_that_fails_takes_new_pairs() -> None:
    """Attempts are geometric; each takes 3 pairs of 10 and then 1, while the link goes on: 30 each, and 1 at last, and the hops."""
    shots, failing = 100_000, 0.4
    ring = Ring(qpus=2, pair_time=10.0, resources="split", injection="any order")
    depths = last(np.ones((2, 1)), np.array([[0.0], [failing]]), ring, shots=shots)
    assert abs(depths.mean() - (30 / (1 - failing) + 1 + 1)) < 5.5 * depths.std() / math.sqrt(shots)


def test_waits_end_in_the_middle_of_an_injection() -> None:
    ends = np.array([[5.0], [7.0]])
    times = course(ends, SURE[:2], np.array([4]), 4, Ring(qpus=2, pair_time=0), "serial", 1, np.random.default_rng(0))
    # Injection from 5 to 9 and from 9 to 13; the blocks are ready at 5 and at 7.
    assert times.waits[:, 0].tolist() == [7, 2, 6, 4, 6]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"qpus": 1}, "`qpus` must be at least 2, but is 1"),
        ({"pair_time": -1.0}, "`pair_time` must be at least 0"),
        ({"buffer": 0}, "`buffer` must be at least 1, but is 0"),
        ({"resources": "none"}, "`resources` must be one of whole, split"),
        ({"injection": "random"}, "`injection` must be one of in order, any order"),
    ],
)
def test_impossible_rings_are_refused(values, message) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Ring(**values)
