"""Verdicts on blocks follow from entropy, size and what crossed."""

import numpy as np
import pytest

from weft.circuit import CircuitBuilder, load_circuit
from weft.study.structure import inspect
from weft.study.structure.boundary import block_laws, scaling_of
from weft.study.structure.cuts import Blocks, cuts_of, prefixes_of
from weft.study.structure.entropies import entropies_of
from weft.study.structure.moments import moments_of


def test_ghz_is_near_its_boundary_and_follows_an_area_law() -> None:
    found = inspect("ghz:24", "line:3x8", seed=1)
    assert [law.verdict for law in found.laws] == ["near its boundary"] * 3
    assert [law.ratio for law in found.laws] == [1, 1, 1]
    assert found.scaling is not None
    assert found.scaling.verdict == "area law"
    assert found.scaling.exponent == pytest.approx(0)


def test_random_circuits_are_near_their_size_and_follow_a_volume_law() -> None:
    found = inspect("clifford:24x600", seed=1)
    assert [law.verdict for law in found.laws] == ["near its size"]
    assert found.scaling is not None
    assert found.scaling.verdict == "volume law"


def test_what_was_undone_is_near_nothing_at_the_end_but_was_at_its_highest() -> None:
    builder = CircuitBuilder(16)
    for _ in range(4):  # 32 gates cross, and make one bit at most
        for _ in range(8):
            builder.gate("h", 0)
            builder.gate("cx", 0, 8)
            builder.gate("cx", 0, 8)
            builder.gate("h", 0)
    builder.gate("h", 0)
    builder.gate("cx", 0, 8)
    circuit = builder.build()
    blocks = Blocks(("A", "B"), np.arange(16) // 8, "halves")
    found = entropies_of(moments_of(circuit), cuts_of(blocks), prefixes_of(blocks), 0)
    [law] = block_laws(found)
    assert (law.moment, law.bits, law.crossed_bits, law.verdict) == (1, 1, 1, "near its boundary")
    assert found.cuts[0].bits.tolist() == [0.0] + [1.0, 0.0] * 32 + [1.0]


def test_a_block_can_be_far_from_both() -> None:
    builder = CircuitBuilder(16)
    builder.gate("ry", 0, angles=(0.4,))
    for qubit in range(8):
        builder.gate("cx", 0, 8 + qubit)
    blocks = Blocks(("A", "B"), np.arange(16) // 8, "halves")
    found = entropies_of(moments_of(builder.build()), cuts_of(blocks), prefixes_of(blocks), 0)
    [law] = block_laws(found)
    p = np.sin(0.2) ** 2
    assert law.bits == pytest.approx(-p * np.log2(p) - (1 - p) * np.log2(1 - p), abs=1e-5)
    assert law.verdict == "far from both"


def test_nothing_is_fitted_to_few_sizes_or_to_no_entanglement() -> None:
    assert inspect("ghz:8", seed=1).scaling is None
    scaling = inspect("qft:14", seed=1).scaling
    assert scaling is not None
    assert (scaling.exponent, scaling.verdict) == (None, "not entangled")


def test_bounds_give_no_verdict() -> None:
    blocks = Blocks(("A", "B"), np.arange(40) // 20, "halves")
    found = entropies_of(moments_of(load_circuit("qft:40")), cuts_of(blocks), prefixes_of(blocks), 0)
    assert block_laws(found) == ()
    assert scaling_of(found) is None
