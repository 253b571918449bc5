"""Hazards reproduce their channels exactly, on paper and when a clock draws from them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.simulator.noisy_cases import PAULI_NOISE, RELAXATION, TOMOGRAPHY, bernstein, pair_of_qpus
from weft.network import BellPair
from weft.program import Op, ProgramBuilder
from weft.simulator.frames.kernel import begin_block, frame_state, play_frames
from weft.simulator.frames.noise import ATTEMPTS, frame_noise, hazard_of, planes_of_stages
from weft.simulator.frames.plan import plan_frames
from weft.simulator.noise import noise_of

FALSE_ALARM = 1e-7
_SIGNS = np.array(
    [[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]
)  # how P_j commutes with P_i, both of I X Y Z


def poisson_channel(flips, phase_flips):
    """Probabilities of I, X, Y, Z after Poisson numbers of X, of Y (both with mean `flips`) and of Z."""
    kept = np.exp(-2 * np.array([0, flips + phase_flips, flips + phase_flips, 2 * flips]))
    return _SIGNS @ kept / 4


def everything(**options):
    """A pair, gates on one and two qubits, measurements and a reset."""
    builder = ProgramBuilder(pair_of_qpus((1, 1), **options), num_clbits=1)
    data = [builder.add_qubit(f"{'AB'[k]}.d0", k) for k in (0, 1)]
    pair = [builder.add_qubit(f"{'AB'[k]}.c0", k, communication=True) for k in (0, 1)]
    builder.gate("h", data[0])
    builder.entangle(0, *pair)
    builder.gate("cx", data[0], pair[0])
    for qubit in pair:
        builder.measure(qubit, builder.new_bit())
    builder.reset(data[1])
    builder.measure(data[0], 0)
    return builder.build()


@pytest.mark.parametrize("t2_s", [0.001, 0.3, 0.4])
@pytest.mark.parametrize("idle_s", [0.0, 1e-5, 0.1, 3.0])
def test_waiting_is_the_twirl_of_relaxation_and_dephasing(t2_s, idle_s):
    """Sarvepalli et al. (2009): X and Y with (1 − e^{−t/T1})/4 each, Z with (1 − e^{−t/T2})/2 − (1 − e^{−t/T1})/4."""
    t1_s = 0.2
    program = everything(hardware={"t1_s": t1_s, "t2_s": t2_s})
    law = frame_noise(program, noise_of(program)).laws[0]
    assert law[3] == np.inf
    x = -math.expm1(-idle_s / t1_s) / 4
    z = -math.expm1(-idle_s / t2_s) / 2 - x
    found = poisson_channel(law[0] * idle_s, law[1] * idle_s + law[2] * idle_s**2)
    assert found == pytest.approx([1 - 2 * x - z, x, x, z], abs=1e-14)


@pytest.mark.parametrize("pair", [BellPair.werner(0.9), BellPair.werner(0.25), TOMOGRAPHY, BellPair.werner(1.0)])
def test_strikes_are_the_channels_of_the_noise(pair):
    program = everything(pair=pair, hardware=PAULI_NOISE)
    noise = noise_of(program)
    hazards = frame_noise(program, noise)
    tables = np.diff(hazards.strikes, axis=1, prepend=0.0)[hazards.strike_of_row]
    channels = -np.expm1(-hazards.hazard)[:, None] * tables
    expected = np.zeros((len(program), 16))
    for row, opcode in enumerate(program.opcodes):
        operands = np.count_nonzero(program.qubits[row] >= 0)
        if opcode == Op.GATE:
            expected[row, 1 : 4**operands] = noise.gate_weight[row] / (4**operands - 1)
        elif opcode == Op.ENTANGLE:  # Φ−, Ψ+, Ψ− are Z, X, Y on the second half
            expected[row, [12, 4, 8]] = pair.bell_weights[1:]
        else:
            expected[row, 1] = noise.flip_probability[row]
    np.testing.assert_allclose(channels, expected, atol=1e-15)


def test_what_is_certain_has_a_finite_hazard():
    assert hazard_of(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.0, math.log(2), 50.0])


def test_there_is_a_plane_for_each_cause_that_adds_something():
    quiet = everything()
    assert planes_of_stages(noise_of(quiet)).tolist() == [0, 0, 0, 0, 0]
    program = everything(hardware={"t2_s": 1.0, "measurement_error": 0.1})
    assert planes_of_stages(noise_of(program)).tolist() == [0, 0, 0, 1, 2]
    hazards = frame_noise(program, noise_of(program))
    assert (hazards.planes, hazards.plane_of_waiting) == (3, 1)
    assert hazards.plane_of_row[program.opcodes == Op.MEASURE].tolist() == [2, 2, 2]
    full = everything(pair=BellPair.werner(0.9), hardware=RELAXATION)
    assert planes_of_stages(noise_of(full)).tolist() == [0, 1, 2, 3, 4]


def two_qubits_wait():
    """A program whose last row is a gate that does nothing to two qubits that waited."""
    builder = ProgramBuilder(pair_of_qpus((2, 0), hardware={"t2_s": 1.0, "two_qubit_gate_error": 0.1}))
    for k in (0, 1):
        builder.add_qubit(f"A.d{k}", 0)
        builder.gate("id", k)
    builder.gate("rzz", 0, 1, angles=[0.0])
    return builder.build()


BLOCKS, WIDTH = 200, 4


def struck(laws, idle_s, table):
    """How often each of the 16 Paulis is the frame of two qubits that waited for `idle_s`, after a strike out of a table."""
    program = two_qubits_wait()
    plan, _ = plan_frames(program)
    weight = table.sum()
    cumulative = np.append(np.cumsum(table)[:-1] / max(weight, 1e-300), 1.0)
    noise = frame_noise(program, noise_of(program))._replace(
        laws=laws, strikes=cumulative[None], strike_of_row=np.zeros(3, dtype=np.int32),
        hazard=np.array([0, 0, hazard_of(weight)]),
    )  # fmt: skip
    state = frame_state(2, 1, noise.planes, WIDTH)
    idle = np.ones((3, 2, 64 * WIDTH)) * np.array(idle_s)[:, None]
    counts = np.zeros(16, dtype=np.int64)
    for block in range(BLOCKS):
        begin_block(state, np.array([1, 2], dtype=np.uint64), block, noise.planes, 64 * WIDTH)
        play_frames(plan, noise, state, 0, 3, idle)
        planes = np.stack((state.x, state.z)).reshape(2, 2, noise.planes, WIDTH)
        frame = planes[:, :, -1] ^ planes[:, :, 0]
        x, z = np.unpackbits(frame.view(np.uint8), axis=-1).astype(np.int64)
        pauli = np.array([[0, 3], [1, 2]])[x, z]
        counts += np.bincount(pauli[0] + 4 * pauli[1], minlength=16)
    return counts


rates = st.sampled_from([0.0, 0.01, 0.3, 2.0, 1e4, 1e15])
EXAMPLES = 25


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(rates, rates, rates, st.sampled_from([0.5, 2.0, np.inf]), rates, rates), min_size=2, max_size=2),
    st.tuples(st.floats(0, 1.5), st.floats(0, 1.5)),
    st.integers(0, 2**20),
    st.sampled_from([0.0, 0.02, 0.7, 1.0]),
)
def test_the_clock_draws_from_the_channels(laws, idle_s, seed, weight):
    """Any law of waiting, on either side of its change and however long the wait, times any table of strikes, however likely."""
    laws = np.array(laws)
    table = np.concatenate(([0.0], np.random.default_rng(seed).dirichlet(np.full(15, 0.5)) * weight))
    waits = []
    for law, t in zip(laws, idle_s, strict=True):
        hazards = (t * law[0], t * law[1] + t**2 * law[2]) if t < law[3] else (t * law[4], t * law[5])
        waits.append(poisson_channel(*hazards))
    channel = np.append(1 - weight, table[1:])
    expected = np.zeros(16)
    for first in range(4):
        for second in range(4):
            # X, Y, Z = 1, 2, 3 multiply as 01, 11, 10 do by exclusive or
            for place, probability in enumerate(channel):
                code = [0, 1, 3, 2]
                product = code.index(code[first] ^ code[place & 3]) + 4 * code.index(code[second] ^ code[place >> 2])
                expected[product] += probability * waits[0][first] * waits[1][second]
    shots = BLOCKS * WIDTH * 64
    counts = struck(laws, idle_s, table)
    for found, p in zip(counts, expected, strict=True):
        p = min(max(p, 0.0), 1.0)  # noqa: PLW2901
        assert abs(found - shots * p) <= bernstein(shots * p * (1 - p), FALSE_ALARM / (16 * EXAMPLES))


def test_attempts_flip_phases_nearby():
    """n attempts flip each phase with probability (1 − (1 − 2p)ⁿ)/2, independently; here 2 and 70 attempts, of 1 s each."""
    program, flip = everything(hardware={"t2_s": 1.0}), 0.03
    plan, _ = plan_frames(program)
    rows, [entangle] = np.arange(len(program) + 1), np.flatnonzero(program.opcodes == Op.ENTANGLE)
    noise = frame_noise(program, noise_of(program))
    noise = noise._replace(
        waits=np.where(program.opcodes == Op.ENTANGLE, ATTEMPTS, 0).astype(np.uint8),
        nearby_offsets=np.where(rows > entangle, 2, 0), nearby=np.array([0, 1], dtype=np.int32),
        rates=np.full(2, -math.log1p(-2 * flip) / 2),
    )  # fmt: skip
    state = frame_state(program.num_qubits, program.num_bits, noise.planes, WIDTH)
    attempts = np.where(np.arange(64 * WIDTH) < 128, 2.0, 70.0)
    idle, counts = np.ones((2, 2, 64 * WIDTH)) * attempts, np.zeros((2, 4), dtype=np.int64)
    for block in range(BLOCKS):
        begin_block(state, np.array([1, 2], dtype=np.uint64), block, noise.planes, 64 * WIDTH)
        play_frames(plan, noise, state, 0, entangle + 1, idle)
        x, z = (np.array(part).reshape(-1, noise.planes, WIDTH) for part in (state.x, state.z))
        assert np.array_equal(x[:, -1], x[:, 0])
        frame = (z[:, -1] ^ z[:, 0])[:2].reshape(2, 2, -1)
        first, second = np.unpackbits(frame.view(np.uint8), axis=-1).astype(np.int64)
        for half in (0, 1):
            counts[half] += np.bincount(first[half] + 2 * second[half], minlength=4)
    for half, number in enumerate((2, 70)):
        p = (1 - (1 - 2 * flip) ** number) / 2
        for found, expected in zip(counts[half], ((1 - p) ** 2, p * (1 - p), p * (1 - p), p * p), strict=True):
            shots = BLOCKS * 128
            assert abs(found - shots * expected) < bernstein(shots * expected * (1 - expected), FALSE_ALARM / 8)
