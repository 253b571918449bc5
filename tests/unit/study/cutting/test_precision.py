"""A precision is kept, takes about as many shots as it needs, and answers found with it cover as their error bars say.

Statistical tests count misses of a 95 % interval and allow as many as a binomial law exceeds with a probability of 10⁻⁶; seeds are
fixed.
"""

import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

import weft
from weft.circuit import CircuitBuilder
from weft.errors import InvalidValueError
from weft.network import QPU, ClassicalLink, Network
from weft.study.cutting.precision import draws_enough, draws_surely, take_to_precision

FALSE_ALARM, INTERVAL = 1e-6, 1.959964
LAWS = {
    "a Pauli": ([-3.0, 3.0], [0.4, 0.6]),
    "a rare outcome": ([-7.0, 0.0, 7.0], [0.005, 0.98, 0.015]),
    "rare and large": ([-1.0, 1.0, 20.0], [0.495, 0.495, 0.01]),
    "a constant": ([2.0], [1.0]),
}


class Draws:
    """Independent draws of a law, as a source of shots."""

    fewest, pilot, least = 2, 400, 0.0

    def __init__(self, law, seed=0):
        self.values, self.probabilities = map(np.array, law)
        self.rng, self.stages = np.random.default_rng(seed), []
        self.counts = np.zeros(len(self.values), dtype=np.int64)

    @property
    def done(self):
        return int(self.counts.sum())

    @property
    def mean(self):
        return self.counts @ self.values / self.done

    def take(self, shots, total):
        assert 0 < shots <= total - self.done or not self.done
        self.counts += self.rng.multinomial(shots, self.probabilities)
        self.stages.append(shots)

    def worst_error(self):
        square = self.counts @ (self.values - self.mean) ** 2
        return math.sqrt(square / (self.done - 1) / self.done)

    def enough(self, precision):
        return (np.abs(self.values).max() / precision) ** 2

    def surely(self, precision):
        return self.least * 1e-4 / precision**2

    def at_best(self, _):
        return math.inf


def misses_allowed(runs):
    return binom.isf(FALSE_ALARM, runs, 0.05)


def off_by(name, take, runs=2000):
    """How far means are off, and their standard errors, shape (2, runs)."""
    truth, found = float(np.dot(*LAWS[name])), []
    for seed in range(runs):
        source = Draws(LAWS[name], seed)
        take(source)
        found.append((source.mean - truth, source.worst_error()))
    return np.array(found).T


def misses(off, errors):
    """How many intervals do not hold the truth, but for rounding."""
    return np.count_nonzero(np.abs(off) > INTERVAL * errors + 1e-12)


@pytest.mark.parametrize(
    ("name", "precision"),
    [*product(LAWS, [0.05, 0.02]), ("a Pauli", 0.2), ("a Pauli", 0.1), ("a constant", 0.1)],
)
def test_answers_that_stop_by_their_own_error_cover(name, precision):
    """Intervals cover; the bias is no more than stopping costs, within 4.9 of its standard errors: a false alarm in 10⁶.

    By Wald's identity, the mean at a stop N that follows the measured variance is off by −κ₃/(σ²N) to first order, κ₃ being the
    third central moment of a draw.
    """

    def take(source):
        take_to_precision(source, precision, 10**9)
        assert source.worst_error() <= precision

    off, errors = off_by(name, take)
    assert misses(off, errors) <= misses_allowed(len(off))
    values, probabilities = map(np.array, LAWS[name])
    variance, third = (probabilities @ (values - probabilities @ values) ** power for power in (2, 3))
    stopping = abs(third) * (precision / variance) ** 2 if variance else 0.0
    assert abs(off.mean()) <= stopping + 4.9 * errors.max() / math.sqrt(len(off))


@pytest.mark.parametrize("name", ["a rare outcome", "rare and large"])
def test_where_few_draws_count_stopping_adds_no_more_misses_than_chance(name):
    """Some five large values are too few for any 95 % interval by a standard error; as many draws that were fixed miss as often."""
    stopped = off_by(name, lambda source: take_to_precision(source, 0.1, 10**9))
    fixed = off_by(name, lambda source: source.take(500, 500))
    missed, missed_if_fixed = misses(*stopped), misses(*fixed)
    assert missed <= missed_if_fixed + 4.9 * math.sqrt(missed + missed_if_fixed)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("precision", [1.0, 0.1, 0.01])
