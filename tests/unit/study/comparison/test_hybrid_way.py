"""Hybrid links in a comparison: what a mix is said to achieve is what running its terms shows, and the best one is chosen."""

from dataclasses import replace

import numpy as np
import pytest

import weft
from property.brute_force_comparison import before_readings
from weft.circuit import CircuitBuilder, load_circuit
from weft.errors import WeftError
from weft.network import QPU, BellPair, ClassicalLink, Link, Network
from weft.protocols.cutting.cancellation import cancellation_overhead
from weft.simulator.exact_outcomes import exact_outcomes
from weft.simulator.result import Fidelity
from weft.study.comparison import Mean, Way, compare, run_ways
from weft.study.comparison.contenders import InPieces
from weft.study.comparison.counterparts import classical_links_only
from weft.study.comparison.mixed import Mixed, mixes, repaired
from weft.study.comparison.scaling import scaled
from weft.study.comparison.ways import best_of
from weft.study.cutting import cut, where_to_cut
from weft.study.cutting.hybrid import Hybrid
from weft.study.cutting.hybrid_plan import Budget, HybridPlan, plan_hybrid
from weft.study.cutting.hybrid_programs import HybridPrograms
from weft.study.cutting.machine import Machine

POOR = {"links.*.fidelity": 0.8}
FAULTY = {"qpus.*.two_qubit_gate_error": 0.01, "qpus.*.measurement_error": 0.02}
FORGETFUL = {**POOR, "qpus.*.t2_s": 0.2}


def mixed(plan: HybridPlan) -> Mixed:
    return Mixed(HybridPrograms(plan, None, Machine(plan.network, seed=1, effort="fast")), one_state=True)


def plan_of(circuit: str, network: Network, most_ebits: int | None = None) -> HybridPlan:
    budget = Budget(most_ebits=most_ebits)
    return plan_hybrid(load_circuit(circuit, seed=1).measured(), network, budget=budget, seed=1, effort="fast")


def hybrid_row(circuit: str, network: Network | str, **options) -> Way:
    found = compare(circuit, network, seed=1, effort="fast", **options)
    [row] = [way for way in found.ways if way.kind == "hybrid"]
    return row


@pytest.mark.parametrize("most_ebits", [None, 1])
@pytest.mark.parametrize("pairs", ["as they are", "cancelled"])
@pytest.mark.parametrize("noise", [FAULTY, FORGETFUL], ids=["gates and readings", "pairs and waiting"])
def test_what_knitting_misses_is_near_the_probability_of_an_error(
    pairs: str, most_ebits: int | None, noise: dict
) -> None:
    """Grover's search has one outcome. Every mix that runs with all noise misses it about as often as an error strikes; somewhat
    less often, because some do no harm. Where the errors of its final readings, which are known, are undone, that is so before
    these. 5.5 standard errors are allowed (4e-8)."""
    network = weft.load_network("line:2x1", parameters=noise)
    found = cut(
        "grover:2",
        network,
        shots=60_000,
        seed=1,
        effort="fast",
        pairs=pairs,
        most_ebits=most_ebits if pairs != "as they are" else most_ebits or 99,
    )
    assert isinstance(found, Hybrid)
    assert found.distribution is not None
    place = found.distribution.keys().index("11")
    missed, error = 1 - found.distribution.values[place], found.distribution.stderrs[place]
    ours = mixed(found.plan)
    point = ours.at("rate", 1.0, repetitions=64, seed=1)
    floor = 1 - point.no_error.value
    assert 0.85 * floor - 5.5 * error <= missed <= 1.05 * floor + 5.5 * error
    wrong = noise.get("qpus.*.measurement_error", 0.0)
    before, loss = 1 - before_readings(found.distribution, wrong)["11"], 1 - point.fidelity.value
    spread = 5.5 * max(found.distribution.stderrs) / (1 - 2 * wrong) ** 2
    assert 0.85 * loss - spread <= before <= 1.05 * loss + spread
    assert point.overhead == pytest.approx(found.overhead)
    assert ours.ebits == found.most_ebits


