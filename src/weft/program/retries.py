"""Blocks that may run again: what a `retry` says, and the rules that keep running again harmless.

A `retry` in row r closes the block of the rows before it. Its columns: `angles` holds the probability that the block is heralded a
success by itself, the number of rows in the block, and how often it runs at most (0: without limit); `kinds` the parity that its
bits must have. The operand says which QPU decides: the bits travel there, and the news from there to every qubit of the block.

A block touches no qubit that held anything before it, so that running it again undoes nothing. That is what lets a batch of shots
be sampled by running again only those that failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from weft.errors import InvalidProgramError
from weft.program.instructions import Op
from weft.program.program import Program


@dataclass(frozen=True, slots=True)
class Retry:
    """A block that may run again.

    Attributes:
        row: of the `retry` that closes it.
        start: its first row.
        bits: whose parity must be right.
        wanted: what it must be.
        odds: the probability that the block is heralded a success by itself.
        most_runs: how often it runs at most, before the program goes on regardless; 0 for without limit.
    """

    row: int
    start: int
    bits: tuple[int, ...]
    wanted: int
    odds: float
    most_runs: int


def retries_of(program: Program) -> tuple[Retry, ...]:
    """What the `retry` rows of a program say, in their order."""
    return tuple(
        Retry(
            row=row,
            start=row - int(program.angles[row, 1]),
            bits=tuple(bit for bit, _ in program.reads(row)),
            wanted=int(program.kinds[row]),
            odds=float(program.angles[row, 0]),
            most_runs=int(program.angles[row, 2]),
        )
        for row in np.flatnonzero(program.opcodes == Op.RETRY).tolist()
    )


def check_retries(program: Program) -> None:
    """Checks the rules of blocks that may run again.

    Raises:
        InvalidProgramError: naming the rule, and the `retry` whose block breaks it.
    """
    rows = np.flatnonzero(program.opcodes == Op.RETRY)
    for row in rows.tolist():
        for holds, rule in _number_rules(program, row):
            if not holds:
                raise InvalidProgramError(f"instruction {row} (retry): {rule}")
    open_blocks: list[Retry] = []
    for retry in program.retries:
        while open_blocks and open_blocks[-1].start >= retry.start:
            open_blocks.pop()
        if open_blocks and open_blocks[-1].row >= retry.start:
            raise InvalidProgramError(
                f"instruction {retry.row} (retry): blocks must be nested or apart, but its block overlaps with that of "
                f"{open_blocks[-1].row}"
            )
        open_blocks.append(retry)
        _check_block(program, retry)


def _number_rules(program: Program, row: int) -> Iterator[tuple[bool, str]]:
    odds, rows, most_runs = program.angles[row].tolist()
    yield 0 < odds <= 1, f"the odds of its block must lie in (0, 1], but are {odds}"
    yield rows == int(rows) and 1 <= rows <= row, f"its block must hold 1 to {row} rows before it, but holds {rows:g}"
    yield most_runs == int(most_runs) and most_runs >= 0, f"its runs must be a whole number ≥ 0, but are {most_runs:g}"
    yield program.kinds[row] <= 1, f"the parity that it wants must be 0 or 1, but is {program.kinds[row]}"
    yield odds < 1 or bool(program.reads(row)), "it must read bits or have odds below 1, but its block cannot fail"
    block = program.qubits[row - int(rows) : row] if 1 <= rows <= row else program.qubits[:row]
    decides_inside = bool(program.reads(row)) or bool(np.any(block == program.qubits[row, 0]))
    yield decides_inside, "without bits, it must be decided at a qubit of its block, but is not"


def _check_block(program: Program, retry: Retry) -> None:
    where = f"instruction {retry.row} (retry)"
    block = slice(retry.start, retry.row)
    qubits, opcodes = program.qubits[block], program.opcodes[block]
    used, first_uses = np.unique(qubits.reshape(-1), return_index=True)
    firsts = first_uses[used >= 0] // 2
    fresh = np.isin(opcodes[firsts], (Op.RESET, Op.ENTANGLE)) & ~program.is_conditional[block][firsts]
    if not np.all(fresh):
        qubit = int(used[used >= 0][np.argmin(fresh)])
        raise InvalidProgramError(
            f"{where}: its block must begin with a reset or an entangle of each of its qubits, but does not of "
            f"{program.qubit_names[qubit]}"
        )
    writes = program.bits[block]
    if retry.bits and not np.any(np.isin(retry.bits, writes)):
        raise InvalidProgramError(f"{where}: its block must write one of the bits that decide, but writes none")
    _check_bits(program, retry)


def _check_bits(program: Program, retry: Retry) -> None:
    """A block must write a bit of its own, always, before it reads it; or a run would see what the last one left."""
    rows = np.arange(retry.start, retry.row)
    writes = program.bits[retry.start : retry.row]
    surely = (writes >= 0) & ~program.is_conditional[retry.start : retry.row]
    written, first = np.unique(writes[surely], return_index=True)
    first_write = dict(zip(written.tolist(), rows[surely][first].tolist(), strict=True))
    offsets = program.read_offsets[retry.start : retry.row + 2]
    bits = program.read_bits[offsets[0] : offsets[-1]]
    readers = np.repeat(np.arange(retry.start, retry.row + 1), np.diff(offsets))
    written_by_then = np.array([first_write.get(bit, len(program)) for bit in bits.tolist()], dtype=np.int64)
    stale = np.isin(bits, writes) & (written_by_then >= readers)
    if np.any(stale):
        raise InvalidProgramError(
            f"instruction {retry.row} (retry): its block must not read a bit of its own before it has surely written it, but "
            f"instruction {readers[np.argmax(stale)]} does"
        )
