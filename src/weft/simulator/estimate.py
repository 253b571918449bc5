"""No state at all: how likely it is that nothing goes wrong, from the probability of every error, timeline by timeline.

If all noise is a mixture of Paulis, that probability is a lower bound on the fidelity, because a shot that nothing strikes ends in
the ideal state: F ≥ Π (1 − p). It is close where errors are few or most of them do harm; errors that do none, such as a phase flip
of a qubit in |0⟩, make it pessimistic. What is no mixture of Paulis enters as its twirl, for which the bound holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from weft.program import Op, Program
from weft.scheduler import Timelines
from weft.simulator.backend import STAGES, Batch, is_static
from weft.simulator.noise import Cause, Noise
from weft.simulator.strengths import counted_flips, crosstalk_errors, waiting_errors

_CELLS = 2**24  # rows times timelines: their starts and ends take 256 MB
_FEWEST_TIMELINES, _MOST_TIMELINES = 8, 64

NO_ERROR = (
    "the probability that no error strikes before the final measurements, averaged over timelines: a lower bound on the "
    "state fidelity if all noise is a mixture of Paulis"
)
NO_ERROR_IN_READINGS = (
    "the probability that no error strikes, readings included, averaged over timelines: a lower bound on the fidelity of the "
    "distribution of outcomes if all noise is a mixture of Paulis"
)


@dataclass(frozen=True)
class Estimate:
    """The backend; see the module. It gives no counts, and takes no more timelines than a mean needs.

    Attributes:
        final_bits: of programs that are terms of a sum, which measure on their way even if the circuit does not: so many bits, from
            the first on, are final measurements of the circuit. By default, as the program has it.
    """

    final_bits: int | None = None
    name = "estimate"
    exact = True
    most_shots = _MOST_TIMELINES

    def refusal(self, program: Program) -> str | None:  # noqa: ARG002  # it runs every program
        """None: it runs every program."""
        return None

    def batch_shots(self, program: Program) -> int:
        """How many shots it runs best at once."""
        return int(np.clip(_CELLS // max(len(program), 1), _FEWEST_TIMELINES, _MOST_TIMELINES))

    def notes(self, noise: Noise) -> tuple[str, ...]:
        """What an estimate is not."""
        return ("an estimate has no counts; it counts every error as harmful", *noise.twirl_notes())

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:  # noqa: ARG002
        """Multiplies probabilities; nothing is random but the timelines."""
        losses = np.zeros((STAGES, timelines.shots))
        pairs = program.links[program.opcodes == Op.ENTANGLE]
        losses[Cause.BELL_PAIRS + 1] = _loss(np.array([1 - pair.fidelity for pair in noise.pairs])[pairs])
        losses[Cause.LOCAL_GATES + 1] = _loss(noise.gate_weight)
        losses[Cause.MEASUREMENT_AND_FEED_FORWARD + 1] = _loss(counted_flips(noise, program, self.final_bits))
        for _, struck in chain(waiting_errors(noise, program, timelines), crosstalk_errors(noise, program, timelines)):
            losses[Cause.WAITING + 1] += _loss(struck)
        return Batch(
            None, np.exp(-np.cumsum(losses, axis=0)), None, NO_ERROR if is_static(program) else NO_ERROR_IN_READINGS
        )


def _loss(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """−Σ ln(1 − p) over the first axis; infinite if something is certain."""
    with np.errstate(divide="ignore"):
        return -np.log1p(-np.minimum(probabilities, 1.0)).sum(axis=0)
