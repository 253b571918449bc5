"""The search tries what it says, and picks what nothing else beats."""

import math

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.depth import CONVENTIONS
from weft.protocols.clinr.measures import Estimate, Measures, beats
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.search import Candidate, best_candidate, find_candidates, undominated


def candidate(error, depth, *, width=0.0):
    estimate = Estimate(error, error - width, error + width)
    length = dict.fromkeys(CONVENTIONS, Estimate(depth, depth - width, depth + width))
    return Candidate(None, None, Measures("direct", 0, estimate, np.zeros(1, dtype=np.int64), (), 1.0, 1, 0.0, length))


MADE = [candidate(0.5, 10), candidate(0.3, 20), candidate(0.4, 25), candidate(0.1, 40), candidate(0.1, 50)]


def test_what_another_beats_is_left_out() -> None:
    assert undominated(reversed(MADE), "serial") == [MADE[0], MADE[1], MADE[3]]


@pytest.mark.parametrize(
    ("target", "best"),
    [
        ({"error_at_most": 0.3}, 1),
        ({"error_at_most": 0.2}, 3),
        ({"depth_at_most": 39}, 1),
        ({"depth_at_most": 1000}, 3),
        ({"error_at_most": 0.05}, None),
        ({"depth_at_most": 9}, None),
    ],
)
def test_a_target_on_one_count_is_reached_at_the_least_cost_on_the_other(target, best) -> None:
    assert best_candidate(MADE, "layers", **target) is (None if best is None else MADE[best])


@pytest.mark.parametrize("targets", [{}, {"error_at_most": 0.1, "depth_at_most": 1}])
def test_there_is_exactly_one_target(targets) -> None:
    with pytest.raises(InvalidValueError, match="there must be one target"):
        best_candidate(MADE, "serial", **targets)


def test_one_form_beats_another_only_on_both_counts_and_for_certain() -> None:
    better, other = candidate(0.3, 20, width=0.01).measures, candidate(0.4, 25, width=0.01).measures
    assert beats(better, other, "serial")
    assert not beats(other, better, "serial")
    assert not beats(better, candidate(0.31, 25, width=0.01).measures, "serial")
    assert not beats(better, candidate(0.4, 19).measures, "serial")


def test_a_search_tries_all_forms_once_each_and_finds_a_better_one() -> None:
    circuit, noise = random_clifford_circuit(8, 320, seed=1), Noise.uniform(1e-3)
    ring = Ring(qpus=2, pair_time=1.0)
    found = find_candidates(circuit, noise, ring, blocks=(2, 4), checks=(1, 3), shots=4000)
    # 2 cuts × 2 strategies × (r = 1 and 3 in sequence, 3 interleaved), on one QPU and on rings: 2 orders × (whole, split twice)
    assert len(found) == 1 + 2 * 2 * 3 * (1 + 2 * 3)
    assert sum(each.scheme is None for each in found) == 1
    direct = next(each for each in found if each.scheme is None)
    best = best_candidate(found, "serial", depth_at_most=math.inf)
    assert best is not None
    assert best.measures.logical_error.high < direct.measures.logical_error.low
    assert best.scheme is not None
    assert best.scheme.checks == 3