def test_stages_grow_tenfold_at_most_and_do_not_go_too_far(name, precision):
    source = Draws(LAWS[name], 5)
    take_to_precision(source, precision, 10**9)
    done = np.cumsum(source.stages)
    assert np.all(done[1:] <= 10 * done[:-1])
    values, probabilities = source.values, source.probabilities
    needed = (probabilities @ values**2 - (probabilities @ values) ** 2) / precision**2
    # The pilot may be more than is needed; else the measured need is met to some per cent.
    assert source.done <= max(
        400, 4.01 * math.sqrt(source.enough(precision)), 0.011 * source.enough(precision), 1.2 * needed
    )


@pytest.mark.parametrize("rare", [0.005, 0.01, 0.02, 0.05])
def test_shots_that_all_came_out_alike_are_not_believed_too_soon(rare):
    """Of ±1 that is hardly ever −1: the error as the law has it is twice the precision in fewer than 1 of 10⁴ runs."""
    exceeding = 0
    for seed in range(2000):
        source = Draws(([-1.0, 1.0], [rare, 1 - rare]), seed)
        source.pilot = 16
        take_to_precision(source, 0.01, 10**9)
        exceeding += 2 * math.sqrt(rare * (1 - rare) / source.done) > 0.02
    assert exceeding <= binom.isf(FALSE_ALARM, 2000, 1e-4)


def test_what_is_refused_and_when():
    source = Draws(LAWS["a Pauli"])
    source.least = 5000.0
    with pytest.raises(
        InvalidValueError, match=r"at least 5,000 for a precision of 0.01, as far as is known, but is 4,999"
    ):
        take_to_precision(source, 0.01, 4999)
    assert not source.stages  # before any shot
    source = Draws(LAWS["a Pauli"], 1)  # 8.64 / precision²
    with pytest.raises(InvalidValueError, match="`most_shots` must be at least 8") as caught:
        take_to_precision(source, 0.01, 20_000)
    assert source.done <= 2000
    assert "but is 20,000" in str(caught.value)


@pytest.mark.parametrize("spare", [0.5, 0.9, 0.99, 1.0, 1.01, 1.1])
def test_a_budget_is_never_exceeded_even_where_it_is_just_enough(spare):
    for seed in range(20):
        source, most = Draws(LAWS["a Pauli"], seed), int(spare * 8.64 / 0.05**2)
        try:
            take_to_precision(source, 0.05, most)
        except InvalidValueError:
            assert spare <= 1.01
        assert source.done <= most


def test_what_is_known_beforehand():
    one, sums = [("", {"ZZ": -2.0, "II": 5.0})], [("", {"ZZ": 1.0, "XX": 0.5})]
    assert draws_enough(one, 3.0, 0.1) == pytest.approx(3600)
    assert draws_surely(one, 3.0, 0.1) == pytest.approx(4 * 8 * 100)
    assert draws_enough(sums, 3.0, 0.1) == pytest.approx(2025)
    assert draws_surely(sums, 3.0, 0.1) == draws_surely(None, 3.0, 0.1) == 0
    assert draws_enough(None, 3.0, 0.1) == pytest.approx(900)


def pair():
    """Two qubits on two QPUs."""
    builder = CircuitBuilder(2)
    for qubit, angle in enumerate((1.1, 0.4)):
        builder.gate("ry", qubit, angles=[angle])
    builder.gate("cx", 0, 1)
    builder.gate("rx", 1, angles=[0.8])
    return builder.build()


ONES = Network("ones", (QPU("A", 1), QPU("B", 1)), (), classical_links=(ClassicalLink("A", "B"),))


@pytest.mark.parametrize("sampling", ["circuits", "terms"])
def test_a_precision_of_a_cut_covers(sampling):
    """Runs of the whole, each with a seed of its own; the smallest pilots there are, which are hardest on the error bars."""
    cutting = weft.where_to_cut(pair(), ONES, measured=False)
    label, runs = "ZZ", 200
    truth = weft.cut(pair(), ONES, observables=label, exact=True, cutting=cutting).expectations[0].value
    missed = 0
    for seed in range(runs):
        [one] = weft.cut(
            pair(), ONES, observables=label, precision=0.08, sampling=sampling, seed=seed, cutting=cutting
        ).expectations
        assert one.stderr <= 0.08
        missed += abs(one.value - truth) > INTERVAL * one.stderr
    assert cutting.overhead == pytest.approx(3)
    assert missed <= misses_allowed(runs)


