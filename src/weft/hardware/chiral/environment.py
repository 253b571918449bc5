"""Pulse shaping as a Gymnasium environment whose only news is how often the receiver was found excited."""

from __future__ import annotations

from typing import Any

try:
    import gymnasium
except ImportError as error:
    raise ImportError("the pulse environment needs Gymnasium: install Weft with the extra `[learn]`") from error
import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.chiral.passage import Passage
from weft.hardware.chiral.pulse_family import PulseFamily

Array = NDArray[np.float32]


class PulseEnvironment(gymnasium.Env[Array, Array]):
    """One choice of pulses is one episode; the reward is the fraction of shots in which the receiver was read as excited.

    Action: `family.size` numbers in [−1, 1], as `PulseFamily` describes them. Observation: one number in [0, 1], 0 at the
    beginning and then the same fraction, because a shot tells nothing else. What the model knows stays inside: `info` has the
    number of shots alone.

    Args:
        passage: the link, hidden from whoever acts.
        family: of pulses.
        shots: per episode.
        readout_error: probability that a shot is read wrongly, either way, in [0, 1/2).

    Raises:
        InvalidValueError: if there are no shots, or the readout tells nothing.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012, the base class has it so

    def __init__(self, passage: Passage, family: PulseFamily, *, shots: int = 200, readout_error: float = 0.02) -> None:
        if not isinstance(passage, Passage):
            raise InvalidValueError(
                f"`passage` must be a Passage, such as `link.passage()` of a ChiralWaveguideLink, but is {passage!r}"
            )
        if shots < 1:
            raise InvalidValueError(f"`shots` must be at least 1, but is {shots}")
        if not 0 <= readout_error < 0.5:
            raise InvalidValueError(f"`readout_error` must lie in [0, 0.5), but is {readout_error}")
        self._passage, self._family, self._shots, self._readout_error = passage, family, shots, readout_error
        self.action_space = gymnasium.spaces.Box(-1, 1, (family.size,), np.float32)
        self.observation_space = gymnasium.spaces.Box(0, 1, (1,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, dict[str, Any]]:
        """Begins an episode; with a seed, also the sequence of shots."""
        super().reset(seed=seed, options=options)
        return np.zeros(1, dtype=np.float32), {"shots": self._shots}

    def step(self, action: Array) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        """Plays the pulses, reads the receiver in every shot, and ends the episode."""
        absorbed = self._family.efficiency(self._passage, action)
        read = absorbed * (1 - self._readout_error) + (1 - absorbed) * self._readout_error
        fraction = self.np_random.binomial(self._shots, min(1.0, read)) / self._shots
        return np.array([fraction], dtype=np.float32), float(fraction), True, False, {"shots": self._shots}
