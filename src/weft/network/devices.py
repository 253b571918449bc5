"""QPUs and links, as the numbers that everything else reads.

Times are in seconds, lengths in metres. Gate errors are average gate infidelities, 1 − F_avg, as experiments quote
them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Real

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair
from weft.network.wording import quote, shorten

_DURATIONS = ("one_qubit_gate_s", "two_qubit_gate_s", "measurement_s", "reset_s")
# A completely depolarising channel has infidelity 1/2 on one qubit and 3/4 on two.
_ERRORS = {"one_qubit_gate_error": 0.5, "two_qubit_gate_error": 0.75, "measurement_error": 1.0, "reset_error": 1.0}
_COHERENCE = ("t1_s", "t2_s", "communication_t1_s", "communication_t2_s")

MAX_NAME_LENGTH = 64


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

    def __post_init__(self) -> None:
        _require_name(self.name)
        where = f"QPU `{self.name}`: "
        _make_whole(self, where, "data_qubits", 0)
        if self.communication_qubits is not None:
            _make_whole(self, where, "communication_qubits", 0)
        _make_numbers(self, where, (*_DURATIONS, *_ERRORS))
        _make_numbers(self, where, [key for key in _COHERENCE if getattr(self, key) is not None])
        for key in _DURATIONS:
            value = getattr(self, key)
            _require(0 <= value < math.inf, where, f"`{key}` must be a finite number of seconds ≥ 0", value)
        for key, limit in _ERRORS.items():
            value = getattr(self, key)
            _require(0 <= value <= limit, where, f"`{key}` must lie in [0, {limit}]", value)
        self._check_coherence(where, "", self.coherence(False))
        self._check_coherence(where, "communication_", self.coherence(True))
        if self.coupling is not None:
            object.__setattr__(self, "coupling", tuple(self._pairs(where, self.coupling)))

    @staticmethod
    def _check_coherence(where: str, kind: str, times: tuple[float, float]) -> None:
        t1, t2 = times
        _require(t1 > 0, where, f"`{kind}t1_s` must be positive", t1)
        _require(t2 > 0, where, f"`{kind}t2_s` must be positive", t2)
        _require(t2 <= 2 * t1, where, f"`{kind}t2_s` must be at most twice `{kind}t1_s` = {t1:g}", t2)

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
            _require(inside, where, text, [a, b])
            yield a, b

    def coherence(self, communication: bool) -> tuple[float, float]:
        """(T1, T2) of a communication qubit or of a data qubit, in seconds; an infinite T2 becomes 2 T1."""
        t1, t2 = self.t1_s, self.t2_s
        if communication and self.communication_t1_s is not None:
            t1 = self.communication_t1_s
        if communication and self.communication_t2_s is not None:
            t2 = self.communication_t2_s
        return t1, 2 * t1 if math.isinf(t2) else t2


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

    def __post_init__(self) -> None:
        if not (isinstance(self.a, str) and isinstance(self.b, str)):
            raise InvalidNetworkError(f"a link must join QPUs by name, but joins {quote(self.a)} and {quote(self.b)}")
        where = f"link `{shorten(self.name)}`: "
        _require(self.a != self.b, where, "`between` must name two different QPUs", [self.a, self.b])
        _make_numbers(self, where, ("attempt_s", "success_probability", "classical_latency_s", "length_m"))
        for key in ("attempt_s", "classical_latency_s", "length_m"):
            value = getattr(self, key)
            if not 0 <= value < math.inf:
                raise InvalidNetworkError(f"{where}`{key}` must be finite and ≥ 0, but is {value}")
        value = self.success_probability
        text = "`success_probability` must lie in (0, 1] (a link that never succeeds cannot be part of a network)"
        _require(0 < value <= 1, where, text, value)
        _require(math.isfinite(self.mean_wait_s), where, "`attempt_s / success_probability` must be finite", math.inf)
        _make_whole(self, where, "channels", 1)

    @property
    def name(self) -> str:
        """As reports print it: `A-B`."""
        return f"{self.a}-{self.b}"

    @property
    def mean_wait_s(self) -> float:
        """Mean time until a pair is there, attempts being made back to back: attempt_s / success_probability."""
        return self.attempt_s / self.success_probability


def _require(condition: bool, where: str, what: str, found: object) -> None:
    if not condition:
        raise InvalidNetworkError(f"{where}{what}, but is {found}")


def _require_name(name: object) -> None:
    good = isinstance(name, str) and 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable() and name == name.strip()
    text = f"the name of a QPU must be 1 to {MAX_NAME_LENGTH} printable characters without spaces around them"
    _require(good, "", text, quote(name))


def _make_whole(device: QPU | Link, where: str, key: str, least: int) -> None:
    """Turn NumPy integers into Python's, so that equal devices serialise equally."""
    value = getattr(device, key)
    if type(value) is not int:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise InvalidNetworkError(f"{where}`{key}` must be a whole number, but is {quote(value)}")
        object.__setattr__(device, key, operator.index(value))
    _require(value >= least, where, f"`{key}` must be at least {least}", value)


def _make_numbers(device: QPU | Link, where: str, keys: Iterable[str]) -> None:
    """Turn integers and NumPy floats into Python floats, so that equal devices serialise equally."""
    for key in keys:
        value = getattr(device, key)
        if type(value) is float and value > 0:
            continue
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InvalidNetworkError(f"{where}`{key}` must be a number, but is {quote(value)}")
        try:
            object.__setattr__(device, key, float(value) + 0.0)  # + 0.0 turns −0.0 into 0.0
        except OverflowError:
            raise InvalidNetworkError(f"{where}`{key}` must be a number of ordinary size, but is huge") from None
