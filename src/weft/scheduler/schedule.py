"""The verb of this room: program × policy → sampled timelines.

The rows of a program are played in order, all shots of a block side by side. A row starts when every operand is free, every bit it
reads has been measured and has travelled, and, for an `entangle`, when the policy begins or finds its pair. How many attempts a
pair takes is drawn from its geometric distribution; no attempt is ever simulated by itself.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from weft.program import Program
from weft.scheduler.player import Player
from weft.scheduler.policies import AS_SOON_AS_POSSIBLE, Policy
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
    player = Player(program, policy)
    rows, pairs = len(program), program.ebits
    start_s, end_s = np.empty((rows, max(shots, 0))), np.empty((rows, max(shots, 0)))
    made_s = np.empty((pairs, max(shots, 0))) if policy.keeps_pairs else np.empty((0, 0))
    supplies = []
    column = 0
    for block in player.blocks(shots, seed):
        player.play_stored(block, start_s, end_s, made_s, column)
        supplies.append(player.supply(block, player.finish(block)))
        column += block.shots
    supply = reduce(add, supplies)
    return Timelines(program, start_s, end_s, made_s if policy.keeps_pairs else None, policy, supply)
