"""Pieces that nothing disturbs: perfect QPUs, no pairs. What they can give is found once, and shots are drawn from it.

Such a program gives what its circuit does, which its compiler has verified, and every shot lasts as long as any other. Pieces of a
cut circuit are many and small, and each would else pay for a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.errors import SimulationError
from weft.program import Program
from weft.scheduler import Policy, schedule
from weft.simulator.exact_outcomes import ExactOutcomes, exact_outcomes
from weft.simulator.noise import noise_of

_MOST_AMPLITUDES = 2**13
"""Beyond, a simulation of the shots costs less."""


@dataclass(frozen=True, eq=False)
class Undisturbed:
    """What a program gives whose shots differ by their measurements only.

    Attributes:
        outcomes: that there can be.
        shot_s: how long a shot lasts.
    """

    outcomes: ExactOutcomes
    shot_s: float

    def drawn(self, shots: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Different outcomes, and how often each came in some shots."""
        times = np.random.default_rng(seed).multinomial(shots, self.outcomes.probabilities)
        came = np.flatnonzero(times)
        return self.outcomes.bits[came], times[came].astype(np.float64)


@lru_cache(maxsize=1024)  # of at most some 100 kB each; shots are taken in several rounds
def undisturbed(circuit: Circuit, program: Program, policy: Policy) -> Undisturbed | None:
    """What a program gives; None if something disturbs it, or if its states are too large to follow them all.

    Args:
        circuit: that the program computes.
        program: of the compiler.
        policy: of its links.
    """
    if program.ebits or not noise_of(program, policy).is_absent:
        return None
    try:
        outcomes = exact_outcomes(circuit, most_amplitudes=_MOST_AMPLITUDES)
    except SimulationError:
        return None
    return Undisturbed(outcomes, float(schedule(program, 1, policy=policy).makespan_s[0]))
