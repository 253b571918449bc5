"""A channel across two ends as a sum of local operations with real coefficients, some of which are negative.

Running term (i, j) with probability |C[i, j]|/γ and multiplying its outcome by γ and by the signs gives an unbiased
estimate of what the channel would have given; its variance grows as γ². Without communication the sum factorises into
the two ends, which is what makes knitting a contraction of one tensor per piece with one matrix per cut.

Source: Pashayan, Wallman, Bartlett, Phys. Rev. Lett. 115, 070501 (2015), for sampling from quasi-probabilities;
Mitarai and Fujii, New J. Phys. 23, 023021 (2021), for their use between two ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.cutting.operations import Operation

Term = tuple[float, Operation, Operation]
"""A coefficient, what happens at the left end, and what at the right end."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Σ C[i, j] left_i ⊗ right_j.

    Right operations may read messages: message k is outcome bit k of the left operation beside them.

    Attributes:
        left: distinct operations of the first end.
        right: distinct operations of the second end.
        coefficients (float array, shape (left, right)): C, read-only.

    Raises:
        InvalidValueError: the coefficients' shape is not that of the operations, the operations of one end differ in
            their wires, or a message is read that nobody sends.
    """

    left: tuple[Operation, ...]
    right: tuple[Operation, ...]
    coefficients: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.coefficients.shape != (len(self.left), len(self.right)):
            shape = (len(self.left), len(self.right))
            raise InvalidValueError(f"`coefficients` must have shape {shape}, but has {self.coefficients.shape}")
        if not self.left or not self.right:
            raise InvalidValueError("a decomposition must have at least one term, but has none")
        if any(len({operation.wires for operation in end}) != 1 for end in (self.left, self.right)):
            raise InvalidValueError("the operations of one end must act on equally many wires, but do not")
        for i, j in np.argwhere(self.coefficients):
            if self.right[j].messages > self.left[i].bits:
                raise InvalidValueError(f"right operation {j} must read what left operation {i} sends, but reads more")

    @classmethod
    def of_terms(cls, terms: Iterable[Term]) -> Decomposition:
        """The sum of some terms, equal operations merged.

        Args:
            terms: in any order; coefficients of the same two operations add up.
        """
        left: dict[Operation, int] = {}
        right: dict[Operation, int] = {}
        entries = [(left.setdefault(a, len(left)), right.setdefault(b, len(right)), c) for c, a, b in terms]
        coefficients = np.zeros((len(left), len(right)))
        for i, j, coefficient in entries:
            coefficients[i, j] += coefficient
        coefficients.setflags(write=False)
        return cls(tuple(left), tuple(right), coefficients)

    @cached_property
    def overhead(self) -> float:
        """γ = Σ |C|; γ² times as many shots are needed as without the cut."""
        return float(np.abs(self.coefficients).sum())

    @cached_property
    def communication(self) -> bool:
        """Whether the right end waits for what the left end measured."""
        return any(operation.messages > 0 for operation in self.right)
