"""Which number of blocks and checks, which checks, and which injection serve best for a circuit and its machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from weft.errors import InvalidValueError
from weft.protocols.clinr.blocks import Scheme
from weft.protocols.clinr.checks import STRATEGIES
from weft.protocols.clinr.clifford_circuit import CliffordCircuit
from weft.protocols.clinr.course import INJECTIONS, RESOURCES, Ring
from weft.protocols.clinr.depth import Convention
from weft.protocols.clinr.forms import compare
from weft.protocols.clinr.measures import Measures
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.verification import Verification

_SEQUENCE = Verification()


@dataclass(frozen=True, eq=False)
class Candidate:
    """A way to run a circuit, and what it achieves.

    Attributes:
        scheme: how the circuit is cut and checked; None if it is done directly.
        ring: where; None on one QPU.
        measures: what was found.
    """

    scheme: Scheme | None
    ring: Ring | None
    measures: Measures


def find_candidates(
    circuit: CliffordCircuit,
    noise: Noise,
    ring: Ring,
    *,
    blocks: Sequence[int] = (2, 4, 8),
    checks: Sequence[int] = (0, 1, 2, 3, 4, 6, 8),
    pair_checks: Sequence[int] = (0, 4),
    shots: int = 20_000,
    convention: Convention = "serial",
    seed: int = 0,
) -> list[Candidate]:
    """Measures all forms with all numbers of blocks and checks, strategies, layouts of checks, injections and resources.

    Args:
        circuit: C.
        noise: how often operations fail.
        ring: its number of QPUs and its links; how it injects is searched.
        blocks: numbers t to try.
        checks: numbers r to try; when interleaved, with an ancilla for each.
        pair_checks: numbers to try for split blocks.
        shots: attempts at each block.
        convention: under which qubits wait.
        seed: of checks and faults.
    """
    rings = [
        (replace(ring, injection=injection, resources=resources), number)
        for injection in INJECTIONS
        for resources in RESOURCES
        for number in (pair_checks if resources == "split" else (0,))
    ]
    found: dict[tuple[object, ...], Candidate] = {}
    for scheme in _schemes(blocks, checks):
        for each, number in rings:
            checked = replace(scheme, pair_checks=number)
            comparison = compare(circuit, noise, checked, each, shots=shots, convention=convention, seed=seed)
            found[("direct",)] = Candidate(None, None, comparison.direct)
            for form, where in ((comparison.one_qpu, None), (comparison.distributed, each)):
                for measures in form:
                    if measures.checks in checks:
                        what = replace(scheme if where is None else checked, checks=measures.checks)
                        found[what, where] = Candidate(what, where, measures)
    return list(found.values())


def undominated(candidates: Iterable[Candidate], convention: Convention) -> list[Candidate]:
    """Those that no other beats or equals on both logical error and depth, from shallow to deep."""
    best: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda each: _error_and_depth(each, convention)[::-1]):
        if not best or candidate.measures.logical_error.value < best[-1].measures.logical_error.value:
            best.append(candidate)
    return best


def best_candidate(
    candidates: Iterable[Candidate],
    convention: Convention,
    *,
    error_at_most: float | None = None,
    depth_at_most: float | None = None,
) -> Candidate | None:
    """The shallowest with a low enough logical error, or the one with the lowest logical error that is shallow enough.

    Args:
        candidates: to choose from.
        convention: of depth.
        error_at_most: target; either this or the next.
        depth_at_most: target, in gate times.

    Returns:
        None if nothing reaches the target.

    Raises:
        InvalidValueError: if there is not exactly one target.
    """
    if (error_at_most is None) == (depth_at_most is None):
        raise InvalidValueError(
            f"there must be one target, but `error_at_most` is {error_at_most} and `depth_at_most` is {depth_at_most}"
        )
    front = undominated(candidates, convention)
    if error_at_most is not None:
        return next((each for each in front if _error_and_depth(each, convention)[0] <= error_at_most), None)
    assert depth_at_most is not None
    return next((each for each in reversed(front) if _error_and_depth(each, convention)[1] <= depth_at_most), None)


def _schemes(blocks: Sequence[int], checks: Sequence[int]) -> Iterator[Scheme]:
    for count in blocks:
        for strategy in STRATEGIES:
            yield Scheme(count, max(checks), strategy, _SEQUENCE)
            for number in checks:
                if number > 1:
                    yield Scheme(count, number, strategy, Verification("interleaved", number))


def _error_and_depth(candidate: Candidate, convention: Convention) -> tuple[float, float]:
    return candidate.measures.logical_error.value, candidate.measures.depth[convention].value
