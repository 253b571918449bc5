"""Programs in which something stands in for Bell pairs, and an end of a cut for a measurement.

Every `entangle` of a program takes a pair from a link, and a `PairDecomposition` says as what sum of things the pair would be
perfect. One term for each of them makes an ordinary program: where the term is real the `entangle` stays, followed by local gates
on its two communication qubits; where it is not, each end resets its communication qubit and prepares a state on it.

Ends of cuts are filled in the same way. A circuit that measures a qubit where an end is to be compiles into a program in which, at
that row, the qubit is on one data qubit, alone and without byproducts; so any other operation on it may take the place of the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES
from weft.errors import InvalidProgramError, InvalidValueError
from weft.program import Op, Pauli, Program
from weft.program.validate import validate
from weft.protocols.cutting.operations import Operation, Step
from weft.protocols.cutting.pairs import PairTerm


class _Row(NamedTuple):
    """What is to stand in a row; it reads no bits."""

    opcode: int
    qubits: tuple[int, int]
    kind: int = 0
    angles: tuple[float, ...] = ()
    link: int = -1
    bit: int = -1


class End(NamedTuple):
    """What is to stand in place of a measurement.

    Attributes:
        row: of the measurement.
        operation: on one wire, without ancillas or messages.
        first_bit: of the program, from which on the operation writes its outcomes.
    """

    row: int
    operation: Operation
    first_bit: int


def pair_rows(program: Program) -> NDArray[np.int64]:
    """The rows of a program that take pairs, shape (ebits,)."""
    return np.flatnonzero(program.opcodes == Op.ENTANGLE)


def with_ends(program: Program, ends: Sequence[End]) -> Program:
    """A program with operations in place of some measurements."""
    return _replaced(program, {end.row: _operation(program, end) for end in ends})


def dressed_program(program: Program, terms: Sequence[PairTerm], ends: Sequence[End] = ()) -> Program:
    """A program with a term in place of each of its pairs, and operations in place of some measurements.

    Args:
        program: any whose blocks run again for nothing that they measured: which terms succeed would else depend on the terms.
        terms: one for each row of `pair_rows(program)`, in that order.
        ends: of cuts.

    Raises:
        InvalidValueError: if there are not as many terms as pairs.
        InvalidProgramError: if a block runs again depending on what it measured.
    """
    entangles = pair_rows(program)
    if len(terms) != len(entangles):
        raise InvalidValueError(f"`terms` must hold one for each of {len(entangles)} pairs, but hold {len(terms)}")
    check_dressable(program)
    rows = {row: _pair(program, row, term) for row, term in zip(entangles.tolist(), terms, strict=True)}
    return _replaced(program, rows | {end.row: _operation(program, end) for end in ends})


def check_dressable(program: Program) -> None:
    """Checks that terms may stand in for the pairs of a program.

    Raises:
        InvalidProgramError: if a block runs again depending on what it measured.
    """
    for retry in program.retries:
        if retry.bits:
            raise InvalidProgramError(
                "where terms stand in for pairs, a block must run again only where a swap failed, but that of instruction "
                f"{retry.row} depends on what it measured"
            )


def _pair(program: Program, row: int, term: PairTerm) -> list[_Row]:
    first, second = program.qubits[row].tolist()
    if term.real:
        rows = [_Row(Op.ENTANGLE, (first, second), link=int(program.links[row]))]
    else:
        rows = [_Row(Op.RESET, (qubit, -1)) for qubit in (first, second)]
    for qubit, steps in ((first, term.first), (second, term.second)):
        rows += [_step(step, qubit, 0) for step in steps]
    return rows


def _operation(program: Program, end: End) -> list[_Row]:
    qubit = int(program.qubits[end.row, 0])
    return [_step(step, qubit, end.first_bit) for step in end.operation.steps]


def _step(step: Step, qubit: int, first_bit: int) -> _Row:
    if step.name == "measure":
        return _Row(Op.MEASURE, (qubit, -1), Pauli.Z, bit=first_bit + step.bit)
    if step.name == "reset":
        return _Row(Op.RESET, (qubit, -1))
    return _Row(Op.GATE, (qubit, -1), CODES[step.name], step.angles)


def _replaced(program: Program, replacements: dict[int, list[_Row]]) -> Program:
    """A program with other rows, which read and write no bits, in place of some."""
    counts = np.ones(len(program), dtype=np.int64)
    for row, rows in replacements.items():
        counts[row] = len(rows)
    begins = np.concatenate(([0], np.cumsum(counts)))
    source = np.repeat(np.arange(len(program)), counts)
    columns: dict[str, Any] = {
        name: getattr(program, name)[source].copy()
        for name in ("opcodes", "kinds", "qubits", "angles", "bits", "links")
    }
    for row, rows in replacements.items():
        for place, made in enumerate(rows, int(begins[row])):
            columns["opcodes"][place], columns["kinds"][place] = made.opcode, made.kind
            columns["qubits"][place] = made.qubits
            columns["angles"][place] = (*made.angles, 0.0, 0.0, 0.0)[:3]
            columns["links"][place], columns["bits"][place] = made.link, made.bit
    for retry in program.retries:
        place = begins[retry.row]
        columns["angles"][place, 1] = place - begins[retry.start]
    columns["read_offsets"] = np.concatenate(([0], np.cumsum(np.diff(program.read_offsets)[source])))
    for column in columns.values():
        column.setflags(write=False)
    answer = replace(program, **columns)
    validate(answer)
    return answer
