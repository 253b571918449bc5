"""Packed Pauli frames: against Stim's own noise, streamed and stored, and where something could be left out."""

import math

import numpy as np
import pytest
import stim

from unit.simulator.noisy_cases import (
    CLIFFORD,
    PAULI_NOISE,
    RELAXATION,
    bernstein,
    compiled,
    dynamic_circuit,
    exact,
    make_network,
    outcome_index,
    pair_of_qpus,
    static_circuit,
)
from weft.circuit import CircuitBuilder
from weft.circuit.gates import matrix_of
from weft.network import QPU, BellPair, Network
from weft.program import Op, Pauli, ProgramBuilder, Role
from weft.scheduler import Player, Timelines, schedule
from weft.simulator.backend import STAGES, is_static
from weft.simulator.noise import noise_of
from weft.simulator.stabilizer import Stabilizer

BIASED = BellPair.bell_diagonal([0.85, 0.08, 0.05, 0.02])
CERTAIN = {"attempt_s": 0.02, "success": 1.0}
NETWORKS = {
    "two": pair_of_qpus((2, 1), pair=BIASED, hardware=RELAXATION, **CERTAIN),
    "scarce relay": make_network(
        [(0, 1), (1, 2)], (1, 1, 1), communication=2, pair=BIASED, hardware=RELAXATION, **CERTAIN
    ),
}
SEED = np.random.SeedSequence(11)


def stim_text(program, noise, timelines):
    """The program as a noisy circuit of Stim's, written anew; every wait as long as on the first timeline."""
    lines, held, written = [], {}, 0
    end = np.maximum(timelines.end_s[:, 0], 0)
    for row, opcode in enumerate(program.opcodes):
        operands = [int(qubit) for qubit in program.qubits[row] if qubit >= 0]
        text = " ".join(map(str, operands))
        for operand, qubit in enumerate(operands):
            if noise.waits[row, operand]:
                before = noise.previous[row, operand]
                t = timelines.start_s[row, 0] - (end[before] if before >= 0 else 0)
                x = (1 - math.exp(-t / noise.t1_s[qubit])) / 4
                owner = program.network.qpus[program.qubit_qpus[qubit]]
                _, t2 = owner.coherence(bool(program.qubit_is_communication[qubit]))
                z = (1 - math.exp(-t / t2)) / 2 - x
                lines.append(f"PAULI_CHANNEL_1({x},{x},{max(z, 0)}) {qubit}")
        if opcode == Op.GATE:
            matrix = matrix_of(int(program.kinds[row]), program.angles[row]).astype(np.complex64)
            for part in stim.Tableau.from_unitary_matrix(matrix, endian="big").to_circuit():
                places = " ".join(str(operands[target.value]) for target in part.targets_copy())
                lines.append(f"{part.name} {places}")
            lines.append(f"DEPOLARIZE{len(operands)}({noise.gate_weight[row]}) {text}")
        elif opcode == Op.RESET:
            lines.append(f"R {text}\nX_ERROR({noise.flip_probability[row]}) {text}")
        elif opcode == Op.ENTANGLE:
            _, z, x, y = noise.pairs[program.links[row]].bell_weights
            lines.append(f"R {text}\nH {operands[0]}\nCX {text}\nPAULI_CHANNEL_1({x},{y},{z}) {operands[1]}")
        elif opcode == Op.MEASURE:
            lines.append(f"M{Pauli(program.kinds[row]).name}({noise.flip_probability[row]}) {text}")
            held[program.bits[row]] = written
            written += 1
        else:
            for bit, _ in program.reads(row):
                if bit in held:
                    lines.append(f"C{Pauli(program.kinds[row]).name} rec[{held[bit] - written}] {text}")
    return "\n".join(lines), held


