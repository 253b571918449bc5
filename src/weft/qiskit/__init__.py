"""Qiskit code unchanged: a sampler, an estimator and a backend whose machine is a network of QPUs."""

from weft.qiskit.backend import Backend, Job
from weft.qiskit.estimator import Estimator
from weft.qiskit.machine import Compilations
from weft.qiskit.sampler import Sampler

__all__ = ["Backend", "Compilations", "Estimator", "Job", "Sampler"]
