"""How long programs take whose blocks may run again."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from unit.program.retry_cases import chain_network, checked_pair, nested_chain
from unit.scheduler.slow_retries import FakeOutcomes, SlowShot, random_blocks
from unit.scheduler.test_shared_bus import a_pair_on_each_link, bus_of
from weft.errors import SchedulingError
from weft.network import BellPair
from weft.program import Op, Pauli, ProgramBuilder
from weft.scheduler import Player, Policy, schedule
from weft.scheduler.chains import Chain, wait_for_chain
from weft.scheduler.timelines import previous_rows


def is_close(found: np.ndarray, expected: float) -> bool:
    """Within 5.5 standard errors: 4·10⁻⁸ for each of fewer than 20 comparisons; seeds are fixed."""
    return abs(found.mean() - expected) < 5.5 * found.std() / np.sqrt(len(found))


@pytest.mark.parametrize(("links", "mean"), [(2, 29.474), (4, 84.818)])
def test_chains_of_explicit_repeaters_take_the_published_time(links: int, mean: float) -> None:
    timelines = schedule(nested_chain(chain_network(links), 0.5), 100_000, 1)
    assert is_close(timelines.makespan_s, mean)
    assert timelines.supply is not None
    runs = timelines.supply.block_runs / timelines.shots
    expected = [2.0] if links == 2 else [4.0, 4.0, 2.0]
    assert runs == pytest.approx(expected, rel=0.05)
    assert np.array_equal(timelines.supply.used, timelines.supply.generated)


def test_a_chain_as_a_program_is_distributed_as_a_chain_by_itself() -> None:
    """Kolmogorov and Smirnov's test; false alarm 10⁻⁶, and fewer for waits that are whole numbers."""
    program = nested_chain(chain_network(4, p=0.3), 0.7)
    chain = wait_for_chain(Chain((1.0,) * 4, (0.3,) * 4, 0.7), 20_000, 5)
    assert ks_2samp(schedule(program, 20_000, 4).makespan_s, chain.wait_s).pvalue > 1e-6


def test_news_of_a_failure_travels_before_the_block_runs_again() -> None:
    """Attempts that always succeed: each run is an attempt, a CX, a measurement, and the news to the ends."""
    network = chain_network(2, p=1.0, attempt_s=1.0, latency_s=0.25, two_qubit_gate_s=0.1, measurement_s=0.2)
    program = nested_chain(network, 0.5)
    player = Player(program)
    block = player.block(np.random.SeedSequence(3), 0, 500)
    times = [np.empty((len(program), 500)), np.empty((len(program), 500)), np.empty((0, 0))]
    player.play_stored(block, *times, 0)
    run_s = 1.0 + 0.1 + 0.2 + 0.25
    runs = block.runs[0, :500]
    assert 1.7 < runs.mean() < 2.3
    assert player.finish(block) == pytest.approx(runs * run_s + 0.2)
    assert times[0][0] == pytest.approx((runs - 1) * run_s)


def test_what_a_block_leaves_waits_for_the_news_that_it_is_good() -> None:
    program = checked_pair(BellPair.werner(1.0), latency_s=1e-2, measurement_s=1e-4)
    (retry,) = program.retries
    with pytest.raises(SchedulingError, match="must be simulated"):
        schedule(program, 10)
    player = Player(program)
    assert [(w.retry.row, w.slot) for w in player.retryings] == [(retry.row, player.score.slots - 1)]
    first_of_b = retry.row + 2
    entries = slice(*player.score.read_offsets[first_of_b : first_of_b + 2])
    assert player.score.read_writers[entries].tolist() == [retry.row]
    assert player.score.read_latency_s[entries] == pytest.approx([1e-2])


@given(st.integers(0, 2**32), st.sampled_from([1, 2, 3, 5]), st.floats(0.3, 0.95), st.booleans())
@settings(max_examples=20, deadline=None)
def test_times_do_not_depend_on_the_size_of_blocks_and_pairs_are_conserved(
    seed: int, links: int, odds: float, keeps: bool
) -> None:
    program = nested_chain(chain_network(max(links, 2), p=0.4), odds)
    policy = Policy("prefetch", cutoff_s=40.0) if keeps else Policy()
    found = []
    for width in (64, 256):
        player = Player(program, policy, width=width)
        makespans, supplies = [], []
        for block in player.blocks(200, seed):
            player.play_stored(block, *(np.empty((0, 0)),) * 3, 0)
            makespans.append(player.finish(block))
            supplies.append(player.supply(block, makespans[-1]))
        found.append(np.concatenate(makespans))
        for supply in supplies:
            assert np.all(supply.generated == supply.used + supply.expired + supply.discarded + supply.held)
            assert np.all(supply.block_runs >= supply.shots)
    assert np.array_equal(found[0], found[1])


def test_shots_that_succeed_at_once_never_notice_the_others() -> None:
    """Their pairs come at the same times as those of a chain whose swaps never fail."""
    retried, plain = (schedule(nested_chain(chain_network(4), odds), 2000, 9) for odds in (0.6, 1 - 1e-12))
    at_once = retried.makespan_s == plain.makespan_s
    assert 0.6**3 - 0.06 < at_once.mean() < 0.6**3 + 0.06
    assert np.all(retried.makespan_s[~at_once] > plain.makespan_s[~at_once])


def test_a_block_is_given_up_when_it_has_run_often_enough() -> None:
    timelines = schedule(nested_chain(chain_network(2), 0.1, most_runs=3), 20_000, 2)
    supply = timelines.supply
    assert supply is not None
    assert supply.blocks_given_up[0] / timelines.shots == pytest.approx(0.9**3, abs=0.02)
    assert supply.block_runs[0] / timelines.shots == pytest.approx(1 + 0.9 + 0.81, abs=0.03)