@pytest.mark.parametrize("seed", range(3))
def test_no_observable_is_further_off_than_errors_can_make_it(seed: int) -> None:
    """A rigorous bound where no pair is repaired: in each term an error changes a mean by 2 at most, and magnitudes add up to γ.
    5.5 standard errors are allowed (4e-8)."""
    network = weft.load_network("line:2x2", parameters={"qpus.*.two_qubit_gate_error": 0.01})
    plan = plan_of("qft:4", network, most_ebits=1)
    circuit = load_circuit("qft:4", seed=1)
    label = "".join(np.random.default_rng(seed).choice(list("IXYZ"), 4))
    ideal = weft.cut(circuit, "apart:1x4", observables=label, exact=True, seed=1, effort="fast").expectations[0].value
    found = cut(circuit, network, observables=label, shots=20_000, seed=seed, effort="fast", most_ebits=1)
    ours = mixed(plan)
    point = ours.at("rate", 1.0, repetitions=16, seed=1)
    [one] = found.expectations
    assert ours.ebits == 1
    assert abs(one.value - ideal) <= 2 * point.overhead * (1 - point.no_error.value) + 5.5 * one.stderr


def test_with_every_gate_cut_it_is_as_good_as_pieces() -> None:
    """The same cuts of the same hardware: gates between QPUs are done by the same local gates and measurements."""
    network = weft.load_network("line:3x2")
    everything = mixed(plan_of("ghz:6", network, most_ebits=0)).at("rate", 1.0, repetitions=64, seed=1)
    pieces = InPieces.of(
        load_circuit("ghz:6"), classical_links_only(weft.load_network("line:3x2")), seed=1, effort="fast"
    )
    apart = pieces.at("rate", 1.0, repetitions=1, seed=1)
    assert everything.no_error.value == pytest.approx(apart.no_error.value, abs=0.003)
    assert everything.overhead == pytest.approx(9)


def test_cancelled_pairs_are_as_if_perfect_at_the_price_of_theory() -> None:
    """γ of Werner pairs is (3/λ − 1)/2 each, λ = (4F − 1)/3; and perfect pairs in the program as it is are an upper bound on what
    dressed pairs achieve, from which they differ by the errors of dressing."""
    network, perfect = (weft.load_network("line:2x2", parameters={"links.*.fidelity": f}) for f in (0.8, 1.0))
    uncut = plan_of("qft:4", network, most_ebits=99)
    as_it_is = mixed(uncut)
    cancelled = mixed(repaired(uncut))
    point = cancelled.at("rate", 1.0, repetitions=64, seed=1)
    without, ideal = (
        mixed(plan).at("rate", 1.0, repetitions=64, seed=1) for plan in (uncut, replace(uncut, network=perfect))
    )
    shrinking = (4 * 0.8 - 1) / 3
    assert point.overhead == pytest.approx(((3 / shrinking - 1) / 2) ** as_it_is.ebits)
    assert without.no_error.value < 0.7
    assert ideal.no_error.value - 0.01 < point.no_error.value < ideal.no_error.value + 0.002


@pytest.mark.parametrize("factor", [0.3, 2.0])
def test_scaled_pairs_are_repaired_as_they_then_are(factor: float) -> None:
    uncut = plan_of("qft:4", weft.load_network("line:2x2", parameters=POOR), most_ebits=99)
    ours = mixed(repaired(uncut))
    point = ours.at("fidelity", factor, repetitions=4, seed=1)
    assert point.overhead == pytest.approx(cancellation_overhead(BellPair.werner(1 - 0.2 * factor)) ** ours.ebits)
    assert ours.at("rate", factor, repetitions=4, seed=1).overhead == pytest.approx(ours.programs.overhead)
    assert ours.at("rate", 1.0, repetitions=4, seed=1).overhead == pytest.approx(ours.programs.overhead)


def test_terms_that_are_drawn_average_to_all_terms() -> None:
    """64 draws against every term. Six standard errors (2e-9)."""
    uncut = plan_of("qft:4", weft.load_network("line:2x2", parameters=POOR), most_ebits=99)
    ours = mixed(repaired(uncut))
    assert 8 < ours.programs.count <= 64
    every, drawn = (ours.at("rate", 1.0, repetitions=n, seed=1) for n in (64, 8))
    for one, other in ((every.no_error, drawn.no_error), (every.shot_s, drawn.shot_s)):
        assert abs(one.value - other.value) <= 6 * np.hypot(one.stderr, other.stderr)


