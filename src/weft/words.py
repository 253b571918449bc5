"""The words that join rooms: `compile`, and `run`, which is compile and simulate in one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from weft.circuit import Circuit, load_circuit
from weft.compiler import Effort, Partitioner, compile_circuit
from weft.network import Network, load_network
from weft.program import Program
from weft.simulator import Backend, Result, simulate

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def compile(  # noqa: A001  # the field's word
    circuit: Circuit | QuantumCircuit | str | Path,
    network: Network | str | Path,
    *,
    seed: int = 0,
    effort: Effort = "default",
    partitioner: Partitioner | None = None,
) -> Program:
    """Compiles a circuit for a network, and verifies the program before returning it.

    Args:
        circuit: a circuit, or what `load_circuit` takes; measured at the end in full if it measures nothing.
        network: a network, or what `load_network` takes.
        seed: the same seed gives the same program, byte for byte.
        effort: how long to search for few ebits: `fast`, `default` or `best`.
        partitioner: a strategy that divides qubits among QPUs; Mt-KaHyPar by default.

    Raises:
        InvalidCircuitError, InvalidNetworkError: if either cannot be read.
        DoesNotFitError: if the network has too few data or communication qubits.
    """
    loaded = load_circuit(circuit, seed=seed), load_network(network)
    return compile_circuit(*loaded, seed=seed, effort=effort, partitioner=partitioner).program


def run(
    circuit: Circuit | QuantumCircuit | str | Path,
    network: Network | str | Path,
    *,
    shots: int = 1000,
    seed: int | None = None,
    effort: Effort = "default",
    backend: str | Backend = "auto",
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Compiles a circuit for a network and simulates it; see `compile` and `simulate`.

    Args:
        circuit: as `compile` takes it.
        network: as `compile` takes it.
        shots: how many, at least 1.
        seed: of the compilation and of the simulation; by default 0 for the first and a random one for the second.
        effort: as `compile` takes it.
        backend: as `simulate` takes it.
        progress: called with the number of shots done after each batch.
    """
    program = compile(circuit, network, seed=seed or 0, effort=effort)
    return simulate(program, shots=shots, seed=seed, backend=backend, progress=progress)
