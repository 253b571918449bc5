"""The verb of this room: program × policy → sampled timelines.

The rows of a program are played in order, all shots of a block side by side. A row starts when every operand is free, every bit it
reads has been measured and has travelled, and, for an `entangle`, when the policy begins or finds its pair. How many attempts a
pair takes is drawn from its geometric distribution; no attempt is ever simulated by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

import numpy as np

from weft.program import Program
from weft.scheduler.block import Block
from weft.scheduler.player import Player
from weft.scheduler.policies import AS_SOON_AS_POSSIBLE, Policy
from weft.scheduler.retrying import Stage
from weft.scheduler.stored_times import StoredTimes
from weft.scheduler.timelines import Timelines


def schedule(
    program: Program,
    shots: int,
    seed: int | np.random.SeedSequence = 0,
    *,
    policy: Policy = AS_SOON_AS_POSSIBLE,
) -> Timelines:
    """Samples timelines.

    Args:
        program: to play.
        shots: how many timelines, at least 1.
        seed: at least 0; the same seed gives the same timelines.
        policy: when links make pairs, and for whom.

    Raises:
        InvalidValueError: for shots or a seed that cannot be, or a link's pairs too bad to be distilled.
        SchedulingError: if the network has no room for the policy, or a cutoff leaves pairs no chance to be used.
    """
    return play_and_store(Player(program, policy), shots, seed)


def play_and_store(
    player: Player,
    shots: int,
    seed: int | np.random.SeedSequence,
    stage_of: Callable[[StoredTimes, Block, int], Stage] | None = None,
) -> Timelines:
    """Timelines of a player's program.

    Args:
        player: of the program under its policy.
        shots: how many timelines, at least 1.
        seed: at least 0.
        stage_of: makes the stage that a block of shots is played on, of where its times are kept, the block and its number; None if
            nothing but time decides what happens.
    """
    program, policy = player.program, player.policy
    start_s, end_s = np.empty((len(program), max(shots, 0))), np.empty((len(program), max(shots, 0)))
    made_s = np.empty((program.ebits, max(shots, 0))) if policy.keeps_pairs else np.empty((0, 0))
    supplies, column = [], 0
    for number, block in enumerate(player.blocks(shots, seed)):
        if stage_of is None:
            player.play_stored(block, start_s, end_s, made_s, column)
        else:
            times = StoredTimes(player.score, start_s, end_s, made_s, column)
            player.play_on(stage_of(times, block, number), block)
        supplies.append(player.supply(block, player.finish(block)))
        column += block.shots
    supply = reduce(add, supplies)
    return Timelines(program, start_s, end_s, made_s if policy.keeps_pairs else None, policy, supply)
