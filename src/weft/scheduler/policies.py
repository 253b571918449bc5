"""When links make pairs, which pairs a program takes, and who comes first: a strategy in one frozen value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from weft.errors import InvalidValueError
from weft.network import QPU, BellPair, Link
from weft.scheduler.distillation import Distillation

Timing = Literal["as_soon_as_possible", "just_in_time", "prefetch"]
Sharing = Literal["program", "request"]
TrustedNodes = Literal["allow", "forbid"]
_MOST_BUFFERED = 1024


@dataclass(frozen=True, slots=True)
class Policy:
    """How entanglement is supplied.

    A pair is *requested* by its `entangle`, once both communication qubits are empty; its *consumer* is the first instruction,
    in program order, that acts on one of its halves.

    Attributes:
        timing: `as_soon_as_possible`: attempts begin with the request. `just_in_time`: the request is put off until all else that
            the consumer needs is ready. `prefetch`: the same, but links make pairs in the background from time 0 and keep
            them in a buffer, from which a request takes the newest that is there, or else waits for the next.
        buffer_pairs: the most pairs that a link keeps under `prefetch`, from 1 to 1,024; spare communication qubits at its two
            ends limit it further (`weft.scheduler.spare_qubits`). A link without room keeps none and makes its pairs on request.
        cutoff_s: a pair that would be older than this when its consumer starts *expires* at that age, and is made again; None means
            never. A pair under a cutoff stays in the care of its link, and is handed over when its consumer starts.
        sharing: `program`: channels and buffered pairs of a link are granted in the order of the program, as far as timing lets
            `entangle` instructions stand there (put off, they stand just before their consumers). `request`: by time of request.
        distillation: of raw pairs before use; None means that pairs are used as the link makes them.
        trusted_nodes: whether data may pass through trusted nodes: `allow`, or `forbid`, which refuses programs in which they do.

    Raises:
        InvalidValueError: a value is outside what it may be.
    """

    timing: Timing = "as_soon_as_possible"
    buffer_pairs: int = 4
    cutoff_s: float | None = None
    sharing: Sharing = "program"
    distillation: Distillation | None = None
    trusted_nodes: TrustedNodes = "allow"

    def __post_init__(self) -> None:
        for name, kinds in (("timing", Timing), ("sharing", Sharing), ("trusted_nodes", TrustedNodes)):
            if getattr(self, name) not in get_args(kinds):
                raise InvalidValueError(
                    f"`{name}` must be one of {', '.join(get_args(kinds))}, but is {getattr(self, name)!r}"
                )
        if not isinstance(self.buffer_pairs, int) or not 1 <= self.buffer_pairs <= _MOST_BUFFERED:
            raise InvalidValueError(
                f"`buffer_pairs` must be a whole number in 1 … {_MOST_BUFFERED}, but is {self.buffer_pairs!r}"
            )
        if self.cutoff_s is not None and not (isinstance(self.cutoff_s, int | float) and 0 < self.cutoff_s < math.inf):
            raise InvalidValueError(
                f"`cutoff_s` must be a positive and finite number of seconds, or None, but is {self.cutoff_s!r}"
            )
        if self.distillation is not None and not isinstance(self.distillation, Distillation):
            raise InvalidValueError(
                f"`distillation` must be a Distillation, such as Distillation('dejmps', 1), or None, but is {self.distillation!r}"
            )

    def __str__(self) -> str:
        words = [self.timing.replace("_", " ")]
        if self.timing == "prefetch":
            words.append(f"up to {self.buffer_pairs} pairs")
        if self.cutoff_s is not None:
            words.append(f"cutoff {self.cutoff_s!r} s")
        if self.sharing == "request":
            words.append("by time of request")
        if self.distillation is not None:
            words.append(f"{self.distillation.protocol} × {self.distillation.rounds}")
        if self.trusted_nodes == "forbid":
            words.append("no trusted nodes")
        return ", ".join(words)

    @property
    def awaits_consumer(self) -> bool:
        """Whether a request is put off until all else that its consumer needs is ready."""
        return self.timing != "as_soon_as_possible"

    @property
    def looks_ahead(self) -> bool:
        """Whether it matters when the consumer of a pair could start."""
        return self.awaits_consumer or self.cutoff_s is not None

    @property
    def keeps_pairs(self) -> bool:
        """Whether a pair may be older than its `entangle` says, so that its age counts from when it was made."""
        return self.timing == "prefetch" or self.cutoff_s is not None

    @property
    def shows_attempts(self) -> bool:
        """Whether an `entangle` lasts for the attempts that its pair took, and for nothing else."""
        return not self.keeps_pairs and self.distillation is None

    @property
    def rounds(self) -> int:
        """Of distillation."""
        return 0 if self.distillation is None else self.distillation.rounds

    def delivered_pair(self, link: Link, qpus: tuple[QPU, QPU]) -> BellPair:
        """The state of a pair as a program gets it from a link between two QPUs, before it ages.

        Raises:
            InvalidValueError: if it cannot be distilled.
        """
        return link.delivered_pair if self.distillation is None else self.distillation.outcome(link, qpus)[1]


AS_SOON_AS_POSSIBLE = Policy()
"""The policy if none is named."""
