"""Entropies by ranks, by Schmidt weights and by hand are the same, and never above their bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma, polygamma

from weft.circuit import Circuit, CircuitBuilder, load_circuit
from weft.circuit.gates import GATES, matrix_of
from weft.study.structure import entropies as entropies_module
from weft.study.structure.cuts import Blocks, Cut, cuts_of, prefixes_of, schmidt_bits
from weft.study.structure.entropies import Entropies, entropies_of
from weft.study.structure.moments import moments_of
from weft.study.structure.rank_kernel import rank
from weft.study.structure.schmidt import entropy_across
from weft.study.structure.stabilizer_walk import StabilizerWalk
from weft.study.structure.vector_walk import VectorWalk


def blocks_for(qubits: int, count: int) -> Blocks:
    of_qubit = np.arange(qubits) * count // qubits
    return Blocks(tuple("ABCDEFGH"[:count]), of_qubit, "in order")


def entropies(circuit: Circuit, count: int = 2, seed: int = 0) -> Entropies:
    blocks = blocks_for(circuit.num_qubits, count)
    return entropies_of(moments_of(circuit), cuts_of(blocks), prefixes_of(blocks), seed)


def by_hand(circuit: Circuit, cut: Cut) -> float:
    """Independent computation: the state as one dense array in double precision, Schmidt values by SVD."""
    count = circuit.num_qubits
    state = np.zeros((2,) * count, dtype=complex)
    state.flat[0] = 1
    for row in range(len(circuit)):
        if circuit.opcodes[row] >= len(GATES):
            continue
        qubits = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
        size = len(qubits)
        matrix = matrix_of(int(circuit.opcodes[row]), circuit.angles[row]).reshape((2,) * 2 * size)
        state = np.moveaxis(np.tensordot(matrix, state, axes=(range(size, 2 * size), qubits)), range(size), qubits)
    axes = (*np.flatnonzero(cut.side), *np.flatnonzero(~cut.side))
    values = np.linalg.svd(state.transpose(axes).reshape(2 ** int(cut.side.sum()), -1), compute_uv=False) ** 2
    values = values[values > 1e-14]
    return float(-np.sum(values * np.log2(values)))


def followed(walk_class: type, circuit: Circuit, cuts: list[Cut]) -> list[list[float]]:
    moments = moments_of(circuit)
    walk = walk_class(circuit, 0)
    found = []
    for moment in range(moments.last + 1):
        walk.apply(moments.order[moments.of_row[moments.order] == moment])
        found.append(walk.entropies(cuts, [float(cut.size) for cut in cuts]))
    return found


@settings(max_examples=25, deadline=None)
@given(qubits=st.integers(2, 9), gates=st.integers(0, 40), seed=st.integers(0, 10**6), count=st.integers(2, 5))
def test_ranks_and_schmidt_weights_agree_at_every_moment(qubits: int, gates: int, seed: int, count: int) -> None:
    circuit = load_circuit(f"clifford:{qubits}x{max(gates, 1)}", seed=seed)
    cuts = cuts_of(blocks_for(qubits, min(count, qubits)))
    ranks, weights = (followed(walk, circuit, cuts) for walk in (StabilizerWalk, VectorWalk))
    assert np.allclose(ranks, weights, atol=1e-5)


@pytest.mark.parametrize("name", ["qv:7", "qft:6", "wstate:8", "grover:5", "qaoa:8x2"])
def test_the_last_entropy_is_that_of_the_whole_state_by_hand(name: str) -> None:
    circuit = load_circuit(name, seed=3)
    found = entropies(circuit, 3)
    assert found.looked_at == found.changing
    for each in found.cuts:
        assert each.bits[-1] == pytest.approx(by_hand(circuit, each.cut), abs=2e-5)


@pytest.mark.parametrize("name", ["clifford:12x80", "qv:8", "wstate:9", "ghz:8", "qaoa:10x2"])
def test_no_entropy_exceeds_its_bound(name: str) -> None:
    for each in entropies(load_circuit(name, seed=2), 4).cuts:
        assert np.all(each.bits <= each.bound_bits + 1e-5)
        assert np.all(np.diff(each.crossed_bits) >= 0)


def test_ghz_has_one_bit_across_every_cut_and_a_fourier_transform_of_zeros_none() -> None:
    for each in entropies(load_circuit("ghz:9"), 4).cuts:
        assert each.bits[-1] == 1
    for each in entropies(load_circuit("qft:9"), 4).cuts:
        assert not np.any(each.bits)


def test_two_layers_make_a_thousand_bell_pairs() -> None:
    builder = CircuitBuilder(2000)
    for qubit in range(1000):
        builder.gate("h", qubit)
        builder.gate("cx", qubit, qubit + 1000)
    [across] = entropies(builder.build()).cuts
    assert across.bits.tolist() == across.bound_bits.tolist() == [0, 1000]


def test_random_states_have_the_entropy_of_page() -> None:
    """Mean by Page, Phys. Rev. Lett. 71, 1291 (1993); variance by Vivo, Pato, Oshanin, Phys. Rev. E 93, 052106 (2016). At five
    standard errors, one false alarm in 1.7 million; the seed is fixed."""
    generator = np.random.default_rng(5)
    m, n, samples = 8, 32, 50
    cut = Cut("", np.arange(8) < 3, None)
    found = []
    for _ in range(samples):
        state = generator.standard_normal(m * n) + 1j * generator.standard_normal(m * n)
        state /= np.linalg.norm(state)
        found.append(entropy_across(np.stack((state.real, state.imag)).astype(np.float32), cut, 3.0))
    mean = digamma(m * n + 1) - digamma(n + 1) - (m - 1) / (2 * n)
    variance = (
        -polygamma(1, m * n + 1)
        + (m + n) / (m * n + 1) * polygamma(1, n)
        - (m + 1) * (m + 2 * n + 1) / (4 * n**2 * (m * n + 1))
    )
    assert abs(np.mean(found) * np.log(2) - mean) < 5 * np.sqrt(variance / samples)


def test_a_sketch_of_small_rank_loses_nothing() -> None:
    circuit = load_circuit("wstate:16")
    [cut] = cuts_of(blocks_for(16, 2))
    walk = VectorWalk(circuit, 0)
    walk.apply(np.arange(len(circuit)))
    exact, sketched = walk.entropies([cut, cut], [8.0, 2.0])
    assert sketched == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize(("name", "angles"), [("h", ()), ("ry", (0.9,))])
def test_measuring_a_half_of_a_bell_pair_leaves_none(name: str, angles: tuple[float, ...]) -> None:
    """By stabilizers and by a state vector."""
    builder = CircuitBuilder(4)
    builder.gate(name, 0, angles=angles)
    builder.gate("cx", 0, 2)
    assert entropies(builder.build()).cuts[0].bits[-1] > 0.5
    bit = builder.add_bits(1)[0]
    builder.measure(0, bit)
    builder.gate("x", 2, condition=((bit, 1),))
    builder.gate("cx", 1, 3)
    found = entropies(builder.build(), 2, seed=4)
    assert found.is_sampled
    assert found.cuts[0].bits[-1] == 0


def test_a_sampled_shot_depends_on_its_seed_only() -> None:
    builder = CircuitBuilder(2)
    bit = builder.add_bits(1)[0]
    builder.gate("h", 0)
    builder.measure(0, bit)
    builder.reset(0)
    builder.gate("h", 0, condition=((bit, 1),))
    builder.gate("cx", 0, 1)
    circuit = builder.build()
    last = [entropies(circuit, seed=seed).cuts[0].bits[-1] for seed in range(30)]
    assert set(last) == {0.0, 1.0}  # one false alarm in 2^29
    assert last == [entropies(circuit, seed=seed).cuts[0].bits[-1] for seed in range(30)]


def test_final_measurements_do_not_disturb() -> None:
    found = entropies(load_circuit("ghz:4").measured())
    assert not found.is_sampled
    assert found.cuts[0].bits[-1] == 1


def test_beyond_state_vectors_there_are_bounds_only() -> None:
    found = entropies(load_circuit("qft:40"))
    assert found.method == "bounds"
    assert found.cuts[0].peak is None
    assert found.cuts[0].bound_bits[-1] == 20


def test_if_time_is_short_some_moments_are_left_out_but_never_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = load_circuit("qv:8")
    whole = entropies(circuit)
    monkeypatch.setattr(entropies_module, "_MOST_SECONDS", 4.5 * VectorWalk.cost([each.cut for each in whole.cuts]))
    some = entropies(circuit)
    assert some.looked_at == 4 < some.changing
    assert not np.isnan(some.cuts[0].bits[-1])
    known = ~np.isnan(some.cuts[0].bits)
    assert np.allclose(some.cuts[0].bits[known], whole.cuts[0].bits[known], atol=1e-5)


@pytest.mark.parametrize(("name", "bits"), [("cx", 1), ("cz", 1), ("swap", 2), ("iswap", 2), ("dcx", 2), ("ecr", 1)])
def test_gates_carry_as_many_bits_as_their_operator_schmidt_rank(name: str, bits: int) -> None:
    code = [gate.name for gate in GATES].index(name)
    assert schmidt_bits(code, (0.0, 0.0, 0.0)) == bits


def test_a_rotation_by_nothing_carries_nothing() -> None:
    code = [gate.name for gate in GATES].index("rzz")
    assert [schmidt_bits(code, (angle, 0.0, 0.0)) for angle in (0.0, 0.3)] == [0, 1]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 12), st.integers(1, 150), st.integers(0, 10**6))
def test_ranks_over_gf2(rows: int, columns: int, seed: int) -> None:
    """Against elimination on whole numbers, written out."""
    bits = np.random.default_rng(seed).random((rows, columns)) < 0.2
    packed = np.zeros((rows, -(-columns // 64) * 8), dtype=np.uint8)
    packed[:, : -(-columns // 8)] = np.packbits(bits, axis=1, bitorder="little")
    basis: list[int] = []
    for row in bits:
        value = int("".join("01"[bit] for bit in row.astype(int)), 2)
        for other in basis:
            value = min(value, value ^ other)
        if value:
            basis.append(value)
    assert rank(packed.view(np.uint64)) == len(basis)


def test_a_cut_that_no_gate_crosses_in_a_moment_keeps_its_entropy_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the cuts that something crossed are computed, and what is said of the others is what was there before."""
    circuit = load_circuit("grover:5")
    blocks = blocks_for(circuit.num_qubits, 3)
    moments, cuts = moments_of(circuit), cuts_of(blocks)
    every = followed(VectorWalk, circuit, cuts)
    asked: list[int] = []
    entropies_at_once = VectorWalk.entropies

    def counted(walk: VectorWalk, cuts: list[Cut], bounds: list[float]) -> list[float]:
        asked.append(len(cuts))
        return entropies_at_once(walk, cuts, bounds)

    monkeypatch.setattr(VectorWalk, "entropies", counted)
    found = entropies_of(moments, cuts, [], 0)
    assert sum(asked) < found.changing * len(cuts)
    assert np.allclose([each.bits for each in found.cuts], np.transpose(every), atol=1e-5)


