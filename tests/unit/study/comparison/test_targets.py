"""Targets compare like with like: final readings count for no way, and what cuts and pairs have to read does for theirs."""

import numpy as np
import pytest

import weft
from property.brute_force_comparison import before_readings
from weft.circuit import Circuit, CircuitBuilder, load_circuit
from weft.compiler import compile_circuit
from weft.network import Network
from weft.simulator.backend import is_static
from weft.simulator.exact_outcomes import exact_outcomes
from weft.simulator.result import CLASSICAL_FIDELITY
from weft.study.comparison import Way, compare
from weft.study.comparison.contenders import InPieces
from weft.study.comparison.counterparts import classical_links_only
from weft.study.comparison.means import Point
from weft.study.comparison.mixed import Mixed
from weft.study.comparison.played import has_one_state, right_signs
from weft.study.comparison.run_ways import BEFORE_READINGS, WITH_READINGS
from weft.study.cutting import cut
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.hybrid_plan import Budget, Pairs, plan_hybrid
from weft.study.cutting.hybrid_programs import HybridPrograms
from weft.study.cutting.machine import Machine
from weft.study.cutting.subexperiments import filling_of

READING_ERRORS = [0.0, 0.1, 0.5, 1.0]


def reading(network: str, reading_error: float) -> Network:
    """A network where nothing but readings goes wrong, and pairs, which count for nothing where they are repaired."""
    perfect = dict.fromkeys(("one_qubit_gate_error", "two_qubit_gate_error", "reset_error"), 0.0)
    numbers = {**perfect, "t1_s": np.inf, "t2_s": np.inf, "measurement_error": reading_error}
    pairs = {} if network.startswith("apart") else {"links.*.fidelity": 0.8}
    return weft.load_network(network, parameters={f"qpus.*.{key}": value for key, value in numbers.items()} | pairs)


def in_pieces(circuit: Circuit, network: Network) -> Point:
    return InPieces.of(circuit, network, seed=1, effort="fast").at("rate", 1.0, repetitions=1, seed=1)


def way(circuit: Circuit | str, network: Network, kind: str, **options: float) -> Way:
    [found] = [one for one in compare(circuit, network, seed=1, effort="fast", **options).ways if one.kind == kind]
    return found


def cz_cut_with(reading_error: float) -> float:
    """Of the six terms of a cut CZ, four read one qubit for their sign (Mitarai, Fujii, New J. Phys. 23, 023021, 2021), which takes
    away what it would have added if it is wrong. They are the coherence between 1 and Z, half of the process."""
    return (1 + max(1 - 2 * reading_error, 0)) / 2


@pytest.mark.parametrize("wrong", READING_ERRORS)
def test_a_cut_loses_by_its_own_readings_only(wrong: float) -> None:
    builder = CircuitBuilder(2)
    builder.gate("h", 0)
    builder.gate("cz", 0, 1)
    point = in_pieces(builder.build(), reading("apart:2x1", wrong))
    assert point.fidelity.value == pytest.approx(cz_cut_with(wrong))
    assert point.no_error.value == pytest.approx(cz_cut_with(wrong) * (1 - wrong) ** 2)


