"""What spoilt pairs do to the outcomes of circuits that measure on their way: by hand, predicted, and by brute force."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from weft import compile as compile_for
from weft.circuit import Circuit, CircuitBuilder
from weft.network import BellPair
from weft.program import Op, Program
from weft.simulator import choose_backend
from weft.simulator.density import outcomes_with_pairs_only
from weft.simulator.exact_outcomes import exact_outcomes
from weft.simulator.gate_tables import GateTables
from weft.study.structure import injection, outcome_prediction
from weft.study.structure.fragility import Fragility, fragility_of
from weft.study.structure.injection import INFIDELITY, Injections
from weft.study.structure.moments import moments_of
from weft.study.structure.outcome_frames import has_frames
from weft.study.structure.outcome_prediction import predicted_outcome_losses
from weft.study.structure.outcome_walk import OutcomeWalk

SEEDS = range(8)
Condition = Sequence[tuple[int, int]]


Act = Callable[[CircuitBuilder, np.random.Generator, int, int], None]
Conditioned = Callable[[CircuitBuilder, np.random.Generator, int, int, Condition], None]


def dynamic(
    qubits: int, gates: int, seed: int, upto: tuple[float, ...], conditioned: Conditioned, one: Act, two: Act
) -> Circuit:
    """Measurements, resets, what depends on outcomes, and gates on one qubit, each with a share up to which it goes; the rest is on
    two qubits."""
    generator = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits)
    bits = builder.add_bits(qubits + gates)
    measured = 0
    for draw in generator.random(gates):
        first, second = generator.permutation(qubits)[:2].tolist()
        if draw < upto[0]:
            builder.measure(first, bits[measured])
            measured += 1
        elif draw < upto[1]:
            builder.reset(first)
        elif draw < upto[2] and measured:
            condition = ((bits[int(generator.integers(measured))], int(generator.integers(2))),)
            conditioned(builder, generator, first, second, condition)
        else:
            (one if draw < upto[3] else two)(builder, generator, first, second)
    for qubit in range(qubits):
        builder.measure(qubit, bits[gates + qubit])
    return builder.build()


def branching(qubits: int, gates: int, seed: int) -> Circuit:
    """Measures, resets and branches at random."""

    def conditioned(
        builder: CircuitBuilder, generator: np.random.Generator, first: int, second: int, condition: Condition
    ) -> None:
        if generator.random() < 0.5:
            builder.gate("x", first, condition=condition)
        else:
            builder.gate("cx", first, second, condition=condition)

    def one(builder: CircuitBuilder, generator: np.random.Generator, first: int, _: int) -> None:
        builder.gate("ry", first, angles=(float(3 * generator.random()),))

    def two(builder: CircuitBuilder, _: np.random.Generator, first: int, second: int) -> None:
        builder.gate("cx", first, second)

    return dynamic(qubits, gates, seed, (0.12, 0.18, 0.30, 0.6), conditioned, one, two)


def compiled(circuit: Circuit, network: str = "line:2x2") -> Program:
    return compile_for(circuit, network, seed=1, effort="fast")


def fragility(circuit: Circuit, network: str = "line:2x2") -> Fragility:
    found = fragility_of(compiled(circuit, network), moments_of(circuit), 1)
    assert isinstance(found, Fragility)
    assert found.of == "outcomes"
    return found


def followed(program: Program) -> dict[bytes, float]:
    walk = OutcomeWalk(program, 2**20)
    ways = walk.start()
    for row in range(len(program)):
        ways = walk.step(row, ways)
    bits, likely = walk.outcomes(ways)
    return {row.tobytes(): float(each) for row, each in zip(bits, likely, strict=True)}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_followed_through_the_program_is_the_distribution_of_the_circuit(seed: int) -> None:
    circuit = branching(4, 20, seed)
    exact = exact_outcomes(circuit)
    expected = {row.tobytes(): float(each) for row, each in zip(exact.bits, exact.probabilities, strict=True)}
    found = followed(compiled(circuit))
    for outcome in expected.keys() | found.keys():
        assert found.get(outcome, 0.0) == pytest.approx(expected.get(outcome, 0.0), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_predictions_are_what_exact_density_matrices_give(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brute force: every outcome of every measurement of the program is followed, those of teleportations among them."""
    monkeypatch.setattr(injection, "choose_backend", lambda program: choose_backend(program, "density"))
    injections = Injections(compiled(branching(4, 16, seed)), 0)
    predicted = predicted_outcome_losses(injections.program, injections.pair_rows)
    assert len(predicted) == len(injections.pair_rows)
    for pair, loss in predicted.items():
        assert injections.distance(pair) == pytest.approx(loss.predicted, abs=1e-6)
        assert injections.frequency(pair, loss.is_usual) - loss.told == pytest.approx(
            INFIDELITY * loss.predicted, abs=1e-6
        )
        assert loss.predicted <= sum(loss.by_pauli) / 3 + 1e-9


