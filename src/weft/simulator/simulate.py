"""The one verb of this room: program → result, in batches of shots that each have a seed of their own."""

from __future__ import annotations

import hashlib
import operator
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import SupportsIndex

import numpy as np

from weft._version import __version__
from weft.errors import InvalidValueError
from weft.interrupts import heard, held_back
from weft.program import Program
from weft.program.traffic import trusted_nodes_of
from weft.scheduler import AS_SOON_AS_POSSIBLE, Player, Policy, Supply, Timelines, schedule
from weft.simulator.backend import MOST_SHOTS, Backend, Batch, StreamingBackend
from weft.simulator.backends import choose_backend
from weft.simulator.batches import BatchShots, batches_of, in_order
from weft.simulator.checkpoint import Checkpoint
from weft.simulator.frames.retries import depends_on_bits, play_timelines
from weft.simulator.noise import CAUSES, Cause, Noise, noise_of
from weft.simulator.result import Result, counts_of
from weft.simulator.strengths import strengths
from weft.simulator.tally import Tally

_LARGEST_SEED = 2**63 - 1
_CELLS, _MOST_TIMELINES = 2**23, 32  # for the budget by place
_PLACES = 2**32 - 1  # the key of its random numbers; no batch has such an index


class Interrupted(KeyboardInterrupt):
    """A simulation was interrupted; nothing that was done is lost.

    Attributes:
        result: of the batches that were done; None if none was.
    """

    def __init__(self, result: Result | None) -> None:
        super().__init__()
        self.result = result


