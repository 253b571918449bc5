"""The verb of this room: circuit, and network if there is one → structure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from weft.circuit import Circuit, load_circuit
from weft.compiler import Compilation, MtKaHyPar, compile_circuit
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.partition import hypergraph_of
from weft.compiler.segments import find_segments
from weft.errors import InvalidValueError
from weft.hardware import load_network
from weft.network import Network
from weft.program import Program
from weft.study.structure.boundary import BlockLaw, Scaling, block_laws, scaling_of
from weft.study.structure.critical_path import CriticalPath, critical_path
from weft.study.structure.cuts import Blocks, cuts_of, prefixes_of
from weft.study.structure.entropies import Entropies, entropies_of
from weft.study.structure.fragility import Fragility, fragility_of
from weft.study.structure.moments import moments_of
from weft.study.structure.replay import Replay, replay
from weft.study.structure.speedup import Limits, Speedup, limits_of, program_on_one, speedup

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True, eq=False)
class Structure:
    """What a computation is like.

    Attributes:
        circuit: that was inspected, measured at the end if it measured nothing.
        network: that it was compiled for; None if none was given.
        program: on the network; None without one.
        blocks: the partition of its qubits.
        entropies: across every cut of the partition, moment by moment.
        laws: of each block, at the moment of its highest entropy; empty if only bounds are known.
        scaling: of entropy with size at the last moment; None if it is not known for enough sizes.
        fragility: of every pair; None without a network, or if there is nothing to tell.
        circuit_path: the critical path of the circuit on one big QPU of the same hardware; without a network, the default one.
        program_path: the critical path on the network; None without one, or if blocks run again.
        limits: of the speed-up from as many QPUs as there are blocks, without communication.
        speedup: with communication, as simulated; None where there is no `program_path`.
        notes: what the reader must know.
    """

    circuit: Circuit
    network: Network | None
    program: Program | None
    blocks: Blocks
    entropies: Entropies
    laws: tuple[BlockLaw, ...]
    scaling: Scaling | None
    fragility: Fragility | None
    circuit_path: CriticalPath
    program_path: CriticalPath | None
    limits: Limits
    speedup: Speedup | None
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        where = "" if self.network is None else f" on {self.network.name}"
        return f"<Structure of {self.circuit.name}{where}: {len(self.blocks.names)} blocks, {self.entropies.moments} moments>"


def inspect(
    circuit: Circuit | QuantumCircuit | str | Path, network: Network | str | Path | None = None, *, seed: int = 0
) -> Structure:
    """Looks at the structure of a computation: entanglement, fragility, critical path, and what several QPUs can gain.

    Args:
        circuit: a circuit, or what `load_circuit` takes; measured at the end in full if it measures nothing.
        network: a network, or what `load_network` takes. Its QPUs are the blocks of the partition, as the compiler fills them at
            the start. Without one, the qubits are divided into two halves with few gates between.
        seed: of compiling, of timelines, of spoilt pairs, and of measurements on the way.

    Raises:
        InvalidValueError: for a seed that cannot be.
        InvalidCircuitError, InvalidNetworkError: if either cannot be read.
        DoesNotFitError: if the network has too few qubits of either kind.
    """
    if seed < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
    loaded = load_circuit(circuit, seed=seed).measured()
    if network is None:
        return _inspect(loaded, None, seed)
    return _inspect(loaded, compile_circuit(loaded, load_network(network), seed=seed), seed)


def _inspect(circuit: Circuit, compilation: Compilation | None, seed: int) -> Structure:
    program = None if compilation is None else compilation.program
    blocks = halves(circuit, seed) if program is None else blocks_of(program, circuit)
    moments = moments_of(circuit)
    entropies = entropies_of(moments, cuts_of(blocks), prefixes_of(blocks), seed)
    notes = _notes(blocks, entropies, program)
    fragility = None
    if program is not None:
        found = fragility_of(program, moments, seed)
        fragility = None if isinstance(found, str) else found
        notes += [f"no fragility: {found}"] if isinstance(found, str) else [found.note] if found.note else []
    network = load_network("all:1x1") if program is None else program.network
    one = program_on_one(circuit, network)
    alone = replay(one, seed)
    played = None if program is None or program.retries else replay(program, seed)
    gain = _speedup(one, played, alone, len(blocks.names), seed)
    return Structure(
        circuit=circuit,
        network=None if program is None else program.network,
        program=program,
        blocks=blocks,
        entropies=entropies,
        laws=block_laws(entropies),
        scaling=scaling_of(entropies),
        fragility=fragility,
        circuit_path=critical_path(alone),
        program_path=None if played is None else critical_path(played),
        limits=_limits(one, alone, len(blocks.names), seed) if gain is None else gain.limits,
        speedup=gain,
        notes=tuple(notes),
    )


def _speedup(one: Program, played: Replay | None, alone: Replay, qpus: int, seed: int) -> Speedup | None:
    return None if played is None else speedup(one, played.program, qpus, seed, (alone, played))


def _limits(one: Program, alone: Replay, qpus: int, seed: int) -> Limits:
    work_s = float(replay(one, seed, one_at_a_time=True).makespan_s[0])
    return limits_of(work_s, float(alone.makespan_s[0]), qpus)


def blocks_of(program: Program, circuit: Circuit) -> Blocks:
    """The QPUs that hold qubits of the circuit when the program starts."""
    data = np.flatnonzero(~program.qubit_is_communication)[: circuit.num_qubits]
    qpus, blocks = np.unique(program.qubit_qpus[data], return_inverse=True)
    names = tuple(program.network.qpus[qpu].name for qpu in qpus.tolist())
    return Blocks(
        names, blocks.reshape(-1).astype(np.int64), "the QPUs where the compiler puts the qubits at the start"
    )


def halves(circuit: Circuit, seed: int) -> Blocks:
    """Two halves with few gates between, as the compiler's partitioner finds them."""
    teleportable, _ = with_teleportable_gates(circuit)
    hypergraph = hypergraph_of(teleportable, find_segments(teleportable))
    smaller = circuit.num_qubits // 2
    if smaller == 0:
        return Blocks(("A",), np.zeros(1, dtype=np.int64), "one qubit")
    found = MtKaHyPar().partition(hypergraph, [circuit.num_qubits - smaller, smaller], seed)
    return Blocks(("A", "B"), found, "two halves with few gates between, by the compiler's partitioner")


def _notes(blocks: Blocks, entropies: Entropies, program: Program | None) -> list[str]:
    notes = []
    if len(blocks.names) < 2:
        notes.append("all qubits are in one block, so that there is no cut")
    if entropies.method == "bounds" and entropies.cuts:
        notes.append(
            "entropies are bounds: they are exact for Clifford circuits and up to 24 qubits; the least is 0, the most what gates "
            "that crossed and sizes allow"
        )
    elif entropies.looked_at < entropies.changing:
        notes.append(
            f"entropies were computed at {entropies.looked_at:,} of the {entropies.changing:,} moments at which they may change"
        )
    if entropies.is_sampled and entropies.method != "bounds":
        notes.append("qubits are measured or reset on the way: entropies are those of one sampled shot")
    if program is not None and program.retries:
        notes.append("no critical path and no speed-up on the network: swaps that may fail run again")
    return notes
