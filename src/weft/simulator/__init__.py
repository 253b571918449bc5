"""Program × Timelines → Result; one file per backend."""

from weft.simulator.backend import Backend
from weft.simulator.backends import BACKENDS, choose_backend
from weft.simulator.gate_fidelity import GateFidelity, gate_fidelity
from weft.simulator.noise import CAUSES
from weft.simulator.result import Fidelity, Makespan, Result
from weft.simulator.simulate import Interrupted, simulate

__all__ = [
    "BACKENDS",
    "CAUSES",
    "Backend",
    "Fidelity",
    "GateFidelity",
    "Interrupted",
    "Makespan",
    "Result",
    "choose_backend",
    "gate_fidelity",
    "simulate",
]
