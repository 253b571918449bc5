"""Superconducting modules joined by a cold microwave waveguide: one emits a photon that tells its state, the other absorbs it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from weft.hardware.component_checks import (
    require_choice,
    require_fidelity,
    require_not_negative,
    require_positive,
    require_shares,
)
from weft.hardware.physics.fibre import SPEED_OF_LIGHT_M_PER_S, transmission
from weft.hardware.physics.memories import depolarised
from weft.network import BellPair

PLANCK_J_S, BOLTZMANN_J_PER_K = 6.62607015e-34, 1.380649e-23
_MANY_PHOTONS = 0.02
_MAGNARD = "Magnard et al., Phys. Rev. Lett. 125, 260502 (2020)"


def thermal_photons(frequency_hz: float, temperature_k: float) -> float:
    """Mean number of photons in a mode in equilibrium: 1/(e^{hf/kT} − 1), after Bose and Einstein.

    Args:
        frequency_hz: f, positive.
        temperature_k: T, at least 0.
    """
    if temperature_k == 0:
        return 0.0
    exponent = PLANCK_J_S * frequency_hz / (BOLTZMANN_J_PER_K * temperature_k)
    return 1 / math.expm1(exponent) if exponent < 700 else 0.0


@dataclass(frozen=True)
class MicrowaveLink:
    """A waveguide between two cryostats, or within one.

    Attributes:
        length_m: of the waveguide.
        loss_db_per_km: of the waveguide.
        frequency_hz: of the photon.
        temperature_k: of the waveguide, where it loses photons and radiates others.
        emission_efficiency: of a photon into the waveguide, at a cold end.
        absorption_efficiency: of a photon from the waveguide, at a cold end.
        herald: `none`, if the photon is there for one state of the sender and not for the other, so that every attempt makes a
            pair; `dual-rail`, if it is in either of two modes, and the receiver finds out without measuring more whether it has
            one photon.
        module_fidelity: of gates and memories, as the fidelity that they would leave to a perfect pair.
        attempt_time_s: of preparation, emission, absorption and, if there is any, the herald's measurement; travel is added.
        group_velocity: in the waveguide, as a share of that of light.
    """

    kind: ClassVar[str] = "microwave"
    caveats: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[Mapping[str, str]] = {
        "length_m": f"published: 5 m between two dilution refrigerators, {_MAGNARD}",
        "loss_db_per_km": f"remembered: about 1 dB/km in superconducting rectangular waveguide, {_MAGNARD}",
        "frequency_hz": f"remembered: about 8.4 GHz, {_MAGNARD}",
        "temperature_k": "published: 30 m were kept below 50 mK, Schär et al., arXiv 2604.15971, abstract",
        "emission_efficiency": "assumed",
        "absorption_efficiency": "assumed",
        "module_fidelity": "assumed",
        "attempt_time_s": "assumed: order of magnitude of reset, emission and absorption",
        "group_velocity": "assumed: not far above the waveguide's cutoff frequency",
    }

    length_m: float = 5.0
    loss_db_per_km: float = 1.0
    frequency_hz: float = 8.4e9
    temperature_k: float = 0.05
    emission_efficiency: float = 0.95
    absorption_efficiency: float = 0.95
    herald: str = "none"
    module_fidelity: float = 0.95
    attempt_time_s: float = 1e-5
    group_velocity: float = 0.66

    def __post_init__(self) -> None:
        require_not_negative(self, "length_m", "loss_db_per_km", "temperature_k")
        require_positive(self, "frequency_hz", "attempt_time_s", "group_velocity")
        require_shares(self, "emission_efficiency", "absorption_efficiency", "group_velocity")
        require_fidelity(self, "module_fidelity")
        require_choice(self, "herald", ("none", "dual-rail"))

    @property
    def efficiency(self) -> float:
        """Probability that a photon is emitted, arrives and is absorbed."""
        return self.emission_efficiency * self._line * self.absorption_efficiency

    @property
    def attempt_s(self) -> float:
        """With a photon's travel and, in dual rail, the herald's way back."""
        ways = 2 if self.herald == "dual-rail" else 1
        return self.attempt_time_s + ways * self.classical_latency_s

    @property
    def success_probability(self) -> float:
        """1 without herald."""
        return 1.0 if self.herald == "none" else self._dual_rail[0]

    @property
    def pair(self) -> BellPair:
        """The state that a success delivers."""
        pair = BellPair.from_density_matrix(self._single_rail()) if self.herald == "none" else self._dual_rail[1]
        kept = (4 * self.module_fidelity - 1) / 3
        if self.herald == "none":
            return BellPair.from_density_matrix(kept * pair.matrix + (1 - kept) / 4 * np.eye(4))
        return depolarised(pair, self.module_fidelity)

    @property
    def classical_latency_s(self) -> float:
        """As long as the photon takes."""
        return self.length_m / (self.group_velocity * SPEED_OF_LIGHT_M_PER_S)

    @property
    def _line(self) -> float:
        return transmission(self.length_m, self.loss_db_per_km)

    def _mode(self) -> tuple[float, float, float]:
        """What becomes of a mode: P(1 → 1), P(0 → 1), and the factor of the coherence between 0 and 1.

        Damping at the sender, in the waveguide, and at the receiver. A waveguide with n thermal photons damps 1 + 2n times as fast,
        towards a state of which a share n/(1 + 2n) is excited: generalised amplitude damping (Nielsen, Chuang, Quantum Computation
        and Quantum Information, section 8.3.5), with the rates of a two-level system in a thermal field.
        """
        photons = thermal_photons(self.frequency_hz, self.temperature_k)
        line = self._line ** (1 + 2 * photons)
        stays, appears, coherence = 1.0, 0.0, 1.0
        stages = (
            (self.emission_efficiency, 0.0),
            (line, photons / (1 + 2 * photons)),
            (self.absorption_efficiency, 0.0),
        )
        for kept, excited in stages:
            stays = stays * kept + (1 - kept) * excited
            appears = appears * kept + (1 - kept) * excited
            coherence *= math.sqrt(kept)
        return stays, appears, coherence

    def _single_rail(self) -> NDArray[np.complex128]:
        """One half of Φ+ through the mode: F = (1 + η + 2√η)/4 in a cold waveguide."""
        stays, appears, coherence = self._mode()
        rho = np.diag([1 - appears, appears, 1 - stays, stays]).astype(np.complex128) / 2
        rho[0, 3] = rho[3, 0] = coherence / 2
        return rho

    @cached_property
    def _dual_rail(self) -> tuple[float, BellPair]:
        """Accepted if there is one photon in the two modes: mostly the right one, else one that the waveguide radiated."""
        stays, appears, coherence = self._mode()
        right, wrong = stays * (1 - appears), (1 - stays) * appears
        accepted = right + wrong
        if accepted == 0:
            return 0.0, BellPair.werner(1.0)
        weights = [(right + coherence**2) / 2, (right - coherence**2) / 2, wrong / 2, wrong / 2]
        return accepted, BellPair.bell_diagonal([max(0.0, weight) / accepted for weight in weights])

    def doubts(self) -> tuple[str, ...]:
        """Where more than one thermal photon matters."""
        photons = thermal_photons(self.frequency_hz, self.temperature_k)
        if photons <= _MANY_PHOTONS:
            return ()
        return (
            f"{photons:.2g} thermal photons in the waveguide: above {_MANY_PHOTONS}, states of two and more matter",
        )