def test_stored_times_are_those_of_the_last_runs() -> None:
    timelines = schedule(nested_chain(chain_network(4), 0.5), 500, 3)
    program = timelines.program
    assert np.all(timelines.end_s >= timelines.start_s)
    for retry in program.retries:
        block = slice(retry.start, retry.row)
        assert np.all(timelines.end_s[block].max(axis=0) <= timelines.start_s[retry.row] + 1e-12)
    last_pairs = timelines.start_s[program.opcodes == Op.ENTANGLE].min(axis=0)
    assert last_pairs.max() > 0


def test_links_shared_by_request_are_refused() -> None:
    with pytest.raises(SchedulingError, match="`sharing` must be program"):
        schedule(nested_chain(chain_network(2), 0.5), 10, policy=Policy(sharing="request"))


def test_pairs_that_leave_their_block_unused_cannot_be_put_off() -> None:
    builder = ProgramBuilder(chain_network(1))
    ends = [builder.add_qubit(f"N{k}.c0", k, communication=True) for k in range(2)]
    builder.entangle(0, *ends)
    builder.retry(ends[0], 0, odds=0.5)
    for qubit in ends:
        builder.measure(qubit, builder.new_bit())
    with pytest.raises(SchedulingError, match="a pair of a block that may run again must be used in the block"):
        schedule(builder.build(), 10, policy=Policy("just_in_time"))
    assert schedule(builder.build(), 10).makespan_s.min() >= 1.0


@pytest.mark.parametrize("seed", range(60))
def test_times_are_those_of_a_slow_interpreter(seed: int) -> None:
    """Blocks in blocks, several retries to one start, limits, bits from before, news over distances: to the last bit."""
    program, shots = random_blocks(seed), 12
    player = Player(program, width=64)
    block = player.block(np.random.SeedSequence(seed), 0, shots)
    start, end = np.full((2, len(program), shots), np.nan)
    stage = FakeOutcomes(player.score, start, end, np.empty((0, 0)), 0)
    stage.retries = program.retries
    player.play_on(stage, block)
    for shot in range(shots):
        slow = SlowShot(program, block, shot)
        slow.play(0, len(program))
        assert slow.runs == block.runs[:, shot].tolist()
        assert np.allclose(slow.start, start[:, shot], rtol=1e-12, atol=1e-9)
        assert np.allclose(slow.end, end[:, shot], rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize(
    "policy", [Policy(), Policy("just_in_time"), Policy("prefetch"), Policy(cutoff_s=30.0)], ids=str
)
@pytest.mark.parametrize("links", [2, 3, 5])
def test_stored_times_are_whole_under_every_policy(policy: Policy, links: int) -> None:
    """Pairs that are put off are played later than they stand, in another part of the rows."""
    program = nested_chain(chain_network(links, p=0.5), 0.5)
    first, again = (schedule(program, 300, 6, policy=policy) for _ in range(2))
    for times in (first.start_s, first.end_s, first.made_s):
        assert np.all(np.isfinite(times))
        assert times.min() >= 0
        assert times.max() < 1e4
    assert np.array_equal(first.start_s, again.start_s)
    assert np.array_equal(first.makespan_s, again.makespan_s)
    before = previous_rows(program)
    for operand in range(2):
        rows = np.flatnonzero(before[:, operand] >= 0)
        assert np.all(first.start_s[rows] >= first.end_s[before[rows, operand]] - 1e-9)


def test_a_qubit_that_is_still_busy_finishes_before_its_block_runs_again() -> None:
    builder = ProgramBuilder(chain_network(1, measurement_s=10.0))
    slow, fast = builder.add_qubit("N0.d0", 0), builder.add_qubit("N1.d0", 1)
    builder.reset(slow)
    builder.measure(slow, builder.new_bit())
    builder.reset(fast)
    builder.retry(fast, 0, odds=0.5)
    player = Player(builder.build())
    block = player.block(np.random.SeedSequence(1), 0, 200)
    player.play_stored(block, *(np.empty((0, 0)),) * 3, 0)
    assert block.runs.max() > 3
    assert np.allclose(player.finish(block), 10.0 * block.runs[0, :200])


def test_bits_of_a_block_wait_for_the_news_too() -> None:
    network = chain_network(1, latency_s=5.0)
    qpus = tuple(dataclasses.replace(qpu, data_qubits=2) for qpu in network.qpus)
    builder = ProgramBuilder(dataclasses.replace(network, qpus=qpus))
    here, other, there = builder.add_qubit("N0.d0", 0), builder.add_qubit("N0.d1", 0), builder.add_qubit("N1.d0", 1)
    builder.reset(here)
    builder.measure(here, bit := builder.new_bit())
    builder.reset(there)
    builder.retry(there, 0, (bit,))
    builder.correct(Pauli.X, other, (bit,))
    player = Player(builder.build())
    entries = slice(*player.score.read_offsets[4:6])
    assert player.score.read_writers[entries].tolist() == [1, 3]
    assert player.score.read_latency_s[entries].tolist() == [0.0, 5.0]


def test_prefetching_on_a_bus_under_a_cutoff_is_refused() -> None:
    with pytest.raises(SchedulingError, match="must be None where links of a bus prefetch"):
        schedule(a_pair_on_each_link(bus_of(3)), 10, policy=Policy("prefetch", cutoff_s=5.0))
