"""Fates of pairs, streaming, and the hard cases of supply."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.scheduler.random_programs import random_line, random_policy, random_program
from unit.scheduler.slow_schedule import latency_s
from unit.scheduler.test_timelines_by_hand import ATTEMPT, READ, TWO, builder_on, timed_network
from weft.errors import InvalidValueError, SchedulingError
from weft.network import QPU, Link, Network
from weft.program import Op, Pauli, Program, ProgramBuilder
from weft.scheduler import Player, Policy, Timelines, schedule
from weft.scheduler.latency import latencies_s
from weft.scheduler.timelines import holds_state, previous_rows


def drawn(seed: int, size: int = 15) -> tuple[Program, Policy]:
    rng = np.random.default_rng(seed)
    program = random_program(rng, random_line(rng, communication=[None, 1, 6][seed % 3]), size)
    return program, random_policy(rng, program)


def idle_times(timelines: Timelines) -> np.ndarray:
    """As `docs/model.md` defines them, from stored times."""
    program = timelines.program
    previous, holds = previous_rows(program), holds_state(program)
    pair = np.cumsum(program.opcodes == Op.ENTANGLE) - 1
    idle = np.zeros((len(program), 2, timelines.shots))
    for row, operand in zip(*np.nonzero(holds & (previous >= 0)), strict=True):
        before = previous[row, operand]
        was_pair = program.opcodes[before] == Op.ENTANGLE
        since = timelines.made_s[pair[before]] if was_pair else timelines.end_s[before]
        idle[row, operand] = timelines.start_s[row] - since
    return idle


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_every_pair_has_one_fate_and_no_link_works_more_than_it_can(seed: int) -> None:
    program, policy = drawn(seed)
    timelines = schedule(program, 70, seed=seed, policy=policy)
    supply = timelines.supply
    fates = supply.used + supply.expired + supply.discarded + supply.held
    assert np.array_equal(supply.generated, fates)
    used = np.bincount(program.links[program.links >= 0], minlength=len(supply.used))
    assert np.array_equal(supply.used, 70 * used)
    assert (supply.attempts >= supply.generated).all()
    assert (supply.held <= 70 * supply.buffered_pairs).all()
    assert (supply.utilisation <= 1 + 1e-9).all()
    assert (supply.mean_queue_s <= supply.mean_wait_s + 1e-9).all()
    assert supply.makespan_s == pytest.approx(timelines.makespan_s.sum())
    if policy.cutoff_s is None:
        assert not supply.expired.any()
    if policy.distillation is None:
        assert not supply.discarded.any()
        busy = supply.attempts * np.array([link.attempt_s for link in program.network.links])
        assert np.allclose(supply.busy_s, busy)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_overlaps_and_no_pair_is_used_too_old(seed: int) -> None:
    program, policy = drawn(seed)
    timelines = schedule(program, 3, seed=seed, policy=policy)
    start, end, made = timelines.start_s, timelines.end_s, timelines.made_s
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    previous = previous_rows(program)
    for operand in range(2):
        has = previous[:, operand] >= 0
        assert (start[has] >= end[previous[has, operand]] - 1e-12).all()
    assert (end >= start).all()
    assert (made <= end[rows]).all()
    if not policy.keeps_pairs:
        assert np.array_equal(made, end[rows])
    if policy.cutoff_s is not None:
        consumers = [int(np.flatnonzero((previous == row).any(axis=1))[0]) for row in rows]
        assert (start[consumers] - made <= policy.cutoff_s + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 9))
def test_streamed_times_are_the_stored_ones_whatever_the_chunks(seed: int, chunk: int) -> None:
    program, policy = drawn(seed)
    shots = 150
    timelines = schedule(program, shots, seed=seed, policy=policy)
    expected = idle_times(timelines)
    player = Player(program, policy, width=64)
    first = 0
    for block in player.blocks(shots, seed):
        idle = np.full((chunk, 2, 64), np.nan)
        for low in range(0, len(program), chunk):
            high = min(low + chunk, len(program))
            player.play(block, low, high, idle)
            assert np.array_equal(
                idle[: high - low, :, : block.shots], expected[low:high, :, first : first + block.shots]
            )
        assert np.array_equal(player.finish(block), timelines.makespan_s[first : first + block.shots])
        first += block.shots
    assert first == shots


def test_blocks_are_words_of_64_shots() -> None:
    program, _ = drawn(1)
    assert Player(program).width % 64 == 0
    with pytest.raises(InvalidValueError, match="multiple of 64, but is 100"):
        Player(program, width=100)


def test_inputs_that_wait_are_idle_from_the_start() -> None:
    builder, data, _ = builder_on(timed_network())
    builder.measure(data[0][0], 0)
    builder.correct(Pauli.X, data[1][0], [0])
    for inputs_wait in (False, True):
        player = Player(builder.build(), inputs_wait=inputs_wait)
        (block,) = player.blocks(1, 0)
        idle = np.empty((2, 2, player.width), dtype=np.float32)
        player.play(block, 0, 2, idle)
        assert (idle[1, 0, 0] > READ) == inputs_wait


def two_uses(*, cutoff_s: float | None = None, communication: int = 2) -> tuple[Program, Policy]:
    """One pair is used at once, another after a local measurement of 100 s; attempts never fail and take 10,000 s."""
    network = timed_network(success=1.0)
    network = dataclasses.replace(
        network, qpus=tuple(dataclasses.replace(q, communication_qubits=communication) for q in network.qpus)
    )
    builder, data, halves = builder_on(network)
    for use in range(2):
        if use:
            builder.measure(data[0][0], 0)
        builder.entangle(0, halves[0][0], halves[1][0])
        builder.gate("cx", data[0][0], halves[0][0])
        for end in range(2):
            builder.measure(halves[end][0], builder.new_bit())
    return builder.build(), Policy("prefetch", cutoff_s=cutoff_s)


def test_a_buffered_pair_waits_for_its_user_and_the_buffer_for_room() -> None:
    """With one spare qubit at each end the buffer keeps one pair; the second is begun when the first is taken."""
    program, policy = two_uses()
    timelines = schedule(program, 1, policy=policy)
    assert timelines.supply.buffered_pairs.tolist() == [1]
    assert timelines.made_s.ravel().tolist() == [ATTEMPT, 2 * ATTEMPT]
    assert timelines.supply.held.tolist() == [0]


def test_a_buffered_pair_expires_while_it_is_held() -> None:
    """The second pair is made at 2 attempts and wanted long after; with 1 attempt of cutoff it is made again and again."""
    program, _ = two_uses()
    network = program.network
    slow = tuple(dataclasses.replace(q, measurement_s=4.5 * ATTEMPT) for q in network.qpus)
    builder, data, halves = builder_on(dataclasses.replace(network, qpus=slow))
    builder.measure(data[0][0], 0)
    builder.entangle(0, halves[0][0], halves[1][0])
    builder.gate("cx", data[0][0], halves[0][0])
    for end in range(2):
        builder.measure(halves[end][0], builder.new_bit())
    timelines = schedule(builder.build(), 1, policy=Policy("prefetch", 1, cutoff_s=ATTEMPT))
    # made at 1, expired at 2, made at 3, expired at 4, made at 5: asked for at 4.5, it is waited for
    assert timelines.made_s.ravel().tolist() == [5 * ATTEMPT]
    # later pairs: made at 6, 8, …, the CX and the measurements end at 9.5 + TWO
    assert timelines.makespan_s[0] == 9.5 * ATTEMPT + TWO
    assert (timelines.supply.expired[0], timelines.supply.held[0]) == (4, 0)


def test_without_spare_qubits_a_link_keeps_no_pairs_and_works_on_request() -> None:
    program, policy = two_uses(communication=1)
    without = schedule(program, 5, policy=Policy("just_in_time"))
    timelines = schedule(program, 5, policy=policy)
    assert timelines.supply.buffered_pairs.tolist() == [0]
    assert np.array_equal(timelines.end_s, without.end_s)


def swap_program(one_s: float, other_s: float) -> Program:
    """Two certain links of different attempt durations, whose pairs are swapped."""
    qpus = tuple(QPU(name, 0) for name in "ABC")
    network = Network("swap", qpus, (Link("A", "B", one_s), Link("B", "C", other_s)))
    builder = ProgramBuilder(network)
    a, b, c, d = (builder.add_qubit(f"c{i}", q, communication=True) for i, q in enumerate((0, 1, 1, 2)))
    builder.entangle(0, a, b)
    builder.entangle(1, c, d)
    builder.gate("cx", b, c)
    for qubit in (a, b, c, d):
        builder.measure(qubit, builder.new_bit())
    return builder.build()


@pytest.mark.parametrize("sharing", ["program", "request"])
def test_a_cutoff_shorter_than_an_attempt_ends(sharing: str) -> None:
    """A single pair is used the moment it is there. Two that are swapped must meet; if it takes a million, that is an error."""
    program, _ = two_uses()
    policy = Policy(cutoff_s=1e-3, sharing=sharing)
    assert schedule(program, 2, policy=policy).makespan_s[0] < 3 * ATTEMPT
    meeting = schedule(swap_program(2.0, 3.0), 1, policy=Policy(cutoff_s=0.5, sharing=sharing))
    # made at 2, 4.5, 7, … and 3, 6.5, 10, …: a first meeting within 0.5
    assert np.abs(np.diff(meeting.made_s[:, 0]))[0] <= 0.5
    with pytest.raises(SchedulingError, match="a million pairs expired"):
        schedule(swap_program(1.0, 1.0 + 1e-7), 1, policy=Policy(cutoff_s=1e-9, sharing=sharing))


def test_just_in_time_pairs_are_younger_and_come_no_earlier() -> None:
    """A pair waits for its consumer only if that needs another pair too."""
    program, _ = drawn(3, size=25)
    previous, rows = previous_rows(program), np.flatnonzero(program.opcodes == Op.ENTANGLE)
    consumers = [int(np.flatnonzero((previous == row).any(axis=1))[0]) for row in rows]
    early, late = (schedule(program, 4000, policy=Policy(timing)) for timing in ("as_soon_as_possible", "just_in_time"))
    ages = [(timelines.start_s[consumers] - timelines.made_s).mean(axis=1) for timelines in (early, late)]
    assert ages[1].sum() < ages[0].sum()
    is_alone = [consumers.count(consumer) == 1 for consumer in consumers]
    assert (ages[1][is_alone] == 0).all()
    assert late.makespan_s.mean() >= early.makespan_s.mean()


@pytest.mark.parametrize("sharing", ["program", "request"])
def test_a_link_serves_in_the_order_that_is_asked_for(sharing: str) -> None:
    """The program's first pair is wanted late, its second at once, from the same link."""
    network = timed_network()
    builder, data, halves = builder_on(network, 2)
    builder.measure(data[0][0], 0)
    for use in range(2):
        builder.entangle(0, halves[0][use], halves[1][use])
        builder.gate("cx", data[0][use], halves[0][use])
        builder.measure(halves[0][use], builder.new_bit())
        builder.measure(halves[1][use], builder.new_bit())
    timelines = schedule(builder.build(), 1, policy=Policy("just_in_time", sharing=sharing))
    starts = timelines.start_s[[1, 5], 0].tolist()
    assert starts == ([READ, READ + ATTEMPT] if sharing == "program" else [ATTEMPT, 0.0])


