"""The programs of a hybrid plan: a term of every cut and of every pair makes one, and their sum with signs is the circuit.

Where there are few, all are run; where there are many, each shot draws its term, with a probability in proportion to the size of
its coefficient, and only programs that were drawn are made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.observables import Group, measured_in
from weft.network import Network
from weft.program import Program
from weft.protocols.cutting.dressed_programs import End, dressed_program
from weft.protocols.cutting.operations import Operation, Step
from weft.protocols.cutting.pairs import PairTerm
from weft.study.cutting.hybrid_plan import GateCut, HybridPlan
from weft.study.cutting.machine import Machine, check_ebits

BITS = "bits"
"""The register of every program: the circuit's bits, then the outcomes of its cuts."""

_WHOLE_NETWORK = 0  # its only island


_Key = tuple[tuple[tuple[Step, ...], ...], tuple[tuple[bool, tuple[Step, ...], tuple[Step, ...]], ...]]
"""What makes two programs the same: what ends of cuts do, and what stands in for pairs."""


class Way(NamedTuple):
    """A term that a program stands for.

    Attributes:
        weight: the product of its coefficients.
        signs: the bits whose parity is the sign of an outcome.
        gain: how much more of the process it is than of Σ|coefficients|, by the cuts in it.
    """

    weight: float
    signs: tuple[int, ...]
    gain: float


@dataclass(frozen=True, eq=False)
class Summand:
    """A program and all the terms that it stands for.

    Attributes:
        program: to run.
        ways: of counting its outcomes.
    """

    program: Program
    ways: list[Way] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How much an outcome counts at most."""
        return sum(abs(way.weight) for way in self.ways)


class HybridPrograms:
    """The programs of a plan, whose circuit is read in one way. They are one program, compiled once, with different rows in it.

    Args:
        plan: that they follow.
        group: whose qubits are measured along their axes; None for the circuit's own bits.
        machine: to compile on.
        most_ebits: that a program may take; any number by default.

    Attributes:
        program: with a measurement in place of each end of a cut, and before anything is done about its pairs.
        pairs: what stands in for each pair of the program.
        clbits: of the programs, those that are asked for.

    Raises:
        DoesNotFitError: if the program takes more pairs than it may.
    """

    def __init__(self, plan: HybridPlan, group: Group | None, machine: Machine, most_ebits: int | None = None) -> None:
        self.plan, self.group = plan, group
        circuit = plan.circuit
        self.clbits: Sequence[int] = range(circuit.num_clbits)
        if group is not None:
            axes = {int(plan.ends[qubit]): axis for qubit, axis in group.axes.items()}
            circuit = measured_in(circuit, Group(axes, group.labels))
            self.clbits = circuit.registers[-1].bits
        marked, self._first_bits = with_slots(circuit, plan.cuts)
        self.program = machine.program(marked, _WHOLE_NETWORK)
        self._rows = [[int(np.flatnonzero(self.program.bits == bit)[0]) for bit in bits] for bits in self._first_bits]
        self.pairs = plan.decompositions(self.program)
        check_ebits(self.program.ebits, most_ebits)

    def on(self, network: Network) -> HybridPrograms:
        """The same on a network of the same shape: what is cut stays, and pairs are repaired as they are there.

        Raises:
            InvalidValueError: if the noise of pairs cannot be cancelled.
        """
        there = copy(self)
        there.plan, there.program = replace(self.plan, network=network), replace(self.program, network=network)
        there.pairs = there.plan.decompositions(there.program)
        return there

    @property
    def overhead(self) -> float:
        """γ: of all cuts, and of each pair that the program takes."""
        return self.plan.overhead(self.program)

    @property
    def count(self) -> int:
        """How many terms there are."""
        return math.prod(len(cut.cells) for cut in self.plan.cuts) * math.prod(len(pair.terms) for pair in self.pairs)

    def all(self) -> list[Summand]:
        """A summand for every different program."""
        found: dict[_Key, Summand] = {}
        for cells in product(*(range(len(cut.cells)) for cut in self.plan.cuts)):
            coefficient, operations = self._chosen(cells)
            for terms in product(*(pair.terms for pair in self.pairs)):
                key = _key(operations, terms)
                if key not in found:
                    found[key] = Summand(self._made(operations, terms))
                weight = coefficient * math.prod(term.coefficient for term in terms)
                found[key].ways.append(Way(weight, self._signs(operations), self._gain(cells)))
        return list(found.values())

    def drawn(self, draws: int, rng: np.random.Generator) -> Iterator[tuple[Summand, int]]:
        """A program for every different term that was drawn, and how often it was.

        Its weight is γ with the sign of the term.
        """
        sizes = [[cut.by.coefficients[i, j] for i, j in cut.cells.tolist()] for cut in self.plan.cuts]
        sizes += [[term.coefficient for term in pair.terms] for pair in self.pairs]
        for chosen, times in _distinct([_drawn(coefficients, draws, rng) for coefficients in sizes], draws):
            cells, places = chosen[: len(self.plan.cuts)], chosen[len(self.plan.cuts) :]
            coefficient, operations = self._chosen(cells)
            terms = tuple(pair.terms[place] for pair, place in zip(self.pairs, places, strict=True))
            sign = math.copysign(1.0, coefficient * math.prod(term.coefficient for term in terms))
            way = Way(sign * self.overhead, self._signs(operations), self._gain(cells))
            yield Summand(self._made(operations, terms), [way]), times

    def _chosen(self, cells: Sequence[int]) -> tuple[float, list[tuple[Operation, Operation]]]:
        """The coefficient of a cell of each cut, and what its two ends do."""
        coefficient, operations = 1.0, []
        for cut, cell in zip(self.plan.cuts, cells, strict=True):
            i, j = cut.cells[cell].tolist()
            coefficient *= float(cut.by.coefficients[i, j])
            operations.append((cut.by.left[i], cut.by.right[j]))
        return coefficient, operations

    def _gain(self, cells: Sequence[int]) -> float:
        """Of a cell of each cut. Terms that repair a pair are alike, so that their coefficients are all there is to know."""
        return math.prod(float(cut.gains[cell]) for cut, cell in zip(self.plan.cuts, cells, strict=True))

    def _signs(self, operations: Sequence[tuple[Operation, Operation]]) -> tuple[int, ...]:
        return tuple(
            first + bit
            for bits, ends in zip(self._first_bits, operations, strict=True)
            for first, operation in zip(bits, ends, strict=True)
            for bit in operation.sign
        )

    def _made(self, operations: Sequence[tuple[Operation, Operation]], terms: Sequence[PairTerm]) -> Program:
        if not operations and all(term.real and not term.first and not term.second for term in terms):
            return self.program
        ends = [
            End(*end)
            for rows, both, bits in zip(self._rows, operations, self._first_bits, strict=True)
            for end in zip(rows, both, bits, strict=True)
        ]
        return dressed_program(self.program, terms, ends)


def _key(operations: Sequence[tuple[Operation, Operation]], terms: Sequence[PairTerm]) -> _Key:
    done = tuple(operation.steps for both in operations for operation in both)
    return done, tuple((term.real, term.first, term.second) for term in terms)


def _drawn(coefficients: Sequence[float], draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions, each drawn with a probability in proportion to the size of its coefficient."""
    sizes = np.abs(coefficients)
    return rng.choice(len(sizes), size=draws, p=sizes / sizes.sum())


