"""Two-level systems that together hold at most a few excitations.

Where nothing adds excitations, leaving out the states that have more than there were at the beginning changes nothing, and eight
two-level systems with one excitation are 9 states in place of 256.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray


def list_states(sites: int, most: int) -> list[tuple[int, ...]]:
    """The sites excited in each basis state: none, then each alone, then pairs, ….

    Args:
        sites: how many two-level systems there are.
        most: excitations.
    """
    return [excited for count in range(most + 1) for excited in combinations(range(sites), count)]


def lowering_operators(sites: int, most: int) -> list[NDArray[np.complex128]]:
    """σ of each site, shape (states, states), in the basis of `list_states`."""
    states = list_states(sites, most)
    place = {state: at for at, state in enumerate(states)}
    operators = []
    for site in range(sites):
        operator = np.zeros((len(states), len(states)), dtype=np.complex128)
        for state in states:
            if site in state:
                operator[place[tuple(other for other in state if other != site)], place[state]] = 1
        operators.append(operator)
    return operators
