"""Idle times chunk by chunk: played on the spot, and from stored timelines."""

import numpy as np
import pytest
from noisy_cases import CLIFFORD, RELAXATION, bernstein, compiled, dynamic_circuit, make_network

from weft.network import BellPair
from weft.program import Op
from weft.scheduler import schedule
from weft.simulator.frame_noise import ATTEMPTS, frame_noise
from weft.simulator.idle_times import begin_play, last_end, plan_play, play_idle, play_state, stored_idle
from weft.simulator.noise import noise_of

SHOTS = 128


def relay(success):
    network = make_network(
        [(0, 1), (1, 2)], (1, 1, 1), communication=2, pair=BellPair.werner(0.9), hardware=RELAXATION,
        attempt_s=0.01, success=success,
    )  # fmt: skip
    return compiled(dynamic_circuit(3, 3, 6, CLIFFORD), network)


def waits_of(program):
    waits = frame_noise(program, noise_of(program)).waits.copy()
    waits[program.opcodes == Op.ENTANGLE] = ATTEMPTS
    return waits


def played(program, waits, chunk, key=1, shots=SHOTS):
    """All idle times, in chunks of that many rows, and the makespans."""
    plan = plan_play(program)
    state = play_state(program.num_qubits, program.num_bits, int(plan.link_channels[-1]), shots)
    begin_play(state, np.uint64(key), 0)
    idle, makespans_s = np.zeros((len(program), 2, shots)), np.zeros(shots)
    for low in range(0, len(program), chunk):
        high = min(low + chunk, len(program))
        play_idle(plan, state, low, high, waits, idle[low:high])
    last_end(state, 0, makespans_s)
    return idle, makespans_s


@pytest.mark.parametrize("chunk", [1, 5, 10_000])
def test_both_ways_agree_where_links_never_fail(chunk):
    program = relay(1.0)
    noise, waits, timelines = noise_of(program), waits_of(program), schedule(program, SHOTS, 0)
    found, makespans_s = played(program, waits, chunk)
    stored = np.zeros_like(found)
    for low in range(0, len(program), chunk):
        high = min(low + chunk, len(program))
        stored_idle(timelines.start_s, timelines.end_s, noise.previous, waits, 0, low, high, stored[low:high])
    np.testing.assert_allclose(found, stored, atol=1e-12)
    np.testing.assert_allclose(makespans_s, timelines.makespan_s, rtol=1e-12)
    for row, operand in np.argwhere(noise.waits).tolist():
        np.testing.assert_allclose(stored[row, operand], noise.idle_s(timelines, row, operand), atol=1e-12)
    entangles = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    assert np.all(stored[entangles, 0] == pytest.approx(0.01))


def test_played_times_do_not_depend_on_chunks_but_on_the_key():
    program = relay(0.3)
    waits = waits_of(program)
    first, makespans_s = played(program, waits, 3)
    again, makespans_again_s = played(program, waits, 7)
    other, _ = played(program, waits, 7, key=2)
    assert np.array_equal(first, again)
    assert np.array_equal(makespans_s, makespans_again_s)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("success", [0.9, 0.3, 0.01])
def test_attempts_are_geometric(success):
    """All pairs of all shots are independent; counts of each number of attempts, false alarms at most 1e-7."""
    program, shots = relay(success), 2**14
    idle, _ = played(program, waits_of(program), 100, shots=shots)
    attempts = idle[program.opcodes == Op.ENTANGLE, 0].reshape(-1) / 0.01
    np.testing.assert_allclose(attempts, np.rint(attempts), atol=1e-6)
    counts = np.bincount(np.rint(attempts).astype(np.int64), minlength=400)[:400]
    assert counts[0] == 0
    p = success * (1 - success) ** (np.arange(1, 400) - 1)
    for found, expected in zip(counts[1:], p, strict=True):
        assert abs(found - len(attempts) * expected) < bernstein(
            len(attempts) * expected * (1 - expected), 1e-7 / (3 * 400)
        )
