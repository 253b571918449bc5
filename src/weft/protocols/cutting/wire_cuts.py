"""Cuts of wires: the left end measures and ends them, the right end begins them anew.

Without communication, the identity of each wire is ½ Σ_P Tr(P ρ) P over the four Paulis: the left end measures P, the right
end prepares its eigenstates, and γ is 4 per wire. With communication in real time, the right end prepares what the left
end found. Measuring in all 2^k + 1 mutually unbiased bases and preparing the outcome gives ρ + Tr(ρ) 1; what is too much
is taken off by preparing anything but what a measurement in Z found. So γ is 2^(k+1) − 1 for k wires at once, which is
optimal.

Sources: Peng, Harrow, Ozols, Wu, Phys. Rev. Lett. 125, 150504 (2020), for single wires; Brenner, Piveteau, Sutter,
arXiv 2302.03366, for the optimum with communication; Harada, Wada, Yamamoto, arXiv 2303.07340, for reaching it without ancillas.
"""

from __future__ import annotations

from itertools import chain, product
from math import prod

from weft.errors import InvalidValueError
from weft.protocols.cutting.bases import inverse, unbiased_bases
from weft.protocols.cutting.decomposition import Decomposition, Term
from weft.protocols.cutting.operations import Operation, Step, preparation_steps

MOST_WIRES = 5
"""As many as are worth cutting at once; the number of operations is exponential."""


def wire_overhead(wires: int = 1, communication: bool = False) -> int:
    """γ of cutting some wires at once: 4^k, or 2^(k+1) − 1 with communication in real time."""
    _check(wires)
    return 2 ** (wires + 1) - 1 if communication else 4**wires


def wire_cut(wires: int = 1, communication: bool = False) -> Decomposition:
    """The identity of some wires, taken apart.

    Args:
        wires: k, cut at the same moment, in 1 … `MOST_WIRES`.
        communication: whether the right end learns what the left end measured before it begins.

    Returns:
        Left operations end the wires, in any state; right operations begin them from |0⟩. Left operations that differ
        in their sign only are the same experiment.

    Raises:
        InvalidValueError: `wires` is out of range.
    """
    _check(wires)
    return Decomposition.of_terms(_with_communication(wires) if communication else _without_communication(wires))


def _check(wires: int) -> None:
    if not 1 <= wires <= MOST_WIRES:
        raise InvalidValueError(f"`wires` must lie in 1 … {MOST_WIRES}, but is {wires}")


_TO_Z = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
"""Gates that turn the eigenstates of a Pauli into those of Z."""
_EIGENSTATES = {"I": {"0": 1, "1": 1}, "Z": {"0": 1, "1": -1}, "X": {"+": 1, "-": -1}, "Y": {"r": 1, "l": -1}}


def _without_communication(wires: int) -> list[Term]:
    """All strings of Paulis, and for each all strings of eigenstates."""
    return [
        (prod(_EIGENSTATES[p][s] for p, s in zip(paulis, states, strict=True)) / 2**wires, _measured(paulis), right)
        for paulis in product("IZXY", repeat=wires)
        for states in product(*(_EIGENSTATES[pauli] for pauli in paulis))
        for right in [_prepared(states)]
    ]


def _measured(paulis: tuple[str, ...]) -> Operation:
    """The expectation value of a string of Paulis; I is measured as Z, so that both are one experiment."""
    turns = [Step(name, (wire,)) for wire, p in enumerate(paulis) for name in _TO_Z["Z" if p == "I" else p]]
    sign = tuple(wire for wire, pauli in enumerate(paulis) if pauli != "I")
    return Operation(len(paulis), (*turns, *_readout(len(paulis))), bits=len(paulis), sign=sign)


def _prepared(states: tuple[str, ...]) -> Operation:
    steps = (preparation_steps(state, wire) for wire, state in enumerate(states))
    return Operation(len(states), tuple(chain.from_iterable(steps)))


def _readout(wires: int) -> tuple[Step, ...]:
    return tuple(Step("measure", (wire,), bit=wire) for wire in range(wires))


def _with_communication(wires: int) -> list[Term]:
    bases = unbiased_bases(wires)
    kept = [(1.0, _measured_in(wires, inverse(basis)), _reprepared(wires, 0, basis)) for basis in bases]
    flipped = [(-1.0, _measured_in(wires, ()), _reprepared(wires, flips, ())) for flips in range(1, 2**wires)]
    return kept + flipped


def _measured_in(wires: int, turns: tuple[Step, ...]) -> Operation:
    return Operation(wires, (*turns, *_readout(wires)), bits=wires)


def _reprepared(wires: int, flips: int, basis: tuple[Step, ...]) -> Operation:
    """What the left end found, wires in `flips` inverted, in a basis."""
    copies = tuple(Step("x", (wire,), condition=((wire, 1 - (flips >> wire & 1)),)) for wire in range(wires))
    return Operation(wires, (*copies, *basis), messages=wires)