def test_supplies_add_up_and_refuse_strangers() -> None:
    program, policy = drawn(5)
    one, other = (schedule(program, shots, seed=shots, policy=policy).supply for shots in (10, 20))
    total = one + other
    assert (total.shots, total.makespan_s) == (30, one.makespan_s + other.makespan_s)
    assert np.array_equal(total.generated, one.generated + other.generated)
    assert np.array_equal(total.channels, one.channels)
    with pytest.raises(InvalidValueError, match="same links"):
        _ = one + dataclasses.replace(other, channels=other.channels + 1)


def test_ten_thousand_qpus_cost_nothing_to_a_tiny_program() -> None:
    """Dense tables of 10⁸ entries would take minutes."""
    count = 10_000
    qpus = tuple(QPU(f"Q{i}", 1, 1, measurement_s=1.0) for i in range(count))
    links = tuple(Link(f"Q{i}", f"Q{(i + 1) % count}", 1.0, 0.5, classical_latency_s=0.5) for i in range(count))
    builder = ProgramBuilder(Network("ring", qpus, links), num_clbits=1)
    near, far = builder.add_qubit("a", 0), builder.add_qubit("b", count - 3)
    builder.measure(near, 0)
    builder.correct(Pauli.X, far, [0])
    for policy in (Policy(), Policy("prefetch", cutoff_s=1.0), Policy(sharing="request")):
        assert schedule(builder.build(), 3, policy=policy).makespan_s.tolist() == [2.5] * 3


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_bits_take_the_fastest_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 8))
    pairs = {(i, int(rng.integers(i))) for i in range(1, count)} | {
        (max(a, b), min(a, b)) for a, b in rng.integers(0, count, (5, 2)).tolist() if a != b
    }
    links = tuple(Link(f"Q{a}", f"Q{b}", 1.0, classical_latency_s=float(rng.integers(0, 5))) for a, b in sorted(pairs))
    network = Network("random", tuple(QPU(f"Q{i}", 1) for i in range(count)), links)
    senders, receivers = rng.integers(0, count, (2, 30))
    expected = [latency_s(network, a, b) for a, b in zip(senders.tolist(), receivers.tolist(), strict=True)]
    assert latencies_s(network, senders, receivers).tolist() == expected


@pytest.mark.parametrize("sharing", ["program", "request"])
@pytest.mark.parametrize("timing", ["as_soon_as_possible", "just_in_time", "prefetch"])
def test_programs_without_pairs_or_without_anything(timing: str, sharing: str) -> None:
    policy = Policy(timing, cutoff_s=1.0, sharing=sharing)
    builder, data, _ = builder_on(timed_network(1))
    assert schedule(builder.build(), 3, policy=policy).makespan_s.tolist() == [0] * 3
    builder.measure(data[0][0], 0)
    timelines = schedule(builder.build(), 3, policy=policy)
    assert timelines.makespan_s.tolist() == [READ] * 3
    assert timelines.made_s.shape == (0, 3)
