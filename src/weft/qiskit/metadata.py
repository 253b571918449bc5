"""What a run cost and what spoilt it, as the metadata of Qiskit's results.

Every value is an array over the bindings of a PUB, or a plain number where the PUB has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from weft.qiskit.machine import Shots
from weft.simulator import Result

Runs = Sequence[Shots]
"""The runs of one binding: one for a sampler, one for each basis for an estimator, none if nothing had to be measured."""


def metadata_of(bindings: Sequence[Runs], shape: tuple[int, ...]) -> dict[str, Any]:
    """Describes the runs of a PUB.

    Args:
        bindings: the runs of each, in C order.
        shape: of the bindings.

    Returns:
        `bell_pairs` and `bell_pairs_by_link` (per shot; a mean where runs differ), `makespan_s` (`mean`, `p50`, `p95` over all
        shots of a binding, in seconds), `fidelity` (`value`, `stderr`, `definition`; a mean over shots), `error_budget` (by cause;
        its sum is 1 − fidelity), `seeds` (a tuple for each binding), `simulators` and `notes`. What is not known is None, or NaN
        in an array.
    """
    everything = [run for runs in bindings for run in runs]
    results = [run.result for run in everything]

    def over(value: Callable[[Runs], float | None]) -> Any:
        return _shaped([value(runs) for runs in bindings], shape)

    links = sorted({name for run in everything for name in run.program.ebits_by_link})
    causes = list(dict.fromkeys(cause for result in results for cause in result.error_budget))
    return {
        "bell_pairs": over(lambda runs: _mean(runs, lambda run: run.program.ebits)),
        "bell_pairs_by_link": {name: over(partial(_mean, value=partial(_pairs_on, name))) for name in links},
        "makespan_s": {
            "mean": over(lambda runs: _of_makespans(runs, np.mean)),
            "p50": over(lambda runs: _of_makespans(runs, lambda times: np.percentile(times, 50))),
            "p95": over(lambda runs: _of_makespans(runs, lambda times: np.percentile(times, 95))),
        },
        "fidelity": {
            "value": over(lambda runs: _mean(runs, lambda run: run.result.fidelity.value)),
            "stderr": over(_stderr),
            "definition": "; ".join(dict.fromkeys(result.fidelity.definition for result in results)),
        },
        "error_budget": {cause: over(partial(_mean, value=partial(_loss_to, cause))) for cause in causes},
        "seeds": _seeds(bindings, shape),
        "simulators": tuple(dict.fromkeys(result.backend for result in results)),
        "notes": tuple(dict.fromkeys(note for result in results for note in result.notes)),
    }


def description_of(result: Result) -> dict[str, Any]:
    """Describes one result in the values that JSON has, for `qiskit.result.Result`."""
    return {
        "bell_pairs": result.ebits,
        "makespan_s": {key: getattr(result.makespan, key) for key in ("mean", "p50", "p95")},
        "fidelity": {key: getattr(result.fidelity, key) for key in ("value", "stderr", "definition")},
        "error_budget": result.error_budget,
        "simulator": result.backend,
        "notes": list(result.notes),
    }


def _shaped(values: Sequence[float | None], shape: tuple[int, ...]) -> Any:
    if not shape:
        return values[0]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64).reshape(shape)


def _mean(runs: Runs, value: Callable[[Shots], float | None]) -> float | None:
    """Over shots."""
    known = [(each, run.result.shots) for run in runs if (each := value(run)) is not None]
    if not runs or len(known) < len(runs):
        return None
    if len({each for each, _ in known}) == 1:
        return known[0][0]
    return sum(each * shots for each, shots in known) / sum(shots for _, shots in known)


def _pairs_on(link: str, run: Shots) -> float:
    return run.program.ebits_by_link.get(link, 0)


def _loss_to(cause: str, run: Shots) -> float | None:
    return run.result.error_budget[cause]


def _stderr(runs: Runs) -> float | None:
    errors = [(run.result.fidelity.stderr, run.result.shots) for run in runs]
    if not runs or any(error is None for error, _ in errors):
        return None
    shots = sum(count for _, count in errors)
    return float(np.sqrt(sum((error or 0.0) ** 2 * count**2 for error, count in errors)) / shots)


def _of_makespans(runs: Runs, value: Callable[[Any], Any]) -> float | None:
    return float(value(np.concatenate([run.result.makespans_s for run in runs]))) if runs else None


def _seeds(bindings: Sequence[Runs], shape: tuple[int, ...]) -> Any:
    found = np.empty(len(bindings), dtype=object)
    for index, runs in enumerate(bindings):
        found[index] = tuple(run.seed for run in runs)
    return found.reshape(shape) if shape else found[0]
