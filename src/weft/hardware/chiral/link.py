"""A link between two superconducting modules on one waveguide, from its components."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from numbers import Real
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.hardware.chiral.emitters import directionality
from weft.hardware.chiral.modules import TwoModules, check_direction
from weft.hardware.chiral.passage import Passage
from weft.hardware.chiral.photon_shapes import catching_pulse, emitting_pulse
from weft.hardware.chiral.sharing import SharedExcitation, share_excitation
from weft.hardware.physics.fibre import transmission, travel_time_s
from weft.network import BellPair

_POSITIVE = (
    "linewidth_a_hz",
    "linewidth_b_hz",
    "coupling_hz",
    "window_s",
    "emitter_t1_s",
    "data_t1_s",
    "data_t2_s",
    "group_index",
)
_NOT_NEGATIVE = ("length_m", "loss_db_per_m", "end_loss_db", "passing_loss_db", "preparation_s")
_BELOW_ONE = ("preparation_error", "readout_error")
_STEPS_PER_LIFETIME = 8
_MOST_LIFETIMES = 2000
"""Of whatever decays, dephases or beats fastest, that pulses may last: what comes out has long been settled by then."""
_TOLERABLE = 0.01
"""Share of a photon that may be missed by the pulses' window, or go the wrong way, before there is doubt."""


