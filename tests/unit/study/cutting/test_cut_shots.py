"""With shots, what is knitted is unbiased, its error bars cover, and its variance is what the overhead says."""

import math

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.errors import InvalidValueError
from weft.network import QPU, ClassicalLink, Network
from weft.protocols.cutting.plan import CutPlan
from weft.simulator.exact_outcomes import exact_outcomes

PERFECT = Network("perfect", (QPU("A", 4), QPU("B", 4)), (), classical_links=(ClassicalLink("A", "B"),))
TALKING = Network("talking", PERFECT.qpus, (), classical_links=(ClassicalLink("A", "B", 0.0, real_time=True),))


def chain(gates=1):
    """Two qubits with one or two CXs between them, and a plan that cuts these."""
    builder = CircuitBuilder(2)
    for turn in range(gates):
        builder.gate("ry", 0, angles=[1.1 + turn])
        builder.gate("ry", 1, angles=[0.4])
        builder.gate("cx", 0, 1)
    builder.gate("rx", 1, angles=[0.8])
    circuit = builder.build()
    return circuit, CutPlan.of_qubits(circuit, np.array([0, 1], dtype=np.int32))


def wire():
    """One qubit that goes on in another piece, where it meets a second."""
    builder = CircuitBuilder(2)
    builder.gate("u", 0, angles=[1.0, 0.5, 0.2])
    builder.gate("ry", 1, angles=[0.7])
    builder.gate("cz", 0, 1)
    builder.gate("ry", 0, angles=[0.9])
    circuit = builder.build()
    pieces = np.where(circuit.qubits >= 0, 1, -1)
    pieces[0, 0] = 0
    return circuit, CutPlan(pieces.astype(np.int32))


def exact(circuit, label):
    return weft.cut(circuit, "apart:1x4", exact=True, observables=label).expectations[0].value


CASES = {"cx": (*chain(), 9), "two cx": (*chain(2), 81), "wire": (*wire(), 16)}


@pytest.mark.parametrize("name", CASES)
def test_drawn_terms_have_the_variance_of_theory(name):
    """γ² − ⟨O⟩² for each draw; and the mean lies within 5.2 standard errors, a false alarm in 10⁶ for all three."""
    circuit, plan, sampling = CASES[name]
    shots = 20_000
    found = weft.cut(circuit, PERFECT, plan=plan, joint=False, observables="ZZ", shots=shots, sampling="terms", seed=3)
    [one] = found.expectations
    truth = exact(circuit, "ZZ")
    draws = shots / 2
    assert found.cutting.overhead**2 == pytest.approx(sampling)
    assert one.stderr == pytest.approx(math.sqrt((sampling - one.value**2) / draws), rel=1e-3)
    assert abs(one.value - truth) < 5.2 * one.stderr


def relay(shared, back=False):
    """Two blocks that share some qubits, one after the other; and, if asked for, the first block once more."""
    rng = np.random.default_rng(shared)
    builder, pieces = CircuitBuilder(shared + 2), []
    for piece, first in ((0, 0), (1, 1), (0, 0))[: 3 if back else 2]:
        block = range(first, first + shared + 1)
        for qubit in block:
            builder.gate("u", qubit, angles=rng.uniform(0, 6, 3))
        for qubit in block[:-1]:
            builder.gate("cx", qubit, qubit + 1)
        pieces += [piece] * (2 * shared + 1)
    circuit = builder.build()
    return circuit, CutPlan(np.where(circuit.qubits >= 0, np.array(pieces)[:, None], -1).astype(np.int32))


@pytest.mark.parametrize(("shared", "joint", "sampling"), [(1, True, 9), (2, True, 49), (2, False, 81)])
def test_drawn_terms_with_messages_have_the_variance_of_theory(shared, joint, sampling):
    """The right end answers the message that came, so no draw is in vain; 5.2 standard errors."""
    circuit, plan = relay(shared)
    label = "Z" * circuit.num_qubits
    asked = {"plan": plan, "joint": joint, "observables": label, "shots": 20_000, "sampling": "terms", "seed": 3}
    found = weft.cut(circuit, TALKING, **asked)
    [one] = found.expectations
    truth = weft.cut(circuit, "apart:1x4", exact=True, observables=label).expectations[0].value
    assert found.cutting.overhead**2 == pytest.approx(sampling)
    assert one.stderr == pytest.approx(math.sqrt((sampling - one.value**2) / 10_000), rel=2e-3)
    assert abs(one.value - truth) < 5.2 * one.stderr
    needed = weft.cut(circuit, TALKING, plan=plan, joint=joint, observables=label, precision=0.2, sampling="terms")
    assert needed.expectations[0].stderr <= 0.2
    assert 2 * (sampling - 1) / 0.2**2 <= needed.shots <= 2 * 1.04 * sampling / 0.2**2


