"""The backends that sample agree with exact density matrices, timeline by timeline, at every stage of the error budget.

Given a timeline, what a sampling backend finds in a shot is a number in [0, 1] whose mean the density backend knows exactly; so the
sum over shots obeys Bernstein's inequality, and the false-alarm rates below are rigorous: at most 1e-7 for each test function,
all its cases together.
"""

from dataclasses import replace

import numpy as np
import pytest
from noisy_cases import (
    CLIFFORD,
    DECOUPLED,
    GATE_KINDS,
    GENERAL,
    NOT_PAULI,
    PAULI_NOISE,
    RELAXATION,
    SIDE_EFFECTS,
    SLOW_NOISE,
    TOMOGRAPHY,
    bernstein,
    compiled,
    dynamic_circuit,
    exact,
    make_network,
    outcome_index,
    pair_of_qpus,
    static_circuit,
    tiled_timelines,
)

from weft.circuit import CircuitBuilder
from weft.network import BellPair
from weft.simulator.backend import STAGES, is_static
from weft.simulator.noise import DAMPING, OVER_ROTATION, noise_of
from weft.simulator.stabilizer import Stabilizer
from weft.simulator.statevector import StateVector

FALSE_ALARM = 1e-7
DISTINCT = 24
SHOTS = {"statevector": 2400, "stabilizer": 12_000}

BIASED = BellPair.bell_diagonal([0.9, 0.06, 0.03, 0.01])
NETWORKS = {
    "two": pair_of_qpus((2, 1), pair=BIASED, hardware=PAULI_NOISE),
    "two, scarce": pair_of_qpus((1, 2), communication=1, pair=BIASED, hardware=PAULI_NOISE),
    "relay": make_network([(0, 1), (1, 2)], (1, 1, 1), communication=2, pair=BIASED, hardware=PAULI_NOISE),
}
CIRCUITS = {
    "static Clifford": (static_circuit, CLIFFORD),
    "static": (static_circuit, GENERAL),
    "dynamic Clifford": (dynamic_circuit, CLIFFORD),
    "dynamic": (dynamic_circuit, GENERAL),
}
CASES = [
    (network, circuit, seed, backend)
    for network in NETWORKS
    for circuit in CIRCUITS
    for seed in (1, 2)
    for backend in (StateVector(), Stabilizer())
    if isinstance(backend, StateVector) or "Clifford" in circuit
]


def disagreements(program, backend, noise, reference_noise, seed, comparisons):
    """Compares everything that a backend says with exact values; yields what is further off than chance allows."""
    few, many = tiled_timelines(program, DISTINCT if program.num_qubits < 6 else 6, SHOTS[backend.name], seed)
    overlaps, tables, bits = exact(program, few, reference_noise)
    batch = backend.run(program, noise, many, np.random.SeedSequence(seed))
    each = FALSE_ALARM / comparisons
    repeats = many.shots / few.shots
    for stage in range(STAGES):
        table = tables[stage]
        limits = [bernstein(repeats * float((p * (1 - p)).sum()), each / 2**8) for p in table.T]
        if is_static(program):
            f = overlaps[stage]
            off = abs(batch.overlaps[stage].sum() - repeats * f.sum())
            if off > bernstein(repeats * float((f * (1 - f)).sum()), each) + 1e-6:
                yield f"fidelity at stage {stage}: {batch.overlaps[stage].mean():.4f}, exactly {f.mean():.4f}"
            found = np.bincount(outcome_index(batch.bits, bits), minlength=table.shape[1])
        else:
            found = np.zeros(table.shape[1])
            for key, weight in batch.distributions[stage].items():
                row = np.frombuffer(key, dtype=np.uint8)[None]
                found[outcome_index(row, bits)[0]] += weight
        if is_static(program) and stage < STAGES - 1:
            continue
        off = np.abs(found - repeats * table.sum(axis=0))
        for outcome in np.flatnonzero(off > np.array(limits) + 1e-6):
            yield f"outcome {outcome:b} at stage {stage}: {found[outcome]} times, exactly {table[:, outcome].mean()}"


@pytest.mark.parametrize(
    ("network", "circuit", "seed", "backend"), CASES, ids=[f"{n}-{c}-{s}-{b.name}" for n, c, s, b in CASES]
)
def test_pauli_noise(network, circuit, seed, backend):
    build, names = CIRCUITS[circuit]
    program = compiled(build(seed, 3, 7, names), NETWORKS[network])
    assert program.ebits > 0
    assert backend.refusal(program) is None
    noise = noise_of(program)
    assert noise.is_pauli
    assert backend.notes(noise) == ()
    assert not list(disagreements(program, backend, noise, noise, seed, 2 * STAGES * len(CASES)))


NEW_KINDS = {
    "stated Paulis, decoupled": (DECOUPLED | GATE_KINDS, {}),
    "Gaussian, crosstalk, jitter": (SLOW_NOISE, SIDE_EFFECTS),
}
NEW_CASES = [
    (kind, circuit, backend)
    for kind in NEW_KINDS
    for circuit in CIRCUITS
    for backend in (StateVector(), Stabilizer())
    if isinstance(backend, StateVector) or "Clifford" in circuit
]


