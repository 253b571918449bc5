"""Two modules on one waveguide as a cascade: what leaves one to the right drives the other, and the same to the left.

Eight two-level systems: per module, left module first, two data qubits and then two emitters, left one first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.hardware.chiral.emitters import DIRECTIONS, emission, exchange, spacing_phase
from weft.hardware.chiral.excitation_space import lowering_operators
from weft.hardware.chiral.modules import TwoModules, check_direction

SITES = 8
DATA = {"left": (0, 1), "right": (4, 5)}
"""Data qubits of the module on the left and of that on the right."""
EMITTERS = {"left": (2, 3), "right": (6, 7)}

Operator = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class OpenSystem:
    """What a master equation is made of: ρ̇ = −i[H + g₁C₁ + g₂C₂, ρ] + Σ (LρL† − ½{L†L, ρ}).

    Attributes:
        hamiltonian: H.
        sender_coupling: C₁, which the sender's pulse multiplies.
        receiver_coupling: C₂, which the receiver's does.
        jumps: the L.
    """

    hamiltonian: Operator
    sender_coupling: Operator
    receiver_coupling: Operator
    jumps: tuple[Operator, ...]


def sender_and_receiver(direction: str) -> tuple[str, str]:
    """Which module sends, and which receives, a photon that travels `right` or `left`."""
    check_direction(direction)
    return ("left", "right") if direction == "right" else ("right", "left")


def build_cascade(modules: TwoModules, direction: str, excitations: int = 1) -> OpenSystem:
    """Both modules and both directions of the waveguide, in the frame of the sender's emitters.

    Args:
        modules: their rates.
        direction: in which the photon is meant to travel, which says who sends.
        excitations: the most that there are at the beginning.

    Source:
        Series product with a beam splitter for the loss: Gough and James, IEEE Transactions on Automatic Control 54, 2530 (2009);
        cascades of Gardiner, Phys. Rev. Lett. 70, 2269 (1993), and Carmichael, ibid. 2273.
    """
    lower = lowering_operators(SITES, excitations)
    sender, receiver = sender_and_receiver(direction)
    hamiltonian = _inside(modules, lower) + _detuning(modules, lower, direction, receiver)
    jumps: list[Operator] = []
    for way in DIRECTIONS:
        driven, waves = _one_way(modules, lower, way)
        hamiltonian, jumps = hamiltonian + driven, [*jumps, *waves]
    jumps += _losses(modules, lower)
    return OpenSystem(
        hamiltonian,
        _coupling(lower, sender),
        _coupling(lower, receiver),
        tuple(jump for jump in jumps if np.any(jump)),
    )


def _decays(modules: TwoModules) -> dict[str, float]:
    return {"left": modules.left_decay_per_s, "right": modules.right_decay_per_s}


def _inside(modules: TwoModules, lower: list[Operator]) -> Operator:
    """What the couplers leave of the exchange between the two emitters of each module."""
    phase = spacing_phase(modules.spacing_error)
    both = [
        exchange(lower[EMITTERS[module][0]], lower[EMITTERS[module][1]], decay, phase)
        for module, decay in _decays(modules).items()
    ]
    return modules.coupler_error * (both[0] + both[1])


def _detuning(modules: TwoModules, lower: list[Operator], direction: str, receiver: str) -> Operator:
    detuning = modules.passage(direction).detuning_per_s
    first, second = (lower[site] for site in EMITTERS[receiver])
    return np.asarray(detuning * (first.conj().T @ first + second.conj().T @ second))


def _one_way(modules: TwoModules, lower: list[Operator], way: str) -> tuple[Operator, list[Operator]]:
    """The series product of both modules in one direction, with a beam splitter between them."""
    phase, eta = spacing_phase(modules.spacing_error), modules.transmission
    out = {
        module: emission(lower[EMITTERS[module][0]], lower[EMITTERS[module][1]], decay, phase, way)
        for module, decay in _decays(modules).items()
    }
    before, after = (out[module] for module in sender_and_receiver(way))
    drive = math.sqrt(eta) * after.conj().T @ before / 2j
    return drive + drive.conj().T, [math.sqrt(eta) * before + after, math.sqrt(1 - eta) * before]


def _losses(modules: TwoModules, lower: list[Operator]) -> list[Operator]:
    data = [lower[site] for sites in DATA.values() for site in sites]
    emitters = [lower[site] for sites in EMITTERS.values() for site in sites]
    return [
        *(math.sqrt(modules.data_loss_per_s) * sigma for sigma in data),
        *(math.sqrt(2 * modules.data_dephasing_per_s) * sigma.conj().T @ sigma for sigma in data),
        *(math.sqrt(modules.emitter_loss_per_s) * sigma for sigma in emitters),
    ]


def _coupling(lower: list[Operator], module: str) -> Operator:
    """Each data qubit exchanges excitations with the emitter beside it."""
    hops = [lower[data].conj().T @ lower[emitter] for data, emitter in zip(DATA[module], EMITTERS[module], strict=True)]
    hop = hops[0] + hops[1]
    return np.asarray(hop + hop.conj().T)