@pytest.mark.parametrize(("shots", "hybrid_wins"), [(4, False), (1000, True)])
def test_the_verdict_is_right_where_hybrid_links_win_and_where_they_lose(shots: int, hybrid_wins: bool) -> None:
    """Poor pairs: with few shots their noise is less than what repairing it takes. The parity of Grover's outcome, 1 without noise,
    is estimated as often as it takes to know how far either way is off; they differ by factors of 1.3 and more."""
    network = weft.load_network("line:2x1", parameters=POOR)
    found = compare("grover:2", network, shots=shots, seed=1, effort="fast")
    [row] = [way for way in found.ways if way.kind == "hybrid"]
    assert "no gate cut" in row.notes[0]
    assert found.verdicts[0].best == ("hybrid" if hybrid_wins else "quantum_links")
    runs = cut(
        "grover:2", network, observables="ZZ", pairs="cancelled", shots=40_000, seed=1, effort="fast", sampling="terms"
    )
    [one] = runs.expectations
    by_hybrid = np.hypot(one.value - 1, one.stderr * np.sqrt(40_000 / shots))
    counts = weft.run("grover:2", network, shots=40_000, seed=1, effort="fast").counts
    mean = sum((1 if key in ("00", "11") else -1) * count for key, count in counts.items()) / 40_000
    by_links = np.hypot(mean - 1, np.sqrt((1 - mean**2) / shots))
    assert (by_hybrid < by_links / 1.3) if hybrid_wins else (by_links < by_hybrid / 1.3)


def test_a_target_that_only_hybrid_links_reach_in_time_is_reached_by_running_them() -> None:
    """Links as they are do not reach it, and cutting takes longer. What all terms of the mix give together is nearer to the ideal
    outcomes, in total variation, than the target allows an error to be likely, and what links give is not."""
    target, network = 0.97, weft.load_network("line:2x2")
    found = compare("qaoa:4x1", network, seed=1, effort="fast", target_fidelity=target)
    [verdict] = found.verdicts
    by_kind = {way.kind: way for way in found.ways}
    assert (verdict.decision, verdict.best) == ("distribute", "hybrid")
    assert not by_kind["quantum_links"].reaches(target)
    assert (by_kind["hybrid"].total_s or 0) < (by_kind["classical_links"].total_s or 0)
    assert "no gate cut" in by_kind["hybrid"].notes[0]
    ideal = exact_outcomes(load_circuit("qaoa:4x1", seed=1).measured())
    truth = dict(zip(map(_key, ideal.bits), ideal.probabilities.tolist(), strict=True))
    knitted = cut("qaoa:4x1", network, pairs="cancelled", shots=200_000, seed=1, effort="fast").distribution
    assert knitted is not None
    counts = weft.run("qaoa:4x1", network, shots=200_000, seed=1, effort="fast").counts
    assert _distance(dict(zip(knitted.keys(), knitted.values.tolist(), strict=True)), truth) < 1 - target
    assert _distance({key: count / 200_000 for key, count in counts.items()}, truth) > 1 - target


def _key(bits: np.ndarray) -> str:
    return "".join(str(bit) for bit in bits[::-1])


def _distance(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in one | other) / 2


def test_the_crossover_over_rate_is_where_runs_on_either_side_say_it_is() -> None:
    """Qubits forget while they wait for slow pairs: with one of two gates cut they wait half as long, for 9 times the shots. The
    parity of Grover's outcome is run at a tenth of the rate and at 10 times it; of the mix on the fast side only the variance
    counts, which is known to 1 %. Biases are known to 0.03 and 0.002, so that the factors are safe by five standard errors."""
    shots, runs = 1000, 20_000
    slow = {"links.*.fidelity": 0.999, "qpus.*.t2_s": 0.1, "qpus.*.t1_s": 1.0}
    network = weft.load_network("line:2x1", parameters=slow)
    found = compare("grover:2", network, shots=shots, seed=1, effort="fast", crossover="rate")
    [one] = [c for c in found.crossovers if (c.measure, c.rival) == ("error", "hybrid")]
    assert one.root is not None
    assert found.verdicts[0].best == "hybrid"
    for factor, links_win in ((one.root.value / 10, False), (one.root.value * 10, True)):
        there = scaled(network, "rate", factor)
        options = {"observables": "ZZ", "most_ebits": 1, "shots": runs, "sampling": "terms"}
        [value] = cut("grover:2", there, seed=1, effort="fast", **options).expectations
        spread = value.stderr * np.sqrt(runs / shots)
        counts = weft.run("grover:2", there, shots=runs, seed=1, effort="fast").counts
        mean = sum((1 if key in ("00", "11") else -1) * count for key, count in counts.items()) / runs
        by_links = np.hypot(mean - 1, np.sqrt((1 - mean**2) / shots))
        assert (by_links < spread / 1.3) if links_win else (np.hypot(value.value - 1, spread) < by_links / 1.4)


