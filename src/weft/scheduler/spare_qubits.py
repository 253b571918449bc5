"""Who gets the communication qubits that a program leaves unused.

A QPU's spare communication qubits are those it has less those that the program names, so that they suffice at any time, whatever
overlaps. Under distillation each channel of a link holds up to `rounds` pairs beside the one that it makes, and each buffered pair
takes one qubit at each end, at which it is also made. Links that the program uses take turns, in the network's order: first for
the channels, then for the buffer, a channel or a pair each time, until nobody who still wants one has room at both ends.
So shares differ by one at most where links compete for the same qubits, and are the same in every run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.errors import SchedulingError
from weft.program import Op, Program
from weft.scheduler.policies import Policy

_UNLIMITED = np.iinfo(np.int64).max // 4


def share_spare_qubits(program: Program, policy: Policy) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many channels each link can use, and how many pairs it can keep, shape (links,) each.

    Raises:
        SchedulingError: if a link that the program uses has no room to distil.
    """
    links = program.network.links
    used = np.unique(program.links[program.opcodes == Op.ENTANGLE]).astype(np.int64)
    spare = _spare_qubits(program)
    channels = np.array([link.channels for link in links], dtype=np.int64)
    if policy.rounds:
        channels[used] = _take_turns(program, used, spare, channels[used], policy.rounds)
        for link in used[channels[used] == 0].tolist():
            raise SchedulingError(
                f"to distil {policy.rounds} rounds, link `{links[link].name}` must have {policy.rounds} spare communication qubits "
                "at both ends, but other links and the program leave it fewer"
            )
    pairs = np.zeros(len(links), dtype=np.int64)
    if policy.timing == "prefetch":
        pairs[used] = _take_turns(program, used, spare, np.full(len(used), policy.buffer_pairs), 1)
    return channels, pairs


def _spare_qubits(program: Program) -> NDArray[np.int64]:
    named = np.bincount(program.qubit_qpus[program.qubit_is_communication], minlength=len(program.network.qpus))
    limits = [qpu.communication_qubits for qpu in program.network.qpus]
    return np.array([_UNLIMITED if limit is None else limit for limit in limits], dtype=np.int64) - named


def _take_turns(
    program: Program, used: NDArray[np.int64], spare: NDArray[np.int64], wanted: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """How often each used link may take `size` qubits at both ends; what is taken leaves `spare`."""
    ends = program.network.link_ends[used]
    taken = np.zeros(len(used), dtype=np.int64)
    active = list(range(len(used)))
    while active:
        remaining = []
        for place in active:
            if taken[place] < wanted[place] and np.all(spare[ends[place]] >= size):
                spare[ends[place]] -= size
                taken[place] += 1
                remaining.append(place)
        active = remaining
    return taken
