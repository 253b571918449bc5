"""What sampler, estimator and backend share: a network that runs circuits, and remembers how it compiled them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.compiler import Effort, compile_circuit
from weft.compiler.template import Template, shape_of
from weft.errors import InvalidValueError, SimulationError
from weft.hardware import load_network
from weft.network import Network
from weft.program import Program
from weft.qiskit.circuits import without_idle_qubits
from weft.scheduler import Policy
from weft.simulator import Backend, Result, simulate

_MOST_PROGRAMS, _MOST_TEMPLATES = 256, 64

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Compilations:
    """How the programs of a machine came to be.

    Attributes:
        searched: compiled from scratch.
        refilled: compiled with the plan of a circuit that differed in its angles only.
        found: not compiled, because the same circuit had been.
    """

    searched: int = 0
    refilled: int = 0
    found: int = 0


@dataclass(frozen=True, eq=False)
class Shots:
    """What one circuit gave.

    Attributes:
        program: that ran.
        result: as `weft.simulate` returns it.
        outcomes (uint8 array, shape (outcomes, bits)): the different outcomes of the circuit's first register.
        times (int64 array, shape (outcomes,)): how often each came.
        seed: of the run.
    """

    program: Program
    result: Result
    outcomes: NDArray[np.uint8]
    times: NDArray[np.int64]
    seed: int

    def in_some_order(self) -> NDArray[np.uint8]:
        """One row of bits for each shot, shape (shots, bits).

        Results count outcomes and forget which shot gave which. Shots are independent of one another, so every order is as likely
        as any other, and one is drawn with the seed of the run: the first shots are then a fair sample of all.
        """
        rows = np.repeat(np.arange(len(self.times)), self.times)
        return self.outcomes[np.random.default_rng(self.seed).permutation(rows)]


class Machine:
    """A network that runs circuits. Programs are compiled with seed 0, so that they do not depend on the seeds of runs.

    Args:
        network: or what `weft.load_network` takes.
        policy: of its links.
        backend: of the simulator, as `weft.simulate` takes it.
        effort: of the compiler.
    """

    def __init__(
        self, network: Network | str | Path, *, policy: Policy, backend: str | Backend, effort: Effort
    ) -> None:
        if effort not in get_args(Effort):
            raise InvalidValueError(f"`effort` must be one of {', '.join(get_args(Effort))}, but is {effort!r}")
        if not isinstance(policy, Policy):
            raise InvalidValueError(f"`policy` must be a weft.Policy, such as Policy('prefetch'), but is {policy!r}")
        loaded = load_network(network)
        self.network = loaded.without_trusted_nodes() if policy.trusted_nodes == "forbid" else loaded
        self.policy, self.backend, self.effort = policy, backend, effort
        self.compilations = Compilations()
        self._programs: OrderedDict[Hashable, Program] = OrderedDict()
        self._templates: OrderedDict[Hashable, Template] = OrderedDict()
        self._lock = threading.Lock()  # jobs run in threads of their own

    def __getstate__(self) -> dict[str, Any]:
        """All but the lock, which cannot be copied; so what is copied or sent to another process remembers its programs, too."""
        with self._lock:
            return {name: copy(value) for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def run(self, circuit: Circuit, shots: int, seed: int) -> Shots:
        """Compiles a circuit, if need be, and runs it.

        Args:
            circuit: whose first classical register has the bits that are wanted.
            shots: how many, at least 1.
            seed: of the simulation.

        Raises:
            WeftError: as `weft.compile` and `weft.simulate` do.
            SimulationError: if the backend has no outcomes.
        """
        program = self.program(circuit)
        result = simulate(program, shots=shots, seed=seed, backend=self.backend, policy=self.policy)
        times = np.fromiter(result.counts.values(), np.int64, len(result.counts))
        if times.sum() != shots:
            raise SimulationError(
                f"`backend` must give an outcome for each of {shots} shots, but `{result.backend}` gave {times.sum()}; "
                "`auto` chooses one that does"
            )
        bits = "".join(key.rpartition(" ")[2][::-1] for key in result.counts)  # later registers are printed first
        outcomes = np.frombuffer(bits.encode(), np.uint8).reshape(len(times), len(circuit.registers[0].bits)) - ord("0")
        return Shots(program, result, outcomes, times, seed)

    def program(self, circuit: Circuit) -> Program:
        """The program of a circuit: remembered, made with the plan of one of the same shape, or searched for."""
        circuit = without_idle_qubits(circuit)
        with self._lock:
            program, how = self._program(circuit)
            self.compilations = replace(self.compilations, **{how: getattr(self.compilations, how) + 1})
            _keep(self._programs, circuit.id, program, _MOST_PROGRAMS)
        return program

    def _program(self, circuit: Circuit) -> tuple[Program, str]:
        if circuit.id in self._programs:
            return self._programs[circuit.id], "found"
        shape = shape_of(circuit)
        template = self._templates.get(shape.key)
        if template is not None:
            _keep(self._templates, shape.key, template, _MOST_TEMPLATES)
            return template.program(shape), "refilled"
        compilation = compile_circuit(circuit, self.network, effort=self.effort)
        if compilation.template is not None:
            _keep(self._templates, shape.key, compilation.template, _MOST_TEMPLATES)
        return compilation.program, "searched"


def _keep(cache: OrderedDict[Hashable, _Value], key: Hashable, value: _Value, most: int) -> None:
    """Puts a value where it is forgotten last."""
    cache[key] = value
    cache.move_to_end(key)
    if len(cache) > most:
        cache.popitem(last=False)