def test_entanglement_that_a_measurement_ends_is_seen_before_it() -> None:
    builder = CircuitBuilder(3)
    bits = builder.add_bits(1)
    builder.gate("h", 0)
    builder.gate("cx", 0, 2)
    builder.measure(0, bits[0])
    builder.gate("x", 1, condition=((bits[0], 1),))
    found = entropies(builder.build())
    assert found.cuts[0].bits.tolist() == [0, 1, 0]


def test_a_bit_that_is_written_again_is_read_with_the_value_that_it_had() -> None:
    """Qubit 5 is free to be measured at once, but its bit is not before the gate that reads 1 there."""
    builder = CircuitBuilder(6)
    bits = builder.add_bits(1)
    builder.gate("x", 0)
    builder.measure(0, bits[0])
    builder.gate("h", 1)
    builder.gate("cx", 1, 2)
    builder.gate("cx", 2, 3, condition=((bits[0], 1),))
    builder.measure(5, bits[0])
    builder.gate("x", 4, condition=((bits[0], 1),))
    found = entropies(builder.build())
    assert found.cuts[0].bits[-1] == 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_in_the_order_of_moments_a_circuit_does_what_it_does_in_its_own(seed: int) -> None:
    """What acts on a qubit, and what reads or writes a bit, keeps its order."""
    generator = np.random.default_rng(seed)
    builder = CircuitBuilder(5)
    bits = builder.add_bits(2)
    for _ in range(30):
        a, b = generator.permutation(5)[:2].tolist()
        condition = ((bits[int(generator.integers(2))], 1),) if generator.random() < 0.4 else ()
        kind = generator.integers(4)
        if kind == 0:
            builder.measure(a, bits[int(generator.integers(2))])
        elif kind == 1:
            builder.gate("h", a, condition=condition)
        else:
            builder.gate("cx", a, b, condition=condition)
    circuit = builder.build()
    moments = moments_of(circuit)
    order = moments.order.tolist()
    for place, row in enumerate(order):
        assert not any(_depends(circuit, row, before) for before in order[:place] if before > row)


def _depends(circuit: Circuit, early: int, late: int) -> bool:
    qubits = [{qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0} for row in (early, late)]
    reads = [{bit for bit, _ in circuit.condition(row)} for row in (early, late)]
    writes = [{bit for bit in (int(circuit.clbits[row]),) if bit >= 0} for row in (early, late)]
    return bool(qubits[0] & qubits[1] or writes[0] & (reads[1] | writes[1]) or reads[0] & writes[1])