def measuring_circuit(seed):
    """Measures and resets on the way, and uses again what was measured; without conditions."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(3)
    builder.add_register("c", 5)
    for turn in range(3):
        for _ in range(6):
            gate = ("h", "s", "cx", "cz", "sx", "cy")[rng.integers(6)]
            builder.gate(gate, *rng.choice(3, 2 if gate[0] == "c" else 1, replace=False).tolist())
        if turn < 2:
            first, second = rng.choice(3, 2, replace=False).tolist()
            builder.measure(first, 3 + turn)
            builder.reset(second)
    for qubit in range(3):
        builder.measure(qubit, qubit)
    return builder


def streamed(program, noise, shots, timeline_seed, run_seed):
    """In blocks as `Stabilizer.run` has them, so that random numbers are the same."""
    width = 64 * (min(512, shots + 63) // 64)
    found = Stabilizer().run_streamed(Player(program, width=width), noise, shots, timeline_seed, run_seed)
    assert found.supply.shots == shots
    return found.batch, found.makespans_s


STIM_CASES = [(network, kind, seed) for network in NETWORKS for kind in ("static", "measuring") for seed in (1, 2, 3)]


@pytest.mark.parametrize(("network", "kind", "seed"), STIM_CASES)
def test_outcomes_are_those_of_stim_where_every_shot_waits_as_long(network, kind, seed):
    """Twirled relaxation, biased pairs, gates, resets and readout together, on links that never fail.

    Both frequencies are within √(ln(2/δ)/2n) of the truth (Hoeffding); false alarms of all cases: at most 1e-7.
    """
    builder = static_circuit(seed, 3, 6, CLIFFORD) if kind == "static" else measuring_circuit(seed)
    program = compiled(builder, NETWORKS[network])
    assert program.ebits > 0
    noise, shots = noise_of(program), 2**18
    text, held = stim_text(program, noise, schedule(program, 1, 0))
    record = stim.Circuit(text).compile_sampler(seed=seed).sample(shots)
    bits = range(program.num_clbits)
    expected = np.column_stack([record[:, held[bit]] if bit in held else np.zeros(shots, dtype=bool) for bit in bits])
    batch, _ = streamed(program, noise, shots, *SEED.spawn(2))
    size = 2**program.num_clbits
    off = np.bincount(outcome_index(batch.bits, bits), minlength=size) - np.bincount(
        outcome_index(expected.astype(np.uint8), bits), minlength=size
    )
    limit = 2 * math.sqrt(math.log(2 * 2 * size * len(STIM_CASES) / 1e-7) / (2 * shots))
    assert np.abs(off).max() / shots < limit


def same(first, second):
    assert np.array_equal(first.bits, second.bits)
    assert np.array_equal(first.overlaps, second.overlaps)
    assert first.distributions == second.distributions


@pytest.mark.parametrize("circuit", [static_circuit, dynamic_circuit])
@pytest.mark.parametrize("shots", [1, 63, 64, 300, 1000])
def test_streamed_and_stored_times_give_the_same_shots(circuit, shots):
    """Where links never fail there is but one timeline, and both ways take the same random numbers along it."""
    program = compiled(circuit(4, 3, 6, CLIFFORD), NETWORKS["two"])
    noise, timelines = noise_of(program), schedule(program, shots, 5)
    batch, makespans_s = streamed(program, noise, shots, np.random.SeedSequence(5), SEED)
    same(batch, Stabilizer().run(program, noise, timelines, SEED))
    assert makespans_s == pytest.approx(timelines.makespan_s, rel=1e-12)
    assert batch.bits.shape == (shots, program.num_clbits)
    assert batch.overlaps.shape == (STAGES, shots)


@pytest.mark.parametrize("circuit", [static_circuit, dynamic_circuit])
def test_streamed_shots_agree_with_the_scheduler_and_with_density_matrices(circuit):
    """On a link that seldom succeeds. Each shot's overlap, or outcome, has a mean that is a mean over timelines too.

    Makespans: two empirical distributions are each within √(ln(2/δ)/2n) of the truth everywhere (Massart 1990). Bits: Hoeffding for
    both samples, of shots here and of timelines there. False alarms: at most 1e-7.
    """
    network = pair_of_qpus((2, 1), pair=BIASED, hardware=PAULI_NOISE, attempt_s=5e-3, success=0.2)
    program = compiled(circuit(2, 3, 4, CLIFFORD), network)
    noise, shots, few = noise_of(program), 2**18, 4096
    batch, makespans_s = streamed(program, noise, shots, *SEED.spawn(2))
    expected_s = np.sort(schedule(program, shots, 9).makespan_s)
    points = np.unique(expected_s) + 1e-9  # between the times that are possible
    off = np.searchsorted(np.sort(makespans_s), points) - np.searchsorted(expected_s, points)
    each = 1e-7 / (4 + 2 * STAGES + 2 * 2**program.num_clbits)
    assert np.abs(off).max() / shots < 2 * math.sqrt(math.log(2 / each) / (2 * shots))
    overlaps, tables, bits = exact(program, schedule(program, few, 1))
    limit = math.sqrt(math.log(2 / each) / 2) * (1 / math.sqrt(shots) + 1 / math.sqrt(few))
    found = np.bincount(outcome_index(batch.bits, bits), minlength=2 ** len(bits)) / shots
    assert np.abs(found - tables[-1].mean(axis=0)).max() < limit
    if is_static(program):
        assert np.abs(batch.overlaps.mean(axis=1) - overlaps.mean(axis=1)).max() < limit


def test_the_same_seeds_give_the_same_shots_and_others_do_not():
    program = compiled(static_circuit(4, 3, 6, CLIFFORD), pair_of_qpus((2, 1), pair=BIASED, hardware=RELAXATION))
    noise = noise_of(program)

    def run(timeline_seed, run_seed):
        seeds = np.random.SeedSequence(timeline_seed), np.random.SeedSequence(run_seed)
        return streamed(program, noise, 5000, *seeds)

    (first, times_s), (again, times_again_s) = run(1, 2), run(1, 2)
    same(first, again)
    assert np.array_equal(times_s, times_again_s)
    assert np.array_equal(run(1, 3)[1], times_s)
    assert not np.array_equal(run(1, 3)[0].bits, first.bits)
    assert not np.array_equal(run(3, 2)[1], times_s)


def test_without_noise_every_shot_is_ideal_and_outcomes_are_still_random():
    builder = CircuitBuilder(3)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    builder.gate("cx", 1, 2)
    builder.add_register("c", 3)
    for qubit in range(3):
        builder.measure(qubit, qubit)
    program = compiled(builder, pair_of_qpus((2, 1)))
    batch, _ = streamed(program, noise_of(program), 2**14, *SEED.spawn(2))
    assert np.all(batch.overlaps == 1)
    assert np.all(batch.bits == batch.bits[:, :1])
    assert abs(int(batch.bits[:, 0].sum()) - 2**13) < bernstein(2**12, 1e-7)


def local(clbits=0, bits=0, data=2, **hardware):
    builder = ProgramBuilder(Network("one", (QPU("A", data, **hardware),), ()), num_clbits=clbits)
    for k in range(data):
        builder.add_qubit(f"A.d{k}", 0)
    for _ in range(clbits, bits):
        builder.new_bit()
    return builder


@pytest.mark.parametrize("data", [0, 2])
def test_an_empty_program_does_nothing(data):
    program = local(clbits=2, data=data).build()
    batch, makespans_s = streamed(program, noise_of(program), 100, *SEED.spawn(2))
    same(batch, Stabilizer().run(program, noise_of(program), schedule(program, 100, 1), SEED))
    assert np.all(batch.overlaps == 1)
    assert not np.any(batch.bits)
    assert np.array_equal(makespans_s, np.zeros(100))


@pytest.mark.parametrize("role", [Role.IF_ZERO, Role.IF_ONE])
@pytest.mark.parametrize("prepared", ["id", "x", "h"])
def test_noise_of_a_conditional_gate_strikes_only_where_it_happens(role, prepared):
    """Each stage by its own bit: a gate that always fails, and a reading that is wrong half of the time.

    A Z that depolarises fully leaves the measured bit as it is only with probability 1/2; if it does not happen, always.
    """
    builder = local(clbits=2, one_qubit_gate_error=0.5, measurement_error=0.5)
    builder.gate(prepared, 0)
    builder.measure(0, 0)
    builder.gate("z", 1, condition=[(0, role)])
    builder.measure(1, 1)
    program = builder.build()
    shots, noise = 2**14, noise_of(program)
    noise.flip_probability[-1] = 0.0
    batch, _ = streamed(program, noise, shots, *SEED.spawn(2))
    happened = batch.bits[:, 0] == (role == Role.IF_ONE)
    assert 0.4 < happened.mean() < 0.6
    assert not np.any(batch.bits[~happened, 1])
    many = np.count_nonzero(happened)
    assert abs(int(batch.bits[happened, 1].sum()) - many / 2) < bernstein(many / 4, 1e-7)


def test_conditions_on_bits_that_were_never_written():
    builder = local(clbits=2, bits=3)
    builder.gate("x", 0, condition=[(2, Role.IF_ZERO)])
    builder.gate("x", 1, condition=[(2, Role.IF_ONE)])
    builder.measure(0, 0)
    builder.measure(1, 1)
    program = builder.build()
    batch, _ = streamed(program, noise_of(program), 200, *SEED.spawn(2))
    assert np.all(batch.bits == [1, 0])


def test_a_measured_qubit_that_is_used_again_and_a_bit_that_is_written_again():
    """H, measure, measure again: the same. Then in another basis: random again. A bit holds what was written last."""
    builder = local(clbits=3, data=1)
    builder.gate("h", 0)
    builder.measure(0, 0)
    builder.measure(0, 1)
    builder.measure(0, 2, basis=Pauli.Y)
    builder.measure(0, 0, basis=Pauli.Y)
    program = builder.build()
    batch, _ = streamed(program, noise_of(program), 2**14, *SEED.spawn(2))
    assert np.array_equal(batch.bits[:, 0], batch.bits[:, 2])
    counts = np.bincount(outcome_index(batch.bits, [1, 2]), minlength=4)
    assert np.abs(counts - 2**12).max() < bernstein(2**14 * 3 / 16, 1e-7 / 4)


def test_a_link_far_slower_than_t2_leaves_the_dephased_state():
    """Waits of up to 10¹² coherence times: |+⟩ is found again half of the time, and nothing takes forever."""
    builder = local(clbits=1, data=1, t2_s=1.0)
    builder.gate("h", 0)
    builder.gate("h", 0)
    builder.measure(0, 0)
    program = builder.build()
    for wait_s in (50.0, 1e12):
        start = np.tile(np.array([[0.0], [wait_s], [wait_s]]), 2**14)
        batch = Stabilizer().run(program, noise_of(program), Timelines(program, start, start), SEED)
        assert abs(batch.overlaps[-1].sum() - 2**13) < bernstein(2**12, 1e-7)


def test_a_gate_that_is_not_clifford_is_refused():
    builder = local()
    builder.gate("t", 0)
    with pytest.raises(ValueError, match="must have Clifford gates only"):
        Stabilizer().run(builder.build(), noise_of(builder.build()), schedule(builder.build(), 1, 0), SEED)
