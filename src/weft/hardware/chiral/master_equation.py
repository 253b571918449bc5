"""The master equation of a cascade, followed through two pulses."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.hardware.chiral.cascade import OpenSystem, Operator
from weft.hardware.chiral.passage import check_pulses


def evolve(
    system: OpenSystem,
    rho: Operator,
    sender: NDArray[np.float64],
    receiver: NDArray[np.float64],
    step_s: float,
) -> Operator:
    """The density matrix after both pulses.

    Args:
        system: Hamiltonian, couplings and jumps.
        rho (complex array, shape (states, states)): at the beginning.
        sender (float array, shape (steps + 1,)): coupling in radians per second at equally spaced times, linear between them.
        receiver (float array, shape (steps + 1,)): the same for the receiver.
        step_s: between these times; one Runge–Kutta step of fourth order is taken for each.

    Raises:
        InvalidValueError: if the two couplings are not given at the same two or more times, or the step is not positive.
    """
    check_pulses(sender, receiver, step_s)
    parts = (_drift(system), _turning(system.sender_coupling), _turning(system.receiver_coupling))
    # A step from one time to the next uses the couplings at its beginning, its middle and its end.
    state = rho.astype(np.complex128).ravel()
    for at in range(len(sender) - 1):
        begin, end = (sender[at], receiver[at]), (sender[at + 1], receiver[at + 1])
        middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
        first = _slope(parts, begin, state)
        second = _slope(parts, middle, state + step_s / 2 * first)
        third = _slope(parts, middle, state + step_s / 2 * second)
        fourth = _slope(parts, end, state + step_s * third)
        state = state + step_s / 6 * (first + 2 * second + 2 * third + fourth)
    return np.asarray(state.reshape(rho.shape))


def _slope(parts: tuple[Any, Any, Any], couplings: tuple[float, float], state: Operator) -> Operator:
    drift, sender, receiver = parts
    return np.asarray(drift @ state + couplings[0] * (sender @ state) + couplings[1] * (receiver @ state))


def _turning(hamiltonian: Operator) -> Any:
    """ρ ↦ −i[H, ρ] on ρ written row by row, where AρB becomes (A ⊗ Bᵀ)ρ."""
    return _both_sides(-1j * hamiltonian)


def _drift(system: OpenSystem) -> Any:
    from scipy import sparse

    decay = -1j * system.hamiltonian
    total: Any = 0
    for jump in system.jumps:
        decay = decay - jump.conj().T @ jump / 2
        total = total + sparse.kron(sparse.csr_array(jump), sparse.csr_array(jump.conj()))
    return sparse.csr_array(total + _both_sides(decay))


def _both_sides(left: Operator) -> Any:
    """ρ ↦ Aρ + ρA†."""
    from scipy import sparse

    one = sparse.eye_array(len(left), format="csr")
    narrow = sparse.csr_array(left)
    return sparse.csr_array(sparse.kron(narrow, one) + sparse.kron(one, narrow.conj()))
