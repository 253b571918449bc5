"""Everything that determines one run, and the identity that follows from it."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from weft._version import __version__
from weft.circuit import Circuit
from weft.compiler import OBJECTIVES, Effort
from weft.compiler.compile import EFFORTS
from weft.errors import InvalidValueError
from weft.network import Network
from weft.network.wording import suggest
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import BACKENDS
from weft.simulator.backend import MOST_SHOTS

Value = str | int | float | bool
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, eq=False, repr=False)
class Task:
    """One run: what `weft.simulate(weft.compile(circuit, network, seed=compile_seed, …), seed=seed, …)` would do.

    Attributes:
        circuit: to run.
        network: with its parameters as they are to be.
        effort: of the compiler.
        objective: of the compiler, by name.
        approximation: of the compiler.
        compile_seed: of the compiler.
        policy: of the links.
        backend: by name.
        shots: how many.
        seed: of the simulation.
        counts: whether to keep how often each outcome came.
        parameters: what a sweep varies, by name; for people, because circuit, network and policy have the values already.
        version: of Weft; another one may give another answer.

    Raises:
        InvalidValueError: for a value that cannot be.
    """

    circuit: Circuit
    network: Network
    effort: Effort = "default"
    objective: str = "pairs"
    approximation: float = 0.0
    compile_seed: int = 0
    policy: Policy = AS_SOON_AS_POSSIBLE
    backend: str = "auto"
    shots: int = 1000
    seed: int = 0
    counts: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)
    version: str = __version__

    def __post_init__(self) -> None:
        for name, kind in (("circuit", Circuit), ("network", Network), ("policy", Policy)):
            if not isinstance(getattr(self, name), kind):
                raise InvalidValueError(f"`{name}` must be a {kind.__name__}, but is {getattr(self, name)!r}")
        _one_of("effort", self.effort, EFFORTS)
        _one_of("objective", self.objective, OBJECTIVES)
        _one_of("backend", self.backend, ("auto", *BACKENDS))
        _whole("shots", self.shots, 1, MOST_SHOTS)
        _whole("seed", self.seed, 0, _LARGEST_SEED)
        _whole("compile_seed", self.compile_seed, 0, _LARGEST_SEED)
        if not isinstance(self.approximation, int | float) or not 0 <= self.approximation < 2:
            raise InvalidValueError(f"`approximation` must be at least 0 and below 2, but is {self.approximation!r}")

    def __repr__(self) -> str:
        return (
            f"<Task {self.id[:8]}: {self.circuit.name} on {self.network.name}, {self.shots:,} shots, seed {self.seed}>"
        )

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, Task) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    @cached_property
    def id(self) -> str:
        """SHA-256 of everything that the answer depends on."""
        policy = asdict(self.policy)
        if self.policy.cutoff_s is not None:
            policy["cutoff_s"] = float(self.policy.cutoff_s)
        simulated = (policy, self.backend, int(self.shots), int(self.seed), self.counts)
        text = json.dumps(["weft task 1", self.version, *self.compiled_from, *simulated], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def compiled_from(self) -> tuple[str | int | float, ...]:
        """What the compiled program depends on."""
        options = (self.effort, self.objective, float(self.approximation), int(self.compile_seed))
        return self.circuit.id, self.network.id, self.policy.trusted_nodes, *options

    @property
    def columns(self) -> dict[str, Value]:
        """What a table of tasks shows: names, parameters and options."""
        return {
            "circuit": self.circuit.name,
            "network": self.network.name,
            **self.parameters,
            "policy": str(self.policy),
            "effort": self.effort,
            "objective": self.objective,
            "approximation": float(self.approximation),
            "compile_seed": int(self.compile_seed),
            "backend": self.backend,
            "shots": int(self.shots),
            "seed": int(self.seed),
        }


OPTIONS = ("policy", "effort", "objective", "approximation", "compile_seed", "backend", "shots", "seed")
"""What determines a task beside its circuit and its network."""


def _one_of(name: str, value: object, known: Mapping[str, object] | tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in known:
        raise InvalidValueError(
            f"`{name}` must be one of {', '.join(known)}, but is {value!r}{suggest(str(value), known)}"
        )


def _whole(name: str, value: object, least: int, most: int) -> None:
    try:
        whole = -1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]  # if not, that is the error
    except TypeError:
        whole = -1
    if not least <= whole <= most:
        raise InvalidValueError(f"`{name}` must be a whole number in {least} … {most:,}, but is {value!r}")
