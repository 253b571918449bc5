"""The exact optimum that compilers are measured by, against trying everything."""

from itertools import combinations, product

import numpy as np
import pytest

from unit.compiler.optimum import optimum


def by_brute_force(intervals, gates, consecutive, capacities) -> int | None:
    """Over all sets, and for each over all homes in them; None if there is no room."""
    qpus = range(len(capacities))
    sets = [set(chosen) for size in qpus for chosen in combinations(qpus, size + 1)]
    times = sorted({first for first, _ in intervals})

    def fit(homes: tuple[int, ...]) -> bool:
        return all(
            sum(home == qpu and low <= time <= high for home, (low, high) in zip(homes, intervals, strict=True))
            <= capacities[qpu]
            for time in times
            for qpu in qpus
        )

    fitting = [homes for homes in product(qpus, repeat=len(intervals)) if fit(homes)]
    costs = []
    for choice in product(sets, repeat=len(intervals)):
        cost = sum(len(chosen) - 1 for chosen in choice)
        cost += sum(choice[first].isdisjoint(choice[second]) for first, second in (*gates, *consecutive))
        if costs and cost >= min(costs):
            continue
        if any(all(home in chosen for home, chosen in zip(homes, choice, strict=True)) for homes in fitting):
            costs.append(cost)
    return min(costs, default=None)


@pytest.mark.parametrize("seed", range(25))
def test_the_optimum_is_that_of_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    num_qpus = int(rng.integers(2, 4))
    qubits = int(rng.integers(2, 4))
    segments_qubit, intervals, consecutive = [], [], []
    for qubit in range(qubits):
        cut = int(rng.integers(0, 5))
        stretches = [(0, cut), (cut + 1, 5)] if len(segments_qubit) < 4 and rng.random() < 0.6 else [(0, 5)]
        for low, high in stretches:
            segments_qubit.append(qubit)
            intervals.append((low, high))
        if len(stretches) == 2:
            consecutive.append((len(intervals) - 2, len(intervals) - 1))
    pairs = [
        pair for pair in combinations(range(len(intervals)), 2) if segments_qubit[pair[0]] != segments_qubit[pair[1]]
    ]
    gates = [pairs[int(rng.integers(len(pairs)))] for _ in range(int(rng.integers(1, 8)))]
    capacities = rng.integers(1, 3, num_qpus).tolist()
    expected = by_brute_force(intervals, gates, consecutive, capacities)
    if expected is None:
        with pytest.raises(ValueError, match="must prove"):
            optimum(segments_qubit, intervals, gates, consecutive, num_qpus, capacities)
    else:
        assert optimum(segments_qubit, intervals, gates, consecutive, num_qpus, capacities) == expected


def test_known_optima() -> None:
    always = [(0, 0)] * 4
    chain = [(0, 1), (1, 2), (2, 3)]
    assert optimum([0, 1, 2, 3], always, chain, [], 2, 4) == 0
    assert optimum([0, 1, 2, 3], always, chain, [], 2, 2) == 1
    assert optimum([0, 1, 2, 3], always, chain, [], 4, 1) == 3
    assert optimum([0, 1, 2, 3], always, [(0, 1), (0, 2), (0, 3)] * 3, [], 4, 1) == 3
    assert optimum([0, 1], [(0, 0)] * 2, [(0, 1)] * 5, [], 2, 1) == 1
    assert optimum([], [], [], [], 2, 1) == 0


def test_a_qubit_may_move_between_its_segments() -> None:
    """It meets one partner early and the other late; a move costs a pair, and so would a copy."""
    segments_qubit, intervals = [0, 0, 1, 2], [(0, 1), (2, 3), (0, 3), (0, 3)]
    gates = [(0, 2)] * 3 + [(1, 3)] * 3
    assert optimum(segments_qubit, intervals, gates, [(0, 1)], 2, 2) == 1
