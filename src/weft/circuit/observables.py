"""Observables as sums of terms, and terms into groups that one basis serves.

A term is a coefficient and a symbol for each qubit: a Pauli, or a projector 0, 1, +, −, r, l. Terms that ask no qubit for two
different axes commute qubit by qubit, and the same shots serve them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit, CircuitBuilder

MEASURED = "bits"
"""The register that holds what was measured along the axes of a group."""

Terms = Mapping[str, float]
"""Coefficients by label; the last symbol of a label is that of qubit 0."""

_SYMBOLS: dict[str, tuple[str, float, float]] = {
    "X": ("X", 1, -1), "Y": ("Y", 1, -1), "Z": ("Z", 1, -1), "0": ("Z", 1, 0), "1": ("Z", 0, 1),
    "+": ("X", 1, 0), "-": ("X", 0, 1), "r": ("Y", 1, 0), "l": ("Y", 0, 1),
}  # fmt: skip
"""The axis that each symbol is measured along, and its values for the bits 0 and 1."""
TURNS = {"X": ("h",), "Y": ("sx",), "Z": ()}
"""The gate that takes an axis to Z."""


@dataclass(frozen=True)
class Group:
    """Terms that one basis serves.

    Attributes:
        axes: by qubit, `X`, `Y` or `Z`; qubits that no term asks for are left out.
        labels: of the terms.
    """

    axes: Mapping[int, str]
    labels: tuple[str, ...]


def grouped(labels: Iterable[str]) -> list[Group]:
    """Few groups that hold all labels but identities, each label in the first group that it fits, those on many qubits first."""
    groups: list[tuple[dict[int, str], list[str]]] = []
    for label in sorted(set(labels), key=lambda label: (-len(_axes(label)), label)):
        axes = _axes(label)
        if not axes:
            continue
        for taken, members in groups:
            if all(taken.get(qubit, axis) == axis for qubit, axis in axes.items()):
                taken.update(axes)
                members.append(label)
                break
        else:
            groups.append((axes, [label]))
    return [Group(dict(sorted(axes.items())), tuple(members)) for axes, members in groups]


def constant_of(terms: Terms) -> float:
    """The coefficient of the identity, which needs no shots."""
    return math.fsum(coefficient for label, coefficient in terms.items() if not _axes(label))


def shots_for(groups: Sequence[Group], terms: Terms, precision: float) -> list[int]:
    """Shots of each group that keep the standard error of a sum of terms at or below the precision, whatever the state.

    Values of the terms in group g are never further than w_g, the sum of their coefficients' magnitudes, from zero. So N_g shots
    leave a variance of at most w_g²/N_g, and N_g = w_g Σ_h w_h / precision² keeps their sum at precision² with the fewest shots.

    Source:
        The least Σ N_g for which Σ w_g²/N_g = precision², by a Lagrange multiplier.
    """
    weights = [math.fsum(abs(terms.get(label, 0.0)) for label in group.labels) for group in groups]
    return [max(2, math.ceil(weight * math.fsum(weights) / precision**2)) for weight in weights]


def measured_in(circuit: Circuit, group: Group) -> Circuit:
    """A circuit that then measures the qubits of a group along their axes, in the order of the axes, into its only register."""
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name, qubit_registers=circuit.qubit_registers)
    builder.add_bits(circuit.num_clbits)
    builder.extend(circuit)
    bits = builder.add_register(MEASURED, len(group.axes)).bits
    for bit, (qubit, axis) in zip(bits, group.axes.items(), strict=True):
        for name in TURNS[axis]:
            builder.gate(name, qubit)
        builder.measure(qubit, bit)
    return builder.build()


def values_of(group: Group, terms: Terms, outcomes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What the terms of a group add up to in each outcome.

    Args:
        group: whose qubits were measured.
        terms: of an observable.
        outcomes (uint8 array, shape (outcomes, qubits)): in the order of the group's axes.
    """
    column = {qubit: index for index, qubit in enumerate(group.axes)}
    values = np.zeros(len(outcomes))
    for label in group.labels:
        if label not in terms:
            continue
        product = np.full(len(outcomes), float(terms[label]))
        for qubit, symbol in _symbols(label):
            product *= np.array(_SYMBOLS[symbol][1:])[outcomes[:, column[qubit]]]
        values += product
    return values


def _symbols(label: str) -> list[tuple[int, str]]:
    return [(qubit, symbol) for qubit, symbol in enumerate(reversed(label)) if symbol != "I"]


def _axes(label: str) -> dict[int, str]:
    return {qubit: _SYMBOLS[symbol][0] for qubit, symbol in _symbols(label)}
