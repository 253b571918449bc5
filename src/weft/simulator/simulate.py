"""The one verb of this room: program → result, in batches of shots that each have a seed of their own."""

from __future__ import annotations

import operator
import secrets
from collections.abc import Callable, Iterator
from functools import reduce
from typing import SupportsIndex

import numpy as np

from weft.errors import InvalidValueError, SimulationError
from weft.program import Program
from weft.scheduler import schedule
from weft.simulator.backend import Backend, Batch
from weft.simulator.density import Density
from weft.simulator.density_run import peak_elements
from weft.simulator.noise import Cause, Noise, noise_of
from weft.simulator.result import Result, counts_of
from weft.simulator.stabilizer import Stabilizer
from weft.simulator.statevector import StateVector

BACKENDS: dict[str, Backend] = {backend.name: backend for backend in (Density(), Stabilizer(), StateVector())}

_SMALL_ELEMENTS = 4**6
_SMALL_ROWS = 500
_FEW_QUBITS = 14
_LARGEST_SEED = 2**63 - 1
_MOST_SHOTS = 10**9


def simulate(
    program: Program,
    *,
    shots: int = 1000,
    seed: int | None = None,
    backend: str | Backend = "auto",
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Executes a program, each shot on a timeline of its own.

    Args:
        program: to execute; it knows its network.
        shots: how many, from 1 to 10⁹.
        seed: the same seed gives the same result; a random one by default, which the result names.
        backend: `density` (exact, small programs), `stabilizer` (Clifford circuits), `statevector` (trajectories), `auto`
            (the first of these three that fits and needs no approximation if it can be helped), or an object of your own.
        progress: called with the number of shots done after each batch.

    Raises:
        InvalidValueError: for shots, a seed or a backend that cannot be.
        SimulationError: if the backend cannot run the program.
    """
    if not isinstance(program, Program):
        raise InvalidValueError(
            f"`program` must be a Program, as `weft.compile` returns it, but is a {type(program).__name__}; "
            "`weft.run` takes circuits"
        )
    shots = _whole("shots", shots)
    if not 1 <= shots <= _MOST_SHOTS:
        raise InvalidValueError(f"`shots` must lie in 1 … {_MOST_SHOTS:,}, but is {shots}")
    seed = secrets.randbelow(2**32) if seed is None else _whole("seed", seed)
    if not 0 <= seed <= _LARGEST_SEED:
        raise InvalidValueError(f"`seed` must lie in 0 … 2^63 − 1, but is {seed}")
    chosen = choose_backend(program, backend)
    noise = noise_of(program)
    parts: list[Result] = []
    done = 0
    for index, size in _batches(shots, chosen.batch_shots(program)):
        timeline_seed, run_seed = np.random.SeedSequence([seed, index]).spawn(2)
        timelines = schedule(program, size, timeline_seed)
        batch = chosen.run(program, noise, timelines, run_seed)
        parts.append(_result(program, noise, chosen, batch, timelines.makespan_s, seed))
        # Merging like with like keeps the cost of a long run in proportion to its shots.
        while len(parts) > 1 and parts[-1].shots >= parts[-2].shots:
            parts[-2:] = [parts[-2].merged_with(parts[-1])]
        done += size
        if progress is not None:
            progress(done)
    return reduce(Result.merged_with, parts)


def _whole(name: str, value: SupportsIndex) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise InvalidValueError(f"`{name}` must be a whole number, but is {value!r}") from None


def choose_backend(program: Program, backend: str | Backend = "auto") -> Backend:
    """The backend that will run a program.

    Raises:
        InvalidValueError: if there is none of that name.
        SimulationError: if the one asked for cannot run it.
    """
    if not isinstance(backend, str):
        chosen = backend
    elif backend == "auto":
        return BACKENDS[_automatic(program)]
    elif backend in BACKENDS:
        chosen = BACKENDS[backend]
    else:
        raise InvalidValueError(f"`backend` must be auto, {', '.join(BACKENDS)}, but is {backend!r}")
    reason = chosen.refusal(program)
    if reason:
        raise SimulationError(reason)
    return chosen


def _automatic(program: Program) -> str:
    if len(program) <= _SMALL_ROWS and peak_elements(program) <= _SMALL_ELEMENTS:
        return "density"
    if BACKENDS["stabilizer"].refusal(program):
        return "statevector"
    # Twirling can change a result much; where a state vector is sure to be small enough, nothing needs to be twirled.
    data_qubits = int(np.count_nonzero(~program.qubit_is_communication))
    exact = noise_of(program).is_pauli or data_qubits > _FEW_QUBITS
    return "stabilizer" if exact else "statevector"


def _batches(shots: int, size: int) -> Iterator[tuple[int, int]]:
    for index, start in enumerate(range(0, shots, size)):
        yield index, min(size, shots - start)


def _result(
    program: Program, noise: Noise, backend: Backend, batch: Batch, makespans_s: np.ndarray, seed: int
) -> Result:
    overlaps = batch.overlaps
    return Result(
        program_id=program.id,
        circuit_name=program.circuit_name,
        network_name=program.network.name,
        backend=backend.name,
        seeds=(seed,),
        counts=counts_of(batch, program.registers),
        makespans_s=makespans_s,
        ebits=program.ebits,
        exact=backend.exact or not any(noise.adds(cause) for cause in Cause),
        samples=overlaps.shape[1],
        overlap_sums=overlaps.sum(axis=1),
        overlap_products=overlaps @ overlaps.T,
        distributions=None if batch.distributions is None else tuple(batch.distributions),
        notes=backend.notes(noise),
    )