def test_pieces_that_wait_for_each_other():
    """There and back: one of the two messages comes too late for a draw that was made before. 5.2 standard errors."""
    circuit, plan = relay(1, back=True)
    label = "ZZZ"
    truth = weft.cut(circuit, "apart:1x4", exact=True, observables=label).expectations[0].value
    asked = {"plan": plan, "joint": False, "observables": label, "seed": 3, "sampling": "terms"}
    found = weft.cut(circuit, TALKING, shots=100_000, **asked)
    [one] = found.expectations
    assert {cut.pieces for cut in found.cutting.cuts} == {(0, 1), (1, 0)}
    assert one.stderr > found.cutting.overhead / math.sqrt(50_000)  # a wrong message costs more than theory says
    assert abs(one.value - truth) < 5.2 * one.stderr
    assert weft.cut(circuit, TALKING, precision=0.2, **asked).expectations[0].stderr <= 0.2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cx", "wire"])
def test_runs_scatter_as_theory_says(name):
    """80 runs: the variance of a sample variance is 2/79 of its square, so 5.5 standard deviations are 88 %."""
    circuit, plan, sampling = CASES[name]
    shots, truth = 400, exact(circuit, "ZZ")
    values = [
        weft.cut(circuit, PERFECT, plan=plan, observables="ZZ", shots=shots, sampling="terms", seed=seed)
        .expectations[0]
        .value
        for seed in range(80)
    ]
    expected = (sampling - truth**2) / (shots / 2)
    assert np.var(values, ddof=1) == pytest.approx(expected, rel=0.88)
    assert abs(np.mean(values) - truth) < 5.2 * math.sqrt(expected / 80)


@pytest.mark.parametrize("network", [PERFECT, TALKING], ids=["apart", "talking"])
@pytest.mark.parametrize("name", CASES)
def test_allotted_shots_do_better_and_their_errors_cover(name, network):
    """Six runs: z² adds up to a χ² of 6, which is above 41 once in 10⁶ and a half, below 0.03 as seldom."""
    circuit, plan, sampling = CASES[name]
    truth, shots = exact(circuit, "ZZ"), 20_000
    scores = []
    for seed in range(6):
        found = weft.cut(circuit, network, plan=plan, joint=False, observables="ZZ", shots=shots, seed=seed)
        [one] = found.expectations
        scores.append((one.value - truth) / one.stderr)
        assert found.shots == shots
        assert one.stderr < math.sqrt(sampling / (shots / 2))
    assert 0.03 < np.sum(np.square(scores)) < 41


@pytest.mark.slow
def test_error_bars_cover():
    """60 runs of observables and outcomes: of 60, with 95 % bars, between 44 and 60 cover but once in 10⁷."""
    circuit, plan, _ = CASES["cx"]
    truth = exact(circuit, "XY")
    found = exact_outcomes(circuit.measured())
    likely = found.bits[np.argmax(found.probabilities)].tobytes()
    covered = {"observable": 0, "outcome": 0}
    for seed in range(60):
        [one] = weft.cut(circuit, PERFECT, plan=plan, observables="XY", shots=4000, seed=seed).expectations
        covered["observable"] += abs(one.value - truth) < 1.96 * one.stderr
        given = weft.cut(circuit, PERFECT, plan=plan, shots=4000, seed=seed).distribution
        [place] = [place for place, row in enumerate(given.bits) if row.tobytes() == likely]
        covered["outcome"] += abs(given.values[place] - found.probabilities.max()) < 1.96 * given.stderrs[place]
    assert all(count >= 44 for count in covered.values()), covered


@pytest.mark.parametrize("sampling", ["circuits", "terms"])
def test_whole_distributions(sampling):
    """Each of 4 outcomes within 5.5 standard errors."""
    circuit, plan, _ = CASES["two cx"]
    truth = exact_outcomes(circuit.measured())
    given = weft.cut(circuit, TALKING, plan=plan, shots=100_000, seed=1, sampling=sampling).distribution
    assert given.keys() == ["00", "10", "01", "11"] or len(given.keys()) == 4
    expected = {row.tobytes(): value for row, value in zip(truth.bits, truth.probabilities, strict=True)}
    for row, value, error in zip(given.bits, given.values, given.stderrs, strict=True):
        assert abs(value - expected[row.tobytes()]) < 5.5 * error
    near = given.nearest_probabilities()
    assert near.min() >= 0
    assert near.sum() == pytest.approx(1)


def test_the_same_seed_gives_the_same_answer_whatever_the_workers():
    circuit, plan, _ = CASES["cx"]
    first, second, other = (
        weft.cut(circuit, PERFECT, plan=plan, observables="ZZ", shots=2000, seed=seed, workers=workers).expectations
        for seed, workers in ((1, 1), (1, 3), (2, 1))
    )
    assert first == second != other


