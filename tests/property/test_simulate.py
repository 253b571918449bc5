"""Any valid program: exact density matrices equal an interpreter made of Kraus operators, at every stage and on every timeline."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unit.simulator.kraus_interpreter import Interpreter
from unit.simulator.noisy_cases import (
    PAULI_NOISE,
    RELAXATION,
    TOMOGRAPHY,
    bernstein,
    exact,
    make_network,
    outcome_index,
    tiled_timelines,
)
from weft.circuit.gates import CODES, GATES
from weft.network import BellPair
from weft.program import Pauli, ProgramBuilder, Role
from weft.scheduler import schedule
from weft.simulator.backend import STAGES, is_static, terminal_measurements
from weft.simulator.noise import CAUSES, noise_of
from weft.simulator.stabilizer import Stabilizer
from weft.simulator.statevector import StateVector

DATA = [(0, 1), (2,)]  # qubits 0 and 1 on A, 2 on B
CLBITS, BITS = 3, 5
CLIFFORD = ("h", "s", "sx", "x", "y", "z", "x", "z", "cx", "cy", "cz", "iswap")
NETWORK = make_network(
    [(0, 1)], (2, 1), communication=1, pair=TOMOGRAPHY, hardware=RELAXATION, attempt_s=0.05, success=0.4
)

PAULI_NETWORK = make_network(
    [(0, 1)],
    (2, 1),
    communication=1,
    pair=BellPair.bell_diagonal([0.8, 0.1, 0.07, 0.03]),
    hardware=PAULI_NOISE,
    attempt_s=0.05,
    success=0.4,
)

condition = st.lists(st.tuples(st.integers(0, BITS - 1), st.sampled_from([Role.IF_ZERO, Role.IF_ONE])), max_size=2)
angles = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


@st.composite
def programs(draw, *, static=False, clifford=False, most=9):
    """A program over three data qubits and a communication qubit at each end of the link."""
    builder = ProgramBuilder(NETWORK, num_clbits=CLBITS)
    for name, qpu in (("A.d0", 0), ("A.d1", 0), ("B.d0", 1)):
        builder.add_qubit(name, qpu)
    pair = [builder.add_qubit(name, qpu, communication=True) for qpu, name in enumerate(("A.c0", "B.c0"))]
    for _ in range(CLBITS, BITS):
        builder.new_bit()
    full = [False, False]
    kinds = ["gate", "gate", "gate", "entangle", "empty", "correct"] + ["measure", "reset"] * (not static)
    condition_here = st.just([]) if static else condition
    codes = [CODES[name] for name in CLIFFORD] if clifford else range(len(GATES))
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        qpu = draw(st.integers(0, 1))
        here = [*DATA[qpu], *([pair[qpu]] if full[qpu] else [])]
        qubit = draw(st.sampled_from(here))
        if kind == "gate":
            code = draw(st.sampled_from(codes))
            operands = draw(st.permutations(here))[: GATES[code].qubits]
            asked = draw(condition_here)
            if clifford:
                asked = asked[:1] if GATES[code].name in {"x", "y", "z"} else []
            if len(operands) == GATES[code].qubits:
                builder.gate_code(code, operands, draw(angles)[: GATES[code].angles], asked)
        elif kind == "entangle":
            if not any(full):
                builder.entangle(0, *pair)
                full = [True, True]
        elif kind == "empty":
            if full[qpu]:
                bit = draw(st.integers(CLBITS, BITS - 1))
                builder.measure(pair[qpu], bit, basis=draw(st.sampled_from(list(Pauli))))
                full[qpu] = False
        elif kind == "correct":
            parity = draw(st.lists(st.integers(CLBITS if static else 0, BITS - 1), min_size=1, max_size=3))
            builder.correct(draw(st.sampled_from(list(Pauli))), qubit, parity)
        elif kind == "measure":
            bit, basis = draw(st.integers(0, BITS - 1)), draw(st.sampled_from(list(Pauli)))
            data = draw(st.sampled_from(DATA[qpu]))
            builder.measure(data, bit, basis=basis, condition=[] if clifford else draw(condition))
        else:
            builder.reset(draw(st.sampled_from(DATA[qpu])), condition=[] if clifford else draw(condition))
    for qpu in (0, 1):
        if full[qpu]:
            builder.measure(pair[qpu], CLBITS, basis=draw(st.sampled_from(list(Pauli))))
    for bit, qubit in enumerate(draw(st.permutations([0, 1, 2]))[: draw(st.integers(0, 3))]):
        builder.measure(qubit, bit, basis=draw(st.sampled_from(list(Pauli))))
    return builder.build()


def interpreted(program, timelines, shot, stage, **options):
    player = Interpreter(program, timelines, shot, CAUSES[:stage], **options)
    player.run()
    return player


def assert_equal_distributions(program, timelines):
    _, tables, bits = exact(program, timelines)
    for stage in [STAGES - 1] if is_static(program) else range(STAGES):
        for shot in range(timelines.shots):
            expected = np.zeros((2,) * len(bits))
            for key, probability in interpreted(program, timelines, shot, stage).distribution().items():
                assert all(key[bit] == 0 for bit in range(CLBITS) if bit not in bits)
                expected[tuple(key[bit] for bit in bits)] += probability
            np.testing.assert_allclose(tables[stage][shot], expected.reshape(-1), atol=1e-12)


quick = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@quick
@given(programs(), st.integers(0, 2**20))
def test_outcomes_of_any_program(program, seed):
    """X, Y and Z bases; conditions on two bits, on unwritten bits and on the bit that a measurement writes; rewritten bits;
    repeated bits in a parity; relaxation; readout and reset errors.
    """
    assert_equal_distributions(program, schedule(program, 2, seed))


@quick
@given(programs(static=True), st.integers(0, 2**20))
def test_state_fidelity_and_outcomes_of_a_unitary_circuit(program, seed):
    """The state is that of the data qubits, each at the moment of its own measurement."""
    timelines = schedule(program, 2, seed)
    assert_equal_distributions(program, timelines)
    if not is_static(program):
        return
    keep = frozenset(np.flatnonzero(terminal_measurements(program)).tolist())
    overlaps, _, _ = exact(program, timelines)
    for shot in range(2):
        ideal = interpreted(program, timelines, shot, 0, keep=keep).data_state()
        if np.trace(ideal @ ideal).real < 1 - 1e-9:
            continue  # a communication qubit was measured without correction, so there is no one ideal state
        for stage in range(STAGES):
            found = interpreted(program, timelines, shot, stage, keep=keep).data_state()
            assert abs(np.trace(ideal @ found).real - overlaps[stage, shot]) < 1e-10


SHOTS = 400
EACH = 1e-7 / (2 * 120 * STAGES * 2**CLBITS)  # false alarms of both tests below, all examples together: at most 1e-7


def assert_samples_agree(backend, program, seed):
    """Bernstein's inequality for each outcome at each stage, given the timelines."""
    noise = noise_of(program)
    few, many = tiled_timelines(program, 2, SHOTS, seed)
    _, tables, bits = exact(program, few)
    batch = backend.run(program, noise, many, np.random.SeedSequence(seed))
    for stage in [STAGES - 1] if is_static(program) else range(STAGES):
        found = np.zeros(2 ** len(bits))
        weights = batch.distributions[stage] if batch.distributions else {}
        for key, weight in weights.items():
            found[outcome_index(np.frombuffer(key, dtype=np.uint8)[None], bits)[0]] += weight
        if is_static(program):
            found = np.bincount(outcome_index(batch.bits, bits), minlength=2 ** len(bits))
        for outcome, p in enumerate(tables[stage].T):
            limit = bernstein(SHOTS / 2 * float((p * (1 - p)).sum()), EACH)
            assert abs(found[outcome] - SHOTS / 2 * p.sum()) <= limit + 1e-6, (stage, outcome)


@quick
@given(programs(), st.integers(0, 2**20))
def test_state_vectors_sample_any_program(program, seed):
    assert_samples_agree(StateVector(), program, seed)


@quick
@given(programs(clifford=True, most=14), st.integers(0, 2**20))
def test_stabilizers_sample_any_clifford_program(program, seed):
    """On Pauli noise: the same network without relaxation and coherences."""
    program = replace(program, network=PAULI_NETWORK)
    assert Stabilizer().refusal(program) is None
    assert_samples_agree(Stabilizer(), program, seed)
