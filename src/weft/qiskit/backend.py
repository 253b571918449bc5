"""Qiskit's `BackendV2` on a network: for `transpile(circuit, backend)` and `backend.run`.

Weft decides which QPU a qubit lives on and routes within QPUs, and does so for the circuit at hand. So the target that Qiskit
sees has no coupling map: every gate may act on all qubits. With the QPUs' couplings in it, Qiskit would insert swaps in vain.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from qiskit.circuit import BoxOp, ForLoopOp, IfElseOp, Measure, QuantumCircuit, Reset, SwitchCaseOp
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping
from qiskit.providers import BackendV2, JobStatus, JobV1, Options
from qiskit.result import Result as QiskitResult
from qiskit.result.models import ExperimentResult, ExperimentResultData
from qiskit.transpiler import Target

from weft._version import __version__
from weft.circuit import Circuit
from weft.circuit.gates import CODES
from weft.compiler import Effort
from weft.errors import InvalidCircuitError, InvalidValueError
from weft.network import Network
from weft.qiskit.circuits import circuit_of
from weft.qiskit.machine import Compilations, Machine, Shots
from weft.qiskit.metadata import description_of
from weft.qiskit.seeds import Seeds, check_seed
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend as Simulator
from weft.simulator.backend import MOST_SHOTS

_CONTROL_FLOW: Mapping[str, Any] = {
    "if_else": IfElseOp,
    "switch_case": SwitchCaseOp,
    "for_loop": ForLoopOp,
    "box": BoxOp,
}


class Job(JobV1):  # type: ignore[misc]  # Qiskit's types are skipped
    """A run of circuits, in a thread of its own.

    Args:
        backend: that runs it.
        work: the run's future.
    """

    def __init__(self, backend: Backend, work: Future[Any]) -> None:
        super().__init__(backend, str(uuid.uuid4()))
        self._work = work

    def submit(self) -> None:
        """Does nothing: `Backend.run` has submitted the job.

        Raises:
            InvalidValueError: always, because a job runs once.
        """
        raise InvalidValueError("a job must be submitted once, but `Backend.run` has submitted this one already")

    def result(self, timeout: float | None = None) -> Any:
        """Waits for a `qiskit.result.Result`; raises what went wrong, or `TimeoutError` after so many seconds."""
        result = self._work.result(timeout)
        result.job_id = self.job_id()
        return result

    def status(self) -> JobStatus:
        """Where the job stands."""
        if self._work.cancelled():
            return JobStatus.CANCELLED
        if not self._work.done():
            return JobStatus.RUNNING
        return JobStatus.DONE if self._work.exception() is None else JobStatus.ERROR

    def cancel(self) -> bool:
        """Whether the job could be cancelled; one that has begun cannot."""
        return self._work.cancel()


class Backend(BackendV2):  # type: ignore[misc]  # Qiskit's types are skipped
    """A network of QPUs as one backend of Qiskit's, with as many qubits as the network has data qubits.

    Args:
        network: or what `weft.load_network` takes.
        policy: of the links.
        simulator: as `weft.simulate` takes its `backend`.
        effort: of the compiler.
        options: `shots`, `seed_simulator` or `memory`, for runs that do not say.

    Raises:
        InvalidValueError, InvalidNetworkError: for arguments that cannot be.
    """

    def __init__(
        self,
        network: Network | str | Path,
        *,
        policy: Policy = AS_SOON_AS_POSSIBLE,
        simulator: str | Simulator = "auto",
        effort: Effort = "default",
        **options: Any,
    ) -> None:
        self._machine = Machine(network, policy=policy, backend=simulator, effort=effort)
        name = self._machine.network.name
        super().__init__(name=name, description=f"Weft on {name}", backend_version=__version__)
        _check_options(options)
        self.set_options(**options)
        self._target = _target(self._machine.network)

    @property
    def network(self) -> Network:
        """The network that circuits run on."""
        return self._machine.network

    @property
    def compilations(self) -> Compilations:
        """How many programs were searched for, and how many were not because something was remembered."""
        return self._machine.compilations

    @property
    def target(self) -> Any:
        """What circuits may be made of: every gate that Weft has, on any qubits, measurements, resets, and control flow."""
        return self._target

    @property
    def max_circuits(self) -> None:
        """No limit."""
        return

    @classmethod
    def _default_options(cls) -> Any:
        return Options(shots=1024, seed_simulator=None, memory=False)

    def run(self, run_input: Any, **options: Any) -> Job:
        """Starts a job.

        Args:
            run_input: a circuit or several, which need not have been transpiled.
            options: `shots`, `seed_simulator` (a number gives the same result again), `memory` (whether to list shots, in an
                order that is drawn).

        Returns:
            A job whose `result()` is a `qiskit.result.Result`. Each of its `results` has, as `weft`, Bell pairs, makespan,
            fidelity and error budget.

        Raises:
            InvalidCircuitError: for a circuit that measures nothing, has parameters without a value, or asks for what Weft lacks.
            InvalidValueError: for options that cannot be.
        """
        _check_options(options)
        given = [run_input] if isinstance(run_input, QuantumCircuit) else list(_sequence(run_input))
        chosen = {key: options.get(key, self.options.get(key)) for key in ("shots", "seed_simulator", "memory")}
        _check_options(chosen)  # `set_options` of Qiskit's checks no values
        circuits = [_loaded(circuit, index) for index, circuit in enumerate(given)]
        executor = ThreadPoolExecutor(max_workers=1)
        work = executor.submit(self._run, given, circuits, **chosen)
        executor.shutdown(wait=False)  # the thread ends with its work
        return Job(self, work)

    def _run(
        self, given: Sequence[Any], circuits: Sequence[Circuit], *, shots: int, seed_simulator: int | None, memory: bool
    ) -> Any:
        seeds = Seeds.of(seed_simulator)
        results = []
        for index, (source, circuit) in enumerate(zip(given, circuits, strict=True)):
            results.append(_experiment(source, self._machine.run(circuit, int(shots), seeds.at(index)), memory=memory))
        return QiskitResult(
            backend_name=self.name, backend_version=__version__, job_id="", success=True, results=results
        )


def _target(network: Network) -> Any:
    target = Target(description=f"Weft on {network.name}", num_qubits=network.data_qubits)
    gates = get_standard_gate_name_mapping()
    for name in CODES:
        if name in gates:
            target.add_instruction(gates[name])
    target.add_instruction(Measure())
    target.add_instruction(Reset())
    for name, operation in _CONTROL_FLOW.items():
        target.add_instruction(operation, name=name)
    return target


def _sequence(run_input: Any) -> Iterable[Any]:
    if isinstance(run_input, str) or not isinstance(run_input, Iterable):
        raise InvalidValueError(f"`run` must get a QuantumCircuit or several, but got a {type(run_input).__name__}")
    return run_input


def _loaded(circuit: Any, index: int) -> Circuit:
    if not isinstance(circuit, QuantumCircuit):
        raise InvalidValueError(f"`run` must get QuantumCircuits, but number {index} is a {type(circuit).__name__}")
    loaded = circuit_of(circuit)
    if not loaded.has_measurements:
        raise InvalidCircuitError(
            f"a circuit must measure something to have counts, but `{circuit.name}` does not; `measure_all()` measures everything"
        )
    return loaded


def _check_options(options: Mapping[str, Any]) -> None:
    known = ("shots", "seed_simulator", "memory")
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise InvalidValueError(f"an option must be one of {', '.join(known)}, but there is `{unknown[0]}`")
    shots = options.get("shots", 1)
    if isinstance(shots, bool) or not isinstance(shots, int | np.integer) or not 1 <= shots <= MOST_SHOTS:
        raise InvalidValueError(f"`shots` must be a whole number in 1 … {MOST_SHOTS:,}, but is {shots!r}")
    check_seed(options.get("seed_simulator"))


def _experiment(source: Any, run: Shots, *, memory: bool) -> Any:
    """A circuit's outcomes in Qiskit's form: hexadecimal numbers, classical bit 0 the least significant."""
    width = source.num_clbits
    numbers = [hex(int("".join(map(str, row[::-1])), 2)) for row in run.outcomes.tolist()]
    data: dict[str, Any] = {"counts": dict(zip(numbers, run.times.tolist(), strict=True))}
    if memory:
        data["memory"] = [hex(int("".join(map(str, row[::-1])), 2)) for row in run.in_some_order().tolist()]
    header = {"name": source.name, "memory_slots": width, "metadata": source.metadata}
    sizes = [[register.name, register.size] for register in source.cregs]
    # Qiskit prints registers apart by their sizes alone, which is right where they follow each other and leave no bit out.
    if [bit for register in source.cregs for bit in register] == list(source.clbits):
        header["creg_sizes"] = sizes
    return ExperimentResult(
        shots=run.result.shots,
        success=True,
        data=ExperimentResultData(**data),
        status="DONE",
        seed=run.seed,
        header=header,
        weft=description_of(run.result),
    )
