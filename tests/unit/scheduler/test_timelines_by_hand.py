"""Timelines of programs whose times can be worked out by hand, and the statistics of waiting."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from unit.program.random_cases import network_of
from unit.scheduler.slow_schedule import check_rules
from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.errors import InvalidValueError
from weft.network import QPU, Link, Network
from weft.program import Op, Pauli, Program, ProgramBuilder, Role
from weft.scheduler import schedule
from weft.scheduler.timelines import holds_state, previous_rows

ONE, TWO, READ, RESET, ATTEMPT, LATENCY = 1.0, 10.0, 100.0, 1000.0, 1e4, 1e5


def timed_network(qpus: int = 2, *, success: float = 1.0, channels: int = 1, data: int = 2) -> Network:
    """A line whose durations have a decimal digit each, so that a sum tells what it is made of."""
    nodes = tuple(
        QPU(chr(65 + i), data, one_qubit_gate_s=ONE, two_qubit_gate_s=TWO, measurement_s=READ, reset_s=RESET)
        for i in range(qpus)
    )
    links = tuple(
        Link(a.name, b.name, ATTEMPT, success, channels=channels, classical_latency_s=LATENCY)
        for a, b in pairwise(nodes)
    )
    return Network("timed", nodes, links)


def builder_on(network: Network, communication: int = 1) -> tuple[ProgramBuilder, list[list[int]], list[list[int]]]:
    """A builder, and the data and communication qubits of each QPU."""
    builder = ProgramBuilder(network, num_clbits=2)
    kinds = []
    for kind, each in ((False, None), (True, communication)):
        kinds.append(
            [
                [builder.add_qubit(f"{q.name}.{kind}{i}", p, communication=kind) for i in range(each or q.data_qubits)]
                for p, q in enumerate(network.qpus)
            ]
        )
    return builder, kinds[0], kinds[1]


def times(program: Program) -> list[tuple[float, float]]:
    timelines = schedule(program, 2)
    assert np.array_equal(timelines.start_s[:, 0], timelines.start_s[:, 1])
    return list(zip(timelines.start_s[:, 0].tolist(), timelines.end_s[:, 0].tolist(), strict=True))


def test_local_instructions_take_the_durations_of_their_qpu() -> None:
    builder, data, _ = builder_on(timed_network())
    (a, b), (c, _) = data
    builder.gate("h", a)
    builder.gate("cx", a, b)
    builder.reset(b)
    builder.measure(a, 0)
    builder.gate("x", c)
    assert times(builder.build()) == [(0, 1), (1, 11), (11, 1011), (11, 111), (0, 1)]


def test_each_qpu_has_its_own_durations() -> None:
    network = timed_network()
    slow = dataclasses.replace(network.qpus[1], one_qubit_gate_s=7.0, measurement_s=8.0)
    builder, data, _ = builder_on(dataclasses.replace(network, qpus=(network.qpus[0], slow)))
    for qpu in (0, 1):
        builder.gate("h", data[qpu][0])
        builder.measure(data[qpu][0], qpu)
    assert times(builder.build()) == [(0, 1), (1, 101), (0, 7), (7, 15)]


@pytest.mark.parametrize("hops", [0, 1, 3])
def test_a_bit_travels_with_the_latency_of_every_hop(hops: int) -> None:
    builder, data, _ = builder_on(timed_network(4))
    builder.measure(data[0][0], 0)
    reader = data[hops][1]
    builder.gate("x", reader, condition=[(0, Role.IF_ONE)])
    builder.correct(Pauli.X, data[hops][0] if hops else data[0][1], [0])
    arrival = READ + hops * LATENCY
    assert times(builder.build())[1:] == [(arrival, arrival + ONE), (arrival + (0 if hops else ONE),) * 2]


def test_a_bit_that_nothing_wrote_is_there_from_the_start() -> None:
    builder, data, _ = builder_on(timed_network())
    builder.correct(Pauli.X, data[0][0], [1])
    builder.gate("x", data[1][0], condition=[(1, Role.IF_ZERO)])
    assert times(builder.build()) == [(0, 0), (0, 1)]


def test_a_bit_written_again_comes_from_where_it_was_written_last() -> None:
    builder, data, _ = builder_on(timed_network(3))
    builder.measure(data[0][0], 0)
    builder.gate("x", data[2][0], condition=[(0, Role.IF_ONE)])
    builder.gate("h", data[1][0])
    builder.measure(data[1][0], 0)
    builder.gate("x", data[2][1], condition=[(0, Role.IF_ONE)])
    found = times(builder.build())
    assert found[1][0] == READ + 2 * LATENCY
    assert found[4][0] == ONE + READ + LATENCY


def test_a_teleported_gate_by_hand() -> None:
    """Pair, CX, measurement, bit to the other side, gate, measurement, bit back."""
    circuit = CircuitBuilder(2)
    circuit.add_bits(1)
    circuit.gate("ch", 0, 1)
    circuit.measure(1, 0)
    program = compile_circuit(circuit.build(), timed_network(data=1)).program
    kinds = [Op(code).name for code in program.opcodes]
    assert kinds == ["ENTANGLE", "GATE", "MEASURE", "CORRECT", "GATE", "MEASURE", "CORRECT", "MEASURE"]
    t0 = ATTEMPT + TWO + READ + LATENCY
    t1 = t0 + TWO
    expected = [
        (0, ATTEMPT),
        (ATTEMPT, ATTEMPT + TWO),
        (ATTEMPT + TWO, ATTEMPT + TWO + READ),
        (t0, t0),
        (t0, t1),
        (t1, t1 + READ),
        (t1 + READ + LATENCY, t1 + READ + LATENCY),
        (t1, t1 + READ),
    ]
    assert times(program) == expected
    assert schedule(program, 3).makespan_s.tolist() == [t1 + READ + LATENCY] * 3


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_a_link_makes_as_many_pairs_at_once_as_it_has_channels(channels: int) -> None:
    builder, _, communication = builder_on(timed_network(channels=channels), 5)
    for a, b in zip(*communication, strict=True):
        builder.entangle(0, a, b)
    for qubit in (*communication[0], *communication[1]):
        builder.measure(qubit, builder.new_bit())
    found = times(builder.build())[:5]
    assert found == [(ATTEMPT * (i // channels), ATTEMPT * (i // channels + 1)) for i in range(5)]


def test_links_do_not_wait_for_each_other() -> None:
    builder, _, communication = builder_on(timed_network(3), 2)
    builder.entangle(0, communication[0][0], communication[1][0])
    builder.entangle(1, communication[1][1], communication[2][0])
    for qubit in (communication[0][0], *communication[1], communication[2][0]):
        builder.measure(qubit, builder.new_bit())
    assert times(builder.build())[:2] == [(0, ATTEMPT), (0, ATTEMPT)]


def test_a_pair_waits_until_both_of_its_qubits_are_empty() -> None:
    builder, _, communication = builder_on(timed_network(channels=2))
    (a,), (b,) = communication
    builder.entangle(0, a, b)
    builder.measure(a, builder.new_bit())
    builder.gate("h", b)
    builder.measure(b, builder.new_bit())
    builder.entangle(0, a, b)
    builder.measure(a, builder.new_bit())
    builder.measure(b, builder.new_bit())
    assert times(builder.build())[4] == (ATTEMPT + ONE + READ, 2 * ATTEMPT + ONE + READ)


def one_pair(success: float, pairs: int = 1) -> Program:
    builder, _, communication = builder_on(timed_network(success=success, channels=pairs), pairs)
    for a, b in zip(*communication, strict=True):
        builder.entangle(0, a, b)
        builder.measure(a, builder.new_bit())
        builder.measure(b, builder.new_bit())
    return builder.build()


@pytest.mark.parametrize("success", [1.0, 0.5, 0.02, 1e-4])
def test_attempts_are_geometric(success: float) -> None:
    """Mean 1/p, variance (1 − p)/p², and the share (1 − p)^(k − 1) p of each of the first counts.

    Each is compared within 5.5 standard errors of its own (Gaussian tails: 4·10⁻⁸), seven comparisons for each of 4 values of p:
    false alarm below 10⁻⁶ in all; and the seed is fixed.
    """
    shots = 200_000
    timelines = schedule(one_pair(success), shots, seed=11)
    attempts = (timelines.end_s[0] - timelines.start_s[0]) / ATTEMPT
    assert np.allclose(attempts, np.round(attempts), rtol=1e-12)
    assert attempts.min() >= 1
    deviation = np.sqrt(1 - success) / success
    assert abs(attempts.mean() - 1 / success) <= 5.5 * deviation / np.sqrt(shots)
    # the fourth central moment of a geometric distribution is σ⁴ (9 + p²/(1 − p))
    kurtosis = 9 + success**2 / max(1 - success, 1e-300)
    tolerance = 5.5 * deviation**2 * np.sqrt((kurtosis - 1) / shots) if success < 1 else 0
    assert abs(attempts.var() - deviation**2) <= tolerance
    if success >= 0.02:
        for count in range(1, 6):
            share = (1 - success) ** (count - 1) * success
            found = np.mean(np.round(attempts) == count)
            assert abs(found - share) <= 5.5 * np.sqrt(share * (1 - share) / shots)


def test_pairs_and_shots_are_independent() -> None:
    """Correlations of 20 pairs with each other and with themselves one shot later, 400 coefficients of standard error 1/√n.

    Within 6 standard errors each (2·10⁻⁹): false alarm below 10⁻⁶ in all; the seed is fixed.
    """
    shots = 40_000
    timelines = schedule(one_pair(0.3, pairs=20), shots, seed=2)
    rows = np.flatnonzero(timelines.program.opcodes == Op.ENTANGLE)
    waits = (timelines.end_s - timelines.start_s)[rows]
    across = np.corrcoef(waits)[~np.eye(20, dtype=bool)]
    next_shot = np.corrcoef(waits[:, :-1], waits[:, 1:])[:20, 20:]
    assert max(np.abs(across).max(), np.abs(next_shot).max()) < 6 / np.sqrt(shots)


def test_the_slower_of_two_pairs_decides_in_the_mean() -> None:
    """E max of two geometrics is 2/p − 1/(2p − p²); within 5.5 standard errors (4·10⁻⁸), seed fixed."""
    p, shots = 0.1, 100_000
    makespan = schedule(one_pair(p, pairs=2), shots, seed=5).makespan_s
    attempts = (makespan - READ) / ATTEMPT
    expected = 2 / p - 1 / (2 * p - p**2)
    assert abs(attempts.mean() - expected) < 5.5 * attempts.std() / np.sqrt(shots)


def test_the_same_seed_gives_the_same_timelines() -> None:
    program = one_pair(0.1, pairs=3)
    first = schedule(program, 50, seed=3)
    for seed in (3, np.random.SeedSequence(3)):
        again = schedule(program, 50, seed=seed)
        assert np.array_equal(first.start_s, again.start_s)
        assert np.array_equal(first.end_s, again.end_s)
    assert not np.array_equal(first.end_s, schedule(program, 50, seed=4).end_s)
    one_sequence = np.random.SeedSequence(3)
    pair = [schedule(program, 50, seed=one_sequence).end_s for _ in range(2)]
    assert np.array_equal(*pair)


def test_a_part_of_the_timelines_is_those_shots() -> None:
    timelines = schedule(one_pair(0.1), 10, seed=1)
    part = timelines.part(2, 5)
    assert part.shots == 3
    assert np.array_equal(part.makespan_s, timelines.makespan_s[2:5])
    assert np.array_equal(part.start_s, timelines.start_s[:, 2:5])


@pytest.mark.parametrize(("shots", "seed"), [(0, 0), (-1, 0), (1, -1)])
def test_impossible_requests_are_refused(shots: int, seed: int) -> None:
    with pytest.raises(InvalidValueError):
        schedule(one_pair(0.5), shots, seed=seed)


def test_programs_of_nothing_take_no_time() -> None:
    builder, _, _ = builder_on(timed_network(1))
    timelines = schedule(builder.build(), 4)
    assert timelines.makespan_s.tolist() == [0] * 4
    assert timelines.start_s.shape == (0, 4)


def test_the_rows_before_are_those_that_used_the_same_qubits() -> None:
    builder, data, communication = builder_on(timed_network())
    a, b = data[0]
    c, d = communication[0][0], communication[1][0]
    builder.gate("h", b)
    builder.gate("cx", a, b)
    builder.entangle(0, c, d)
    builder.gate("cx", a, c)
    builder.measure(c, 0)
    builder.correct(Pauli.X, d, [0])
    builder.measure(d, 1)
    program = builder.build()
    expected = [[-1, -1], [-1, 0], [-1, -1], [1, 2], [3, -1], [2, -1], [5, -1]]
    assert previous_rows(program).tolist() == expected
    expected = [[1, 0], [1, 1], [0, 0], [1, 1], [1, 0], [1, 0], [1, 0]]
    assert holds_state(program).astype(int).tolist() == expected


def test_the_rules_hold_on_a_busy_program() -> None:
    circuit = CircuitBuilder(6)
    for first in range(6):
        circuit.gate("h", first)
        for second in range(first + 1, 6):
            circuit.gate("cp", first, second, angles=[0.1])
    network = network_of("line", [2, 2, 2], 2, success_probability=0.3, classical_latency_s=3e-6, channels=2)
    program = compile_circuit(circuit.build(), network).program
    timelines = schedule(program, 5, seed=1)
    for shot in range(5):
        check_rules(program, timelines.start_s[:, shot], timelines.end_s[:, shot])
