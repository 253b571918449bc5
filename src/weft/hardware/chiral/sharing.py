"""Stopping halfway: one excitation shared between two modules, a W state of their four data qubits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.hardware.chiral.cascade import DATA, SITES, build_cascade, sender_and_receiver
from weft.hardware.chiral.emitters import directional_state
from weft.hardware.chiral.excitation_space import list_states
from weft.hardware.chiral.master_equation import evolve
from weft.hardware.chiral.modules import TwoModules


@dataclass(frozen=True, slots=True)
class SharedExcitation:
    """Where one excitation is after a photon was sent, as far as it is in the two modes that the photon knows.

    Attributes:
        kept: probability that the sender's data qubits have it, in their directional state.
        delivered: probability that the receiver's have.
        coherence: magnitude of the density matrix's entry between the two; its phase is known, and a Z rotation takes it away.
    """

    kept: float
    delivered: float
    coherence: float

    @property
    def w_fidelity(self) -> float:
        """⟨W|ρ|W⟩ of the four data qubits, W being an equal superposition of both modules' directional states.

        Up to known phases of the single qubits, that is the W state (|1000⟩ + |0100⟩ + |0010⟩ + |0001⟩)/2.
        """
        return (self.kept + self.delivered) / 2 + self.coherence

    def after_sender_waits(self, wait_s: float, loss_per_s: float, dephasing_per_s: float) -> SharedExcitation:
        """The same once the sender's data qubits have waited, as they do while the photon travels.

        Args:
            wait_s: how long.
            loss_per_s: 1/T1 of each data qubit.
            dephasing_per_s: 1/T2 − 1/(2 T1) of each.
        """
        alive, in_phase = math.exp(-loss_per_s * wait_s), math.exp(-dephasing_per_s * wait_s)
        # Both qubits of the mode dephase: what leaves it is in the other superposition of the two.
        kept = self.kept * alive * (1 + in_phase**2) / 2
        return SharedExcitation(kept, self.delivered, self.coherence * math.sqrt(alive) * in_phase)

    @property
    def density_matrix(self) -> NDArray[np.complex128]:
        """Of one logical qubit per module: |1⟩ is its directional state, |0⟩ all else; basis 00, 01, 10, 11, sender first.

        Source:
            The partial trace that is left once a gate inside each module has brought the directional state onto one of its two data
            qubits. What is in the other one, in the emitters or lost, leaves that qubit in |0⟩.
        """
        rho = np.diag([1 - self.kept - self.delivered, self.delivered, self.kept, 0]).astype(np.complex128)
        rho[1, 2] = rho[2, 1] = self.coherence
        return rho


def share_excitation(
    modules: TwoModules,
    direction: str,
    sender: NDArray[np.float64],
    receiver: NDArray[np.float64],
    step_s: float,
    *,
    excitations: int = 1,
) -> SharedExcitation:
    """Sends a photon, or a part of one, by the master equation of both modules.

    Args:
        modules: their rates.
        direction: `right` or `left`.
        sender (float array, shape (steps + 1,)): coupling of its data qubits to its emitters, in radians per second.
        receiver (float array, shape (steps + 1,)): the same for the receiver.
        step_s: between the times at which both are given.
        excitations: how many the states that are followed may hold; one is all there is, so that more changes nothing.
    """
    system = build_cascade(modules, direction, excitations)
    modes = [_mode(direction, module, excitations) for module in sender_and_receiver(direction)]
    rho = evolve(system, np.outer(modes[0], modes[0].conj()), sender, receiver, step_s)
    kept, delivered = (float((mode.conj() @ rho @ mode).real) for mode in modes)
    return SharedExcitation(kept, delivered, float(abs(modes[0].conj() @ rho @ modes[1])))


def w_fidelity(transmission: float, visibility: float = 1.0, survival: float = 1.0) -> float:
    """Fidelity of the W state after exactly half a photon was sent: s(1 + η + 2√η V)/4.

    Args:
        transmission: η, probability that a photon sent ends in the receiver.
        visibility: V, coherence between the modules, of what it could be.
        survival: s, of preparation and readout.

    Source:
        The overlap of √½|A⟩ + √(η/2)|B⟩ with (|A⟩ + |B⟩)/√2, its cross terms weighted by V.

    >>> w_fidelity(1.0)
    1.0
    """
    return survival * (1 + transmission + 2 * math.sqrt(transmission) * visibility) / 4


def _mode(direction: str, module: str, excitations: int) -> NDArray[np.complex128]:
    """The state with one excitation in the directional superposition of a module's data qubits."""
    states = list_states(SITES, excitations)
    mode = np.zeros(len(states), dtype=np.complex128)
    for site, amplitude in zip(DATA[module], directional_state(direction), strict=True):
        mode[states.index((site,))] = amplitude
    return mode
