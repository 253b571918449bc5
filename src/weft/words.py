"""The words that join rooms: `compile`, and `run`, which is compile and simulate in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from weft.circuit import Circuit, load_circuit
from weft.compiler import Effort, Objective, Partitioner, Refiner, compile_circuit
from weft.hardware import load_network
from weft.network import Network
from weft.program import Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend, Result, simulate

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def compile(  # noqa: A001  # the field's word
    circuit: Circuit | QuantumCircuit | str | Path,
    network: Network | str | Path,
    *,
    seed: int = 0,
    effort: Effort = "default",
    objective: Objective | None = None,
    approximation: float = 0.0,
    partitioner: Partitioner | None = None,
    refiner: Refiner | None = None,
) -> Program:
    """Compiles a circuit for a network, and verifies the program before returning it.

    Args:
        circuit: a circuit, or what `load_circuit` takes; measured at the end in full if it measures nothing.
        network: a network, or what `load_network` takes.
        seed: the same seed gives the same program, byte for byte.
        effort: how long to search: `fast`, `default` or `best`.
        objective: what to spend least of, such as `weft.compiler.Duration()`; pairs by default.
        approximation: rotations may be dropped whose total effect is at most so much in operator norm; 0 keeps all.
        partitioner: a strategy that divides qubits among QPUs to begin with; Mt-KaHyPar by default.
        refiner: a strategy that improves where qubits are present; annealing by default.

    Raises:
        InvalidCircuitError, InvalidNetworkError: if either cannot be read.
        DoesNotFitError: if the network has too few data or communication qubits.
    """
    loaded = load_circuit(circuit, seed=seed), load_network(network)
    return compile_circuit(
        *loaded,
        seed=seed,
        effort=effort,
        objective=objective,
        approximation=approximation,
        partitioner=partitioner,
        refiner=refiner,
    ).program


def run(
    circuit: Circuit | QuantumCircuit | str | Path,
    network: Network | str | Path,
    *,
    shots: int = 1000,
    seed: int | None = None,
    effort: Effort = "default",
    objective: Objective | None = None,
    approximation: float = 0.0,
    backend: str | Backend = "auto",
    policy: Policy = AS_SOON_AS_POSSIBLE,
    workers: int | None = None,
    checkpoint: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Compiles a circuit for a network and simulates it; see `compile` and `simulate`.

    Args:
        circuit: as `compile` takes it.
        network: as `compile` takes it.
        shots: how many, at least 1.
        seed: of the compilation and of the simulation; by default 0 for the first and a random one for the second.
        effort: as `compile` takes it.
        objective: as `compile` takes it.
        approximation: as `compile` takes it; fidelities then compare with the circuit that is left.
        backend: as `simulate` takes it.
        policy: as `simulate` takes it.
        workers: as `simulate` takes it.
        checkpoint: as `simulate` takes it.
        progress: called with the number of shots done after each batch.
    """
    loaded = load_network(network)
    if policy.trusted_nodes == "forbid":
        loaded = loaded.without_trusted_nodes()
    program = compile(circuit, loaded, seed=seed or 0, effort=effort, objective=objective, approximation=approximation)
    return simulate(
        program,
        shots=shots,
        seed=seed,
        backend=backend,
        policy=policy,
        workers=workers,
        checkpoint=checkpoint,
        progress=progress,
    )
