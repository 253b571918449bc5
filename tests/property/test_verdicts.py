"""Verdicts and crossovers on any small network: right about themselves, and confirmed by brute force on both sides."""

import json
import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import weft
from property.brute_force_comparison import SEEDS, BruteForce, no_error_of
from unit.simulator.noisy_cases import exact
from weft.circuit import Circuit, CircuitBuilder, load_circuit
from weft.circuit.gates import GATES
from weft.compiler import compile_circuit
from weft.network import QPU, BellPair, Link, Network
from weft.program import Program
from weft.report.comparison_tables import comparison_summary
from weft.scheduler import Timelines, schedule
from weft.simulator.classical_fidelity import roots_of
from weft.simulator.estimate import Estimate
from weft.simulator.noise import noise_of
from weft.study.comparison import PRECISION, Comparison, Crossover, Way, compare
from weft.study.comparison.contenders import Whole
from weft.study.comparison.counterparts import one_big_qpu
from weft.study.comparison.played import right_readings
from weft.study.comparison.scaling import QUANTITIES

BEYOND = 7.0
"""Standard errors that a mean may be off: 3e-12 for a normal one, of which all tests here look at fewer than 10,000."""

quick = settings(
    derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
CLIFFORD = {"h": 1, "s": 1, "sx": 1, "cx": 2, "cz": 2, "swap": 2}
ANY = {"ry": 1, "t": 1, "rzz": 2, "cp": 2, "cx": 2}


def power(draw: st.DrawFn, low: float, high: float) -> float:
    return float(10 ** draw(st.floats(math.log10(low), math.log10(high))))


@st.composite
def networks(draw: st.DrawFn, *, relaxes: bool = True) -> Network:
    """Two or three QPUs that have nothing in common, joined in a line or all with all by Werner pairs.

    Without relaxation, all noise is Pauli noise.
    """
    sizes = draw(st.lists(st.integers(1, 2), min_size=2, max_size=3))
    qpus = []
    for name, size in zip("ABC", sizes, strict=False):
        t2_s = power(draw, 1e-3, 10)
        t1_s = t2_s * power(draw, 0.5, 100) if relaxes and draw(st.booleans()) else math.inf
        errors = {"one_qubit_gate_error": power(draw, 1e-6, 1e-2), "two_qubit_gate_error": power(draw, 1e-4, 0.1)}
        readings = {"measurement_error": power(draw, 1e-5, 0.05), "reset_error": power(draw, 1e-5, 0.05)}
        qpus.append(QPU(name, size, t1_s=t1_s, t2_s=min(t2_s, 2 * t1_s), two_qubit_gate_s=1e-5, **errors, **readings))
    joined = list(combinations(range(len(qpus)), 2)) if draw(st.booleans()) else list(pairwise(range(len(qpus))))
    links = [
        Link(
            qpus[a].name,
            qpus[b].name,
            attempt_s=power(draw, 1e-6, 1e-3),
            success_probability=power(draw, 0.01, 1),
            pair=BellPair.werner(1 - power(draw, 1e-3, 0.4)),
            classical_latency_s=power(draw, 1e-8, 1e-5),
        )
        for a, b in joined
    ]
    return Network("random", tuple(qpus), tuple(links))


@st.composite
def circuits(draw: st.DrawFn, network: Network, *, branches: bool = True) -> Circuit:
    """At times too small to be worth distributing, at times with a measurement on the way that a gate depends on."""
    holds = network.data_qubits
    least = max(qpu.data_qubits for qpu in network.qpus) + 1 if draw(st.integers(0, 3)) else 2
    qubits = draw(st.integers(least, min(5, holds)))
    builder = CircuitBuilder(qubits, name="random")
    gates = draw(st.sampled_from([CLIFFORD, ANY]))
    branches = branches and draw(st.integers(0, 3)) == 0
    size = draw(st.integers(2, 7))
    for place in range(size):
        name = draw(st.sampled_from([name for name, operands in gates.items() if operands <= qubits]))
        operands = draw(st.permutations(range(qubits)))[: gates[name]]
        angles = [draw(st.floats(0.2, 3))] if name in ("ry", "rzz", "cp") else []
        builder.gate(name, *operands, angles=angles)
        if branches and place == size // 2:
            builder.add_register("c", 1)
            measured, changed = draw(st.permutations(range(qubits)))[:2]
            builder.measure(measured, 0)
            builder.gate("x", changed, condition=[(0, 1)])
    return builder.build()


@st.composite
def problems(draw: st.DrawFn, *, relaxes: bool = True) -> tuple[Circuit, Network]:
    network = draw(networks(relaxes=relaxes))
    return draw(circuits(network)), network


def assert_confirmed(one: Crossover, force: BruteForce, shots: int, target: float | None) -> int:
    """On both sides of a root, or throughout if there is none; and how many signs the brute force could decide."""
    gaps, confirmed = one.gaps, 0
    decided = [place for place, gap in enumerate(gaps) if gap.sign]
    for low, high in pairwise(decided):
        if gaps[low].sign != gaps[high].sign:
            assert one.root is not None
            assert one.grid[low] <= one.root.low <= one.root.value <= one.root.high <= one.grid[high]
            places = [decided[0], low, high]
            break
    else:
        assert one.root is None
        places = decided[:: max(len(decided) - 1, 1)]
    for place in places:
        gap = force.gap(one, one.grid[place], shots, target)
        ours, theirs = one.ours[place], one.theirs[place]
        claimed = (ours.value - theirs.value) * (1 if one.measure == "fidelity" else -1)
        spread = math.hypot(gap.stderr, ours.stderr, theirs.stderr)
        assert abs(gap.value - claimed) <= BEYOND * spread + 1e-9 * max(1.0, abs(claimed)), (one.measure, one.rival)
        if abs(gap.value) > BEYOND * spread + 1e-9:
            assert (gap.value > 0) == (gaps[place].sign > 0)
            confirmed += 1
    return confirmed if one.root is not None else 0


def crossovers_are_confirmed(examples: int, shots: int, timelines: int) -> int:
    """How many signs on the sides of roots the brute force has decided."""
    confirmed = []

    @settings(quick, max_examples=examples)
    @given(problems(), st.sampled_from(sorted(QUANTITIES)), st.floats(0.3, 0.99), st.integers(0, 99))
    def each(problem: tuple[Circuit, Network], quantity: str, target: float, seed: int) -> None:
        circuit, network = problem
        found = compare(
            circuit, network, shots=shots, seed=seed, crossover=quantity, target_fidelity=target, effort="fast"
        )
        force = BruteForce(circuit, network, seed, timelines=timelines)
        way = {one.kind: one for one in found.ways}
        for kind, overhead in force.overhead.items():
            assert way[kind].sampling_overhead == pytest.approx(overhead)
        played = [one for one in found.crossovers if one.rival != "hybrid"]
        confirmed.extend(assert_confirmed(one, force, shots, target) for one in played)

    each()
    return sum(confirmed)


def test_crossovers_are_where_brute_force_finds_them() -> None:
    assert crossovers_are_confirmed(20, shots=500, timelines=2000) >= 10


@pytest.mark.slow
def test_many_crossovers_are_where_brute_force_finds_them() -> None:
    assert crossovers_are_confirmed(40, shots=1000, timelines=4000) >= 15


@settings(quick, max_examples=40)
@given(problems(), st.integers(0, 99))
def test_no_error_is_the_product_over_all_that_can_go_wrong(problem: tuple[Circuit, Network], seed: int) -> None:
    """On the same timelines, so that nothing is random."""
    circuit, network = problem
    for place in (network, one_big_qpu(network, circuit.num_qubits)):
        program = compile_circuit(circuit.measured() if seed % 2 else circuit, place, seed=seed, effort="fast").program
        timelines = schedule(program, 64, seed)
        assert estimated(program, timelines) == pytest.approx(no_error_of(program, timelines), abs=1e-12)


def estimated(program: Program, timelines: Timelines) -> np.ndarray:
    """What Weft says instead, per timeline."""
    batch = Estimate().run(program, noise_of(program), timelines, np.random.SeedSequence(0))
    return batch.overlaps[-1] * right_readings(program)


@settings(quick, max_examples=40)
@given(problems(relaxes=False), st.integers(0, 99))
def test_no_error_is_a_lower_bound_on_fidelity(problem: tuple[Circuit, Network], seed: int) -> None:
    """Under Pauli noise, by exact density matrices, on every timeline; nothing is random. Circuits that branch have the fidelity
    of their distributions, averaged over timelines."""
    circuit, network = problem
    program = compile_circuit(circuit.measured(), network, seed=seed, effort="fast").program
    timelines = schedule(program, 4, seed)
    overlaps, tables, _ = exact(program, timelines)
    if overlaps is not None:
        assert (no_error_of(program, timelines) <= overlaps[-1] + 1e-9).all()
    else:
        root = roots_of(tables, timelines.shots)[-1].mean()
        assert no_error_of(program, timelines).mean() <= root**2 + 1e-9


@settings(quick, max_examples=8)
@given(networks(relaxes=False), st.data(), st.integers(0, 99))
def test_the_right_outcome_comes_as_often_as_no_error(network: Network, data: st.DataObject, seed: int) -> None:
    """A circuit and its inverse give zeros. By counts of `weft.run`, which knows nothing of `estimate`, and Hoeffding's inequality:
    5,000 shots and 4,096 timelines, each further off than is allowed with a probability below 1e-8, so 32 numbers below 1e-6."""
    shots, timelines = 5000, 4096
    circuit = and_back(data.draw(circuits(network, branches=False)))
    for place in (network, one_big_qpu(network, circuit.num_qubits)):
        way = Whole.of(circuit, place, seed=seed, effort="fast")
        no_error = way.at("rate", 1.0, repetitions=timelines // 64, seed=seed).no_error
        counts = weft.run(circuit, place, shots=shots, seed=SEEDS + seed, effort="fast").counts
        right = counts.get("0" * circuit.num_qubits, 0) / shots
        assert right >= no_error.value - sum(math.sqrt(math.log(1e8) / (2 * size)) for size in (shots, timelines))


def and_back(circuit: Circuit) -> Circuit:
    """The circuit, its inverse, and the readings."""
    builder = CircuitBuilder(circuit.num_qubits, name="mirrored")
    builder.extend(circuit)
    inverse = {"s": "sdg", "t": "tdg", "sx": "sxdg"}
    for row in reversed(range(len(circuit))):
        gate = GATES[circuit.opcodes[row]]
        back = [-angle for angle in circuit.angles[row].tolist()[: gate.angles]]
        operands = circuit.qubits[row].tolist()[: gate.qubits]
        builder.gate(inverse.get(gate.name, gate.name), *operands, angles=back)
    return builder.build().measured()


BY = {
    "quantum_links": ("over quantum links", "quantum links (fidelity"),
    "hybrid": ("over hybrid links", "hybrid links (fidelity"),
    "classical_links": ("by cutting", "classical links (cut) (fidelity"),
}


def assert_row_adds_up(way: Way, shots: int) -> None:
    if way.refusal is not None:
        assert (way.no_error, way.fidelity, way.shot_s, way.total_s, way.floor, way.error(shots)) == (None,) * 6
        return
    assert way.no_error is not None
    assert way.fidelity is not None
    assert way.shot_s is not None
    assert way.sampling_overhead is not None
    assert way.floor is not None
    assert 0 <= way.no_error.value <= 1
    assert way.floor == pytest.approx(1 - way.no_error.value)
    assert way.fidelity.value is None or 0 <= way.fidelity.value <= 1 + 1e-9
    for share in (way.data_utilisation, way.link_utilisation):
        assert share is None or 0 <= share <= 1 + 1e-9
    assert not way.budget or sum(share for _, _, share in way.budget) == pytest.approx(1)
    errors = [way.error(count) for count in (1, shots, 10 * shots, 10**12)]
    assert errors == sorted(errors, reverse=True)
    assert min(errors) >= way.floor
    assert way.total_s == pytest.approx(way.sampling_overhead / PRECISION**2 * way.shot_s.value)
    assert way.shots_for(way.floor or 1e-300) is None or way.floor == 0
    enough = way.shots_for(way.floor + 0.1)
    assert enough is not None
    assert way.error(enough) <= way.floor + 0.1 + 1e-9
    assert way.runs is not None
    assert enough <= way.runs or way.error(enough - way.runs) >= way.floor + 0.1 - 1e-9  # and no more than enough


def assert_verdict_follows(found: Comparison, network: Network) -> None:
    """The decision of `docs/deciding.md`, worked out from the rows again."""
    way, target = {one.kind: one for one in found.ways}, found.target_fidelity
    [verdict] = found.verdicts
    apart = [one for kind, one in way.items() if kind != "one_qpu" and one.refusal is None]
    if max(qpu.data_qubits for qpu in network.qpus) >= found.qubits or way["quantum_links"].ebits == 0:
        assert verdict.decision == "nothing to distribute"
        return
    reach = [one for one in apart if target is None or one.fidelity.value >= target]
    if verdict.decision == "nothing to distribute":
        assert way["classical_links"].runs == 1
        assert way["classical_links"] in reach
        return
    assert way["classical_links"].runs != 1 or way["classical_links"] not in reach
    if not apart:
        assert verdict.decision == "cannot be run"
        return
    [best] = [one for one in apart if one.kind == verdict.best]
    if verdict.decision != "nothing to distribute":
        assert BY[verdict.best][target is not None] in verdict.sentence
    if target is None:
        least = min(one.error(found.shots) for one in apart)
        assert best.error(found.shots) == least
        assert (verdict.decision == "distribute") == (way["one_qpu"].error(found.shots) >= least)
    elif reach:
        assert verdict.decision == "distribute"
        assert best.total_s == min(one.total_s for one in reach)
    else:
        assert verdict.decision == "do not distribute"
        assert best.fidelity.value == max(one.fidelity.value for one in apart)
    if verdict.share is not None:
        shares = {
            cause: sum(s for c, _, s in way["quantum_links"].budget if c == cause)
            for cause, _, _ in way["quantum_links"].budget
        }
        assert verdict.share == pytest.approx(max(shares.values()))
        assert shares[verdict.cause] == pytest.approx(verdict.share)


def verdicts_follow(examples: int) -> set[str]:
    """Which decisions there were."""
    decisions = set()
    known = load_circuit("grover:2"), weft.load_network("line:2x1")
    needless = load_circuit("ghz:2"), weft.load_network("line:2x2")

    @settings(quick, max_examples=examples)
    @example(known, None, 2000, 1)  # do not distribute
    @example(known, 0.9, 2000, 1)  # distribute
    @example(needless, None, 2000, 1)  # nothing to distribute
    @given(problems(), st.none() | st.floats(0.05, 1), st.sampled_from([1, 100, 2000]), st.integers(0, 99))
    def each(problem: tuple[Circuit, Network], target: float | None, shots: int, seed: int) -> None:
        circuit, network = problem
        options = {"shots": shots, "seed": seed, "target_fidelity": target, "effort": "fast"}
        found = compare(circuit, network, **options)
        for way in found.ways:
            assert_row_adds_up(way, shots)
        assert_verdict_follows(found, network)
        decisions.add(found.verdicts[0].decision)
        summary = comparison_summary(found)
        assert json.loads(json.dumps(summary, allow_nan=False)) == summary
        assert found.verdicts[0].sentence.endswith(".")
        assert compare(circuit, network, **options) == found

    each()
    return decisions


def test_verdicts_follow_from_the_rows() -> None:
    assert verdicts_follow(10) >= {"distribute", "do not distribute", "nothing to distribute"}


@pytest.mark.slow
def test_many_verdicts_follow_from_the_rows() -> None:
    assert verdicts_follow(40) >= {"distribute", "do not distribute", "nothing to distribute"}