@pytest.mark.parametrize("pauli", [1, 2, 3])
def test_predictions_for_each_pauli_are_what_exact_density_matrices_give(
    pauli: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = injection._table_for

    def one_pauli_only(row: int, rows: int) -> GateTables:
        tables = whole(row, rows)
        weights = tables.pauli.copy()
        weights[1, 1:4] = 0
        weights[1, pauli] = INFIDELITY
        return replace(tables, pauli=weights)

    monkeypatch.setattr(injection, "_table_for", one_pauli_only)
    monkeypatch.setattr(injection, "choose_backend", lambda program: choose_backend(program, "density"))
    for seed in SEEDS[:3]:
        injections = Injections(compiled(branching(4, 14, seed)), 0)
        for pair, loss in predicted_outcome_losses(injections.program, injections.pair_rows).items():
            # numbered as in `gate_noise.py`
            assert injections.distance(pair) == pytest.approx(loss.by_pauli[pauli - 1], abs=1e-6)


@pytest.mark.parametrize(("seed", "network"), [(0, "line:2x3"), (1, "all:3x2"), (2, "all:3x2"), (3, "line:3x2")])
def test_shots_agree_with_predictions(seed: int, network: str) -> None:
    """By Hoeffding, a frequency in n shots is off by more than t with probability 2 e^(−2nt²): with t² = 9/n it is 3·10⁻⁸ for each
    of fewer than 40 pairs, and the seed is fixed."""
    found = fragility(branching(6, 30, seed), network)
    assert found.backend == "statevector"
    assert found.compared == len(found.pairs) > 0
    for pair in found.pairs:
        assert pair.simulated is not None
        assert pair.predicted is not None
        assert abs(pair.simulated - pair.predicted) * INFIDELITY <= 3 / np.sqrt(found.shots)


def test_a_bit_sent_after_a_measurement_by_hand() -> None:
    """What was measured is no longer spoilt by Z, but X on the copy turns over the outcome at the other end, whatever its angle."""
    builder = CircuitBuilder(2)
    bits = builder.add_bits(2)
    builder.gate("ry", 0, angles=(0.7,))
    builder.measure(0, bits[0])
    builder.gate("cx", 0, 1)
    builder.measure(1, bits[1])
    [pair] = fragility(builder.build(), "line:2x1").pairs
    assert pair.qubit is not None
    assert pair.by_pauli == pytest.approx([(1, 1, 0), (0, 1, 1)][pair.qubit], abs=1e-9)
    assert pair.predicted == pytest.approx(2 / 3)


def test_turning_a_fair_coin_over_costs_nothing() -> None:
    """Whether q1 is turned over is left to chance, and then forgotten: nobody can tell if a spoilt copy turns it over again."""
    builder = CircuitBuilder(2)
    bits = builder.add_bits(2)
    builder.gate("h", 0)
    builder.measure(0, bits[0])
    builder.reset(0)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    builder.measure(1, bits[1])
    [pair] = fragility(builder.build(), "line:2x1").pairs
    assert pair.by_pauli == pytest.approx((0, 0, 0), abs=1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2, 5])
def test_a_whole_program_goes_no_further_than_the_sum_over_its_pairs(seed: int) -> None:
    """With pairs of infidelity 10⁻³ on otherwise perfect devices, exactly; what several spoilt pairs do is of second order."""
    circuit = branching(4, 14, seed)
    program = compiled(circuit)
    quiet = injection.perfect(program.network)
    links = tuple(replace(link, pair=BellPair.werner(0.999)) for link in quiet.links)
    noisy = replace(program, network=replace(quiet, links=links))
    spoilt = outcomes_with_pairs_only(noisy).weights(1.0, program.num_clbits)
    ideal = followed(program)
    distance = sum(abs(spoilt.get(each, 0.0) - ideal.get(each, 0.0)) for each in spoilt.keys() | ideal.keys()) / 2
    total = 1e-3 * sum(pair.predicted or 0 for pair in fragility(circuit).pairs)
    assert distance <= total + (1e-3 * program.ebits) ** 2
    if program.ebits == 1:
        assert distance == pytest.approx(total, abs=1e-9)