@pytest.mark.parametrize("wrong", [0.02, 0.05, 0.2])
def test_terms_keep_what_their_signs_leave_of_them(wrong: float) -> None:
    """Where nothing but readings goes wrong: each term of Grover's search in pieces, computed exactly and multiplied by 1 − 2m for
    each reading that gives its sign, adds up to what running all of them shows once final readings are undone. Five standard
    errors (6e-7)."""
    network, circuit = reading("apart:2x1", wrong), load_circuit("grover:2")
    pieces = InPieces.of(circuit, network, seed=1, effort="fast")
    experiment = Experiment(pieces.cutting)
    [one] = experiment.cuts
    kept = 0.0
    for (entry, right), term in zip(np.argwhere(one.coefficients).tolist(), pieces.terms, strict=True):
        counts = one.coefficients[entry, right]
        for piece, program, signs in zip(experiment.pieces, term.programs, term.sign_bits, strict=True):
            operation = (one.entries[entry][0], right)[piece.slots[0].end]
            outcomes = exact_outcomes(filling_of(piece, experiment.cuts, [operation]).circuit)
            parity = outcomes.bits[:, list(signs)].sum(axis=1) & 1
            counts *= outcomes.probabilities @ (outcomes.bits[:, 0] * (1.0 - 2.0 * parity))  # of the outcome 11
            counts *= right_signs(program, signs) * (1 - wrong) ** len(signs)
        kept += counts
    knitted = cut(circuit, network, shots=200_000, seed=3, effort="fast").distribution
    assert knitted is not None
    spread = 5 * max(knitted.stderrs) / (1 - 2 * wrong) ** 2
    assert abs(before_readings(knitted, wrong)["11"] - kept) <= spread < 2 * wrong
    assert kept < 1 - wrong


def test_only_odd_readings_give_a_sign() -> None:
    pieces = InPieces.of(load_circuit("grover:2"), reading("apart:2x1", 0.1), seed=1, effort="fast")
    program, bit = next(
        (program, signs[0])
        for term in pieces.terms
        for program, signs in zip(term.programs, term.sign_bits, strict=True)
        if signs
    )
    assert [right_signs(program, [bit] * times) for times in range(4)] == pytest.approx([1, 0.8 / 0.9, 1, 0.8 / 0.9])


@pytest.mark.parametrize("wrong", READING_ERRORS)
def test_a_qubit_that_is_used_again_was_read_for_good(wrong: float) -> None:
    """A chain that one QPU of two qubits holds: most readings are followed by a reset, and all are final."""
    point = in_pieces(load_circuit("ghz:5"), reading("apart:3x2", wrong))
    assert point.overhead == 1
    assert point.fidelity.value == pytest.approx(1)
    assert point.no_error.value == pytest.approx((1 - wrong) ** 5)


@pytest.mark.parametrize(("pairs", "most_ebits"), [("cancelled", None), ("cancelled", 1)])
@pytest.mark.parametrize("wrong", READING_ERRORS)
def test_repaired_pairs_lose_by_the_readings_of_teleportation(
    wrong: float, pairs: Pairs, most_ebits: int | None
) -> None:
    """Two of them for each of Grover's two gates that is teleported."""
    network, budget = reading("line:2x1", wrong), Budget(most_ebits=most_ebits)
    plan = plan_hybrid(load_circuit("grover:2").measured(), network, pairs=pairs, budget=budget, seed=1, effort="fast")
    machine = Machine(network, seed=1, effort="fast")
    point = Mixed(HybridPrograms(plan, None, machine), one_state=True).at("rate", 1.0, repetitions=64, seed=1)
    teleported = (1 - wrong) ** 4 if most_ebits is None else (1 - wrong) ** 2 * cz_cut_with(wrong)
    assert abs(point.fidelity.value - teleported) <= 6 * point.fidelity.stderr + 1e-9
    assert point.no_error.value == pytest.approx(point.fidelity.value * (1 - wrong) ** 2)


@pytest.mark.parametrize("kind", ["hybrid", "classical_links"])
@pytest.mark.parametrize("circuit", ["grover:2", "qft:4"])
def test_with_right_readings_it_is_the_same_as_no_error(circuit: str, kind: str) -> None:
    network = weft.load_network("line:2x2" if circuit == "qft:4" else "line:2x1")
    network = weft.load_network(network, parameters={"qpus.*.measurement_error": 0.0, "links.*.fidelity": 0.9})
    found = way(circuit, network, kind)
    assert found.fidelity is not None
    assert found.no_error is not None
    assert found.fidelity.definition == BEFORE_READINGS
    assert (found.fidelity.value, found.fidelity.stderr) == pytest.approx(tuple(found.no_error))
    assert 0.5 < found.no_error.value < 1