def test_a_precision_is_reached_or_refused_with_what_it_takes():
    circuit, plan, _ = CASES["cx"]
    found = weft.cut(circuit, PERFECT, plan=plan, observables=["ZZ", {"XX": 0.5, "YY": 0.5}], precision=0.02, seed=1)
    assert max(one.stderr for one in found.expectations) <= 0.02
    outcomes = weft.cut(circuit, PERFECT, plan=plan, precision=0.02, seed=1)
    assert outcomes.distribution.stderrs.max() <= 0.02
    with pytest.raises(InvalidValueError, match="`most_shots` must be at least ") as caught:
        weft.cut(circuit, PERFECT, plan=plan, observables="ZZ", precision=1e-3, most_shots=10_000)
    needed = int(str(caught.value).split("at least ")[1].split(" ")[0].replace(",", ""))
    assert needed <= 2 * 9 / 1e-6 * 1.01
    drawn = weft.cut(circuit, PERFECT, plan=plan, observables="ZZ", precision=0.05, sampling="terms", seed=1)
    assert drawn.expectations[0].stderr <= 0.05


def test_noise_of_the_machine_shows_and_time_is_counted():
    """A measurement error of 2 % on each of two qubits turns ⟨ZZ⟩ into (1 − 2 · 0.02)² of it."""
    qpus = tuple(QPU(name, 2, measurement_error=0.02, measurement_s=1e-4, two_qubit_gate_s=1e-5) for name in "AB")
    noisy = Network("noisy", qpus, (), classical_links=(ClassicalLink("A", "B"),))
    builder = CircuitBuilder(4)
    for first, second in ((0, 1), (2, 3)):
        builder.gate("ry", first, angles=[0.6])
        builder.gate("cx", first, second)
    circuit = builder.build()
    plan = CutPlan.of_qubits(circuit, np.array([0, 0, 1, 1], dtype=np.int32))
    found = weft.cut(circuit, noisy, plan=plan, observables=["ZIIZ", "IIIZ"], shots=40_000, seed=1)
    values = [one.value for one in found.expectations]
    assert values[1] == pytest.approx(0.96 * math.cos(0.6), abs=5.5 * found.expectations[1].stderr)
    assert values[0] == pytest.approx((0.96 * math.cos(0.6)) ** 2, abs=5.5 * found.expectations[0].stderr)
    # Each of 40,000 runs takes a gate and a measurement; islands run side by side.
    assert found.seconds == pytest.approx(20_000 * 1.1e-4, rel=0.2)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"shots": 0}, "`shots` must be a whole number ≥ 1"),
        ({"shots": 10, "precision": 0.1}, "only one of"),
        ({"precision": -1}, "`precision` must be positive"),
        ({"observables": "ZZZ"}, "must be 2 letters"),
        ({"observables": "ZQ"}, "must be 2 letters"),
        ({"observables": []}, "must name at least one"),
        ({"observables": {"ZZ": math.nan}}, "must be real and finite"),
        ({"observables": {"ZZ": 1j}}, "must be real and finite, but that of ZZ is 1j"),
        ({"observables": 5}, "must be a Pauli string, or map some to coefficients, but is 5"),
        ({"observables": [["ZZ"]]}, "must be a Pauli string, or map"),
        ({"sampling": "some"}, "`sampling` must be one of"),
        ({"sampling": "terms", "exact": True}, "must not be given with `exact`"),
        ({"shots": 3}, "`shots` must be at least 1 for each"),
        ({"workers": 0}, "`workers` must be"),
    ],
)
def test_wrong_requests_are_refused(arguments, text):
    circuit, plan, _ = CASES["cx"]
    with pytest.raises(InvalidValueError, match=text):
        weft.cut(circuit, PERFECT, **({"plan": plan, "sampling": "circuits"} | arguments))


def test_a_budget_far_below_what_theory_allows_for_is_tried():
    """A sum of seven terms, which the bound takes to be off together: a twelfth of its shots are enough."""
    builder = CircuitBuilder(8)
    for layer in range(2):
        for qubit in range(8):
            builder.gate("ry", qubit, angles=[0.2 + 0.03 * qubit + 0.1 * layer])
        for qubit in range(7):
            builder.gate("rzz", qubit, qubit + 1, angles=[0.3])
    neighbours = {"I" * (6 - k) + "ZZ" + "I" * k: 1.0 for k in range(7)}
    circuit, precision = builder.build(), 0.05
    overhead = weft.where_to_cut(circuit, PERFECT, measured=False).overhead
    worst = 2 * (7 * overhead / precision) ** 2
    found = weft.cut(circuit, PERFECT, observables=neighbours, precision=precision, most_shots=int(worst / 12), seed=1)
    assert found.shots <= worst / 12
    assert found.expectations[0].stderr <= precision
