"""The backends that there are, and which of them runs a program if nobody says."""

from __future__ import annotations

import numpy as np

from weft.errors import InvalidValueError, SimulationError
from weft.program import Program
from weft.simulator.backend import Backend
from weft.simulator.density import Density
from weft.simulator.density_run import peak_elements
from weft.simulator.estimate import Estimate
from weft.simulator.noise import noise_of
from weft.simulator.stabilizer import Stabilizer
from weft.simulator.statevector import StateVector

BACKENDS: dict[str, Backend] = {
    backend.name: backend for backend in (Density(), Stabilizer(), StateVector(), Estimate())
}

_SMALL_ELEMENTS = 4**6
_SMALL_ROWS = 500
_FEW_QUBITS = 14


def choose_backend(program: Program, backend: str | Backend = "auto") -> Backend:
    """The backend that will run a program.

    Raises:
        InvalidValueError: if there is none of that name.
        SimulationError: if the one asked for cannot run it.
    """
    if not isinstance(backend, str):
        if not hasattr(backend, "refusal"):
            raise InvalidValueError(f"`backend` must be a name or a Backend, but is {backend!r}")
        chosen = backend
    elif backend == "auto":
        chosen = BACKENDS[_automatic(program)]
    elif backend in BACKENDS:
        chosen = BACKENDS[backend]
    else:
        raise InvalidValueError(f"`backend` must be auto, {', '.join(BACKENDS)}, but is {backend!r}")
    reason = chosen.refusal(program)
    if reason:
        raise SimulationError(reason)
    return chosen


def _automatic(program: Program) -> str:
    small = len(program) <= _SMALL_ROWS and peak_elements(program) <= _SMALL_ELEMENTS
    if small and BACKENDS["density"].refusal(program) is None:
        return "density"
    if BACKENDS["stabilizer"].refusal(program):
        return "statevector"
    # Twirling can change a result much; where a state vector is sure to be small enough, nothing needs to be twirled.
    data_qubits = int(np.count_nonzero(~program.qubit_is_communication))
    exact = noise_of(program).is_pauli or data_qubits > _FEW_QUBITS
    return "stabilizer" if exact or BACKENDS["statevector"].refusal(program) else "statevector"
