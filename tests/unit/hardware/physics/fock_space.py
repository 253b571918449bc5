"""Heralding once more, photon by photon, in Fock space; it shares nothing with the package.

A photon of A is created by a†, one of B by a superposition of the wave function of A's photon and one orthogonal to it. Every
creation operator is replaced by what loss and the beam splitter make of it, lost photons included; products of them are expanded
into occupation numbers. All modes are then counted, and the counts are forgotten again, except for which detectors click.
"""

from itertools import product
from math import factorial, prod, sqrt

import numpy as np


def created(port, mode, efficiency, overlap):
    """The operator that creates a photon of one ion: final mode → amplitude. A final mode is (place, mode, wave function)."""
    wave = {0: 1.0} if port == 0 else {0: overlap, 1: sqrt(1 - overlap**2)}
    operator = {}
    for shape, weight in wave.items():
        operator["lost from", port, mode, shape] = weight * sqrt(1 - efficiency)
        operator["detector", 0, mode, shape] = weight * sqrt(efficiency / 2)
        operator["detector", 1, mode, shape] = weight * sqrt(efficiency / 2) * (1 if port == 0 else -1)
    return operator


def expand(operators):
    """Amplitudes of occupation numbers that a product of creation operators makes from the vacuum."""
    state = {}
    for chosen in product(*(operator.items() for operator in operators)):
        modes = tuple(sorted(mode for mode, _ in chosen))
        state[modes] = state.get(modes, 0.0) + prod(amplitude for _, amplitude in chosen)
    return {
        modes: amplitude * sqrt(prod(factorial(modes.count(mode)) for mode in set(modes)))
        for modes, amplitude in state.items()
    }


def heralded(emission, efficiencies, overlap, dark, accepted):
    """The memories after a herald, not normalised, basis 00 to 11.

    emission: what a memory in state 0 and in state 1 emitted, each an amplitude and a mode or None.
    accepted: clicks (a frozen set of detectors) → the 4×4 correction that follows.
    """
    amplitudes = {}
    for a, b in product((0, 1), repeat=2):
        operators = [
            created(port, emission[bit][1], efficiencies[port], overlap)
            for port, bit in ((0, a), (1, b))
            if emission[bit][1] is not None
        ]
        for modes, amplitude in expand(operators).items():
            vector = amplitudes.setdefault(modes, np.zeros(4))
            vector[2 * a + b] += emission[a][0] * emission[b][0] * amplitude
    detectors = [(port, mode) for port in (0, 1) for mode in {mode for _, mode in emission.values()} - {None}]
    total = np.zeros((4, 4))
    for modes, vector in amplitudes.items():
        lit = {(mode[1], mode[2]) for mode in modes if mode[0] == "detector"}
        for clicks, correction in accepted.items():
            chance = prod(click_probability(d in clicks, d in lit, dark) for d in detectors)
            corrected = correction @ vector
            total += chance * np.outer(corrected, corrected)
    return total


def click_probability(clicks, is_lit, dark):
    if is_lit:
        return 1.0 if clicks else 0.0
    return dark if clicks else 1 - dark


X_ON_B = np.kron(np.eye(2), [[0, 1], [1, 0]])
Z_ON_A = np.diag([1, 1, -1, -1])


def double_click_by_hand(efficiencies, overlap, dark):
    accepted = {
        frozenset({(p, "h"), (q, "v")}): X_ON_B if p == q else X_ON_B @ Z_ON_A for p, q in product((0, 1), repeat=2)
    }
    return heralded({0: (sqrt(0.5), "h"), 1: (sqrt(0.5), "v")}, efficiencies, overlap, dark, accepted)


def single_click_by_hand(efficiencies, overlap, dark, bright):
    accepted = {frozenset({(0, "p")}): X_ON_B, frozenset({(1, "p")}): X_ON_B @ Z_ON_A}
    return heralded({0: (sqrt(1 - bright), None), 1: (sqrt(bright), "p")}, efficiencies, overlap, dark, accepted)