def test_drawn_terms_of_a_sum_take_what_they_need():
    """Terms that do not all go one way together need far fewer draws than γ² (Σ|c|)²/precision², and get no more than they need."""
    terms = {"ZI": 1.0, "IZ": 1.0, "XX": 1.0, "YY": 1.0}
    found = weft.cut(pair(), ONES, observables=terms, precision=0.1, sampling="terms", seed=1)
    [one] = found.expectations
    assert 0.09 < one.stderr <= 0.1
    pieces, readings = 2, 3
    assert found.shots < 0.6 * pieces * readings * draws_enough([("", terms)], 3.0, 0.1)


def test_a_precision_beyond_the_budget_is_refused_before_any_shot():
    told = []
    for network, asked in (("apart:2x2", {"sampling": "terms"}), ("all:2x2", {"most_ebits": 0, "sampling": "terms"})):
        with pytest.raises(InvalidValueError, match="`most_shots` must be at least"):
            weft.cut(
                "qft:4",
                network,
                observables="ZIII",
                precision=1e-3,
                most_shots=100_000,
                progress=lambda *done: told.append(done),
                **asked,
            )
    assert not told


def test_a_bound_is_not_above_what_it_bounds():
    """By no more than rounding, either."""
    cutting = weft.where_to_cut("qft:6", "classical:2x5")
    assert cutting.is_proven_optimal
    assert cutting.lower_bound <= cutting.overhead
    assert cutting.lower_bound == pytest.approx(cutting.overhead)


def test_an_answer_that_a_guess_beats_says_so():
    few = {"shots": 8, "sampling": "terms", "seed": 1}
    [note] = weft.cut(pair(), ONES, observables=["ZZ", {"XX": 0.5, "II": 3.0}], **few).notes
    assert "is no worse" in note
    assert "an error of 0.05 would take" in note or "an error of 0.1 would take" in note
    [note] = weft.cut(pair(), ONES, **few).notes
    assert "of all outcomes together" in note
    assert weft.cut(pair(), ONES, observables="II", **few).notes == ()
    for asked in ({"shots": 20_000}, {"exact": True}, {"precision": 0.2}):
        assert weft.cut(pair(), ONES, observables="ZZ", **asked).notes == ()
        assert weft.cut(pair(), ONES, **asked).notes == ()


def test_the_shots_that_a_note_names_are_enough():
    """The error is then about a tenth of what can be; it is estimated from four draws."""
    found = weft.cut(pair(), ONES, observables={"ZZ": 0.5}, shots=8, sampling="terms", seed=2)
    [note] = found.notes
    shots = int(float(note.split("about ")[1].split(" ")[0]))
    again = weft.cut(pair(), ONES, observables={"ZZ": 0.5}, shots=shots, sampling="terms", seed=3)
    assert again.expectations[0].stderr == pytest.approx(0.05, rel=0.5)
    assert again.notes == ()


@pytest.mark.parametrize(("network", "asked"), [("apart:2x2", {}), ("all:2x2", {"most_ebits": 0})])
def test_circuits_that_run_together_give_the_same_however_many_workers_there_are(network, asked):
    found = [
        weft.cut("qft:4", network, observables="ZIII", shots=600, sampling="terms", seed=1, workers=workers, **asked)
        for workers in (1, 3)
    ]
    first, second = ((one.expectations, one.shots, one.seconds) for one in found)
    assert first == second


@pytest.mark.parametrize(("network", "asked"), [("apart:2x2", {}), ("all:2x2", {"most_ebits": 0})])
def test_circuits_that_run_together_are_as_noisy_as_alone(network, asked):
    """Drawn terms against all circuits, on QPUs with the default noise, within 5.5 standard errors of the difference."""
    values = [
        weft.cut("qft:4", network, observables=["ZIII", "IIXX"], seed=2, shots=20_000, sampling=sampling, **asked)
        for sampling in ("terms", "circuits")
    ]
    for one, other in zip(*(found.expectations for found in values), strict=True):
        assert abs(one.value - other.value) < 5.5 * math.hypot(one.stderr, other.stderr)
