"""The timing of CliNR alone, on the ordinary scheduler, against counts by hand and against the kernel of the fast engine."""

import itertools
import math

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.protocols.clinr.course import Ring, course
from weft.protocols.clinr.timing import BlockTiming, timing_program
from weft.scheduler import Policy, schedule

N = 8


def makespans(
    qpus: int, block: BlockTiming, *, pair_time: float, pairs: int, hop: float, buffer: int = N, shots: int = 1
):
    program = timing_program(qpus, N, block, pair_time=pair_time, parallel_pairs=pairs, hop_time=hop)
    return schedule(program, shots, seed=1, policy=Policy("prefetch", buffer_pairs=buffer)).makespan_s


@pytest.mark.parametrize(
    ("pair_time", "pairs", "buffer", "made"),
    [
        (0.0, 1, N, 0),
        (3.0, 1, N, 8 * 3),  # one after another
        (3.0, 4, N, 2 * 3),  # two rounds of four
        (6.0, N, N, 6),
        (6.0, 1, 2, 20 + 6 * 6 - 4),  # two wait at 20; the third pair was begun when a place became free, 4 before
    ],
)
def test_hops_begin_when_blocks_are_accepted_and_end_when_all_pairs_were_there(pair_time, pairs, buffer, made) -> None:
    """Blocks take 5 + 3 · 5 = 20; the last pair leaves its gate on either side still to do, a hop of 8 its eight."""
    found = makespans(3, BlockTiming(5, 3, 5.0, 1.0), pair_time=pair_time, pairs=pairs, hop=N, buffer=buffer)[0]
    assert max(20 + N, made) <= found <= max(20, made) + N + 2


def test_it_is_as_in_the_kernel_of_the_engine() -> None:
    """Both are means over restarts; 5.5 standard errors, and the gate that the last pair waits for."""
    qpus, shots, odds, ends = 12, 400, 0.8, np.array([10.0, 14.0, 18.0])
    ring = Ring(qpus, 6.0 / 4, N, "any order")
    rng = np.random.default_rng(2)
    failing = np.tile(1 - odds ** np.arange(1, 4), (qpus, 1))
    kernel = course(np.tile(ends, (qpus, 1)), failing, np.array([N, 1, 1]), N, ring, "layers", shots, rng).depths
    found = makespans(qpus, BlockTiming(6, 3, 4.0, odds), pair_time=6.0, pairs=4, hop=1.0, shots=shots)
    spread = math.hypot(kernel.std(), found.std()) / math.sqrt(shots)
    assert abs(found.mean() - kernel.mean()) < 5.5 * spread + 2 / N


def test_more_pairs_in_parallel_are_never_later_until_nothing_waits_for_them() -> None:
    """The same restarts each time, shot by shot."""
    found = [
        makespans(20, BlockTiming(4, 2, 2.0, 0.7), pair_time=5.0, pairs=pairs, hop=1.0, shots=50)
        for pairs in (1, 2, 4, 8)
    ]
    for fewer, more in itertools.pairwise(found):
        assert np.all(more <= fewer)
    assert found[0].mean() > found[-1].mean() + 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BlockTiming(1, 0, 1.0, 1.0), "`checks` must be at least 1, but is 0"),
        (lambda: BlockTiming(1, 1, 1.0, 0.0), r"`odds` must lie in \(0, 1\], but is 0.0"),
        (lambda: makespans(1, BlockTiming(1, 1, 1.0, 1.0), pair_time=1, pairs=1, hop=1), "`qpus` must be at least 2"),
    ],
)
def test_impossible_timings_are_refused(make, message) -> None:
    with pytest.raises(InvalidValueError, match=message):
        make()
