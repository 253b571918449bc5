"""How stabilizers are measured: by one ancilla after another, by several at a time, or by a cat state of several.

An ancilla in |+⟩ controls the stabilizer's Pauli on each qubit and is measured in X. Ancillas that measure at the same time visit
each qubit in one common order, so that what they measure are the stabilizers whatever Paulis meet on a qubit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from weft.errors import InvalidValueError
from weft.protocols.clinr.checks import Checks
from weft.protocols.clinr.operations import MEASURE_X, PAIR, PREPARE_X, PREPARE_Z, OperationList

Layout = Literal["sequence", "interleaved", "cat"]
LAYOUTS: tuple[Layout, ...] = ("sequence", "interleaved", "cat")

_CONTROLLED = ("", "cx", "cy", "cz")


@dataclass(frozen=True, slots=True)
class Verification:
    """A way to measure stabilizers.

    Attributes:
        layout: `sequence` measures one at a time with one ancilla; `interleaved` as many at a time as there are ancillas; `cat` one
            at a time, shared out among the ancillas of a cat state.
        ancillas: how many.
    """

    layout: Layout = "sequence"
    ancillas: int = 1

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise InvalidValueError(f"`layout` must be one of {', '.join(LAYOUTS)}, but is {self.layout!r}")
        if self.ancillas < 1:
            raise InvalidValueError(f"`ancillas` must be at least 1, but is {self.ancillas}")
        if self.layout == "sequence" and self.ancillas != 1:
            raise InvalidValueError(f"checks in sequence must use 1 ancilla, but `ancillas` is {self.ancillas}")

    def groups(self, checks: int) -> list[list[int]]:
        """Which checks are measured at the same time; between groups a block may be given up."""
        size = self.ancillas if self.layout == "interleaved" else 1
        return [list(range(start, min(start + size, checks))) for start in range(0, checks, size)]


def add_verification(operations: OperationList, checks: Checks, verification: Verification) -> None:
    """Adds the measurement of checks, a stage for each group; ancillas are the last qubits."""
    first = operations.num_qubits - verification.ancillas
    for group in verification.groups(len(checks)):
        operations.stage += 1
        if verification.layout == "cat":
            _add_cat(operations, checks, group[0], list(range(first, operations.num_qubits)))
        else:
            _add_interleaved(operations, checks, group, first)


def add_split_verification(
    operations: OperationList, checks: Checks, verification: Verification, *, first_reading: int = 0
) -> None:
    """As `add_verification`, for blocks whose halves A and B are on two QPUs: each ancilla is a Bell pair of their link.

    A Bell pair is a cat state of two: either half visits the qubits of its own QPU, and the parity of both is the check's bit.

    Args:
        operations: to which the measurements are added.
        checks: what is measured.
        verification: how.
        first_reading: the number of the first check's reading.

    Raises:
        InvalidValueError: for cat states of more.
    """
    if verification.layout == "cat":
        raise InvalidValueError("checks of split blocks must be in sequence or interleaved, but `layout` is 'cat'")
    n, ancillas = checks.paulis.shape[1] // 2, verification.ancillas
    first = operations.num_qubits - 2 * ancillas
    for group in verification.groups(len(checks)):
        operations.stage += 1
        near, far = first, first + ancillas
        for place in range(len(group)):
            operations.add(PAIR, near + place, far + place)
        supports = [np.flatnonzero(checks.paulis[check]) for check in group]
        _visit(operations, checks, group, [support[support < n].tolist() for support in supports], near, remote=True)
        _visit(operations, checks, group, [support[support >= n].tolist() for support in supports], far, remote=True)
        for place, check in enumerate(group):
            operations.add(MEASURE_X, near + place, reading=first_reading + check)
            operations.add(MEASURE_X, far + place, reading=first_reading + check)


def _add_interleaved(operations: OperationList, checks: Checks, group: list[int], first: int) -> None:
    for place in range(len(group)):
        operations.add(PREPARE_X, first + place)
    _visit(operations, checks, group, [np.flatnonzero(checks.paulis[check]).tolist() for check in group], first)
    for place, check in enumerate(group):
        operations.add(MEASURE_X, first + place, reading=check)


def _visit(
    operations: OperationList,
    checks: Checks,
    group: list[int],
    left: list[list[int]],
    first: int,
    *,
    remote: bool = False,
) -> None:
    """Layer by layer, each ancilla visits a qubit that is left to it, is free, and that all ancillas before it are done with."""
    while any(left):
        waiting: set[int] = set()  # qubits that an ancilla before still has to visit, or visits in this layer
        for place, check in enumerate(group):
            waiting_after = waiting | set(left[place])
            qubit = next((qubit for qubit in left[place] if qubit not in waiting), None)
            if qubit is not None:
                operations.gate(_CONTROLLED[checks.paulis[check, qubit]], first + place, qubit, remote=remote)
                left[place].remove(qubit)
            waiting = waiting_after


def _add_cat(operations: OperationList, checks: Checks, check: int, ancillas: list[int]) -> None:
    """Spreads |+⟩ over the ancillas by doubling; the parity of their X measurements is the check's bit."""
    qubits = np.flatnonzero(checks.paulis[check]).tolist()
    used = ancillas[: max(len(qubits), 1)]
    operations.add(PREPARE_X, used[0])
    for place in range(1, len(used)):
        operations.add(PREPARE_Z, used[place])
    reached = 1
    while reached < len(used):
        for place in range(reached, min(2 * reached, len(used))):
            operations.gate("cx", used[place - reached], used[place])
        reached *= 2
    for number, qubit in enumerate(qubits):
        operations.gate(_CONTROLLED[checks.paulis[check, qubit]], used[number % len(used)], qubit)
    for ancilla in used:
        operations.add(MEASURE_X, ancilla, reading=check)
