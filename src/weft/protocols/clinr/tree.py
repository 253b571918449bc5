"""Circuits cut into parts that are verified, and those again, as deep as one likes.

With one level of parts this is Clifford noise reduction, with more its recursive version: the state of a part is prepared by
injecting verified states of its own parts, and is then verified as a whole, so that less is left for its checks to find.

Sources: Delfosse and Tham, arXiv 2407.06583; Brodutch, Baimetov, Tham and Delfosse, arXiv 2511.22624, for trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from weft.errors import InvalidValueError
from weft.protocols.clinr.checks import Checks, Strategy, choose_checks
from weft.protocols.clinr.clifford_circuit import CliffordCircuit, cut


@dataclass(frozen=True, eq=False)
class VerifiedCircuit:
    """A circuit that is run by injection into a verified state.

    Attributes:
        circuit: C, on n qubits.
        checks: stabilizers of its state to be measured, on A and then on B; none if it is not verified.
        parts: verified circuits that make up C, one after the other; none if its gates are applied as they are.

    Raises:
        InvalidValueError: if checks or parts are of another number of qubits, or a check is the identity.
    """

    circuit: CliffordCircuit
    checks: Checks
    parts: tuple[VerifiedCircuit, ...] = ()

    def __post_init__(self) -> None:
        n = self.circuit.num_qubits
        if self.checks.paulis.shape != (len(self.checks.signs), 2 * n):
            raise InvalidValueError(
                f"`checks` must be one sign for each Pauli on {2 * n} qubits, but are {len(self.checks.signs)} for an array of "
                f"shape {self.checks.paulis.shape}"
            )
        if not self.checks.paulis.any(axis=1).all():
            raise InvalidValueError("`checks` must not hold the identity, but do")
        for part in self.parts:
            if part.circuit.num_qubits != n:
                raise InvalidValueError(f"`parts` must act on {n} qubits, but one acts on {part.circuit.num_qubits}")

    @property
    def own_circuit(self) -> CliffordCircuit:
        """The gates that are applied as they are: C, or none if it has parts."""
        if not self.parts:
            return self.circuit
        return CliffordCircuit(self.circuit.num_qubits, np.zeros(0, dtype=np.uint8), np.zeros((0, 2), dtype=np.int32))


def clinr_tree(
    circuit: CliffordCircuit,
    parts: Sequence[int],
    checks: Sequence[int],
    *,
    strategy: Strategy = "uniform",
    seed: int = 0,
) -> tuple[VerifiedCircuit, ...]:
    """Cuts a circuit into parts, these into parts, and so on, and chooses checks for all of them.

    Args:
        circuit: to be cut.
        parts: into how many, level by level; `(4,)` is Clifford noise reduction with four blocks.
        checks: of each part, level by level.
        strategy: which stabilizers; see `choose_checks`.
        seed: of the choice.

    Raises:
        InvalidValueError: if there is no level, not as many numbers of checks as levels, or fewer gates than parts.
    """
    if not parts or len(parts) != len(checks):
        raise InvalidValueError(
            f"`parts` and `checks` must be of the same levels, at least 1, but are of {len(parts)} and {len(checks)}"
        )
    return _cut(circuit, list(zip(parts, checks, strict=True)), strategy, np.random.SeedSequence(seed))


def _cut(
    circuit: CliffordCircuit, levels: list[tuple[int, int]], strategy: Strategy, seed: np.random.SeedSequence
) -> tuple[VerifiedCircuit, ...]:
    if not levels:
        return ()
    (count, wanted), *deeper = levels
    pieces = cut(circuit, count)
    return tuple(
        VerifiedCircuit(
            piece,
            choose_checks(piece, wanted, strategy, int(own.generate_state(1)[0])),
            _cut(piece, deeper, strategy, own),
        )
        for piece, own in zip(pieces, seed.spawn(len(pieces)), strict=True)
    )
