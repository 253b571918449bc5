"""A sweep: everything that may be one value or several, and the table of tasks that this makes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, cast

from weft.circuit import Circuit, load_circuit
from weft.circuit.generators import GENERATORS
from weft.errors import InvalidNetworkError, InvalidValueError
from weft.hardware import load_network
from weft.network import Network
from weft.network.wording import suggest
from weft.scheduler import AS_SOON_AS_POSSIBLE
from weft.study.parameters import Parameters, adjusted, check_names, fill_in, sorted_out
from weft.study.task import OPTIONS, Task, Value

MOST_TASKS = 100_000


@dataclass(frozen=True)
class Sweep:
    """Every combination of the values given; each attribute up to `seed` is one value or a sequence of them.

    Attributes:
        circuit: what `weft.load_circuit` takes; text may have fields, such as `qft:{n}`.
        network: what `weft.load_network` takes; text may have fields, such as `ring:{k}x4`.
        parameters: values by name: of a field; of a path of a network file's keys, such as `links.*.fidelity` or `qpus.A.t2_s`;
            of a component of derived links, such as `components.detector_efficiency`; of a part of the policy, such as
            `policy.cutoff_s`.
        policy: of the links.
        effort: of the compiler.
        objective: of the compiler, by name.
        approximation: of the compiler.
        backend: by name.
        shots: of each task.
        compile_seed: of the compiler, and of generators that draw random numbers.
        seed: of the simulation; tasks that differ in it alone run the same program.
        zip: groups of names, of attributes or parameters, whose values go together, first with first, instead of every with every.
        counts: whether to keep how often each outcome came.
        name: for people.

    Raises:
        InvalidValueError: for a name or a group that cannot be, or more than 100,000 tasks.
    """

    circuit: Any
    network: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)
    policy: Any = AS_SOON_AS_POSSIBLE
    effort: Any = "default"
    objective: Any = "pairs"
    approximation: Any = 0.0
    backend: Any = "auto"
    shots: Any = 1000
    compile_seed: Any = 0
    seed: Any = 0
    zip: Sequence[Sequence[str]] = ()
    counts: bool = False
    name: str = "sweep"

    def __post_init__(self) -> None:
        texts = [text for text in (*self.axes["circuit"], *self.axes["network"]) if isinstance(text, str)]
        check_names(self.parameters, texts)
        for name, values in self.axes.items():
            if not values:
                raise InvalidValueError(f"`{name}` must have a value, but has none")
        if len(self) > MOST_TASKS:
            sizes = " × ".join(str(len(group[0][1])) for group in self._groups if len(group[0][1]) > 1)
            raise InvalidValueError(f"a sweep must have at most {MOST_TASKS:,} tasks, but has {sizes} = {len(self):,}")

    def __len__(self) -> int:
        """How many combinations there are."""
        return math.prod(len(group[0][1]) for group in self._groups)

    @cached_property
    def axes(self) -> dict[str, tuple[Any, ...]]:
        """The values of everything that a combination takes one of, outermost first."""
        given = {"circuit": self.circuit, "network": self.network, **self.parameters}
        return {
            name: _values(value) for name, value in {**given, **{name: getattr(self, name) for name in OPTIONS}}.items()
        }

    @cached_property
    def _groups(self) -> list[list[tuple[str, tuple[Any, ...]]]]:
        """Axes, each alone or with those that it goes together with, at the place of the first of them."""
        group_of: dict[str, tuple[str, ...]] = {}
        for group in self.zip:
            self._check_group(group, group_of)
            group_of |= dict.fromkeys(group, tuple(group))
        groups = dict.fromkeys(group_of.get(name, (name,)) for name in self.axes)
        return [[(name, self.axes[name]) for name in group] for group in groups]

    def _check_group(self, group: Sequence[str], taken: Mapping[str, Any]) -> None:
        if isinstance(group, str) or len(group) < 2:
            raise InvalidValueError(f"`zip` must hold groups of two names or more, but holds {group!r}")
        for name in group:
            if name not in self.axes:
                raise InvalidValueError(
                    f"`zip` must name what the sweep varies, but names {name!r}{suggest(name, self.axes)}"
                )
            if name in taken or list(group).count(name) > 1:
                raise InvalidValueError(f"`zip` must name each thing once, but names {name!r} twice")
        sizes = {name: len(self.axes[name]) for name in group}
        if len(set(sizes.values())) > 1:
            text = ", ".join(f"{count} of {name}" for name, count in sizes.items())
            raise InvalidValueError(f"`zip` must join as many values of each, but joins {text}")

    @property
    def varied(self) -> tuple[str, ...]:
        """The names of what has more than one value."""
        return tuple(name for name, values in self.axes.items() if len(values) > 1)

    def combinations(self) -> Iterator[dict[str, Any]]:
        """Values by name, one dictionary per combination; the last axis runs fastest."""
        rows = [
            [
                dict(zip([name for name, _ in group], row, strict=True))
                for row in zip(*(axis for _, axis in group), strict=True)
            ]
            for group in self._groups
        ]
        for parts in product(*rows):
            yield {name: value for part in parts for name, value in part.items()}

    def tasks(self) -> tuple[Task, ...]:
        """One task per combination; circuits and networks are loaded, each once.

        Raises:
            WeftError: if one cannot be loaded, or a value cannot be.
        """
        loaded = _Loaded()
        return tuple(self._task(values, loaded) for values in self.combinations())

    def _task(self, values: dict[str, Any], loaded: _Loaded) -> Task:
        labels = {name: values[name] for name in self.parameters}
        given = sorted_out(labels)
        options = {name: values[name] for name in OPTIONS} | {"policy": adjusted(values["policy"], given.policy)}
        circuit = loaded.circuit(values["circuit"], given, values["compile_seed"])
        network = loaded.network(values["network"], given)
        return Task(circuit, network, **options, counts=self.counts, parameters=labels)


def _values(value: Any) -> tuple[Any, ...]:
    """One value, or all of a sequence; what can be nothing else, such as an array of NumPy's, gives up its items."""
    if isinstance(value, Sequence | range) and not isinstance(value, str):
        return tuple(map(_plain, value))
    if hasattr(value, "tolist"):
        return _values(value.tolist())
    return (value,)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value