@dataclass(frozen=True)
class ChiralWaveguideLink:
    """A photon emitted halfway by one module, to the side where the other is, and caught by it: a pair without a herald.

    The first four components are required; the others default to what costs nothing.

    Each end has one logical qubit: |1⟩ is the directional state of its module's two data qubits. The photon is a secant, with the
    linewidth of the narrower module, which both modules can make; couplings above the strongest are cut off there.

    Attributes:
        linewidth_a_hz: γ/2π of module A's emitters into the waveguide.
        linewidth_b_hz: of module B's.
        detuning_hz: of B's emitters from A's, what tuning leaves of it.
        coupling_hz: the strongest coupling g/2π between data qubits and emitters.
        window_s: duration of the pulses.
        emitted_share: probability that the photon is emitted; 1/2 is halfway.
        length_m: of waveguide between the modules.
        loss_db_per_m: of the waveguide.
        end_loss_db: where the waveguide meets the modules, both together.
        modules_passed: idle modules on the way, on a bus of several.
        passing_loss_db: of each of them.
        group_index: of the waveguide.
        emitter_t1_s: of the emitters without the waveguide.
        data_t1_s: of the data qubits.
        data_t2_s: of the data qubits, at most twice their T1.
        spacing_error: of the distance between a module's emitters, as a fraction of a quarter wavelength.
        coupler_error: share of the waveguide's exchange between two emitters that the coupler leaves uncancelled.
        preparation_s: reset and preparation before each use.
        preparation_error: probability that there is no excitation to send; it counts in the pair.
        readout_error: probability that reading the four data qubits goes wrong; it counts in `w_fidelity` alone.
        direction: of the photon: `right` from A to B, `left` from B to A.

    Raises:
        InvalidValueError: a component is outside what it may be.

    Source:
        Almanakly et al., Nature Physics (2025), arXiv 2408.05164, for the protocol.
    """

    kind: ClassVar[str] = "chiral-waveguide"
    caveats: ClassVar[tuple[str, ...]] = ()

    linewidth_a_hz: float
    linewidth_b_hz: float
    coupling_hz: float
    window_s: float
    detuning_hz: float = 0.0
    emitted_share: float = 0.5
    length_m: float = 0.0
    loss_db_per_m: float = 0.0
    end_loss_db: float = 0.0
    modules_passed: float = 0
    passing_loss_db: float = 0.0
    group_index: float = 1.0
    emitter_t1_s: float = math.inf
    data_t1_s: float = math.inf
    data_t2_s: float = math.inf
    spacing_error: float = 0.0
    coupler_error: float = 0.0
    preparation_s: float = 0.0
    preparation_error: float = 0.0
    readout_error: float = 0.0
    direction: str = "right"

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self) if field.name != "direction"):
            value = getattr(self, name)
            _require(self, name, isinstance(value, Real) and not math.isnan(value), "must be a number")
        for name in _POSITIVE:
            _require(self, name, getattr(self, name) > 0, "must be positive")
        for name in _NOT_NEGATIVE:
            _require(self, name, 0 <= getattr(self, name) < math.inf, "must be finite and ≥ 0")
        for name in ("linewidth_a_hz", "linewidth_b_hz", "coupling_hz", "window_s", "detuning_hz", "group_index"):
            _require(self, name, math.isfinite(getattr(self, name)), "must be finite")
        for name in _BELOW_ONE:
            _require(self, name, 0 <= getattr(self, name) < 1, "must lie in [0, 1)")
        passed = self.modules_passed
        _require(self, "modules_passed", 0 <= passed < math.inf and passed == int(passed), "must be a whole number ≥ 0")
        _require(self, "emitted_share", 0 < self.emitted_share <= 1, "must lie in (0, 1]")
        _require(self, "spacing_error", abs(self.spacing_error) < 1, "must lie in (−1, 1)")
        _require(self, "coupler_error", abs(self.coupler_error) <= 1, "must lie in [−1, 1]")
        if math.isfinite(self.data_t2_s) and self.data_t2_s > 2 * self.data_t1_s:
            raise InvalidValueError(
                f"`data_t2_s` must be at most twice `data_t1_s` = {self.data_t1_s:g}, but is {self.data_t2_s:g}"
            )
        check_direction(self.direction)
        longest_s = _MOST_LIFETIMES / self.modules().fastest_per_s
        text = f"must be at most {_MOST_LIFETIMES} times the shortest lifetime, here {longest_s:g} s"
        _require(self, "window_s", self.window_s <= longest_s, text)

    @property
    def attempt_s(self) -> float:
        """Preparation, the pulses, and the photon's way."""
        return self.preparation_s + self.window_s + self.classical_latency_s

    @property
    def success_probability(self) -> float:
        """1: there is no herald, so that a lost photon is an error of the pair and not a failure."""
        return 1.0

    @property
    def classical_latency_s(self) -> float:
        """As long as the photon takes: a cable beside the waveguide."""
        return travel_time_s(self.length_m, self.group_index)

    @property
    def pair(self) -> BellPair:
        """Of the two logical qubits, A's first."""
        rho = self.shared(self.direction).density_matrix
        rho = (1 - self.preparation_error) * rho + self.preparation_error * np.diag([1.0, 0, 0, 0])
        # The sender comes first in it; where that is B, the qubits change places.
        order = [0, 1, 2, 3] if self.direction == "right" else [0, 2, 1, 3]
        return BellPair.from_density_matrix(rho[np.ix_(order, order)])

    @property
    def waveguide_transmission(self) -> float:
        """Probability η that a photon survives ends, waveguide and idle modules."""
        lumped_db = self.end_loss_db + self.modules_passed * self.passing_loss_db
        return transmission(self.length_m, self.loss_db_per_m * 1000) * 10 ** (-lumped_db / 10)

    @property
    def transfer_efficiency(self) -> float:
        """Probability that a whole excitation sent ends in the receiver's data qubits, by the full master equation."""
        return _send(self, self.direction, 1.0).delivered

    @property
    def figures(self) -> dict[str, float]:
        """What experiments publish of such a link."""
        return {
            "W fidelity, photon to the right": self.w_fidelity("right"),
            "W fidelity, photon to the left": self.w_fidelity("left"),
            "absorption of a whole photon": self.transfer_efficiency,
        }

    def w_fidelity(self, direction: str) -> float:
        """Fidelity of the four data qubits with the W state, as measured after a photon was sent `right` or `left`."""
        return (1 - self.preparation_error) * (1 - self.readout_error) * self.shared(direction).w_fidelity

    def shared(self, direction: str) -> SharedExcitation:
        """Where the excitation is after a photon was sent `right` or `left`, if there was one to begin with."""
        return _send(self, direction, self.emitted_share)

    def modules(self) -> TwoModules:
        """The rates of the master equation."""
        return TwoModules(
            left_decay_per_s=math.tau * self.linewidth_a_hz,
            right_decay_per_s=math.tau * self.linewidth_b_hz,
            transmission=self.waveguide_transmission,
            detuning_per_s=math.tau * self.detuning_hz,
            emitter_loss_per_s=1 / self.emitter_t1_s,
            data_loss_per_s=1 / self.data_t1_s,
            data_dephasing_per_s=max(0.0, 1 / self.data_t2_s - 1 / (2 * self.data_t1_s))
            if math.isfinite(self.data_t2_s)
            else 0.0,
            spacing_error=self.spacing_error,
            coupler_error=self.coupler_error,
        )

    def passage(self, direction: str | None = None) -> Passage:
        """The equations of one excitation, which learning and optimising use; in the link's own direction unless told."""
        return self.modules().passage(direction or self.direction)

    def doubts(self) -> tuple[str, ...]:
        """Where the components lie outside what the model is valid for."""
        found = []
        wrong_way = 1 - directionality(self.spacing_error, self.coupler_error)
        if wrong_way > _TOLERABLE:
            found.append(
                f"{wrong_way:.1%} of the photon goes the wrong way; what then returns from the other module, "
                "and when, is followed only as if the way took no time"
            )
        band = min(self.linewidth_a_hz, self.linewidth_b_hz)
        cut = 2 / (1 + math.exp(min(700.0, math.tau * band * self.window_s / 2)))
        if cut > _TOLERABLE:
            found.append(f"{cut:.1%} of the photon lies outside `window_s`; a longer window would catch it")
        if self.coupling_hz < max(self.linewidth_a_hz, self.linewidth_b_hz) / 2:
            found.append("`coupling_hz` is below half a linewidth, and cuts off the pulses that shape the photon")
        if self.coupling_hz > 100e6 or max(self.linewidth_a_hz, self.linewidth_b_hz) > 100e6:
            found.append("couplings or linewidths above 100 MHz leave the rotating-wave and Markov approximations")
        return tuple(found)