def test_circuits_that_branch_are_compared_by_their_readings() -> None:
    """As `weft.run` compares distributions of outcomes there, which contain them, so does a sum over terms."""
    builder = CircuitBuilder(4)
    builder.add_register("c", 4)
    for qubit in range(3):
        builder.gate("ry", qubit, angles=(0.7,))
        builder.gate("cx", qubit, qubit + 1)
    builder.measure(3, 3)
    builder.gate("x", 2, condition=[(3, 1)])
    for qubit in range(3):
        builder.measure(qubit, qubit)
    ways = {one.kind: one for one in compare(builder.build(), reading("line:2x2", 0.05), seed=1, effort="fast").ways}
    for kind, definition in (("quantum_links", CLASSICAL_FIDELITY), ("classical_links", WITH_READINGS)):
        assert ways[kind].fidelity is not None
        assert ways[kind].fidelity.definition == definition
    alone = ways["classical_links"]
    assert alone.no_error is not None
    assert alone.fidelity is not None
    assert alone.fidelity.value == pytest.approx(alone.no_error.value)
    assert alone.no_error.value == pytest.approx(0.95**4)  # nothing is cut: qubits are used again


def test_a_circuit_is_judged_as_its_program_is() -> None:
    """Measurements, resets, conditions, swaps and bits that are written twice, anywhere in random circuits."""
    network, seen = weft.load_network("line:1x3"), []
    for seed in range(200):
        circuit = anything(np.random.default_rng(seed))
        seen.append(has_one_state(circuit.measured()))
        assert seen[-1] == is_static(compile_circuit(circuit, network, seed=1, effort="fast").program), seed
    assert 20 <= sum(seen) <= 180


def anything(rng: np.random.Generator) -> Circuit:
    builder = CircuitBuilder(3)
    builder.add_register("c", 3)
    for _ in range(rng.integers(1, 4)):
        builder.gate(str(rng.choice(["cx", "swap"])), *rng.permutation(3)[:2].tolist())
    for _ in range(rng.integers(0, 5)):
        kind, qubit, bit = (
            rng.choice(["measure", "measure", "measure", "reset", "x", "if"]),
            *rng.integers(0, 3, 2).tolist(),
        )
        if kind == "measure":
            builder.measure(qubit, bit)
        elif kind == "reset":
            builder.reset(qubit)
        else:
            builder.gate("x", qubit, condition=[(bit, 1)] if kind == "if" else [])
    return builder.build()


def test_bad_readings_hide_no_way_that_reaches_a_target() -> None:
    """One reading in 20 is wrong. By cutting, Grover's outcome comes as often as the target says before it is read, and not as it
    is read. That it does is safe by 5 standard errors and more, which are 0.004 (3e-7)."""
    wrong, target = 0.05, 0.85
    changed = {"links.*.fidelity": 0.8, "qpus.*.measurement_error": wrong}
    network = weft.load_network("line:2x1", parameters=changed)
    found = compare("grover:2", network, seed=1, effort="fast", target_fidelity=target)
    [verdict] = found.verdicts
    assert (verdict.decision, verdict.best) == ("distribute", "classical_links")
    reached = {one.kind: one.reaches(target) for one in found.ways}
    assert (reached["one_qpu"], reached["quantum_links"]) == (True, False)
    [alone] = [one for one in found.ways if one.kind == "classical_links"]
    assert alone.fidelity is not None
    assert alone.no_error is not None
    assert alone.no_error.value < target < (alone.fidelity.value or 0)
    knitted = cut("grover:2", classical_links_only(network), shots=200_000, seed=2, effort="fast").distribution
    assert knitted is not None
    spread = max(knitted.stderrs) / (1 - 2 * wrong) ** 2
    assert knitted.values[knitted.keys().index("11")] < target < before_readings(knitted, wrong)["11"] - 5 * spread