def test_mixes_differ_and_cut_more_and_more() -> None:
    plans = list(mixes(load_circuit("qft:6").measured(), weft.load_network("line:3x2"), seed=1, effort="fast"))
    assert (plans[0].pairs, plans[0].cuts) == ("cancelled", ())
    cutting = [plan for plan in plans if plan.pairs == "as they are"]
    overheads = [plan.cut_overhead for plan in cutting]
    assert overheads == sorted(overheads)
    assert overheads[0] > 1
    assert len({tuple(cut.row for cut in plan.cuts) for plan in cutting}) == len(cutting) == (len(plans) - 1) / 2


def test_what_does_nothing_is_no_mix() -> None:
    perfect = plan_of("qft:4", weft.load_network("line:2x2", parameters={"links.*.fidelity": 1.0}), most_ebits=99)
    assert not mixed(perfect).does_something
    assert not mixed(repaired(perfect)).does_something
    assert not mixed(plan_of("ghz:4", weft.load_network("line:2x2"), most_ebits=0)).does_something  # that is cutting


@pytest.mark.parametrize(
    ("circuit", "network", "reason"),
    [
        ("qft:4", "apart:2x2", "must be joined by quantum links"),
        ("ghz:2", "line:2x4", "needs no Bell pair here"),
        ("ghz:9", "line:2x2", "must fit on the network"),
    ],
)
def test_what_cannot_be_mixed_says_why(circuit: str, network: str, reason: str) -> None:
    refusal = hybrid_row(circuit, network).refusal
    assert refusal is not None
    assert reason in refusal


def test_useless_pairs_and_one_gate_leave_no_mix() -> None:
    refusal = hybrid_row("ghz:4", weft.load_network("line:2x2", parameters={"links.*.fidelity": 0.25})).refusal
    assert refusal is not None
    assert "no such mix was found" in refusal


def test_swaps_alone_leave_nothing_to_repair() -> None:
    """Mixes rename qubits instead, after which both of the gate that is left are on one QPU."""
    builder = CircuitBuilder(6)
    for qubit in range(3):
        builder.gate("swap", qubit, qubit + 3)
    builder.gate("h", 0)
    builder.gate("cx", 0, 5)
    [row] = [one for one in compare(builder.build(), "line:3x2+2", seed=1, effort="fast").ways if one.kind == "hybrid"]
    assert row.refusal is not None
    assert "besides SWAPs" in row.refusal
    assert "nothing is left to repair" in row.refusal


def test_cut_gates_that_are_drawn_average_to_all_terms() -> None:
    """Fidelity by shares of the process, time by coefficients: two cut gates of small angles, 20 draws of 36 terms against all.
    Six standard errors (2e-9)."""
    builder = CircuitBuilder(4)
    for qubit in range(4):
        builder.gate("h", qubit)
    for angle in (0.3, 0.6):
        builder.gate("cp", 1, 2, angles=(angle,))
        builder.gate("ry", 2, angles=(0.4,))
        builder.gate("cx", 0, 1)
        builder.gate("cx", 2, 3)
    network = weft.load_network("line:2x2", parameters={**FAULTY, "links.*.fidelity": 1.0})
    budget = Budget(most_ebits=0)
    ours = mixed(plan_hybrid(builder.build().measured(), network, budget=budget, seed=1, effort="fast"))
    assert 20 < ours.programs.count <= 36
    every, drawn = (ours.at("rate", 1.0, repetitions=number, seed=1) for number in (36, 20))
    assert drawn.fidelity.stderr > 0
    assert every.fidelity.stderr == 0
    for one, other in (
        (every.fidelity, drawn.fidelity),
        (every.no_error, drawn.no_error),
        (every.shot_s, drawn.shot_s),
    ):
        assert abs(one.value - other.value) <= 6 * np.hypot(one.stderr, other.stderr)
    pieces = InPieces.of(builder.build(), classical_links_only(network), seed=1, effort="fast")
    apart = pieces.at("rate", 1.0, repetitions=1, seed=1)
    assert every.no_error.value == pytest.approx(apart.no_error.value, abs=0.02)


def test_too_many_gates_are_refused_before_any_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_ways, "_MOST_GATES", 3)
    refusal = hybrid_row("qft:4", "line:2x2").refusal
    assert refusal is not None
    assert "at most 3 gates between QPUs" in refusal


