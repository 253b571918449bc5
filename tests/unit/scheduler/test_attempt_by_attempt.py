"""The kernels against players that toss every attempt: exactly where attempts are certain, in distribution where they are not."""

import dataclasses
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.scheduler.random_programs import random_line, random_policy, random_program
from unit.scheduler.slow_supply import EventSimulation, play_in_order
from weft.program import Op
from weft.scheduler import Distillation, Policy, schedule
from weft.scheduler.score import lower
from weft.scheduler.supply_kernel import ROUND_S

FATES = ("generated", "used", "expired", "discarded", "held")


def slow_play(program, policy, rng):
    score = lower(program, policy)
    if policy.sharing == "program":
        return play_in_order(program, policy, score.rooms, score.odds, score.numbers[:, ROUND_S], rng)
    simulation = EventSimulation(program, policy, score.rooms, rng)
    simulation.run()
    return simulation.starts, simulation.ends, simulation.mades, simulation.fates


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["program", "request"]))
def test_certain_attempts_give_the_very_same_times_and_fates(seed, sharing) -> None:
    rng = np.random.default_rng(seed)
    program = random_program(rng, random_line(rng, success=1.0, communication=[None, 1, 4][seed % 3]), 12)
    policy = dataclasses.replace(random_policy(rng, program), sharing=sharing, distillation=None)
    timelines = schedule(program, 2, policy=policy)
    starts, ends, mades, fates = slow_play(program, policy, rng)
    rows = range(len(program))
    for shot in range(2):
        assert np.allclose([ends[row] for row in rows], timelines.end_s[:, shot], rtol=1e-12, atol=1e-9)
        gates = [row for row in rows if program.opcodes[row] != Op.ENTANGLE]
        assert np.allclose([starts[row] for row in gates], timelines.start_s[gates, shot], rtol=1e-12, atol=1e-9)
        pairs = [mades[row] for row in rows if program.opcodes[row] == Op.ENTANGLE]
        assert np.allclose(pairs, timelines.made_s[:, shot], rtol=1e-12, atol=1e-9)
    for name in FATES:
        assert (getattr(timelines.supply, name) == [2 * fate[name] for fate in fates]).all(), name


POLICIES = [
    Policy(cutoff_s=4.0), Policy("just_in_time"), Policy("prefetch", 2), Policy("prefetch", 3, cutoff_s=4.0),
    Policy(distillation=Distillation("dejmps", 2)), Policy("prefetch", 2, distillation=Distillation("bbpssw", 1)),
    Policy(sharing="request"), Policy(cutoff_s=4.0, sharing="request"), Policy("just_in_time", cutoff_s=3.0, sharing="request"),
    Policy("prefetch", 2, cutoff_s=6.0, sharing="request"),
]  # fmt: skip


@pytest.mark.parametrize(
    "policy", POLICIES, ids=lambda policy: f"{policy.timing}-{policy.cutoff_s}-{policy.sharing}-{policy.rounds}"
)
def test_makespans_and_fates_have_the_same_distribution(policy) -> None:
    """Kolmogorov and Smirnov's distance of makespans, and the mean of each fate.

    The distance of n and m samples exceeds D with probability at most 2 exp(−2 D² nm/(n + m)); D is set to 10⁻⁸. Means are compared
    within 6 standard errors (2·10⁻⁹). Ten policies: false alarm below 10⁻⁶ in all; seeds are fixed.
    """
    rng = np.random.default_rng(zlib.crc32(repr(policy).encode()))
    network = random_line(np.random.default_rng(8), success=0.3)
    network = dataclasses.replace(
        network, qpus=tuple(dataclasses.replace(qpu, communication_qubits=None) for qpu in network.qpus)
    )
    program = random_program(np.random.default_rng(4), network, 10)
    fast, slow = 20_000, 1500 if policy.sharing == "program" else 400
    timelines = schedule(program, fast, seed=3, policy=policy)
    makespans, fates = [], []
    for _ in range(slow):
        _, ends, _, by_link = slow_play(program, policy, rng)
        makespans.append(max(ends.values()))
        fates.append([[fate[name] for name in FATES] for fate in by_link])
    both = np.sort(np.concatenate([timelines.makespan_s, makespans]))
    distance = np.abs(
        np.searchsorted(np.sort(timelines.makespan_s), both + 1e-9) / fast
        - np.searchsorted(np.sort(makespans), both + 1e-9) / slow
    ).max()
    assert distance < np.sqrt(np.log(2e8) / 2 * (fast + slow) / (fast * slow))
    mean, deviation = np.mean(fates, axis=0), np.std(fates, axis=0)
    found = np.array([getattr(timelines.supply, name) for name in FATES]).T / fast
    assert (np.abs(found - mean) <= 6 * np.maximum(deviation, 0.05) * np.sqrt(1 / fast + 1 / slow) + 1e-12).all()
