"""What playing needs to know of a program under a policy, as arrays: its score."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import GATES
from weft.errors import SchedulingError
from weft.network import QPU
from weft.program import Op, Program
from weft.scheduler.latency import latencies_s
from weft.scheduler.lowering_kernel import assign_slots, find_writers, first_consumers, play_order, previous_rows
from weft.scheduler.policies import Policy
from weft.scheduler.retry_lowering import Reads, check_playable, keep_what_is_read_again, retryings_of, with_news
from weft.scheduler.sampling import scale_of
from weft.scheduler.spare_qubits import share_spare_qubits
from weft.scheduler.timelines import holds_state


class Since(IntEnum):
    """Since when an operand has been idle when its row starts."""

    NOTHING = 0
    """It holds nothing, so that it is not idle."""
    FREE = 1
    """Since its previous row ended."""
    MADE = 2
    """Since its pair was made."""


class Score(NamedTuple):
    """A program under a policy, as the kernels read it. Rows are in program order unless said otherwise.

    Attributes:
        order (int64 array, shape (n,)): rows in the order of playing.
        places (int64 array, shape (n + 1,)): how much of the order is played before each row.
        qubits (int32 array, shape (n, 2)): operands; −1 where there is none.
        previous (int64 array, shape (n, 2)): the row that used each operand before; −1 if none did.
        since (uint8 array, shape (n, 2)): a `Since` for each operand.
        duration_s (float64 array, shape (n,)): of everything but `entangle`.
        links (int32 array, shape (n,)): −1 for rows that are no `entangle`.
        pairs (int64 array, shape (n,)): a row's place among `entangle` rows; −1 for other rows.
        consumers (int64 array, shape (n,)): the row that first acts on the pair; −1 for rows that are no `entangle`.
        awaited (int64 array, shape (n, 2)): the pairs whose consumer a row is, the earlier one first.
        written (int64 array, shape (n,)): the slot for the time of the bit that a row measures, or of what it decides; −1 for none.
        read_offsets (int64 array, shape (n + 1,)): row i reads entries offsets[i] to offsets[i + 1] of the next three.
        read_slots (int64 array, shape (reads,)): −1 for bits that nothing wrote.
        read_writers (int64 array, shape (reads,)): the rows that wrote them, or decided.
        read_latency_s (float64 array, shape (reads,)): how long each bit travels.
        numbers (float64 array, shape (links, 3)): of each link, see `supply_kernel`.
        rooms (int64 array, shape (links, 4)): first and last-plus-one channel, then slot, of each link.
        odds (float64 array, shape (links, rounds)): that each round of distillation succeeds.
        cutoff_s: infinite if there is none.
        slots: for times of bits.
        looks_ahead: whether pairs are played with their consumers.
        awaits_consumer: whether requests wait for them.
        keeps_pairs: whether a pair may be older than its `entangle` says.
        by_request: whether rows are played in the order of time.
    """

    order: NDArray[np.int64]
    places: NDArray[np.int64]
    qubits: NDArray[np.int32]
    previous: NDArray[np.int64]
    since: NDArray[np.uint8]
    duration_s: NDArray[np.float64]
    links: NDArray[np.int32]
    pairs: NDArray[np.int64]
    consumers: NDArray[np.int64]
    awaited: NDArray[np.int64]
    written: NDArray[np.int64]
    read_offsets: NDArray[np.int64]
    read_slots: NDArray[np.int64]
    read_writers: NDArray[np.int64]
    read_latency_s: NDArray[np.float64]
    numbers: NDArray[np.float64]
    rooms: NDArray[np.int64]
    odds: NDArray[np.float64]
    cutoff_s: float
    slots: int
    looks_ahead: bool
    awaits_consumer: bool
    keeps_pairs: bool
    by_request: bool


def lower(program: Program, policy: Policy, *, inputs_wait: bool = False) -> Score:
    """The score of a program.

    Args:
        program: to be played.
        policy: of its links.
        inputs_wait: whether a data qubit is idle from time 0 to its first instruction; if not, it is prepared just in time.

    Raises:
        SchedulingError: if a link has no room to distil.
        InvalidValueError: if its pairs are too bad for it.
    """
    previous = previous_rows(program.qubits, program.num_qubits)
    is_pair = program.opcodes == Op.ENTANGLE
    consumers, awaited = first_consumers(program.opcodes, previous)
    order, places = play_order(program.opcodes, awaited, policy.looks_ahead)
    writers, last_readers = find_writers(program.bits, program.read_offsets, program.read_bits, program.num_bits)
    check_buses(program, policy)
    check_playable(program, consumers, looks_ahead=policy.looks_ahead, by_request=policy.sharing == "request")
    keep_what_is_read_again(program, writers, last_readers)
    written, read_slots, slots = assign_slots(program.bits, program.read_offsets, writers, last_readers)
    retryings = retryings_of(program, slots)
    reads = with_news(
        Reads(program.read_offsets, read_slots, writers, _read_latencies_s(program, writers)), program, retryings
    )
    written[program.opcodes == Op.RETRY] = slots + np.arange(len(retryings))
    channels, kept = share_spare_qubits(program, policy)
    return Score(
        order=order,
        places=places,
        qubits=program.qubits,
        previous=previous,
        since=_idle_since(program, previous, policy.keeps_pairs, inputs_wait),
        duration_s=_durations_s(program),
        links=program.links,
        pairs=np.where(is_pair, np.cumsum(is_pair) - 1, -1),
        consumers=consumers,
        awaited=awaited,
        written=written,
        read_offsets=reads.offsets,
        read_slots=reads.slots,
        read_writers=reads.writers,
        read_latency_s=reads.latency_s,
        numbers=_link_numbers(program, policy),
        rooms=np.stack([*_channels_of(program, channels), *_bounds(kept)], axis=1),
        odds=_odds(program, policy),
        cutoff_s=np.inf if policy.cutoff_s is None else policy.cutoff_s,
        slots=int(slots) + len(retryings),
        looks_ahead=policy.looks_ahead,
        awaits_consumer=policy.awaits_consumer,
        keeps_pairs=policy.keeps_pairs,
        by_request=policy.sharing == "request",
    )


def _idle_since(
    program: Program, previous: NDArray[np.int64], keeps_pairs: bool, inputs_wait: bool
) -> NDArray[np.uint8]:
    holds = holds_state(program)
    since = np.where(holds & (inputs_wait | (previous >= 0)), np.uint8(Since.FREE), np.uint8(Since.NOTHING))
    if keeps_pairs:
        since[holds & (previous >= 0) & (program.opcodes == Op.ENTANGLE)[previous]] = Since.MADE
    return since


def _durations_s(program: Program) -> NDArray[np.float64]:
    """Of each row but `entangle`. Corrections, updates of the Pauli frame, and retries, decisions, take no time of their own."""
    qpus = program.network.qpus
    by_qpu = np.array([[q.one_qubit_gate_s, q.two_qubit_gate_s, q.measurement_s, q.reset_s, 0.0] for q in qpus])
    gate_qubits = np.array([gate.qubits for gate in GATES])
    column = np.full(len(program), 4)
    gates = program.opcodes == Op.GATE
    column[gates] = gate_qubits[program.kinds[gates]] - 1
    column[program.opcodes == Op.MEASURE] = 2
    column[program.opcodes == Op.RESET] = 3
    return by_qpu[program.qpus, column]


def _read_latencies_s(program: Program, writers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Who wrote a bit last is known from the program, so its travel time to each reader is too."""
    latency = np.zeros(len(writers))
    readers = np.repeat(program.qpus, np.diff(program.read_offsets)).astype(np.int64)
    senders = program.qpus[writers].astype(np.int64) if len(program) else readers
    travels = (writers >= 0) & (senders != readers)
    latency[travels] = latencies_s(program.network, senders[travels], readers[travels])
    return latency