class _Loaded:
    """Circuits and networks that tasks share."""

    def __init__(self) -> None:
        self._circuits: dict[Any, Circuit] = {}
        self._networks: dict[Any, Network] = {}

    def circuit(self, source: Any, given: Parameters, seed: int) -> Circuit:
        if isinstance(source, str):
            source = fill_in(source, given.sizes)
        is_drawn = isinstance(source, str) and source.partition(":")[0] in GENERATORS
        key = (source if isinstance(source, str | Path) else id(source), seed if is_drawn else None)
        if key not in self._circuits:
            self._circuits[key] = load_circuit(source, seed=seed)
        return self._circuits[key]

    def network(self, source: Any, given: Parameters) -> Network:
        if isinstance(source, str):
            source = fill_in(source, given.sizes)
        parameters, components = dict(given.network), dict(given.components)
        values = (tuple(parameters.items()), tuple(components.items()))
        key = (source if isinstance(source, str | Path) else id(source), values)
        if key not in self._networks:
            self._networks[key] = self._load(source, parameters, components)
        return self._networks[key]

    @staticmethod
    def _load(source: Any, parameters: dict[str, Value], components: dict[str, Value]) -> Network:
        labels = {**parameters, **{f"components.{name}": value for name, value in components.items()}}
        try:
            return load_network(source, components=cast("Any", components), parameters=parameters)
        except InvalidNetworkError as error:
            shown = ", ".join(f"{name} = {value}" for name, value in labels.items())
            raise InvalidNetworkError(f"with {shown}: {error}" if shown else str(error)) from None
