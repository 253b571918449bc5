"""One way of reading a cut circuit: its pieces, what each has to run, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.observables import Group
from weft.protocols.cutting.distribution import Distribution
from weft.protocols.cutting.expectation import Expectation
from weft.protocols.cutting.knitting import Network, Readings
from weft.protocols.cutting.pieces import Piece
from weft.protocols.cutting.plan import CutPlan
from weft.study.cutting.machine import Outcomes
from weft.study.cutting.plan_cuts import Cutting
from weft.study.cutting.subexperiments import Subexperiment, distinct_circuits, read, shape_of, subexperiments


class Experiment:
    """A cut circuit that is read in one way: all its bits, or the qubits of a group along their axes.

    Args:
        cutting: of the circuit.
        group: None for the circuit's own bits.
    """

    def __init__(self, cutting: Cutting, group: Group | None = None) -> None:
        self.group = group
        plan: CutPlan = cutting.plan
        self.circuit: Circuit = cutting.bare
        if group is not None:
            self.circuit, plan = cutting.read_along(group)
        self.cuts = cutting.cuts_of(self.circuit, plan)
        everything = cutting.pieces(self.circuit, plan, self.cuts)
        self.pieces = tuple(piece for piece in everything if piece.events)

    @cached_property
    def runs(self) -> list[list[Subexperiment]]:
        """Each different circuit, as the ways to fill slots that make it; piece after piece."""
        found = []
        for piece in self.pieces:
            ways = subexperiments(piece, self.cuts)
            found += [[ways[position] for position in group] for group in distinct_circuits(ways)]
        return found

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """How much each run counts at most, shape (runs,)."""
        return np.array([sum(way.weight for way in run) for run in self.runs])

    def readings(self, outcomes: Sequence[Outcomes], *, exact: bool) -> list[list[Readings]]:
        """What the outcomes of all runs say, piece by piece."""
        found: dict[int, list[Readings]] = {piece.number: [] for piece in self.pieces}
        of = {piece.number: piece for piece in self.pieces}
        for run, given in zip(self.runs, outcomes, strict=True):
            number = run[0].piece
            bits = self.printed(of[number], given.bits)
            found[number].append(read(of[number], self.cuts, [way.choice for way in run], given, bits, exact=exact))
        return list(found.values())

    def printed(self, piece: Piece, bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A piece's bits of the circuit; those that are in no register are in no outcome, and 0 here.

        Args:
            piece: whose outcomes they are.
            bits (uint8 array, shape (outcomes, bits)): all that it wrote, those of the circuit first.
        """
        return bits[:, : len(piece.clbits)] * self.circuit.printed_bits[list(piece.clbits)]

    def expectation(self, outcomes: Sequence[Outcomes], *, exact: bool) -> Expectation:
        """The terms of the group."""
        network = Network.of(self.pieces, self.cuts, shared=True)
        shapes = [shape_of(piece, self.cuts) for piece in self.pieces]
        return Expectation(network, shapes, self.readings(outcomes, exact=exact), self.supports)

    def distribution(self, outcomes: Sequence[Outcomes], *, exact: bool) -> Distribution:
        """The bits of the circuit."""
        network = Network.of(self.pieces, self.cuts, shared=False)
        shapes = [shape_of(piece, self.cuts) for piece in self.pieces]
        return Distribution(network, shapes, self.readings(outcomes, exact=exact))

    @cached_property
    def supports(self) -> list[NDArray[np.bool_]]:
        """For each piece, which of its bits each term of the group reads, shape (terms, bits)."""
        assert self.group is not None
        place = {qubit: bit for bit, qubit in enumerate(self.group.axes)}
        read_by = [
            {place[qubit] for qubit, symbol in enumerate(reversed(label)) if symbol != "I"}
            for label in self.group.labels
        ]
        return [np.array([[bit in bits for bit in piece.clbits] for bits in read_by]) for piece in self.pieces]
