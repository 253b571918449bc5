"""Entropies of states whose Schmidt weights are known beforehand, in single precision and with qubits anywhere."""

import numpy as np
import pytest

from weft.study.structure.cuts import Cut
from weft.study.structure.schmidt import entropy_across, entropy_seconds


def state_of(weights: np.ndarray, side: np.ndarray, seed: int) -> np.ndarray:
    """A random state with these Schmidt weights across a cut, shape (2, 2^qubits), in single precision."""
    generator = np.random.default_rng(seed)
    qubits, inside = len(side), int(side.sum())
    bases = []
    for count in (inside, qubits - inside):
        shape = (2**count, len(weights))
        bases.append(np.linalg.qr(generator.standard_normal(shape) + 1j * generator.standard_normal(shape))[0])
    matrix = (bases[0] * np.sqrt(weights)) @ bases[1].T
    # The first axis is the most significant qubit.
    order = [*np.flatnonzero(side)[::-1], *np.flatnonzero(~side)[::-1]]
    tensor = np.moveaxis(matrix.reshape((2,) * qubits), range(qubits), [qubits - 1 - qubit for qubit in order])
    return np.stack((tensor.real, tensor.imag)).reshape(2, -1).astype(np.float32)


@pytest.mark.parametrize("decay", [1.0, 0.97, 0.8, 0.3])
@pytest.mark.parametrize("rank", [1, 3, 60, 128])
@pytest.mark.parametrize("bound", ["rank", "nothing"])
def test_weights_that_fall_off_in_any_way_are_all_counted(rank: int, decay: float, bound: str) -> None:
    generator = np.random.default_rng(3)
    side = np.isin(np.arange(15), generator.permutation(15)[:7])
    weights = decay ** np.arange(rank)
    weights /= weights.sum()
    expected = -np.sum(weights * np.log2(weights))
    most = np.ceil(np.log2(rank)) if bound == "rank" else 15.0
    for cut in (Cut("", side, None), Cut("", ~side, None)):
        assert entropy_across(state_of(weights, side, 1), cut, float(most)) == pytest.approx(expected, abs=3e-6)


def test_qubits_above_those_of_the_cut_may_be_empty() -> None:
    side = np.array([True, False, False])
    state = np.zeros((2, 2**6), dtype=np.float32)
    state[:, : 2**3] = state_of(np.array([0.5, 0.5]), side, 0)
    assert entropy_across(state, Cut("", side, None), 1.0) == pytest.approx(1, abs=1e-6)


def test_larger_sides_and_states_take_longer() -> None:
    def seconds(qubits: int, inside: int) -> float:
        return entropy_seconds(Cut("", np.arange(qubits) < inside, None))

    assert seconds(24, 12) > seconds(24, 8) == seconds(24, 16) > seconds(20, 8)
