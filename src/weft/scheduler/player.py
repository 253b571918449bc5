"""Plays a program block by block: shots that stand side by side, and rows in chunks.

    player = Player(program, policy)
    for block in player.blocks(shots, seed):
        for low in range(0, len(program), rows):
            player.play(block, low, min(low + rows, len(program)), idle)
        makespan_s = player.finish(block)

Times do not depend on the sizes of blocks and chunks, nor on whether they are stored.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError, SchedulingError
from weft.program import Program
from weft.program.traffic import trusted_nodes_of
from weft.scheduler.block import Block, new_block, room_for
from weft.scheduler.play import play
from weft.scheduler.policies import AS_SOON_AS_POSSIBLE, Policy
from weft.scheduler.requests import Dependencies, find_dependencies, play_by_request
from weft.scheduler.retry_lowering import retryings_of
from weft.scheduler.retrying import Stage, play_with_retries
from weft.scheduler.score import Score, lower
from weft.scheduler.stored_times import NO_IDLE, StoredTimes
from weft.scheduler.supply import Supply
from weft.scheduler.supply_kernel import close_buffers

_CACHE_BYTES = 2**19
_MOST_COUNTED = 2.0**62
_LEAST_WIDTH, _MOST_WIDTH, _LEAST_WIDTH_OF_RETRIES = 64, 4096, 512
_NO_TIMES = np.empty((0, 0))


class Player:
    """A program that is ready to be played under a policy.

    Args:
        program: to play.
        policy: of its links.
        inputs_wait: whether a data qubit is idle from time 0 to its first instruction; if not, it is prepared just in time.
        width: shots that a block has room for, a multiple of 64; None means as many as keep a block in cache, up to 4,096.

    Attributes:
        score: what the kernels read.
        retryings: the blocks of rows that may run again.
        width: shots that a block has room for.

    Raises:
        SchedulingError: if the network has no room for the policy, or it forbids trusted nodes through which data pass.
        InvalidValueError: if a link's pairs are too bad to be distilled.
    """

    def __init__(
        self,
        program: Program,
        policy: Policy = AS_SOON_AS_POSSIBLE,
        *,
        inputs_wait: bool = False,
        width: int | None = None,
    ) -> None:
        if width is not None and (width < _LEAST_WIDTH or width % _LEAST_WIDTH):
            raise InvalidValueError(f"`width` must be a positive multiple of {_LEAST_WIDTH}, but is {width}")
        passed = trusted_nodes_of(program)
        if passed and policy.trusted_nodes == "forbid":
            raise SchedulingError(
                f"`trusted_nodes` must be allow where data pass through trusted nodes, here {', '.join(passed)}, but is forbid; "
                "compile for a network without them"
            )
        self.program = program
        self.policy = policy
        self.score: Score = lower(program, policy, inputs_wait=inputs_wait)
        self.retryings = retryings_of(program, self.score.slots - len(program.retries))
        self._dependencies = Dependencies(*find_dependencies(self.score)) if self.score.by_request else None
        self.width = width or self._fitting_width()

    def blocks(self, shots: int, seed: int | np.random.SeedSequence) -> Iterator[Block]:
        """New blocks for a batch of shots, in order.

        Args:
            shots: at least 1.
            seed: at least 0; the same seed gives the same times.

        Raises:
            InvalidValueError: for shots or a seed that cannot be.
        """
        if shots < 1:
            raise InvalidValueError(f"`shots` must be at least 1, but is {shots}")
        if isinstance(seed, int) and seed < 0:
            raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
        sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        for first in range(0, shots, self.width):
            yield self.block(sequence, first, min(self.width, shots - first))

    def block(self, seed: np.random.SeedSequence, first_shot: int, shots: int) -> Block:
        """A new block for `shots` shots of a batch, from `first_shot` on."""
        retries = len(self.retryings)
        block = new_block(self.score, self.program.num_qubits, seed, first_shot, shots, self.width, retries)
        if self._dependencies is not None:
            play_by_request(self.score, self._dependencies, block, block.times[0], block.times[1], block.pairs_made)
        return block

    def play(self, block: Block, low: int, high: int, idle: NDArray[np.floating]) -> None:
        """Plays rows [low, high), in order, and writes how long each operand was idle before its row, in seconds.

        Args:
            block: in which all rows before `low` have been played.
            low: the first row.
            high: the row after the last.
            idle (float32 or float64 array, shape (high − low or more, 2, width)): written for the block's shots; 0 where the
                operand holds nothing.
        """
        play(self.score, block, low, high, idle, _NO_TIMES, _NO_TIMES, _NO_TIMES, 0)

    def play_stored(
        self,
        block: Block,
        start_s: NDArray[np.float64],
        end_s: NDArray[np.float64],
        made_s: NDArray[np.float64],
        column: int,
    ) -> None:
        """Plays all rows and stores their times.

        Args:
            block: that is new.
            start_s (float64 array, shape (n, all shots)): when rows start.
            end_s (float64 array, shape (n, all shots)): when they end.
            made_s (float64 array, shape (ebits, all shots)): when pairs were made.
            column: the place of the block's first shot among all shots.
        """
        rows = len(self.program)
        if self.retryings:
            play_with_retries(self.retryings, block, rows, StoredTimes(self.score, start_s, end_s, made_s, column))
        else:
            play(self.score, block, 0, rows, NO_IDLE, start_s, end_s, made_s, column)

    def play_on(self, stage: Stage, block: Block) -> None:
        """Plays all rows on a stage that knows what a `retry` depends on.

        Raises:
            SchedulingError: if a block of rows fails without end.
        """
        play_with_retries(self.retryings, block, len(self.program), stage)

    def finish(self, block: Block) -> NDArray[np.float64]:
        """Closes the books of a block whose rows have all been played.

        Returns:
            When the last instruction ends, float64 array, shape (block.shots,).

        Raises:
            SchedulingError: if pairs of a link expire without end.
        """
        score = self.score
        makespan_s = block.free[:, : block.shots].max(axis=0, initial=0.0)
        close_buffers(
            block.shots, makespan_s, score.cutoff_s, block.scratch, block.key, score.numbers, score.rooms, score.odds,
            block.channel_free, block.buffers, block.draws, block.shot_keys, block.tally, block.trouble,
        )  # fmt: skip
        if block.trouble[0] >= 0:
            link = self.program.network.links[block.trouble[0]]
            raise SchedulingError(
                f"`cutoff_s` must leave the pairs of link `{link.name}` a chance to be used, but is {self.policy.cutoff_s} where "
                f"an attempt takes {link.attempt_s} s: a million pairs expired one after another"
            )
        return makespan_s

    def supply(self, block: Block, makespan_s: NDArray[np.float64]) -> Supply:
        """Fates of pairs and times of links in a finished block."""
        counts = np.minimum(block.tally[:, :6], _MOST_COUNTED).astype(np.int64).T
        rooms = self.score.rooms
        attempts, generated, used, expired, discarded, held = counts
        busy_s, queue_s, wait_s = block.tally[:, 6:].T.copy()
        return Supply(
            shots=block.shots,
            makespan_s=float(makespan_s.sum()),
            channels=rooms[:, 1] - rooms[:, 0],
            buffered_pairs=rooms[:, 3] - rooms[:, 2],
            attempts=attempts,
            generated=generated,
            used=used,
            expired=expired,
            discarded=discarded,
            held=held,
            busy_s=busy_s,
            queue_s=queue_s,
            wait_s=wait_s,
            block_runs=block.runs[:, : block.shots].sum(axis=1),
            blocks_given_up=block.given_up.copy(),
        )

    def _fitting_width(self) -> int:
        """As many shots as keep a block's state in cache."""
        score = self.score
        links = len(score.rooms)
        channels, buffered = room_for(score)
        bytes_per_shot = 8 * (self.program.num_qubits + score.slots + channels + 4 * buffered + links + 14)
        # Where blocks run again, each run has a cost of its own, which more shots share.
        least = _LEAST_WIDTH_OF_RETRIES if self.retryings else _LEAST_WIDTH
        return min(max(_CACHE_BYTES // bytes_per_shot // _LEAST_WIDTH * _LEAST_WIDTH, least), _MOST_WIDTH)
