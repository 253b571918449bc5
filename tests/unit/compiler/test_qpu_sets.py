"""Sets of QPUs as bits, against Python's own numbers and trees found by brute force."""

import numpy as np
import pytest

from unit.compiler.presences import bits_of, joining, members_of
from unit.program.random_cases import network_of
from weft.compiler.qpu_sets import FAR, all_trees, bit, has, level_between, level_to, lowest, size, tree_cost
from weft.compiler.routes import Routes

EDGES = [
    0,
    1,
    2,
    3,
    1 << 31,
    1 << 32,
    1 << 62,
    1 << 63,
    (1 << 63) | 1,
    (1 << 64) - 1,
    (1 << 64) - 2,
    0x5555555555555555,
]


def numbers() -> list[int]:
    rng = np.random.default_rng(0)
    return EDGES + [int(word) & int(mask) for word, mask in rng.integers(0, 2**64, (300, 2), dtype=np.uint64)]


def test_bits_are_counted_as_python_counts_them() -> None:
    for number in numbers():
        members = np.uint64(number)
        assert size(members) == number.bit_count()
        assert [qpu for qpu in range(64) if has(members, qpu)] == members_of(number)
        if number:
            assert lowest(members) == (number & -number).bit_length() - 1
    assert [int(bit(qpu)) for qpu in range(64)] == [1 << qpu for qpu in range(64)]


def lengths_of(kind: str, count: int) -> np.ndarray:
    return Routes(network_of(kind, [1] * count)).lengths.astype(float)


def random_metric(seed: int, count: int) -> np.ndarray:
    """Shortest paths between points whose links have random lengths."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 6, (count, count)).astype(float)
    lengths = np.minimum(lengths, lengths.T) * (1 - np.eye(count))
    for via in range(count):
        lengths = np.minimum(lengths, lengths[:, [via]] + lengths[[via]])
    return lengths


METRICS = [
    (kind, lengths_of(kind, count)) for kind in ("all", "line", "ring", "star", "grid") for count in (1, 2, 5, 6)
]
METRICS += [(f"random {seed}", random_metric(seed, 6)) for seed in range(6)]


@pytest.mark.parametrize(("name", "lengths"), METRICS, ids=[f"{name} of {len(lengths)}" for name, lengths in METRICS])
def test_trees_are_least(name: str, lengths: np.ndarray) -> None:
    """Dreyfus and Wagner's recursion finds what brute force over all points of branching finds; as does the quick way."""
    trees, tree = all_trees(lengths), joining(lengths)
    uniform = bool(np.all(lengths == 1 - np.eye(len(lengths))))
    assert uniform == (name == "all" or (len(lengths) < 3 and not name.startswith("random")))
    for members in range(1 << len(lengths)):
        wanted = tree(members_of(members))
        assert trees[members] == wanted
        assert tree_cost(np.uint64(members), lengths, trees, uniform) == wanted


@pytest.mark.parametrize("seed", range(5))
def test_without_a_table_a_spanning_tree_will_do(seed: int) -> None:
    """Never less than a least tree, at most twice as much, and the same on a line or where all are linked."""
    lengths = random_metric(seed, 7)
    tree = joining(lengths)
    for members in range(1 << 7):
        found = tree_cost(np.uint64(members), lengths, np.zeros(1), False)
        assert tree(members_of(members)) <= found <= 2 * tree(members_of(members))
    for kind in ("line", "all"):
        exact = lengths_of(kind, 7)
        for members in range(1 << 7):
            assert tree_cost(np.uint64(members), exact, np.zeros(1), False) == joining(exact)(members_of(members))


@pytest.mark.parametrize("kind", ["all", "line", "star", "grid"])
def test_distances_are_those_of_the_nearest(kind: str) -> None:
    lengths = lengths_of(kind, 5)
    costs, levels = np.unique(lengths, return_inverse=True)
    levels = levels.reshape(5, 5)
    for uniform in {False, kind == "all"}:
        for first in range(32):
            for second in range(32):
                found = level_between(np.uint64(first), np.uint64(second), levels, uniform)
                pairs = [lengths[a, b] for a in members_of(first) for b in members_of(second)]
                assert (costs[found] == min(pairs)) if pairs else (found == FAR)
            for qpu in range(5):
                found = level_to(np.uint64(first), qpu, levels, uniform)
                assert (costs[found] == min(lengths[qpu, members_of(first)])) if first else (found == FAR)


def test_the_last_of_64_qpus_counts_as_the_others() -> None:
    """Bit 63 is the sign of a signed number."""
    lengths = np.abs(np.subtract.outer(np.arange(64.0), np.arange(64.0)))
    levels = lengths.astype(np.int64)
    ends = np.uint64(bits_of([0, 63]))
    assert tree_cost(ends, lengths, np.zeros(1), False) == 63
    assert tree_cost(np.uint64(2**64 - 1), 1 - np.eye(64), np.zeros(1), True) == 63
    assert level_to(ends, 40, levels, False) == 23
    assert level_between(np.uint64(1 << 63), np.uint64(1 << 62), levels, False) == 1
