"""Qiskit's `EstimatorV2` on a network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives import BaseEstimatorV2, PubResult
from qiskit.primitives.containers import DataBin
from qiskit.primitives.containers.estimator_pub import EstimatorPub

from weft.circuit import Circuit
from weft.circuit.observables import Group, Terms, constant_of, grouped, measured_in, shots_for, values_of
from weft.compiler import Effort
from weft.errors import InvalidValueError
from weft.network import Network
from weft.qiskit.circuits import circuit_of
from weft.qiskit.machine import Shots
from weft.qiskit.metadata import metadata_of
from weft.qiskit.primitive import Primitive
from weft.qiskit.seeds import Seed, Seeds
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend
from weft.simulator.backend import MOST_SHOTS


class Estimator(Primitive, BaseEstimatorV2):  # type: ignore[misc]  # Qiskit's types are skipped
    """Estimates expectation values on a network of QPUs, by the interface of Qiskit's `EstimatorV2`.

    Terms that commute qubit by qubit are measured together, in rotated bases. The `precision` is the largest standard error that
    may be: it decides the shots before any is taken, for the worst of all states (`observables.shots_for`). The `stds` of a
    result are estimated from the outcomes, and so are at or below it as a rule.

    Args:
        network: or what `weft.load_network` takes.
        default_precision: for PUBs that do not say, in jobs that do not say; 1/64 makes 4096 shots of one Pauli.
        seed: a whole number gives every job the same random numbers; a NumPy generator or None do not.
        policy: of the links.
        backend: of the simulator, as `weft.simulate` takes it.
        effort: of the compiler.

    Raises:
        InvalidValueError, InvalidNetworkError: for arguments that cannot be.
    """

    def __init__(
        self,
        network: Network | str | Path,
        *,
        default_precision: float = 1 / 64,
        seed: Seed = None,
        policy: Policy = AS_SOON_AS_POSSIBLE,
        backend: str | Backend = "auto",
        effort: Effort = "default",
    ) -> None:
        _check_precision("`default_precision`", default_precision)
        super().__init__(network, seed=seed, policy=policy, backend=backend, effort=effort)
        self._default_precision = float(default_precision)

    @property
    def default_precision(self) -> float:
        """Precision of PUBs that do not say, in jobs that do not say."""
        return self._default_precision

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> Any:
        """Starts a job.

        Args:
            pubs: tuples of a circuit, observables, parameter values and precision, the last two of which may be left out.
                Observables broadcast against parameter values.
            precision: for PUBs that do not say.

        Returns:
            A job whose `result()` has a `PubResult` for each PUB: `evs`, `stds`, and `metadata` with the cost and the errors as
            `weft.qiskit.metadata` says. What goes wrong while it runs is raised by `result()`.

        Raises:
            InvalidValueError: for a precision that is not positive, or needs more shots than a run may have.
        """
        default = self._default_precision if precision is None else precision
        coerced = [EstimatorPub.coerce(pub, default) for pub in pubs]
        return self._start(self._run_pub, [_Plan(pub, index) for index, pub in enumerate(coerced)])

    def _run_pub(self, plan: _Plan, index: int, seeds: Seeds) -> Any:
        pub = plan.pub
        bound = pub.parameter_values.bind_all(pub.circuit).ravel()
        runs = [
            self._measure(circuit_of(circuit), plan.groups[binding], plan.shots[binding], (index, binding), seeds)
            for binding, circuit in enumerate(bound)
        ]
        evs, stds = np.zeros(pub.shape), np.zeros(pub.shape)
        for place in np.ndindex(pub.shape):
            binding = int(plan.binding_of[place])
            evs[place], stds[place] = _estimate(plan.groups[binding], plan.terms_of[place], runs[binding])
        shape = pub.parameter_values.shape
        shots = np.array([sum(counts) for counts in plan.shots], dtype=np.int64).reshape(shape)
        return PubResult(
            DataBin(evs=evs, stds=stds, shape=pub.shape),
            metadata={
                "target_precision": pub.precision,
                "shots": shots if shape else int(shots),
                "bases": np.array([len(groups) for groups in plan.groups]).reshape(shape)
                if shape
                else len(plan.groups[0]),
                "circuit_metadata": pub.circuit.metadata,
                **metadata_of(runs, shape),
            },
        )

    def _measure(
        self, circuit: Circuit, groups: list[Group], shots: list[int], place: tuple[int, int], seeds: Seeds
    ) -> list[Shots]:
        return [
            self._machine.run(measured_in(circuit, group), count, seeds.at(*place, basis))
            for basis, (group, count) in enumerate(zip(groups, shots, strict=True))
        ]


class _Plan:
    """Which bases a PUB measures, in how many shots each: for each binding, what its observables need together."""

    def __init__(self, pub: Any, index: int) -> None:
        _check_precision(f"`precision` of PUB {index}", pub.precision)
        bindings = np.arange(math.prod(pub.parameter_values.shape)).reshape(pub.parameter_values.shape)
        self.pub = pub
        self.binding_of: NDArray[np.int64]
        self.terms_of: Any  # an array of `Terms`
        self.binding_of, self.terms_of = np.broadcast_arrays(bindings, np.asarray(pub.observables))
        asked: list[list[Terms]] = [[] for _ in range(bindings.size)]
        for place in np.ndindex(pub.shape):
            asked[int(self.binding_of[place])].append(self.terms_of[place])
        self.groups = [grouped(label for terms in observables for label in terms) for observables in asked]
        self.shots = [
            [
                max(counts)
                for counts in zip(*(shots_for(groups, terms, pub.precision) for terms in observables), strict=True)
            ]
            for groups, observables in zip(self.groups, asked, strict=True)
        ]
        most = max((count for counts in self.shots for count in counts), default=0)
        if most > MOST_SHOTS:
            raise InvalidValueError(
                f"`precision` of PUB {index} must be reachable within {MOST_SHOTS:,} shots of a basis, but {pub.precision} takes "
                f"{most:,}; {pub.precision * math.sqrt(most / MOST_SHOTS):.2g} would do"
            )


def _estimate(groups: list[Group], terms: Terms, runs: list[Shots]) -> tuple[float, float]:
    """The mean of an observable and its standard error, from the spread of the outcomes."""
    mean, variance = constant_of(terms), 0.0
    for group, run in zip(groups, runs, strict=True):
        values, shots = values_of(group, terms, run.outcomes), run.times.sum()
        average = float(values @ run.times / shots)
        mean += average
        variance += float((values - average) ** 2 @ run.times) / (shots - 1) / shots
    return mean, math.sqrt(variance)


def _check_precision(name: str, precision: Any) -> None:
    if not isinstance(precision, Real) or not 0 < float(precision) < math.inf:
        raise InvalidValueError(
            f"{name} must be a positive number, because a network is sampled and no number of shots is exact, but is {precision!r}"
        )
