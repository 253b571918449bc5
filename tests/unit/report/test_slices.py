"""What is cut out of a shot agrees with the timelines that it was cut from."""

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.program import Op, ProgramBuilder
from weft.report.coverage import coverage
from weft.report.slices import slice_shot
from weft.scheduler import Timelines, schedule


def test_times_are_those_of_the_shot(timelines: Timelines) -> None:
    slices = slice_shot(timelines, 1)
    assert np.array_equal(slices.start_s, timelines.start_s[:, 1])
    assert np.array_equal(slices.end_s, timelines.end_s[:, 1])
    assert slices.makespan_s == timelines.makespan_s[1]


def test_every_gap_spans_from_the_previous_use_of_its_qubit_to_the_next(timelines: Timelines) -> None:
    slices = slice_shot(timelines, 0)
    program, expected = timelines.program, []
    last_end: dict[int, float] = {}
    for row, operands in enumerate(program.qubits.tolist()):
        for qubit in (operand for operand in operands if operand >= 0):
            begin, end = last_end.get(qubit, np.inf), timelines.start_s[row, 0]
            if begin < end and program.opcodes[row] != Op.ENTANGLE:
                expected.append((row, qubit, begin, end))
            last_end[qubit] = timelines.end_s[row, 0]
    gaps = slices.gaps
    found = zip(gaps.rows.tolist(), gaps.qubits.tolist(), gaps.start_s.tolist(), gaps.end_s.tolist(), strict=True)
    assert sorted(found) == sorted(expected)


def test_no_channel_makes_two_pairs_at_once_and_every_pair_has_a_channel(timelines: Timelines) -> None:
    slices = slice_shot(timelines, 0)
    program = timelines.program
    rows = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    assert np.array_equal(slices.channels >= 0, program.opcodes == Op.ENTANGLE)
    free: dict[tuple[int, int], float] = {}
    for row in rows.tolist():
        key = (int(program.links[row]), int(slices.channels[row]))
        assert key[1] < program.network.links[key[0]].channels
        assert slices.start_s[row] >= free.get(key, 0.0)
        free[key] = slices.end_s[row]
    assert slices.used_channels == sorted(free)


def test_attempts_times_their_duration_is_how_long_a_pair_took(timelines: Timelines) -> None:
    slices = slice_shot(timelines, 0)
    for row in np.flatnonzero(timelines.program.opcodes == Op.ENTANGLE).tolist():
        link = timelines.program.network.links[timelines.program.links[row]]
        assert slices.attempts[row] * link.attempt_s == pytest.approx(slices.end_s[row] - slices.start_s[row])
        assert (slices.attempts[row] >= 1) == (link.attempt_s > 0)


def test_messages_are_the_bits_read_on_another_qpu_and_arrive_in_time(timelines: Timelines) -> None:
    slices = slice_shot(timelines, 0)
    program, messages = timelines.program, slices.messages
    latency = program.network.classical_latency_s
    for bit, writer, reader in zip(messages.bits, messages.writers, messages.readers, strict=True):
        assert program.bits[writer] == bit
        assert bit in [read for read, _ in program.reads(reader)]
        source, target = program.qpus[writer], program.qpus[reader]
        assert source != target
        assert slices.start_s[reader] >= slices.end_s[writer] + latency[source, target]


def test_each_teleported_gate_sends_a_bit_each_way(small: Timelines) -> None:
    slices = slice_shot(small, 0)
    corrections = np.flatnonzero(small.program.opcodes == Op.CORRECT)
    assert set(corrections.tolist()) <= set(slices.messages.readers.tolist())
    assert len(corrections) == 2 * small.program.ebits


def test_a_bit_that_is_measured_again_is_sent_by_its_last_writer(small: Timelines) -> None:
    network = small.program.network
    builder = ProgramBuilder(network, num_clbits=1)
    here, there = builder.add_qubit("A.d0", 0), builder.add_qubit("B.d0", 1)
    builder.measure(here, 0)
    builder.measure(here, 0)
    builder.gate("x", there, condition=[(0, 1)])
    builder.measure(there, 0)
    builder.gate("x", there, condition=[(0, 1)])
    messages = slice_shot(schedule(builder.build(), 1), 0).messages
    assert messages.writers.tolist() == [1]
    assert messages.readers.tolist() == [2]


@pytest.mark.parametrize("shot", [-1, 2])
def test_a_shot_that_does_not_exist_is_refused(small: Timelines, shot: int) -> None:
    with pytest.raises(InvalidValueError, match=rf"`shot` must lie in 0 … 1, but is {shot}"):
        slice_shot(small, shot)


def test_coverage_counts_intervals_exactly_however_short_they_are() -> None:
    start, end = np.array([0.0, 0.5, 2.25]), np.array([1.5, 0.6, 2.25 + 1e-9])
    edges = np.array([0.0, 1.0, 2.0, 3.0])
    assert coverage(start, end, edges) == pytest.approx([1.1, 0.5, 1e-9])