def test_of_too_many_ways_nothing_is_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome_prediction, "MOST_AMPLITUDES", 2**8)
    circuit = branching(6, 30, 0)
    found = fragility(circuit, "line:2x3")
    assert {(pair.predicted, pair.simulated) for pair in found.pairs} == {(None, None)}
    assert found.agrees is None
    assert "predicted for 0 of" in found.note
    assert "too many ways" in found.note


def test_if_time_is_short_some_pairs_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome_prediction, "_MOST_WORK", 1e6)
    found = fragility(branching(6, 30, 3), "all:3x2")
    known = [pair for pair in found.pairs if pair.predicted is not None]
    assert 0 < len(known) < len(found.pairs)
    assert found.compared == len(known)


def test_a_measurement_whose_outcome_teleports_is_not_followed_twice() -> None:
    """Ways are those of the circuit's own measurements, however many pairs there are."""
    builder = CircuitBuilder(2)
    bits = builder.add_bits(3)
    builder.gate("h", 0)
    builder.measure(0, bits[0])
    for _ in range(10):
        builder.gate("cx", 0, 1)
        builder.gate("h", 0)
        builder.gate("h", 1)
    builder.measure(0, bits[1])
    builder.measure(1, bits[2])
    program = compiled(builder.build(), "line:2x1")
    assert program.ebits >= 2
    walk = OutcomeWalk(program, 2**10)
    ways = walk.start()
    for row in range(len(program)):
        ways = walk.step(row, ways)
    assert len(ways.state) == 2


def feeding_forward(qubits: int, gates: int, seed: int) -> Circuit:
    """Clifford gates at random, measurements and resets on the way, and Paulis that depend on outcomes."""

    def conditioned(
        builder: CircuitBuilder, generator: np.random.Generator, first: int, _: int, condition: Condition
    ) -> None:
        builder.gate(["x", "y", "z"][int(generator.integers(3))], first, condition=condition)

    def one(builder: CircuitBuilder, generator: np.random.Generator, first: int, _: int) -> None:
        builder.gate(["h", "s"][int(generator.integers(2))], first)

    def two(builder: CircuitBuilder, generator: np.random.Generator, first: int, second: int) -> None:
        builder.gate(["cx", "cz"][int(generator.integers(2))], first, second)

    return dynamic(qubits, gates, seed, (0.15, 0.2, 0.3, 0.5), conditioned, one, two)


@pytest.mark.parametrize("seed", range(12))
def test_frames_and_ways_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    program = compiled(feeding_forward(6, 40, seed), "all:3x2")
    pairs = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    assert has_frames(program)
    frames = predicted_outcome_losses(program, pairs)
    monkeypatch.setattr(outcome_prediction, "has_frames", lambda _: False)
    ways = predicted_outcome_losses(program, pairs)
    assert frames.keys() == ways.keys() == set(range(len(pairs)))
    possible = followed(program)
    for pair, frame in frames.items():
        assert frame.by_pauli == pytest.approx(ways[pair].by_pauli, abs=1e-9)
        assert frame.predicted == pytest.approx(ways[pair].predicted, abs=1e-9)
        assert all(frame.is_usual(outcome) for outcome in possible)


def test_rounds_of_a_repetition_code_of_any_size() -> None:
    """X on the copy of a data qubit is seen in the check that uses it, Z is not: all is |0…0⟩, and measured in Z."""
    distance, rounds = 31, 3
    qubits = 2 * distance - 1
    builder = CircuitBuilder(qubits)
    bits = builder.add_bits((distance - 1) * rounds + distance)
    for number in range((distance - 1) * rounds):
        ancilla = 2 * (number % (distance - 1)) + 1
        builder.gate("cx", ancilla - 1, ancilla)
        builder.gate("cx", ancilla + 1, ancilla)
        builder.measure(ancilla, bits[number])
        builder.reset(ancilla)
    for number in range(distance):
        builder.measure(2 * number, bits[(distance - 1) * rounds + number])
    found = fragility(builder.build(), "line:4x16")
    assert found.backend == "stabilizer"
    assert found.agrees
    assert found.compared == len(found.pairs) >= rounds
    for pair in found.pairs:
        assert pair.by_pauli in {(1.0, 1.0, 0.0), (0.0, 1.0, 1.0)}
