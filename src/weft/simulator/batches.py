"""Batches of shots on threads: any number of workers does the same batches, and their results come back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from weft.interrupts import stopping
from weft.simulator.threads import limited_to

_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True)
class BatchShots:
    """One batch.

    Attributes:
        index: its place among all; its random numbers follow from it.
        shots: how many shots it has.
        is_full: whether it would have no more shots if the run were longer.
    """

    index: int
    shots: int
    is_full: bool


def batches_of(shots: int, size: int, first: int = 0) -> list[BatchShots]:
    """The batches of a run of so many shots, from a certain one on; only the last may be smaller than `size`."""
    whole, rest = divmod(shots, size)
    batches = [BatchShots(index, size, True) for index in range(first, whole)]
    if rest and first <= whole:
        batches.append(BatchShots(whole, rest, False))
    return batches


def in_order(
    run: Callable[[BatchShots], _Outcome], batches: Sequence[BatchShots], workers: int
) -> Iterator[tuple[BatchShots, _Outcome]]:
    """Runs every batch and yields what came out, in order; no more than `workers` are waiting or at work at once.

    The first runs alone, and may use all threads: it compiles the kernels once, before all others would. After it, each has one.
    """
    alone = batches if workers == 1 else batches[:1]
    for batch in alone:
        with limited_to(workers):
            outcome = run(batch)
        yield batch, outcome
    rest = deque(batches[len(alone) :])
    running: deque[tuple[BatchShots, Future[_Outcome]]] = deque()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            while rest or running:
                while rest and len(running) < workers:
                    batch = rest.popleft()
                    running.append((batch, pool.submit(_run_alone, run, batch)))
                batch, future = running.popleft()
                yield batch, future.result()
        except KeyboardInterrupt:
            with stopping():
                pool.shutdown(wait=True, cancel_futures=True)
            raise
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _run_alone(run: Callable[[BatchShots], _Outcome], batch: BatchShots) -> _Outcome:
    with limited_to(1):
        return run(batch)
