"""The fast engine: shots of a block at the cost of the faults that happen in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.protocols.clinr.fault_effects import FaultEffects
from weft.protocols.clinr.fault_kernel import sample_faults
from weft.protocols.clinr.noise import Noise


@dataclass(frozen=True, eq=False)
class FaultSamples:
    """Shots of a circuit with stages.

    Attributes:
        passed (int32 array, shape (shots,)): how many stages each shot passed before the first whose checks failed; the
            preparation, which has no checks, is a stage.
        residuals (uint64 array, shape (stages, shots, words)): the observables that are flipped after each stage that was passed.
    """

    passed: NDArray[np.int32]
    residuals: NDArray[np.uint64]

    def accepted(self, stage: int) -> NDArray[np.uint64]:
        """The residuals of the shots that pass a stage and all before it (uint64 array, shape (accepted, words))."""
        kept: NDArray[np.uint64] = self.residuals[stage][self.passed > stage]
        return kept

    def passing(self, stage: int) -> int:
        """How many shots pass a stage and all before it."""
        return int(np.count_nonzero(self.passed > stage))


def sample(effects: FaultEffects, noise: Noise, shots: int, rng: np.random.Generator) -> FaultSamples:
    """Draws shots of a circuit; what would have happened after fewer checks is part of the same shots.

    Args:
        effects: of the circuit's faults.
        noise: how often operations fail.
        shots: how many.
        rng: where the random numbers come from.
    """
    operations = effects.operations
    with np.errstate(divide="ignore"):  # what always fails has an infinite hazard
        hazards = np.cumsum(-np.log1p(-noise.probabilities(operations)))
    rows = np.searchsorted(operations.stages, np.arange(operations.num_stages), side="right")
    ends = np.concatenate(((0.0,), hazards))[rows]
    words = effects.effects.shape[2] - 1
    samples = FaultSamples(
        np.zeros(shots, dtype=np.int32), np.zeros((operations.num_stages, shots, words), dtype=np.uint64)
    )
    kernel_columns = (hazards, effects.ways, effects.effects, ends, effects.stage_checks)
    sample_faults(rng, *kernel_columns, samples.passed, samples.residuals)
    return samples
