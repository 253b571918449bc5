"""Nested chains with distillation at chosen levels and cutoffs of their own for each step.

The first step joins pairs as links deliver them, each further one joins two of what the one before it made: `swap` joins
neighbours, `bbpssw` and `dejmps` distil two pairs over the same links, which are made side by side. Under a step's cutoff, the two
must come within that time of each other; if the second has not come by then, the first is lost, and everything that the second
was to be made of too, and both are made again from then on (Li, Coopmans, Elkouss, IEEE Trans. Quantum Eng. 2, 4103015 (2021)).
Distillation is as in `weft.scheduler.distillation`, with perfect gates.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.network import BellPair
from weft.scheduler.chain_steps_kernel import BBPSSW, DEJMPS, SWAP, wait_in_steps

if TYPE_CHECKING:
    from weft.scheduler.chains import Chain

Step = Literal["swap", "bbpssw", "dejmps"]
_CODES = {"swap": SWAP, "bbpssw": BBPSSW, "dejmps": DEJMPS}


def check_steps(steps: tuple[Step, ...], cutoffs_s: tuple[float | None, ...] | None, links: int) -> None:
    """Raises InvalidValueError unless the steps make one pair of so many links, each with a cutoff or None."""
    unknown = [step for step in steps if step not in get_args(Step)]
    if unknown:
        raise InvalidValueError(f"each of `steps` must be swap, bbpssw or dejmps, but one is {unknown[0]!r}")
    if 1 << steps.count("swap") != links:
        raise InvalidValueError(
            "`steps` must have one swap for each factor of 2 in the number of links, but has "
            f"{steps.count('swap')} for {links} links"
        )
    if cutoffs_s is not None and len(cutoffs_s) != len(steps):
        raise InvalidValueError(
            f"`step_cutoffs_s` must have one entry per step, but has {len(cutoffs_s)} for {len(steps)}"
        )
    for cutoff_s in cutoffs_s or ():
        if cutoff_s is not None and not 0 <= cutoff_s < math.inf:
            raise InvalidValueError(f"each of `step_cutoffs_s` must be finite and ≥ 0, or None, but one is {cutoff_s}")


def sample_steps(
    chain: Chain,
    keys: NDArray[np.unsignedinteger],
    wait_s: NDArray[np.float64],
    memory_s: NDArray[np.float64],
    bell_weights: NDArray[np.float64],
) -> bool:
    """Fills the arrays of `ChainWaits`; returns whether every shot came to an end."""
    from weft.scheduler.sampling import scale_of

    # The heap's root is the last step.
    steps = chain.all_steps[::-1]
    cutoffs_s = chain.step_cutoffs_s or (None,) * len(steps)
    links, until = _layout(steps)
    pair = chain.pair or BellPair.werner(1.0)
    return bool(
        wait_in_steps(
            keys,
            np.array([_CODES[step] for step in steps], dtype=np.int64),
            np.array([math.inf if cutoff is None else cutoff for cutoff in cutoffs_s[::-1]], dtype=np.float64),
            links,
            np.array(chain.attempt_s),
            np.array([scale_of(probability) for probability in chain.success_probability]),
            np.array(pair.bell_weights),
            1 / chain.coherence_s,
            chain.swap_success,
            until,
            wait_s,
            memory_s,
            bell_weights,
        )
    )


def _layout(steps: tuple[Step, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The link of each leaf, and the segments that measure each link's halves; see `wait_in_steps`."""
    leaves = 1 << len(steps)
    links, until = np.zeros(leaves, dtype=np.int64), np.ones((1 << steps.count("swap"), 2), dtype=np.int64)
    for leaf in range(leaves):
        turns = [(leaves + leaf) >> (len(steps) - 1 - depth) & 1 for depth in range(len(steps))]
        link = 0
        for step, turn in zip(steps, turns, strict=True):
            link = 2 * link + turn if step == "swap" else link
        is_kept = not any(turn for step, turn in zip(steps, turns, strict=True) if step != "swap")
        links[leaf] = link if is_kept else -1 - link
        if is_kept:
            # A half faces the other side of the deepest swap at which its leaf was on the opposite side.
            for depth, (step, turn) in enumerate(zip(steps, turns, strict=True)):
                if step == "swap":
                    until[link, 1 - turn] = (leaves + leaf) >> (len(steps) - depth)
    return links, until