def link_on_bus(link: ChiralWaveguideLink, positions_m: NDArray[np.float64], i: int, j: int) -> ChiralWaveguideLink:
    """The link between two of several modules along one waveguide, the others being idle.

    Everything of a link can be asked of it: `transfer_efficiency`, `pair`, `w_fidelity`. The photon travels from i to j.

    Args:
        link: any two neighbours on the waveguide; its lengths and modules passed are replaced.
        positions_m (float array, shape (modules,)): where each module sits, all different.
        i: the module that sends.
        j: the module that receives; not i.

    Raises:
        InvalidValueError: if two modules sit at one place, or i and j are not two of them.
    """
    positions = np.asarray(positions_m, dtype=np.float64)
    if len(np.unique(positions)) < len(positions):
        raise InvalidValueError(f"modules on a bus must sit at different places, but sit at {positions.tolist()}")
    if i == j or not (0 <= i < len(positions) and 0 <= j < len(positions)):
        raise InvalidValueError(f"i and j must be two of {len(positions)} modules, but are {i} and {j}")
    low, high = sorted((positions[i], positions[j]))
    passed = int(np.count_nonzero((positions > low) & (positions < high)))
    return replace(link, length_m=float(high - low), modules_passed=passed)


def _require(link: ChiralWaveguideLink, name: str, condition: bool, text: str) -> None:
    if not condition:
        raise InvalidValueError(f"`{name}` {text}, but is {getattr(link, name)}")


@lru_cache(maxsize=256)
def _send(link: ChiralWaveguideLink, direction: str, share: float) -> SharedExcitation:
    modules = link.modules()
    passage = modules.passage(direction)
    band = min(passage.sender_decay_per_s, passage.receiver_decay_per_s)
    steps = max(64, math.ceil(link.window_s * modules.fastest_per_s * _STEPS_PER_LIFETIME))
    times = np.linspace(-link.window_s / 2, link.window_s / 2, steps + 1)
    strongest = math.tau * link.coupling_hz
    sender = np.minimum(emitting_pulse(times, band, passage.sender_decay_per_s, share), strongest)
    receiver = np.minimum(catching_pulse(times, band, passage.receiver_decay_per_s), strongest)
    shared = share_excitation(modules, direction, sender, receiver, link.window_s / steps)
    return shared.after_sender_waits(link.classical_latency_s, modules.data_loss_per_s, modules.data_dephasing_per_s)
