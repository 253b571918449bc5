"""Mutually unbiased bases of k qubits, as Clifford circuits.

A vector of one basis has the same overlap with all vectors of another. There are 2^k + 1 such bases: that of Z, and one
for each symmetric matrix A of a set whose differences are all invertible over the field of two elements. Basis A is
reached from that of Z by H on every qubit, then S on qubit i where A[i, i] = 1 and CZ where A[i, j] = 1. With the elements
a of the field of 2^k elements, A[i, j] = tr(a e_i e_j) is such a set, e_i being powers of the field's generator.

Source: Wootters and Fields, Ann. Phys. 191, 363 (1989); as circuits in this form, e.g., Durt, Englert, Bengtsson,
Życzkowski, Int. J. Quantum Inf. 8, 535 (2010).
"""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import xor

from weft.protocols.cutting.operations import Step


def unbiased_bases(wires: int) -> tuple[tuple[Step, ...], ...]:
    """2^k circuits that turn the basis of Z into ones unbiased to it and to each other.

    Args:
        wires: k, at least 1.

    Returns:
        Steps on qubits 0 … k − 1 each; the first is H on every qubit.
    """
    modulus = _irreducible(wires)
    return tuple(_basis(wires, element, modulus) for element in range(2**wires))


def inverse(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The circuit that undoes one of `unbiased_bases`."""
    return tuple(Step({"s": "sdg"}.get(step.name, step.name), step.qubits) for step in reversed(steps))


def _basis(wires: int, element: int, modulus: int) -> tuple[Step, ...]:
    def entry(i: int, j: int) -> int:
        return _trace(_product(element, _product(1 << i, 1 << j, modulus), modulus), modulus)

    turns = [Step("h", (i,)) for i in range(wires)]
    phases = [Step("s", (i,)) for i in range(wires) if entry(i, i)]
    pairs = [Step("cz", (i, j)) for i, j in combinations(range(wires), 2) if entry(i, j)]
    return (*turns, *phases, *pairs)


# Elements of the field are polynomials over {0, 1}: bit i of a number is the coefficient of the generator's power i.


def _product(a: int, b: int, modulus: int) -> int:
    shifted = reduce(xor, (a << bit for bit in range(b.bit_length()) if b >> bit & 1), 0)
    return _remainder(shifted, modulus)


def _remainder(polynomial: int, modulus: int) -> int:
    while polynomial.bit_length() >= modulus.bit_length():
        polynomial ^= modulus << polynomial.bit_length() - modulus.bit_length()
    return polynomial


def _trace(element: int, modulus: int) -> int:
    """The sum of an element, its square, that one's square and so on; 0 or 1."""
    total, power = 0, element
    for _ in range(modulus.bit_length() - 1):
        total, power = total ^ power, _product(power, power, modulus)
    return total


def _irreducible(degree: int) -> int:
    """The first polynomial of a degree that no smaller one divides."""
    candidates = range(1 << degree, 2 << degree)
    return next(p for p in candidates if all(_remainder(p, d) for d in range(2, 1 << degree // 2 + 1)))