def _link_numbers(program: Program, policy: Policy) -> NDArray[np.float64]:
    network, distillation = program.network, policy.distillation
    rows = [
        (
            link.attempt_s,
            scale_of(link.success_probability),
            0.0 if distillation is None else distillation.round_s(link, _qpus_of(program, position)),
        )
        for position, link in enumerate(network.links)
    ]
    return np.array(rows).reshape(-1, 3)


def _odds(program: Program, policy: Policy) -> NDArray[np.float64]:
    """Links that the program does not use need not be good enough to distil."""
    odds = np.ones((len(program.network.links), policy.rounds))
    if policy.distillation is not None:
        for position in np.unique(program.links[program.links >= 0]).tolist():
            link = program.network.links[position]
            odds[position] = policy.distillation.outcome(link, _qpus_of(program, position))[0]
    return odds


def _qpus_of(program: Program, link: int) -> tuple[QPU, QPU]:
    a, b = program.network.link_ends[link].tolist()
    return program.network.qpus[a], program.network.qpus[b]


def check_buses(program: Program, policy: Policy) -> None:
    """Refuses what is not followed on a bus: buffers that are looked at seldom do not see each other's expiries in time.

    Raises:
        SchedulingError: if links of a bus that the program uses prefetch under a cutoff.
    """
    used = np.unique(program.links[program.links >= 0]).tolist()
    if policy.timing == "prefetch" and policy.cutoff_s is not None:
        for link in (program.network.links[place] for place in used):
            if link.bus is not None:
                raise SchedulingError(
                    f"`cutoff_s` must be None where links of a bus prefetch, here of `{link.bus}`, but is {policy.cutoff_s} (how "
                    "pairs that are made again compete for the bus is not followed)"
                )


def _channels_of(program: Program, channels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the channels of each link begin and end; links of one bus have the same ones."""
    buses: dict[str, int] = {}
    low, high, count = np.zeros_like(channels), np.zeros_like(channels), 0
    for place, (link, wanted) in enumerate(zip(program.network.links, channels.tolist(), strict=True)):
        low[place] = count if link.bus is None else buses.setdefault(link.bus, count)
        if low[place] == count:
            count += wanted if link.bus is None else link.channels
        high[place] = low[place] + wanted
    return low, high


def _bounds(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each of some groups begins and ends if they are numbered through."""
    high = np.cumsum(sizes)
    return high - sizes, high
