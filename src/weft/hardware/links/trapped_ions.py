"""A photonic link between two trapped ions.

In every attempt both ions are pumped to one state and excited; each emits a photon that is entangled with it. What a lens
collects goes through fibre to an analyser, and its clicks herald a pair (`heralding.py`). Attempts come in bursts, because they
heat the ions: cooling takes its share of the time. The pair may then be moved from the network ions to others.

Not modelled: ions that emit two photons in one attempt, detectors that are dead for a while or click twice, and ends that differ
in anything but their length of fibre.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from weft.errors import InvalidValueError
from weft.hardware.component_checks import (
    require_not_negative,
    require_positive,
    require_positive_or_infinite,
    require_shares,
)
from weft.hardware.physics.fibre import transmission, travel_time_s
from weft.hardware.physics.heralding import Heralded, double_click, single_click
from weft.hardware.physics.memories import dephase_relative, depolarise, flip_bits, flip_phases
from weft.hardware.physics.photons import captured_fraction, detuned_overlap
from weft.network import BellPair
from weft.network.interference import interference_visibility

HERALDS = ("double-click", "single-click")

_PROBABILITIES = (
    *("excitation_probability", "branching_ratio", "collection_efficiency", "fibre_coupling", "detector_efficiency"),
    *("mode_overlap", "ion_photon_bit_error", "ion_photon_phase_error", "bright_population", "analyser_position"),
)
_AMOUNTS = (
    *("length_m", "loss_db_per_km", "dark_count_hz", "timing_jitter_s", "detuning_hz", "phase_noise_rad"),
    *("state_preparation_s", "emission_cycle_s", "recooling_s", "transfer_s", "transfer_error"),
)
_POSITIVE = ("photon_lifetime_s", "detection_window_s")
_POSITIVE_OR_INFINITE = ("burst_s", "memory_t2_s")
_MOST_TRANSFER_ERROR = 0.5

# From where on a model says that it is in doubt.
_FALSE_SHARE = 0.05
_CAPTURED = 0.5
_LIFETIMES_OF_A_WHOLE_PHOTON = 5
_LOSS_DB = 30
_USELESS_FIDELITY = 0.5
_BRIGHT = 0.2


@dataclass(frozen=True)
class TrappedIonLink:
    """Two trapped ions, joined by the photons that they emit. The defaults are the Oxford link of 2020 (`oxford_links.py`).

    Both ends are alike; only the analyser may stand nearer to one of them.

    Attributes:
        herald: `double-click` (photons are qubits in polarisation or time bins) or `single-click` (a photon is there or not).
        length_m: of the fibre from ion to ion, through the analyser.
        analyser_position: the part of it that is on A's side, in [0, 1].
        loss_db_per_km: of the fibre at the photon's wavelength.
        excitation_probability: that an ion is excited in an attempt.
        branching_ratio: probability that the excited ion decays by the photon that is wanted.
        collection_efficiency: probability that the lens catches a photon.
        fibre_coupling: probability that a photon which was caught enters the fibre.
        detector_efficiency: probability that a photon at a detector makes it click.
        dark_count_hz: clicks per second without a photon, of each detector; stray light included.
        detection_window_s: during which clicks count, from the moment of excitation. In time bins, of each bin.
        photon_lifetime_s: of the excited state.
        timing_jitter_s: standard deviation of the difference between the two moments of excitation.
        detuning_hz: difference between the frequencies of the two photons.
        mode_overlap: squared overlap of the two photons in everything else: space, polarisation, recoil.
        ion_photon_bit_error: probability that an ion's state and its photon disagree, such as by mixed polarisation;
            the wrong photon has no phase to the right one.
        ion_photon_phase_error: probability that the phase between an ion and its photon is flipped.
        bright_population: α, of the state that emits. Only for a single click.
        phase_noise_rad: standard deviation of the phase between the two paths. Only for a single click.
        state_preparation_s: of pumping, once per attempt.
        emission_cycle_s: from excitation until the next attempt may start, where the herald is not what takes longer.
        burst_s: how long attempts go on before the ions are cooled; may be infinite.
        recooling_s: how long that takes.
        memory_t2_s: coherence time of an ion that waits for the herald; may be infinite.
        transfer_error: average infidelity of moving one half of a pair from a network ion to a circuit ion, which depolarises it.
        transfer_s: duration of that.

    Raises:
        InvalidValueError: a component is outside what it may be.
    """

    kind: ClassVar[str] = "trapped-ions"
    caveats: ClassVar[tuple[str, ...]] = ()

    herald: str = "double-click"
    length_m: float = 4.0
    analyser_position: float = 0.5
    loss_db_per_km: float = 50.0
    excitation_probability: float = 0.98
    branching_ratio: float = 0.945
    collection_efficiency: float = 0.1
    fibre_coupling: float = 0.3352
    detector_efficiency: float = 0.7
    dark_count_hz: float = 100.0
    detection_window_s: float = 3e-8
    photon_lifetime_s: float = 7.39e-9
    timing_jitter_s: float = 0.0
    detuning_hz: float = 0.0
    mode_overlap: float = 0.9616
    ion_photon_bit_error: float = 0.0105
    ion_photon_phase_error: float = 0.0105
    bright_population: float = 0.05
    phase_noise_rad: float = 0.0
    state_preparation_s: float = 4e-7
    emission_cycle_s: float = 6e-7
    burst_s: float = 1e-3
    recooling_s: float = 1.978e-4
    memory_t2_s: float = 1e-3
    transfer_error: float = 0.0
    transfer_s: float = 0.0

    def __post_init__(self) -> None:
        if self.herald not in HERALDS:
            raise InvalidValueError(f"`herald` must be {' or '.join(HERALDS)}, but is {self.herald!r}")
        require_shares(self, *_PROBABILITIES)
        require_not_negative(self, *_AMOUNTS)
        require_positive(self, *_POSITIVE)
        require_positive_or_infinite(self, *_POSITIVE_OR_INFINITE)
        if self.transfer_error > _MOST_TRANSFER_ERROR:
            raise InvalidValueError(
                f"`transfer_error` must be at most {_MOST_TRANSFER_ERROR} (which erases the qubit), but is {self.transfer_error}"
            )

    @property
    def attempt_s(self) -> float:
        """Duration of one attempt, with its share of cooling, and of the transfer that follows a success.

        The transfer comes once per pair; spread over the attempts, it leaves the mean time per pair right.
        """
        cooling = 1 + self.recooling_s / self.burst_s
        return self.bare_attempt_s * cooling + self.success_probability * self.transfer_s

    @property
    def bare_attempt_s(self) -> float:
        """Duration of one attempt within a burst."""
        return self.state_preparation_s + max(self.emission_cycle_s, self.detection_window_s + self.herald_wait_s)

    @property
    def herald_wait_s(self) -> float:
        """How long an ion's photon and then the herald are on their way, for the ion that is farther from the analyser."""
        return 2 * travel_time_s(self.length_m * max(self.analyser_position, 1 - self.analyser_position))

    @property
    def success_probability(self) -> float:
        """Of one attempt; heralds that dark counts made are among the successes."""
        return self._heralded.probability

    @property
    def rate_hz(self) -> float:
        """Mean number of pairs per second, attempts being made without pause."""
        return self.success_probability / self.attempt_s

    @cached_property
    def pair(self) -> BellPair:
        """The state that a herald leaves, errors of the ions, the wait for the herald and the transfer included."""
        state = self._heralded.state
        if self.herald == "single-click":
            state = dephase_relative(state, math.exp(-(self.phase_noise_rad**2) / 2))
        state = flip_bits(state, self.ion_photon_bit_error)
        state = flip_phases(state, self.ion_photon_phase_error)
        state = flip_phases(state, self._waiting_flip)
        state = depolarise(state, self.transfer_error)
        state = (state + state.conj().T) / 2
        return BellPair(tuple(tuple(row) for row in state.tolist()))

    @property
    def classical_latency_s(self) -> float:
        """Travel time of a classical bit, in a fibre beside that of the photons."""
        return travel_time_s(self.length_m)

    @property
    def efficiencies(self) -> tuple[float, float]:
        """Probability that a photon which should be emitted makes a detector click, for A and for B."""
        emitted = self.excitation_probability * self.branching_ratio
        seen = self.detector_efficiency * captured_fraction(self.detection_window_s, self.photon_lifetime_s)
        common = emitted * self.collection_efficiency * self.fibre_coupling * seen
        lengths = (self.analyser_position * self.length_m, (1 - self.analyser_position) * self.length_m)
        a, b = (common * transmission(length, self.loss_db_per_km) for length in lengths)
        return a, b

    @property
    def dark_probability(self) -> float:
        """That a detector clicks by itself within its window."""
        return -math.expm1(-self.dark_count_hz * self.detection_window_s)

    @property
    def visibility(self) -> float:
        """With which the two photons interfere: their mean squared overlap."""
        jitter = interference_visibility(self.timing_jitter_s, self.photon_lifetime_s)
        return self.mode_overlap * self._detuned_overlap**2 * jitter

    @property
    def overlap(self) -> float:
        """Mean overlap of the photons, not squared: that of emissions Δ apart is e^{−|Δ|/2τ}, as if they lived twice as long.

        Phases that vary from attempt to attempt belong to `phase_noise_rad`.
        """
        jitter = interference_visibility(self.timing_jitter_s, 2 * self.photon_lifetime_s)
        return math.sqrt(self.mode_overlap) * self._detuned_overlap * jitter

    @property
    def ion_photon_fidelity(self) -> float:
        """Of the entangled state of one ion and its photon."""
        return (1 - self.ion_photon_bit_error) * (1 - self.ion_photon_phase_error)

    @property
    def false_share(self) -> float:
        """The part of the heralds that would not have come without dark counts, in [0, 1]."""
        try:
            signal = self._measure(0.0).probability
        except InvalidValueError:  # no photon can herald anything
            return 1.0
        return max(0.0, 1 - signal / self.success_probability)

    def doubts(self) -> tuple[str, ...]:
        """Where the components lie outside what the model is valid for."""
        cases = (*self._doubts_about_photons(), *self._doubts_about_time(), *self._doubts_about_a_single_click())
        return tuple(text for doubtful, text in cases if doubtful)

    def _doubts_about_photons(self) -> Iterator[tuple[bool, str]]:
        lifetimes = self.detection_window_s / self.photon_lifetime_s
        captured = captured_fraction(self.detection_window_s, self.photon_lifetime_s)
        loss_db = self.loss_db_per_km * self.length_m * max(self.analyser_position, 1 - self.analyser_position) / 1000
        false_share, fidelity = self.false_share, self.pair.fidelity
        text = f"dark counts alone account for {false_share:.0%} of the heralds"
        yield false_share > _FALSE_SHARE, text
        text = f"`detection_window_s` is {lifetimes:.2g} lifetimes of the photon and keeps {captured:.0%} of it"
        yield captured < _CAPTURED, text
        text = f"the visibility under jitter is that of whole photons, but the window cuts them after {lifetimes:.2g} lifetimes"
        yield self.timing_jitter_s > 0 and lifetimes < _LIFETIMES_OF_A_WHOLE_PHOTON, text
        text = f"the fibre to the analyser loses {loss_db:.0f} dB; conversion to a wavelength that travels farther is not modelled"
        yield loss_db > _LOSS_DB, text
        text = f"the pair has a fidelity of {fidelity:.2f}; at 0.5 or below it may hold no entanglement"
        yield fidelity <= _USELESS_FIDELITY, text

    def _doubts_about_time(self) -> Iterator[tuple[bool, str]]:
        lifetimes = self.emission_cycle_s / self.photon_lifetime_s
        text = (
            f"the next attempt may start {lifetimes:.2g} lifetimes after excitation, when the ion may still be excited"
        )
        yield self.emission_cycle_s < _LIFETIMES_OF_A_WHOLE_PHOTON * self.photon_lifetime_s, text
        text = f"one attempt takes {self.bare_attempt_s:.2g} s, longer than `burst_s` = {self.burst_s:.2g}"
        yield self.bare_attempt_s > self.burst_s, text

    def _doubts_about_a_single_click(self) -> Iterator[tuple[bool, str]]:
        if self.herald != "single-click":
            return
        text = "`phase_noise_rad` is 0: the optical phase of both whole paths is taken to be perfectly stable"
        yield self.phase_noise_rad == 0, text
        text = f"`phase_noise_rad` is {self.phase_noise_rad:.2g}: above 1 the phase of the pair is hardly known"
        yield self.phase_noise_rad > 1, text
        text = (
            f"`bright_population` is {self.bright_population:.2g}: two ions that emit so often cost about α of fidelity"
        )
        yield self.bright_population > _BRIGHT, text

    @property
    def _waiting_flip(self) -> float:
        """Probability that an ion's phase has flipped when the herald is back.

        A waits twice the way from A to the analyser and B twice the other way: on average the way through the whole fibre.
        """
        return -math.expm1(-travel_time_s(self.length_m) / self.memory_t2_s) / 2

    @property
    def _detuned_overlap(self) -> float:
        return detuned_overlap(self.detuning_hz, self.photon_lifetime_s, self.detection_window_s)

    @cached_property
    def _heralded(self) -> Heralded:
        return self._measure(self.dark_probability)

    def _measure(self, dark_probability: float) -> Heralded:
        if self.herald == "double-click":
            return double_click(*self.efficiencies, dark_probability=dark_probability, visibility=self.visibility)
        return single_click(
            *self.efficiencies,
            bright_population=self.bright_population,
            dark_probability=dark_probability,
            overlap=self.overlap,
            visibility=self.visibility,
        )