def test_what_no_mix_can_do_hides_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of requests are reasons, others are faults and are raised."""

    def faulty(*_: object, **__: object) -> HybridPrograms:
        raise ZeroDivisionError

    monkeypatch.setattr(run_ways, "HybridPrograms", faulty)
    with pytest.raises(ZeroDivisionError):
        hybrid_row("qft:4", "line:2x2")
    assert not issubclass(ZeroDivisionError, WeftError)


def test_the_remedy_is_always_an_improvement() -> None:
    """Hybrid links get worse with worse pairs, too, and where those are poor enough they are level with links as they are."""
    found = compare("grover:2", weft.load_network("line:2x1", parameters=POOR), shots=100, seed=1, effort="fast")
    remedy = found.verdicts[0].remedy
    assert remedy is not None
    assert (remedy.quantity, max(remedy.grid)) == ("fidelity", pytest.approx(1.0))


def test_the_best_is_the_quickest_that_reaches_a_target_or_has_the_least_error() -> None:
    def row(no_error: float, shot_s: float, overhead: float) -> Way:
        fidelity = Fidelity(no_error, None, "")
        return Way("hybrid", ("a",), None, fidelity, Mean(no_error, 0), Mean(shot_s, 0), overhead, 1)

    quick, sure, costly = row(0.9, 1e-3, 1.0), row(0.97, 1e-2, 1.5), row(0.99, 1e-2, 100.0)
    every = [quick, sure, costly]
    assert best_of(every, 0.95, 1000) is sure
    assert best_of(every, 0.5, 1000) is quick
    assert best_of(every, 0.999, 1000) is costly
    assert best_of(every, None, 10) is quick
    assert best_of(every, None, 1000) is sure
    assert best_of(every, None, 10**9) is costly


def islands() -> Network:
    numbers = {"two_qubit_gate_s": 1e-4, "measurement_s": 1e-4, "two_qubit_gate_error": 1e-3, "t2_s": 1.0}
    qpus = tuple(QPU(name, 2, **numbers) for name in "ABCD")
    pair = BellPair.werner(0.95)
    links = tuple(Link(*ends, attempt_s=1e-3, success_probability=0.1, pair=pair) for ends in ("AB", "CD"))
    return Network("islands", qpus, links, classical_links=(ClassicalLink("B", "C"),))


def test_pairs_within_islands_make_rows_uncertain() -> None:
    """One cut gate has all of its terms, but links still succeed when they do: other seeds give other means, as far apart as is
    said. Five standard errors of the difference are 6e-7, for each of two numbers."""
    builder = CircuitBuilder(8)
    for _ in range(2):
        for qubit in range(8):
            builder.gate("ry", qubit, angles=(0.3,))
        for first in (0, 1, 2, 4, 5, 6):
            builder.gate("cx", first, first + 1)
    builder.gate("cz", 3, 4)
    circuit, network = builder.build(), islands()
    pieces = InPieces.of(circuit, network, seed=1, effort="fast")
    assert not pieces.is_drawn
    one, other = (pieces.at("rate", 1.0, repetitions=4, seed=seed) for seed in (1, 1001))
    for a, b in ((one.no_error, other.no_error), (one.shot_s, other.shot_s)):
        assert a.stderr > 0
        assert 0 < abs(a.value - b.value) < 5 * np.hypot(a.stderr, b.stderr)


def test_links_of_both_kinds() -> None:
    """What crosses the classical link is cut, at the overhead of `weft.cut`; the rest takes pairs, which one big QPU does not."""
    network = islands()
    ways = {way.kind: way for way in compare("qft:6", network, seed=1, effort="fast", shots=100).ways}
    row, alone = ways["hybrid"], ways["classical_links"]
    assert row.refusal is None
    assert row.sampling_overhead == pytest.approx(where_to_cut("qft:6", network, seed=1, effort="fast").overhead ** 2)
    assert row.runs == 2
    assert row.sampling_overhead < alone.sampling_overhead
    assert row.ebits > 0 == alone.ebits
    assert row.shot_s.value > row.ebits / 2 * 1e-3 / 0.1 / 2  # pairs on two links side by side
    assert row.no_error.value < alone.no_error.value
    assert set(row.data_qubits) <= set("ABCD")
    assert 6 <= sum(row.data_qubits.values()) <= 8
    assert 0 < row.link_utilisation <= 1
    assert "teleported within" in row.notes[0]