def _distinct(columns: Sequence[NDArray[np.int64]], draws: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """The different rows of some columns, and how often each comes."""
    if not columns:
        yield (), draws
        return
    rows, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
        yield tuple(row), count


def with_slots(circuit: Circuit, cuts: Sequence[GateCut]) -> tuple[Circuit, list[tuple[int, int]]]:
    """A circuit that measures both qubits of each gate that is cut, in place of the gate.

    Args:
        circuit: that has the gates.
        cuts: of them, in the order of rows.

    Returns:
        The circuit, with one register, whose first bits are the given circuit's; and where the bits of each cut's two ends begin,
        into the first of which they are measured.
    """
    sizes = [[max(1, *(operation.bits for operation in end)) for end in (cut.by.left, cut.by.right)] for cut in cuts]
    starts = circuit.num_clbits + np.cumsum([0, *(size for both in sizes for size in both)])
    bits = [(int(starts[2 * place]), int(starts[2 * place + 1])) for place in range(len(cuts))]
    builder = CircuitBuilder(circuit.num_qubits, name=circuit.name, qubit_registers=circuit.qubit_registers)
    builder.add_register(BITS, int(starts[-1]))
    at = {cut.row: both for cut, both in zip(cuts, bits, strict=True)}
    for row in range(len(circuit)):
        qubits = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
        if row in at:
            for qubit, bit in zip(qubits, at[row], strict=True):
                builder.measure(qubit, bit)
        else:
            angles, clbit = circuit.angles[row].tolist(), int(circuit.clbits[row])
            builder.append(int(circuit.opcodes[row]), qubits, angles, clbit, circuit.condition(row))
    return builder.build(), bits
