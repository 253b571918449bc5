"""What playing needs to know of blocks that may run again: who must hear of which decision, and what must not be forgotten."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.errors import SchedulingError
from weft.program import Op, Program, Retry
from weft.scheduler.latency import latencies_s


class Reads(NamedTuple):
    """What rows wait for beside their operands; as the columns of `Score`."""

    offsets: NDArray[np.int64]
    slots: NDArray[np.int64]
    writers: NDArray[np.int64]
    latency_s: NDArray[np.float64]


class Retrying(NamedTuple):
    """What playing must know of one `retry`.

    Attributes:
        retry: what it says.
        number: its place among those of the program.
        slot: where the time of its decision is.
        qubits (int64 array): of its block.
        latency_s (float64 array): how long the news takes to each of them.
    """

    retry: Retry
    number: int
    slot: int
    qubits: NDArray[np.int64]
    latency_s: NDArray[np.float64]


class Waits(NamedTuple):
    """Rows that must hear of a decision before they begin.

    Attributes:
        rows (int64 array): which rows, in ascending order.
        retries (int64 array): which decision, by its place among those of the program.
        latency_s (float64 array): how long the news takes.
    """

    rows: NDArray[np.int64]
    retries: NDArray[np.int64]
    latency_s: NDArray[np.float64]


def retryings_of(program: Program, first_slot: int) -> tuple[Retrying, ...]:
    """Of the `retry` rows of a program; the times of their decisions are in slots from `first_slot` on."""
    found = []
    for number, retry in enumerate(program.retries):
        qubits = np.unique(program.qubits[retry.start : retry.row])
        held = qubits[qubits >= 0].astype(np.int64)
        found.append(
            Retrying(retry, number, first_slot + number, held, _news_to(program, retry, program.qubit_qpus[held]))
        )
    return tuple(found)


def _news_to(program: Program, retry: Retry, qpus: NDArray[np.int32]) -> NDArray[np.float64]:
    to = qpus.astype(np.int64)
    source = np.full(len(to), program.qpus[retry.row], dtype=np.int64)
    latency = np.zeros(len(to))
    travels = source != to
    if np.any(travels):
        latency[travels] = latencies_s(program.network, source[travels], to[travels])
    return latency


def waits_of(program: Program, retryings: tuple[Retrying, ...], writers: NDArray[np.int64]) -> Waits:
    """What a block leaves behind, qubits and bits, must not be used before it is known to be good.

    Only the first row that uses each qubit waits. A communication qubit that the block leaves empty may be entangled at once.

    Args:
        program: of the blocks.
        retryings: of it.
        writers (int64 array, shape (reads,)): the row that wrote each bit that is read.
    """
    rows, retries, latency = [], [], []
    operands = program.qubits.reshape(-1)
    order = np.argsort(operands, kind="stable")
    readers = _Readers.of(program, writers)
    for retrying in retryings:
        row = retrying.retry.row
        for qubit, news_s in zip(retrying.qubits.tolist(), retrying.latency_s.tolist(), strict=True):
            low, high = np.searchsorted(operands, (qubit, qubit + 1), sorter=order)
            place = low + np.searchsorted(order[low:high], 2 * row + 2)
            if place < high and program.opcodes[order[place] // 2] != Op.ENTANGLE:
                rows.append(int(order[place]) // 2)
                retries.append(retrying.number)
                latency.append(news_s)
        after = readers.after(retrying.retry)
        rows += after.tolist()
        retries += [retrying.number] * len(after)
        latency += _news_to(program, retrying.retry, program.qpus[after]).tolist()
    by_row = np.argsort(rows, kind="stable")
    return Waits(
        np.array(rows, dtype=np.int64)[by_row],
        np.array(retries, dtype=np.int64)[by_row],
        np.array(latency, dtype=np.float64)[by_row],
    )


def with_news(reads: Reads, program: Program, retryings: tuple[Retrying, ...]) -> Reads:
    """Rows that use what a block leaves behind read the decision that it is good, too."""
    if not retryings:
        return reads
    waits = waits_of(program, retryings, reads.writers)
    places = reads.offsets[waits.rows + 1]
    slots = np.array([retrying.slot for retrying in retryings], dtype=np.int64)
    rows = np.array([retrying.retry.row for retrying in retryings], dtype=np.int64)
    more = np.cumsum(np.bincount(waits.rows, minlength=len(program)))
    return Reads(
        reads.offsets + np.concatenate(([0], more)),
        np.insert(reads.slots, places, slots[waits.retries]),
        np.insert(reads.writers, places, rows[waits.retries]),
        np.insert(reads.latency_s, places, waits.latency_s),
    )


class _Readers(NamedTuple):
    """Who reads what was written where, in the order of the writers."""

    writers: NDArray[np.int64]
    rows: NDArray[np.int64]

    @staticmethod
    def of(program: Program, writers: NDArray[np.int64]) -> _Readers:
        order = np.argsort(writers, kind="stable")
        rows = np.repeat(np.arange(len(program)), np.diff(program.read_offsets))
        return _Readers(writers[order], rows[order])

    def after(self, retry: Retry) -> NDArray[np.int64]:
        """Rows after a block that read what it wrote."""
        low, high = np.searchsorted(self.writers, (retry.start, retry.row))
        rows = self.rows[low:high]
        return np.unique(rows[rows > retry.row])


def keep_what_is_read_again(program: Program, writers: NDArray[np.int64], last_readers: NDArray[np.int64]) -> None:
    """A bit from before a block that is read in it may be read again, so that the time of its writing is never forgotten.

    Args:
        program: of the blocks.
        writers (int64 array, shape (reads,)): the row that wrote each bit that is read.
        last_readers (int64 array, shape (n,)): who reads last what each row wrote; changed.
    """
    for retry in program.retries:
        earlier = writers[program.read_offsets[retry.start] : program.read_offsets[retry.row + 1]]
        earlier = earlier[(earlier >= 0) & (earlier < retry.start)]
        last_readers[earlier[last_readers[earlier] <= retry.row]] = len(program)


def check_playable(program: Program, consumers: NDArray[np.int64], *, looks_ahead: bool, by_request: bool) -> None:
    """Refuses what cannot be played with blocks that may run again.

    Raises:
        SchedulingError: if links are shared by request, or pairs are put off beyond the end of their block.
    """
    if by_request and program.retries:
        raise SchedulingError(
            "`sharing` must be program where a program has blocks that may run again, but is request (what is asked for first is "
            "not known before they have run)"
        )
    if not looks_ahead:
        return
    entangles = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    for retry in program.retries:
        inside = entangles[slice(*np.searchsorted(entangles, (retry.start, retry.row)))]
        late = inside[(consumers[inside] < 0) | (consumers[inside] >= retry.row)]
        if len(late):
            raise SchedulingError(
                f"instruction {late[0]} (entangle): under a policy that puts pairs off until they are used, a pair of a block that "
                f"may run again must be used in the block, but it is not used before the block's `retry` in {retry.row}"
            )