def simulate(
    program: Program,
    *,
    shots: int = 1000,
    seed: int | None = None,
    backend: str | Backend = "auto",
    policy: Policy = AS_SOON_AS_POSSIBLE,
    workers: int | None = None,
    checkpoint: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Executes a program, each shot on a timeline of its own.

    Args:
        program: to execute; it knows its network.
        shots: how many, from 1 to 10⁹.
        seed: the same seed gives the same result; a random one by default, which the result names.
        backend: `density` (exact, small programs), `stabilizer` (Clifford circuits), `statevector` (trajectories), `auto`
            (the first of these three that fits and needs no approximation if it can be helped), `estimate` (no state: the
            probability that nothing goes wrong, from a few timelines), or an object of your own.
        policy: when links make pairs, which of them are used, and who comes first.
        workers: how many threads to use; all cores by default. The result does not depend on it.
        checkpoint: a file to keep in what is done, now and then and when interrupted, and to go on from if it is there. It must be
            of the same run, for which a seed has to be given; of a shorter run it is continued.
        progress: called with the number of shots done after each batch.

    Raises:
        InvalidValueError: for shots, a seed, a backend or a checkpoint that cannot be.
        SimulationError: if the backend cannot run the program.
        SchedulingError: if the network has no room for the policy, or a cutoff leaves pairs no chance to be used.
        Interrupted: if the user interrupts; a KeyboardInterrupt that has the result of what was done.
    """
    if not isinstance(program, Program):
        raise InvalidValueError(
            f"`program` must be a Program, as `weft.compile` returns it, but is a {type(program).__name__}; "
            "`weft.run` takes circuits"
        )
    if not isinstance(policy, Policy):
        raise InvalidValueError(f"`policy` must be a weft.Policy, such as Policy('prefetch'), but is {policy!r}")
    shots = _whole("shots", shots, 1, MOST_SHOTS)
    if checkpoint is not None and seed is None:
        raise InvalidValueError("`seed` must be given with a `checkpoint`, so that what goes on is the same run")
    seed = secrets.randbelow(2**32) if seed is None else _whole("seed", seed, 0, _LARGEST_SEED)
    workers = (os.cpu_count() or 1) if workers is None else _whole("workers", workers, 1, 4096)
    chosen = choose_backend(program, backend)
    run = _Run(program, policy, noise_of(program, policy), chosen, seed)
    kept = None if checkpoint is None else Checkpoint(Path(checkpoint), run.task)
    return _run_batches(run, min(shots, chosen.most_shots), workers, kept, progress)


def _whole(name: str, value: SupportsIndex, least: int, most: int) -> int:
    try:
        whole = operator.index(value)
    except TypeError:
        raise InvalidValueError(f"`{name}` must be a whole number, but is {value!r}") from None
    if not least <= whole <= most:
        shown = "2^63 − 1" if most == _LARGEST_SEED else f"{most:,}"
        raise InvalidValueError(f"`{name}` must lie in {least} … {shown}, but is {whole}")
    return whole


def _run_batches(
    run: _Run, shots: int, workers: int, kept: Checkpoint | None, progress: Callable[[int], None] | None
) -> Result:
    """Runs what is not in the checkpoint yet."""
    found, first = (None, 0) if kept is None else kept.load()
    if found is not None and found.shots > shots:
        raise InvalidValueError(
            f"`shots` must be at least the {found.shots:,} that the checkpoint holds, but is {shots:,}"
        )
    done = _Done(found, first, kept)
    try:
        for batch, part in in_order(run.batch, batches_of(shots, run.batch_shots, first), workers):
            with held_back():
                done.add(batch, part)
            if progress is not None:
                progress(done.shots)
    except KeyboardInterrupt:
        heard()
        done.keep()
        raise Interrupted(done.result) from None
    done.keep()
    result = done.result
    assert result is not None  # there is at least one shot
    return result


class _Done:
    """What a run has done so far. Full batches, which a longer run has too, go into the checkpoint."""

    def __init__(self, found: Result | None, batches: int, kept: Checkpoint | None) -> None:
        self.tally = None if found is None else Tally(found)
        self.batches = batches
        self.checkpoint = kept
        self.last: Result | None = None

    @property
    def shots(self) -> int:
        """How many shots are done."""
        return (self.tally.shots if self.tally else 0) + (self.last.shots if self.last else 0)

    @property
    def result(self) -> Result | None:
        """Of all shots; None if there are none."""
        if self.tally is None:
            return self.last
        return self.tally.result() if self.last is None else self.tally.result().merged_with(self.last)

    def add(self, batch: BatchShots, part: Result) -> None:
        if not batch.is_full:
            self.last = part
            return
        if self.tally is None:
            self.tally = Tally(part)
        else:
            self.tally.add(part)
        self.batches += 1
        if self.checkpoint is not None and self.checkpoint.is_due():
            self.keep()

    def keep(self) -> None:
        """Saves the full batches, if that was asked for and there are any."""
        if self.checkpoint is not None and self.tally is not None:
            self.checkpoint.save(self.tally.result(), self.batches)


@dataclass(frozen=True)
class _Run:
    """What all batches of a run share."""

    program: Program
    policy: Policy
    noise: Noise
    backend: Backend
    seed: int

    @cached_property
    def batch_shots(self) -> int:
        """It decides which random numbers a shot gets, so it must not depend on how many shots there are."""
        return self.backend.batch_shots(self.program)

    @property
    def task(self) -> str:
        """Everything that decides what batches hold, hashed."""
        parts = (__version__, self.program.id, self.backend.name, self.policy, self.seed, self.batch_shots)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @cached_property
    def strengths(self) -> dict[str, dict[str, float]]:
        """Expected errors by cause and place, from some timelines of their own; for cause and place by name."""
        if self.noise.is_absent:
            return {CAUSES[cause]: {} for cause in Cause}
        shots = int(np.clip(_CELLS // max(len(self.program), 1), 4, _MOST_TIMELINES))
        timelines = self.timelines(shots, np.random.SeedSequence(self.seed, spawn_key=(_PLACES,)))
        network = self.program.network
        names = [*(qpu.name for qpu in network.qpus), *(link.name for link in network.links)]
        found = strengths(self.noise, self.program, timelines)
        return {
            CAUSES[cause]: {
                name: strength
                for name, strength in zip(names, np.concatenate(by_place).tolist(), strict=True)
                if strength > 0
            }
            for cause, by_place in found.items()
        }

    @cached_property
    def is_exact(self) -> bool:
        """Whether errors are followed as probabilities, or there are none."""
        return self.backend.exact or self.noise.is_absent

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What readers of the result must know."""
        passed = trusted_nodes_of(self.program)
        trusted = (
            (f"data pass through trusted nodes: {', '.join(passed)}; who runs these can read them",) if passed else ()
        )
        return (*self.backend.notes(self.noise), *trusted)

    @cached_property
    def player(self) -> Player:
        """Plays the program for backends that stream."""
        return Player(self.program, self.policy)

    def timelines(self, shots: int, seed: np.random.SeedSequence) -> Timelines:
        """Sampled timelines of the program."""
        if depends_on_bits(self.program):
            return play_timelines(self.program, self.noise, shots, seed, self.policy)
        return schedule(self.program, shots, seed, policy=self.policy)

    def batch(self, batch: BatchShots) -> Result:
        """Runs one batch."""
        timeline_seed, run_seed = np.random.SeedSequence(self.seed, spawn_key=(batch.index,)).spawn(2)
        if isinstance(self.backend, StreamingBackend):
            streamed = self.backend.run_streamed(self.player, self.noise, batch.shots, timeline_seed, run_seed)
            if streamed is not None:
                return self.result(streamed.batch, streamed.makespans_s, streamed.supply)
        timelines = self.timelines(batch.shots, timeline_seed)
        found = self.backend.run(self.program, self.noise, timelines, run_seed)
        return self.result(found, timelines.makespan_s, timelines.supply)

    def result(self, batch: Batch, makespans_s: np.ndarray, supply: Supply | None) -> Result:
        """What came out of a batch, as a result that adds up."""
        program, overlaps = self.program, batch.overlaps
        return Result(
            program_id=program.id,
            circuit_name=program.circuit_name,
            network_name=program.network.name,
            backend=self.backend.name,
            policy=str(self.policy),
            seeds=(self.seed,),
            counts=counts_of(batch, program.registers),
            makespans_s=makespans_s,
            ebits=program.ebits,
            exact=self.is_exact,
            samples=overlaps.shape[1],
            overlap_sums=overlaps.sum(axis=1),
            overlap_products=overlaps @ overlaps.T,
            distributions=None if batch.distributions is None else tuple(batch.distributions),
            supply=supply,
            strengths=self.strengths,
            notes=self.notes,
            definition=batch.definition,
        )
