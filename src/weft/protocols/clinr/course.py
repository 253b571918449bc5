"""How blocks go in time: attempts until each is accepted, injections, and how long qubits wait for one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.clinr.depth import Convention, injection_time
from weft.protocols.clinr.depth_kernel import play_one_qpu, play_ring

Injection = Literal["in order", "any order"]
INJECTIONS: tuple[Injection, ...] = ("in order", "any order")
Resources = Literal["whole", "split"]
RESOURCES: tuple[Resources, ...] = ("whole", "split")


@dataclass(frozen=True, slots=True)
class Ring:
    """QPUs in a ring, each linked to the next.

    Attributes:
        qpus: k, at least 2.
        pair_time: τ_e: how many gate times a link takes to make a Bell pair; it makes one at a time.
        buffer: how many pairs a link holds; None for as many as there are data qubits.
        injection: whether blocks are joined in their order, or in any order as they become ready.
        resources: whether a resource state is prepared on one QPU, and the data hop to it through n pairs; or made of n pairs of
            the link, with A on the QPU before, where the data are injected, so that checks find the faults of pairs.
    """

    qpus: int = 4
    pair_time: float = 5.0
    buffer: int | None = None
    injection: Injection = "in order"
    resources: Resources = "whole"

    def __post_init__(self) -> None:
        if self.qpus < 2:
            raise InvalidValueError(f"`qpus` must be at least 2, but is {self.qpus}")
        if self.pair_time < 0:
            raise InvalidValueError(f"`pair_time` must be at least 0, but is {self.pair_time}")
        if self.buffer is not None and self.buffer < 1:
            raise InvalidValueError(f"`buffer` must be at least 1, but is {self.buffer}")
        if self.injection not in INJECTIONS:
            raise InvalidValueError(f"`injection` must be one of {', '.join(INJECTIONS)}, but is {self.injection!r}")
        if self.resources not in RESOURCES:
            raise InvalidValueError(f"`resources` must be one of {', '.join(RESOURCES)}, but is {self.resources!r}")

    def room(self, num_qubits: int) -> int:
        """How many pairs a link holds, for n data qubits."""
        return num_qubits if self.buffer is None else self.buffer


@dataclass(frozen=True, eq=False)
class Course:
    """When things happen, in gate times; arrays have the shape (shots, blocks).

    Attributes:
        ready (float64 array): when each block is accepted.
        starts (float64 array): when its injection starts.
        finishes (float64 array): when its injection is done.
    """

    ready: NDArray[np.float64]
    starts: NDArray[np.float64]
    finishes: NDArray[np.float64]

    @property
    def depths(self) -> NDArray[np.float64]:
        """When all is done (float64 array, shape (shots,))."""
        last: NDArray[np.float64] = self.finishes.max(axis=1)
        return last

    @property
    def waits(self) -> NDArray[np.float64]:
        """How long qubits wait between blocks, to the middle of the injection that ends it (shape (2 blocks + 1, shots)).

        Entry 0 is of the input data, 2 b + 1 of A of block b, 2 b + 2 of B of block b; the last B waits until all is done.
        """
        middles = (self.starts + self.finishes) / 2
        waits = np.empty((2 * self.ready.shape[1] + 1, len(self.ready)))
        waits[0] = middles[:, 0]
        waits[1::2] = (middles - self.ready).T
        waits[2:-1:2] = (middles[:, 1:] - self.ready[:, :-1]).T
        waits[-1] = self.depths - self.ready[:, -1]
        return waits


def course(
    ends: NDArray[np.float64],
    failing: NDArray[np.float64],
    pairs: NDArray[np.int64],
    num_qubits: int,
    ring: Ring | None,
    convention: Convention,
    shots: int,
    rng: np.random.Generator,
) -> Course:
    """Draws how blocks go in time.

    Args:
        ends (float64 array, shape (blocks, stages)): when each stage of a block's preparation is done.
        failing (float64 array, shape (blocks, stages)): how likely an attempt fails in a stage or one before it; less than 1.
        pairs (int64 array, shape (stages,)): of a link, that each stage of a split block takes.
        num_qubits: n.
        ring: where; None for one QPU.
        convention: of depth.
        shots: how many.
        rng: where the random numbers come from.

    Raises:
        InvalidValueError: if a block is never accepted.
    """
    if np.any(failing[:, -1] >= 1):
        raise InvalidValueError(
            "a block must be accepted now and then, but none of its attempts was; lower the noise or the checks"
        )
    times = Course(*(np.zeros((shots, len(ends))) for _ in range(3)))
    if ring is None:
        injection = injection_time(num_qubits, convention)
        play_one_qpu(rng, ends, failing, injection, times.ready, times.starts, times.finishes)
        return times
    where = (num_qubits, convention == "serial", ring.injection == "any order", ring.qpus)
    links = (float(ring.pair_time), ring.room(num_qubits))
    play_ring(
        rng, ends, failing, pairs, ring.resources == "split", *where, *links, times.ready, times.starts, times.finishes
    )
    return times
