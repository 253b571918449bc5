"""The keys that a network file may have, and the kind of each. Which values they may have, QPU and Link say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from weft.network.wording import quote, suggest
from weft.network.yaml_tree import Document, Path

Keys = TypeVar("Keys", bound=BaseModel)

STATE_KEYS = ("fidelity", "bell_weights", "density_matrix")
SUCCESS_KEYS = ("success_probability", "rate_hz")
DERIVED_KEYS = (*STATE_KEYS, *SUCCESS_KEYS, "attempt_s", "classical_latency_s", "length_m")
"""Of a link: of the first three, and of the next two, it has exactly one; all of them follow if it is `derived`."""

_Pair = Annotated[list[int], Field(min_length=2, max_length=2)]
_Row = Annotated[list[float], Field(min_length=4, max_length=4)]
_Matrix = Annotated[list[_Row], Field(min_length=4, max_length=4)]


class _Keys(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class QPUKeys(_Keys):
    """Of one QPU, or of what all QPUs share. A key that is not given is not set."""

    data_qubits: int = 0
    communication_qubits: int | None = None
    coupling: list[_Pair] | None = None
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
    one_qubit_pauli_errors: dict[str, float] = {}
    two_qubit_pauli_errors: dict[str, float] = {}
    one_qubit_gate_damping: float = 0.0
    two_qubit_gate_damping: float = 0.0
    one_qubit_over_rotation: float = 0.0
    two_qubit_over_rotation: float = 0.0
    swap_success_probability: float = 1.0
    trusted: bool = False


class DensityMatrixKeys(_Keys):
    """Real and imaginary part, or magnitude and phase in units of π."""

    real: _Matrix | None = None
    imag: _Matrix | None = None
    magnitude: _Matrix | None = None
    phase_pi: _Matrix | None = None


class SharedLinkKeys(_Keys):
    """Of what all links share. A key that is not given is not set."""

    attempt_s: float = 0.0
    success_probability: float = 1.0
    rate_hz: float = 0.0
    fidelity: float = 1.0
    bell_weights: Annotated[list[float], Field(min_length=4, max_length=4)] = []
    density_matrix: DensityMatrixKeys = DensityMatrixKeys()
    channels: int = 1
    classical_latency_s: float = 0.0
    length_m: float = 0.0
    crosstalk_flip_probability: float = 0.0
    timing_jitter_s: float = 0.0
    photon_lifetime_s: float | None = None
    bus: str | None = None
    derived: dict[str, float | str] = {}


class LinkKeys(SharedLinkKeys):
    """Of one link."""

    between: Annotated[list[str], Field(min_length=2, max_length=2)]
    kind: str = "quantum"
    real_time: bool = False


class BusKeys(SharedLinkKeys):
    """Of one bus: of each of its links, and where its modules are."""

    name: str
    modules: Annotated[list[str], Field(min_length=2)]
    positions_m: list[float] | None = None


class DefaultKeys(_Keys):
    """What is merged under every QPU and every link."""

    qpu: QPUKeys = QPUKeys()
    link: SharedLinkKeys = SharedLinkKeys()


class NetworkKeys(_Keys):
    """Of the whole file."""

    name: str
    description: str = ""
    platform: str = ""
    defaults: DefaultKeys = DefaultKeys()
    qpus: dict[str, QPUKeys | None]
    links: list[LinkKeys] | None = None
    buses: list[BusKeys] | None = None
    sources: dict[str, str] = {}


def check_keys(document: Document) -> NetworkKeys:
    """Check kinds and names of all keys.

    Raises:
        InvalidNetworkError: a key is unknown, missing, or of another kind; the first such is named with its line.
    """
    return validated(document, NetworkKeys, _known_keys)


def validated(document: Document, keys: type[Keys], known: Callable[[Path], Iterable[str]]) -> Keys:
    """The keys of a document, if they are of the right kinds.

    Args:
        document: to check.
        keys: that it may have.
        known: the keys of the mapping at a path, to suggest one where it is misspelt.

    Raises:
        InvalidNetworkError: a key is unknown, missing, or of another kind; the first such is named with its line.
    """
    try:
        return keys.model_validate(document.value)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=True)
    # A misspelt key is the cause of the missing one.
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    path: Path = tuple(first["loc"])
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    raise document.error(path, _explain(first, path, list(known(path[:-1]))) + more)


_KINDS = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
}


def _explain(problem: Any, path: Path, known: list[str]) -> str:
    """One of pydantic's problems in Weft's words."""
    kind, found = problem["type"], problem["input"]
    if kind == "missing":
        return "must be given, but is missing"
    if kind == "extra_forbidden":
        return f"must be one of the known keys, but is none{suggest(str(path[-1]), known)} (known: {', '.join(known)})"
    if kind in ("too_short", "too_long"):
        length = problem["ctx"].get("min_length", problem["ctx"].get("max_length"))
        return f"must have {length} entries, but has {problem['ctx']['actual_length']}"
    text = f"{_KINDS.get(kind, 'must be another kind of value')}, but is {quote(found)}"
    if kind == "string_type" and isinstance(found, (bool, int, float)):
        text += f'; write "{quote(found)}" in quotes'
    if (
        kind in ("int_type", "float_type")
        and isinstance(found, str)
        and found.lower().lstrip("+-") in ("inf", "infinity")
    ):
        text += "; infinity is written .inf"
    return text


def _known_keys(path: Path) -> list[str]:
    """Keys of the mapping at a path."""
    if path[-1:] == ("density_matrix",):
        return list(DensityMatrixKeys.model_fields)
    models: dict[Path, type[BaseModel]] = {
        ("qpus",): QPUKeys,
        ("links",): LinkKeys,
        ("buses",): BusKeys,
        ("defaults",): DefaultKeys,
        ("defaults", "qpu"): QPUKeys,
        ("defaults", "link"): SharedLinkKeys,
    }
    return list((models.get(path[:2]) or models.get(path[:1]) or NetworkKeys).model_fields)
