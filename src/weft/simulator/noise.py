"""What spoils a program, as numbers per instruction and per qubit, sorted by cause.

| cause | what it is |
|---|---|
| `bell_pairs` | the state of the pairs that links deliver, with what timing jitter costs them |
| `local_gates` | depolarising noise, other Paulis, damping and over-rotation of each gate: `gate_noise.py` |
| `waiting` | relaxation and dephasing of each qubit for as long as it waited in that very shot: `idling.py`; and phase flips from
  attempts on links nearby: `crosstalk.py` |
| `measurement_and_feed_forward` | wrong measurement results, which also spoil corrections, and imperfect resets |

An error of average infidelity 1 − F_avg is a depolarising channel of total Pauli weight (d + 1)/d · (1 − F_avg): 3/2 of it on one
qubit and 5/4 on two (Nielsen, Phys. Lett. A 303, 249 (2002)). A gate's error is taken to contain the decoherence during it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.network import BellPair
from weft.program import Op, Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy, Timelines
from weft.scheduler.timelines import holds_state, previous_rows
from weft.simulator.crosstalk import Crosstalk, crosstalk_of
from weft.simulator.gate_tables import GateTables, gate_tables_of
from weft.simulator.idling import Idling, idling_of


class Cause(IntEnum):
    """Why fidelity is lost, in the order in which the error budget adds causes."""

    BELL_PAIRS = 0
    LOCAL_GATES = 1
    WAITING = 2
    MEASUREMENT_AND_FEED_FORWARD = 3


CAUSES = tuple(cause.name.lower() for cause in Cause)

RELAXATION = "relaxation (T1)"
PAIRS = "pairs that are no mixture of Bell states"
DAMPING = "damping in gates"
OVER_ROTATION = "over-rotation of gates"
"""Kinds of noise that are no mixture of Paulis."""


@dataclass(frozen=True, eq=False)
class Noise:
    """The noise of a program on its network.

    Attributes:
        gates: what strikes after each gate.
        flip_probability (float64 array, shape (n,)): that a measurement records the wrong bit, or a reset leaves |1⟩.
        pairs: the state that each link delivers.
        used_links: positions of the links that the program takes pairs from; the states of the others spoil nothing.
        idling: what waiting does to each qubit.
        crosstalk: which attempts strike which data qubits.
        previous (int64 array, shape (n, 2)): the row that used each operand before; −1 if none did.
        waits (bool array, shape (n, 2)): whether the operand holds something while it waits for the row.
    """

    gates: GateTables
    flip_probability: NDArray[np.float64]
    pairs: tuple[BellPair, ...]
    used_links: tuple[int, ...]
    idling: Idling
    crosstalk: Crosstalk
    previous: NDArray[np.int64]
    waits: NDArray[np.bool_]

    @property
    def t1_s(self) -> NDArray[np.float64]:
        """Relaxation time of each qubit, shape (qubits,)."""
        return self.idling.t1_s

    @property
    def gate_weight(self) -> NDArray[np.float64]:
        """Probability that a Pauli strikes after each gate, everything twirled, shape (n,); 0 for what is no gate."""
        return self.gates.twirled[:, 1:].sum(axis=1)[self.gates.table_of_row]

    @property
    def non_pauli(self) -> tuple[str, ...]:
        """The kinds of noise that are no mixture of Paulis: any of `RELAXATION`, `PAIRS`, `DAMPING` and `OVER_ROTATION`."""
        used = np.unique(self.gates.table_of_row)
        found = {
            RELAXATION: self.idling.relaxes,
            PAIRS: not all(self.pairs[link].is_bell_diagonal for link in self.used_links),
            DAMPING: np.any(self.gates.damping[used] > 0),
            OVER_ROTATION: np.any(self.gates.over_rotation[used] != 0),
        }
        return tuple(kind for kind, there in found.items() if there)

    @property
    def is_pauli(self) -> bool:
        """Whether every channel is a mixture of Paulis, so that Pauli frames are exact."""
        return not self.non_pauli

    def twirl_notes(self, exact: Collection[str] = ()) -> tuple[str, ...]:
        """What a backend that turns noise into Paulis must tell readers of its results.

        Args:
            exact: kinds of noise, of `non_pauli`, that the backend follows as they are.
        """
        kinds = [kind for kind in self.non_pauli if kind not in exact]
        if not kinds:
            return ()
        listed = " and ".join(([", ".join(kinds[:-1])] if kinds[1:] else []) + kinds[-1:])
        return (f"{listed} were twirled into Pauli noise",)

    @property
    def is_absent(self) -> bool:
        """Whether nothing can spoil anything."""
        return not any(self.adds(cause) for cause in Cause)

    @property
    def depends_on_time(self) -> bool:
        """Whether any qubit relaxes or dephases, or attempts strike others, so that timelines matter."""
        return bool(np.any(self.idling.is_noisy)) or len(self.crosstalk.rows) > 0

    def adds(self, cause: Cause) -> bool:
        """Whether a cause can spoil anything at all; if not, switching it on changes nothing."""
        if cause == Cause.BELL_PAIRS:
            return any(self.pairs[link].fidelity < 1 for link in self.used_links)
        if cause == Cause.LOCAL_GATES:
            return bool(np.any(self.gate_weight > 0))
        if cause == Cause.WAITING:
            return self.depends_on_time
        return bool(np.any(self.flip_probability > 0))

    def idle_s(self, timelines: Timelines, row: int, operand: int) -> NDArray[np.float64]:
        """How long an operand waited for a row, shape (shots,). A qubit that was not used before waits since time 0."""
        return self.idle_of(timelines, np.array([[row, operand]]))[0]

    def idle_of(self, timelines: Timelines, waits: NDArray[np.int64]) -> NDArray[np.float64]:
        """How long some operands waited, shape (waits, shots).

        Args:
            timelines: which say when rows start and end.
            waits (int array, shape (waits, 2)): row and operand.
        """
        previous = self.previous[waits[:, 0], waits[:, 1]]
        idle = timelines.start_s[waits[:, 0]]
        used = previous >= 0
        if used.all():
            idle -= timelines.end_s[previous]
        else:
            idle[used] -= timelines.end_s[previous[used]]
        if timelines.kept_since_s is not None:
            # Halves of a pair age from when it was made, which may be before they were handed over.
            kept = np.flatnonzero(used & (timelines.program.opcodes[previous] == Op.ENTANGLE))
            pairs = timelines.pair_of_row[previous[kept]]
            idle[kept] += timelines.end_s[previous[kept]] - timelines.kept_since_s[pairs]
        return np.maximum(idle, 0.0, out=idle)


@lru_cache(maxsize=4)  # whoever chooses a backend and whoever runs ask
def noise_of(program: Program, policy: Policy = AS_SOON_AS_POSSIBLE, *, inputs_wait: bool = False) -> Noise:
    """The noise of a program on its network.

    Args:
        program: to describe.
        policy: of its links; distillation changes the pairs that they deliver.
        inputs_wait: whether a data qubit waits from time 0 for its first instruction; true if its input is prepared outside
            the program, false if it is prepared just in time.

    Raises:
        InvalidValueError: if attempts strike qubits nearby under a policy that does not say when they are made.
    """
    qpus, links = program.network.qpus, program.network.links
    flip = np.zeros(len(program))
    for opcode, errors in (
        (Op.MEASURE, [qpu.measurement_error for qpu in qpus]),
        (Op.RESET, [qpu.reset_error for qpu in qpus]),
    ):
        rows = program.opcodes == opcode
        flip[rows] = np.array(errors)[program.qpus[rows]]
    previous = previous_rows(program)
    waits = holds_state(program)
    if not inputs_wait:
        waits &= previous >= 0
    used = tuple(np.unique(program.links[program.links >= 0]).tolist())
    taken = set(used)
    pairs = tuple(
        policy.delivered_pair(link, (qpus[a], qpus[b])) if place in taken else link.pair
        for place, (link, (a, b)) in enumerate(zip(links, program.network.link_ends.tolist(), strict=True))
    )
    crosstalk = crosstalk_of(program, inputs_wait=inputs_wait)
    if len(crosstalk.rows) and not policy.shows_attempts:
        raise InvalidValueError(
            "`crosstalk_flip_probability` must be 0 under a policy that keeps pairs, has a cutoff or distils, because it is not "
            f"followed there which attempts strike when, but the policy is: {policy}"
        )
    if len(crosstalk.rows) and program.retries:
        raise InvalidValueError(
            "`crosstalk_flip_probability` must be 0 where blocks may run again, because attempts of failed runs are not followed, "
            "but is not"
        )
    return Noise(gate_tables_of(program), flip, pairs, used, idling_of(program), crosstalk, previous, waits)
