"""A link that carries bits and no entanglement: what crosses it has to be cut."""

from __future__ import annotations

import math
from dataclasses import dataclass

from weft.errors import InvalidNetworkError
from weft.network.checks import make_numbers, require
from weft.network.wording import quote, shorten


@dataclass(frozen=True, slots=True)
class ClassicalLink:
    """A classical channel between two QPUs that share no entanglement.

    Attributes:
        a: name of one QPU.
        b: name of the other.
        classical_latency_s: travel time of a classical bit.
        real_time: whether what one QPU measured reaches the other while its qubits still hold; otherwise the two run apart, and
            only their results meet.

    Raises:
        InvalidNetworkError: a value is outside what it may be.
    """

    a: str
    b: str
    classical_latency_s: float = 0.0
    real_time: bool = False

    def __post_init__(self) -> None:
        if not (isinstance(self.a, str) and isinstance(self.b, str)):
            raise InvalidNetworkError(f"a link must join QPUs by name, but joins {quote(self.a)} and {quote(self.b)}")
        where = f"link `{shorten(self.name)}`: "
        require(self.a != self.b, where, "`between` must name two different QPUs", [self.a, self.b])
        make_numbers(self, where, ("classical_latency_s",))
        latency_s = self.classical_latency_s
        require(0 <= latency_s < math.inf, where, "`classical_latency_s` must be finite and ≥ 0", latency_s)
        require(isinstance(self.real_time, bool), where, "`real_time` must be true or false", quote(self.real_time))

    @property
    def name(self) -> str:
        """As reports print it: `A-B`."""
        return f"{self.a}-{self.b}"

    def check_latency(self, t2_s: float) -> None:
        """Checks that bits arrive while qubits still hold, if that is what the link says.

        Args:
            t2_s: the shorter coherence time of the two QPUs.

        Raises:
            InvalidNetworkError: if they come too late.
        """
        if self.real_time and self.classical_latency_s >= t2_s:
            raise InvalidNetworkError(
                f"link `{shorten(self.name)}`: `real_time` must be false where `classical_latency_s` is not below the T2 of both "
                f"QPUs, but bits take {self.classical_latency_s:g} s and T2 is {t2_s:g} s"
            )
