"""QPUs and links, as the numbers that everything else reads.

Times are in seconds, lengths in metres. Gate errors are average gate infidelities, 1 − F_avg, as experiments quote
them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair
from weft.network.checks import (
    PauliErrorsGiven,
    make_numbers,
    make_pauli_errors,
    make_whole,
    require,
    require_between,
    require_name,
)
from weft.network.interference import interference_visibility
from weft.network.wording import quote, shorten

_DURATIONS = ("one_qubit_gate_s", "two_qubit_gate_s", "measurement_s", "reset_s")
# A completely depolarising channel has infidelity 1/2 on one qubit and 3/4 on two.
_ERRORS = {
    "one_qubit_gate_error": (0, 0.5),
    "two_qubit_gate_error": (0, 0.75),
    "measurement_error": (0, 1.0),
    "reset_error": (0, 1.0),
}
_COHERENCE = ("t1_s", "t2_s", "communication_t1_s", "communication_t2_s")
MAX_BUS_NAME = 64
_INTERVAL = "decoupling_interval_s"
_RATIOS = {
    "one_qubit_gate_damping": (0.0, 1.0),
    "two_qubit_gate_damping": (0.0, 1.0),
    "one_qubit_over_rotation": (-1.0, 1.0),
    "two_qubit_over_rotation": (-1.0, 1.0),
}
_PAULI_ERRORS = {"one_qubit_pauli_errors": 1, "two_qubit_pauli_errors": 2}
# Fields that came after the first programs were written: left out of what is written and hashed while they have their
# defaults, so that those programs keep their identity.
_LATER = {
    *("dephasing", "decoupling_interval_s", *_PAULI_ERRORS, *_RATIOS, "swap_success_probability", "trusted"),
    *("crosstalk_flip_probability", "timing_jitter_s", "photon_lifetime_s", "bus"),
}


@dataclass(frozen=True, slots=True)
class QPU:
    """A quantum processor.

    Attributes:
        name: unique in the network; 1 to 64 printable characters.
        data_qubits: qubits that hold the computation.
        communication_qubits: qubits that hold halves of Bell pairs; None means as many as the program wants.
        coupling: pairs of data qubits that can interact; None means that all can. Communication qubits reach
            every data qubit.
        one_qubit_gate_s: duration of a one-qubit gate.
        two_qubit_gate_s: duration of a two-qubit gate.
        measurement_s: duration of a measurement.
        reset_s: duration of a reset.
        one_qubit_gate_error: average gate infidelity of a one-qubit gate.
        two_qubit_gate_error: average gate infidelity of a two-qubit gate.
        measurement_error: probability that a measured bit is wrong.
        reset_error: probability that a reset leaves |1⟩.
        t1_s: relaxation time of a data qubit; infinite by default.
        t2_s: coherence time of a data qubit, at most 2 T1; infinite by default, which means no dephasing beside T1.
        communication_t1_s: the same for communication qubits; None means as data qubits.
        communication_t2_s: the same for communication qubits; None means as data qubits.
        dephasing: how coherence falls within one wait of t, beside e^{−t/2T1}: `exponential`, e^{−t(1/T2 − 1/2T1)}, or `gaussian`,
            e^{−(t/T2)²}, as noise that is slower than the wait makes it. T2 is then that of pure dephasing, and not limited by T1.
        decoupling_interval_s: time between the echo pulses that every waiting qubit gets; None means none. Only for Gaussian
            dephasing, and shorter than its T2; each pulse costs `one_qubit_gate_error`.
        one_qubit_pauli_errors: Pauli → probability that it strikes after a one-qubit gate, beside `one_qubit_gate_error`; kept as
            sorted pairs.
        two_qubit_pauli_errors: the same for two-qubit gates, such as `{"ZZ": 0.01, "XI": 0.002}`; the gate's first operand first.
        one_qubit_gate_damping: probability that the operand of a one-qubit gate relaxes from |1⟩ to |0⟩ in it.
        two_qubit_gate_damping: the same for each operand of a two-qubit gate.
        one_qubit_over_rotation: ε, if a one-qubit gate U turns out to be U^(1+ε), with its eigenphases in (−π, π].
        two_qubit_over_rotation: the same for two-qubit gates.
        swap_success_probability: of an entanglement swap between two links, in (0, 1]; below 1 where photons or the like have to be
            measured together. A swap that fails is heralded, loses both pairs, and they are made again.
        trusted: whether it is a trusted node: it has no data qubits, and passes data on by receiving them whole and sending them
            again, not by swapping entanglement. So it needs no two pairs at the same time, but who runs it can read what passes.

    Raises:
        InvalidNetworkError: a value is outside what it may be.
    """

    name: str
    data_qubits: int
    communication_qubits: int | None = None
    coupling: tuple[tuple[int, int], ...] | None = None
    one_qubit_gate_s: float = 0.0
    two_qubit_gate_s: float = 0.0
    measurement_s: float = 0.0
    reset_s: float = 0.0
    one_qubit_gate_error: float = 0.0
    two_qubit_gate_error: float = 0.0
    measurement_error: float = 0.0
    reset_error: float = 0.0
    t1_s: float = math.inf
    t2_s: float = math.inf
    communication_t1_s: float | None = None
    communication_t2_s: float | None = None
    dephasing: str = "exponential"
    decoupling_interval_s: float | None = None
    one_qubit_pauli_errors: PauliErrorsGiven = ()
    two_qubit_pauli_errors: PauliErrorsGiven = ()
    one_qubit_gate_damping: float = 0.0
    two_qubit_gate_damping: float = 0.0
    one_qubit_over_rotation: float = 0.0
    two_qubit_over_rotation: float = 0.0
    swap_success_probability: float = 1.0
    trusted: bool = False

    def __post_init__(self) -> None:
        require_name(self.name)
        where = f"QPU `{self.name}`: "
        make_whole(self, where, "data_qubits", 0)
        if self.communication_qubits is not None:
            make_whole(self, where, "communication_qubits", 0)
        make_numbers(self, where, (*_DURATIONS, *_ERRORS, *_RATIOS))
        make_numbers(self, where, [key for key in (*_COHERENCE, _INTERVAL) if getattr(self, key) is not None])
        for key in _DURATIONS:
            value = getattr(self, key)
            require(0 <= value < math.inf, where, f"`{key}` must be a finite number of seconds ≥ 0", value)
        for key, (least, most) in (_ERRORS | _RATIOS).items():
            require_between(self, where, key, least, most)
        require(isinstance(self.trusted, bool), where, "`trusted` must be true or false", quote(self.trusted))
        text = "`data_qubits` must be 0 where `trusted` is true (a trusted node only passes data on)"
        require(not self.trusted or self.data_qubits == 0, where, text, self.data_qubits)
        make_numbers(self, where, ("swap_success_probability",))
        text = "`swap_success_probability` must lie in (0, 1] (a repeater whose swaps never succeed joins nothing)"
        require(0 < self.swap_success_probability <= 1, where, text, self.swap_success_probability)
        for key, qubits in _PAULI_ERRORS.items():
            make_pauli_errors(self, where, key, qubits)
        kinds = ("exponential", "gaussian")
        require(self.dephasing in kinds, where, "`dephasing` must be exponential or gaussian", quote(self.dephasing))
        self._check_coherence(where, "", self.coherence(False))
        self._check_coherence(where, "communication_", self.coherence(True))
        if self.decoupling_interval_s is not None:
            self._check_decoupling(where, self.decoupling_interval_s)
        if self.coupling is not None:
            object.__setattr__(self, "coupling", tuple(self._pairs(where, self.coupling)))

    def _check_coherence(self, where: str, kind: str, times: tuple[float, float]) -> None:
        t1, t2 = times
        require(t1 > 0, where, f"`{kind}t1_s` must be positive", t1)
        require(t2 > 0, where, f"`{kind}t2_s` must be positive", t2)
        if self.dephasing == "exponential":
            require(t2 <= 2 * t1, where, f"`{kind}t2_s` must be at most twice `{kind}t1_s` = {t1:g}", t2)

    def _check_decoupling(self, where: str, interval_s: float) -> None:
        """Echoes undo only what changes slowly; they must come before coherence is lost, and leave time to wait."""
        text = (
            f"`{_INTERVAL}` must be given only where `dephasing` is gaussian (echoes do not slow exponential dephasing)"
        )
        require(self.dephasing == "gaussian", where, text, interval_s)
        times = {kind: self.coherence(kind)[1] for kind in (False, True)}
        shortest = min(times.values())
        text = f"`{_INTERVAL}` must be given only where `t2_s` or `communication_t2_s` is finite (there is nothing to undo)"
        require(shortest < math.inf, where, text, interval_s)
        require(interval_s > 0, where, f"`{_INTERVAL}` must be positive", interval_s)
        least = self.one_qubit_gate_s
        require(
            interval_s >= least, where, f"`{_INTERVAL}` must be at least `one_qubit_gate_s` = {least:g}", interval_s
        )
        text = f"`{_INTERVAL}` must be shorter than every finite T2, here {shortest:g} s"
        require(interval_s < shortest, where, text, interval_s)
        text = "`one_qubit_gate_error` must be below 0.5 where `decoupling_interval_s` is given (each pulse would erase the qubit)"
        require(self.one_qubit_gate_error < _ERRORS["one_qubit_gate_error"][1], where, text, self.one_qubit_gate_error)

    def _pairs(self, where: str, coupling: Iterable[Iterable[int]]) -> Iterable[tuple[int, int]]:
        for pair in coupling:
            try:
                a, b = (operator.index(qubit) for qubit in pair)
            except (TypeError, ValueError):
                raise InvalidNetworkError(
                    f"{where}`coupling` must hold pairs of data qubits, but holds {pair}"
                ) from None
            inside = 0 <= a < self.data_qubits and 0 <= b < self.data_qubits and a != b
            text = f"`coupling` must join two different data qubits of 0 to {self.data_qubits - 1}"
            require(inside, where, text, [a, b])
            yield a, b

    def coherence(self, communication: bool) -> tuple[float, float]:
        """(T1, T2) of a communication qubit or of a data qubit, in seconds.

        An infinite T2 becomes 2 T1, unless dephasing is Gaussian: then T2 is about pure dephasing alone, and stays infinite.
        """
        t1, t2 = self.t1_s, self.t2_s
        if communication and self.communication_t1_s is not None:
            t1 = self.communication_t1_s
        if communication and self.communication_t2_s is not None:
            t2 = self.communication_t2_s
        return t1, 2 * t1 if math.isinf(t2) and self.dephasing == "exponential" else t2


@dataclass(frozen=True, slots=True)
class Link:
    """A heralded source of Bell pairs between two QPUs, with a classical channel beside it.

    Attributes:
        a: name of one QPU.
        b: name of the other.
        attempt_s: duration of one attempt, which includes waiting for its herald.
        success_probability: of one attempt, in (0, 1].
        pair: the state that a success delivers; its first qubit is at `a`.
        channels: how many pairs can be attempted at the same time.
        classical_latency_s: travel time of a classical bit.
        length_m: for people and presets; the latency above is what counts.
        crosstalk_flip_probability: that one attempt flips the phase of a data qubit on one of the two QPUs, for each of them.
        timing_jitter_s: standard deviation of the difference between the emission times of the two photons that herald a pair.
        photon_lifetime_s: of the excited state that emits them; must be given where there is jitter.
        bus: name of the bus that it is part of, such as one waveguide along several modules; None if it has a medium of its own.
            Links of one bus share their channels: only so many pairs are attempted at the same time on all of them together.

    Raises:
        InvalidNetworkError: a value is outside what it may be.
    """

    a: str
    b: str
    attempt_s: float
    success_probability: float = 1.0
    pair: BellPair = field(default_factory=lambda: BellPair.werner(1.0))
    channels: int = 1
    classical_latency_s: float = 0.0
    length_m: float = 0.0
    crosstalk_flip_probability: float = 0.0
    timing_jitter_s: float = 0.0
    photon_lifetime_s: float | None = None
    bus: str | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.a, str) and isinstance(self.b, str)):
            raise InvalidNetworkError(f"a link must join QPUs by name, but joins {quote(self.a)} and {quote(self.b)}")
        where = f"link `{shorten(self.name)}`: "
        require(self.a != self.b, where, "`between` must name two different QPUs", [self.a, self.b])
        make_numbers(self, where, ("attempt_s", "success_probability", "classical_latency_s", "length_m"))
        for key in ("attempt_s", "classical_latency_s", "length_m"):
            value = getattr(self, key)
            if not 0 <= value < math.inf:
                raise InvalidNetworkError(f"{where}`{key}` must be finite and ≥ 0, but is {value}")
        value = self.success_probability
        text = "`success_probability` must lie in (0, 1] (a link that never succeeds cannot be part of a network)"
        require(0 < value <= 1, where, text, value)
        require(math.isfinite(self.mean_wait_s), where, "`attempt_s / success_probability` must be finite", math.inf)
        make_whole(self, where, "channels", 1)
        if self.bus is not None:
            good = isinstance(self.bus, str) and 0 < len(self.bus) <= MAX_BUS_NAME and self.bus.isprintable()
            require(good, where, f"`bus` must be a name of 1 to {MAX_BUS_NAME} printable characters", quote(self.bus))
        self._check_side_effects(where)

    def _check_side_effects(self, where: str) -> None:
        make_numbers(self, where, ("crosstalk_flip_probability", "timing_jitter_s"))
        require_between(self, where, "crosstalk_flip_probability", 0.0, 0.5)
        if self.crosstalk_flip_probability > 0:
            text = "`attempt_s` must be positive where `crosstalk_flip_probability` is given (attempts are counted by time)"
            require(self.attempt_s > 0, where, text, self.attempt_s)
        require(
            0 <= self.timing_jitter_s < math.inf,
            where,
            "`timing_jitter_s` must be finite and ≥ 0",
            self.timing_jitter_s,
        )
        if self.photon_lifetime_s is not None:
            make_numbers(self, where, ("photon_lifetime_s",))
            good = 0 < self.photon_lifetime_s < math.inf
            require(good, where, "`photon_lifetime_s` must be positive and finite", self.photon_lifetime_s)
        elif self.timing_jitter_s > 0:
            raise InvalidNetworkError(
                f"{where}`photon_lifetime_s` must be given where `timing_jitter_s` is, but is missing"
            )

    @property
    def visibility(self) -> float:
        """Of the interference that heralds pairs: 1 without jitter; see `interference_visibility`."""
        if self.photon_lifetime_s is None:
            return 1.0
        return interference_visibility(self.timing_jitter_s, self.photon_lifetime_s)

    @property
    def delivered_pair(self) -> BellPair:
        """The state that a success delivers once jitter has dephased it."""
        visibility = self.visibility
        return self.pair if visibility == 1 else self.pair.dephased(visibility)

    @property
    def name(self) -> str:
        """As reports print it: `A-B`."""
        return f"{self.a}-{self.b}"

    @property
    def mean_wait_s(self) -> float:
        """Mean time until a pair is there, attempts being made back to back: attempt_s / success_probability."""
        return self.attempt_s / self.success_probability


def keys_of(device: QPU | Link) -> dict[str, Any]:
    """The fields of a device by name, as files, programs and hashes hold them.

    Fields that came after the first programs were written are left out while they have their defaults, so that those programs keep
    their identity; Pauli errors are mappings.
    """
    first, later = _ORDER[type(device)]
    keys: dict[str, Any] = {key: getattr(device, key) for key in first}
    for key, default in later:
        value = getattr(device, key)
        if value != default:
            keys[key] = dict(value) if key in _PAULI_ERRORS else value
    return keys


_ORDER = {
    device: (
        [column.name for column in fields(device) if column.name not in _LATER],
        [(column.name, column.default) for column in fields(device) if column.name in _LATER],
    )
    for device in (QPU, Link)
}