@pytest.mark.parametrize(("kind", "circuit", "backend"), NEW_CASES, ids=[f"{k}-{c}-{b.name}" for k, c, b in NEW_CASES])
def test_pauli_noise_of_other_kinds(kind, circuit, backend):
    hardware, side_effects = NEW_KINDS[kind]
    build, names = CIRCUITS[circuit]
    network = pair_of_qpus((2, 1), pair=BIASED, hardware=hardware, attempt_s=0.01, success=0.2, **side_effects)
    program = compiled(build(8, 3, 5, names), network)
    noise = noise_of(program)
    assert noise.is_pauli
    assert backend.notes(noise) == ()
    assert not list(disagreements(program, backend, noise, noise, 8, 2 * STAGES * len(NEW_CASES)))


@pytest.mark.parametrize("backend", [StateVector(), Stabilizer()], ids=["statevector", "stabilizer"])
def test_damping_and_over_rotation_of_gates_are_twirled(backend):
    """What backends on Paulis find is exact for the twirled channel of each gate, and the result says so."""
    network = pair_of_qpus((2, 1), pair=BIASED, hardware=PAULI_NOISE | GATE_KINDS | NOT_PAULI)
    program = compiled(static_circuit(2, 3, 7, CLIFFORD), network)
    noise = noise_of(program)
    assert noise.non_pauli == (DAMPING, OVER_ROTATION)
    assert backend.notes(noise) == ("damping in gates and over-rotation of gates were twirled into Pauli noise",)
    gates, nothing = noise.gates, np.zeros_like(noise.gates.damping)
    twirled = replace(noise, gates=replace(gates, pauli=gates.twirled, damping=nothing, over_rotation=nothing))
    assert twirled.is_pauli
    assert not list(disagreements(program, backend, noise, twirled, 3, 4 * STAGES))


_VECTOR = np.array([1, 0.4 + 0.5j, 0.1 - 0.4j, 0.7 + 0.5j])
COHERENT = BellPair.from_density_matrix(
    0.85 * np.outer(_VECTOR, _VECTOR.conj()) / np.vdot(_VECTOR, _VECTOR).real + 0.15 * np.eye(4) / 4
)
RELAXING = pair_of_qpus((2, 1), pair=COHERENT, hardware=RELAXATION, attempt_s=0.05, success=0.4)


@pytest.mark.parametrize("circuit", list(CIRCUITS))
def test_relaxation_and_a_pair_with_coherences_on_state_vectors(circuit):
    build, names = CIRCUITS[circuit]
    program = compiled(build(5, 3, 4, names), RELAXING)
    noise = noise_of(program)
    assert not noise.is_pauli
    assert not list(disagreements(program, StateVector(), noise, noise, 5, 2 * STAGES * len(CIRCUITS)))


def test_the_stabilizer_backend_twirls_and_says_so():
    """What it finds is exact for the twirled pair, and not for the pair itself."""
    program = compiled(static_circuit(2, 3, 7, CLIFFORD), pair_of_qpus((2, 1), pair=TOMOGRAPHY, hardware=PAULI_NOISE))
    twirled = compiled(
        static_circuit(2, 3, 7, CLIFFORD),
        pair_of_qpus((2, 1), pair=BellPair.bell_diagonal(TOMOGRAPHY.bell_weights), hardware=PAULI_NOISE),
    )
    noise = noise_of(program)
    [note] = Stabilizer().notes(noise)
    assert "twirled" in note
    assert not list(disagreements(program, Stabilizer(), noise, noise_of(twirled), 3, 2 * STAGES))


@pytest.mark.parametrize(("prepare", "kept"), [("id", "population"), ("x", "population"), ("h", "coherence")])
def test_the_twirl_of_relaxation_has_the_closed_form(prepare, kept):
    """A qubit that waits for t: twirled, |0⟩ and |1⟩ are found again with (1 + e^{−t/T1})/2, and |+⟩ with (1 + e^{−t/T2})/2.

    For |0⟩ and |1⟩ this is the mean of what relaxation does to the two; for |+⟩ it is what relaxation does.
    """
    t1_s, t2_s, wait_s = 1.0, 0.9, 0.5
    builder = CircuitBuilder(3)
    builder.gate(prepare, 2)
    builder.gate("cx", 0, 1)  # takes a pair, for which qubit 2 waits
    builder.gate("cz", 1, 2)  # qubit 1 is in |0⟩, or in |1⟩ if it was struck, which it is not
    if prepare == "h":
        builder.gate("h", 2)
    network = pair_of_qpus((1, 2), hardware={"t1_s": t1_s, "t2_s": t2_s}, attempt_s=wait_s, success=1.0)
    program = compiled(builder, network)
    assert program.ebits == 1
    few, many = tiled_timelines(program, 1, 12_000, 0)
    batch = Stabilizer().run(program, noise_of(program), many, np.random.SeedSequence(1))
    found = (batch.bits[:, 2] == (prepare == "x")).mean()
    expected = (1 + np.exp(-wait_s / (t1_s if kept == "population" else t2_s))) / 2
    assert abs(found - expected) < bernstein(12_000 * expected * (1 - expected), FALSE_ALARM / 3) / 12_000
    _, tables, bits = exact(program, few)
    truth = np.moveaxis(tables[-1][0].reshape(2, 2, 2), bits.index(2), 0).sum(axis=(1, 2))
    relaxed = {"id": 1.0, "x": np.exp(-wait_s / t1_s), "h": expected}[prepare]
    assert truth[int(prepare == "x")] == pytest.approx(relaxed)
