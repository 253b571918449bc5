"""Programs that are simulated side by side give what each gives alone."""

import numpy as np
import pytest
from scipy.stats import chi2

import weft
from weft.circuit import Circuit, CircuitBuilder
from weft.errors import InvalidValueError
from weft.scheduler import schedule
from weft.simulator import simulate
from weft.simulator.side_by_side import can_stand_side_by_side, simulate_side_by_side

FALSE_ALARM = 1e-6


def busy(seed: int) -> Circuit:
    """Measures on its way, decides by that, resets, and leaves a qubit unmeasured."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(3)
    bits = builder.add_register("c", 3).bits
    for layer in range(3):
        for qubit in range(3):
            builder.gate("u", qubit, angles=rng.uniform(0, 6, 3))
        builder.gate("cx", layer % 3, (layer + 1) % 3)
        builder.gate("rzz", 0, 2, angles=[rng.uniform(0, 3)])
        if layer == 0:
            builder.measure(1, bits[0])
            builder.gate("x", 0, condition=[(bits[0], 1)])
            builder.reset(1)
    builder.measure(0, bits[1])
    builder.measure(2, bits[2])
    return builder.build()


def flips(ones: int) -> Circuit:
    """Gives the same outcome in every shot."""
    builder = CircuitBuilder(2)
    bits = builder.add_register("c", 2).bits
    for qubit in range(2):
        if ones >> qubit & 1:
            builder.gate("x", qubit)
        builder.measure(qubit, bits[qubit])
    return builder.build()


def program_of(circuit: Circuit):
    return weft.compile(circuit, "apart:1x3", seed=1)


def test_each_has_its_own_bits_and_times():
    """Circuits that only measure at their end, with the default noise, which flips a few per cent."""
    programs = [program_of(flips(ones)) for ones in (0, 3, 1, 2, 3)]
    ran = simulate_side_by_side(programs, 400, seed=2)
    for ones, program, one in zip((0, 3, 1, 2, 3), programs, ran, strict=True):
        assert np.mean(one.bits[:, 0] == (ones & 1)) > 0.9
        assert np.mean(one.bits[:, 1] == (ones >> 1)) > 0.9
        assert one.makespans_s == pytest.approx(schedule(program, 400).makespan_s)


def test_outcomes_are_those_of_the_exact_backend():
    """Noise included. Pearson's χ² of 20 programs with 8 outcomes each, all together; a false alarm in 10⁶ runs."""
    programs = [program_of(busy(seed)) for seed in range(20)]
    shots, total, freedom = 4000, 0.0, 0
    for program, one in zip(programs, simulate_side_by_side(programs, shots, seed=3), strict=True):
        exact = simulate(program, shots=1, backend="density").distributions
        expected = np.zeros(8)
        for key, weight in exact[-1].items():
            expected[np.frombuffer(key, np.uint8) @ [1, 2, 4]] += weight
        expected *= shots / expected.sum()
        counts = np.bincount(one.bits @ [1, 2, 4], minlength=8)
        likely = expected > 5
        total += np.sum((counts - expected)[likely] ** 2 / expected[likely])
        freedom += np.count_nonzero(likely) - 1
    assert total < chi2.isf(FALSE_ALARM, freedom)
    assert total > chi2.ppf(FALSE_ALARM, freedom)


def test_programs_do_not_share_their_luck():
    """The same program next to itself: bits of two copies agree as often as independent ones do, within 5 standard deviations."""
    shots = 20_000
    first, second = simulate_side_by_side([program_of(busy(5))] * 2, shots, seed=4)
    means = (first.bits.mean(axis=0), second.bits.mean(axis=0))
    together = (first.bits & second.bits).mean(axis=0)
    assert np.all(np.abs(together - means[0] * means[1]) < 5 * 0.5 / np.sqrt(shots))


def test_the_same_seed_gives_the_same_shots():
    programs = [program_of(busy(seed)) for seed in range(3)]
    first, second, other = (simulate_side_by_side(programs, 50, seed=seed) for seed in (7, 7, 8))
    assert all(np.array_equal(one.bits, another.bits) for one, another in zip(first, second, strict=True))
    assert any(not np.array_equal(one.bits, another.bits) for one, another in zip(first, other, strict=True))


def test_what_takes_pairs_is_refused():
    program = weft.compile("ghz:4", "all:2x2", seed=1)
    assert not can_stand_side_by_side(program)
    with pytest.raises(InvalidValueError, match="must take no pairs"):
        simulate_side_by_side([program], 10, seed=1)
