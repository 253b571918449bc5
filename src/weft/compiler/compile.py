"""The main path of the compiler: circuit × network → program.

take apart what cannot be teleported → segments → homes → packets → emit → verify
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, get_args

from weft.circuit import Circuit
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.emit import emit
from weft.compiler.packets import choose_packets
from weft.compiler.partition import MtKaHyPar, Partitioner
from weft.compiler.placement import place
from weft.compiler.segments import find_segments
from weft.errors import DoesNotFitError, InvalidValueError
from weft.network import Network
from weft.program import Program
from weft.program.verify import Verification, verify

Effort = Literal["fast", "default", "best"]

_ATTEMPTS: dict[str, int] = {"fast": 1, "default": 4, "best": 16}


@dataclass(frozen=True)
class Compilation:
    """A program and what is worth saying about how it came to be.

    Attributes:
        program: verified.
        circuit: that it computes, measured at the end if it measured nothing.
        two_qubit_gates: of the circuit.
        nonlocal_gates: those of them whose qubits live on different QPUs.
        lower_bound_ebits: no program can do with fewer; None where no bound is known.
        cpu_seconds: spent in compiling and verifying.
        verification: how the program was verified.
    """

    program: Program
    circuit: Circuit
    two_qubit_gates: int
    nonlocal_gates: int
    lower_bound_ebits: int | None
    cpu_seconds: float
    verification: Verification


def compile_circuit(
    circuit: Circuit,
    network: Network,
    *,
    seed: int = 0,
    effort: Effort = "default",
    partitioner: Partitioner | None = None,
) -> Compilation:
    """Compiles a circuit for a network and verifies the program.

    Args:
        circuit: to compile; measured at the end in full if it measures nothing.
        network: to run on.
        seed: the same seed gives the same program, byte for byte.
        effort: how long to search for few ebits.
        partitioner: divides qubits into blocks; Mt-KaHyPar by default.

    Raises:
        DoesNotFitError: if the network has too few qubits of either kind, or a QPU would have to route inside itself.
        InvalidValueError: for an effort or a seed that cannot be, or a partitioner whose answer is no division.
        VerificationError: if the program does not compute the circuit; a fault of the compiler.
    """
    if effort not in _ATTEMPTS:
        raise InvalidValueError(f"`effort` must be one of {', '.join(get_args(Effort))}, but is {effort!r}")
    if seed < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
    started = time.process_time()
    circuit = circuit.measured()
    two_qubit_gates = circuit.two_qubit_gates
    placement = place(
        with_teleportable_gates(circuit),
        network,
        partitioner or MtKaHyPar(),
        attempts=_ATTEMPTS[effort],
        seed=seed,
    )
    homes = placement.homes
    owners = homes[circuit.qubits]
    nonlocal_gates = int(((circuit.qubits[:, 1] >= 0) & (owners[:, 0] != owners[:, 1])).sum())
    _check_couplings(circuit, network, homes.tolist())
    teleportable = with_teleportable_gates(circuit, homes)
    packets = choose_packets(teleportable.qubits, find_segments(teleportable), homes)
    program = emit(teleportable, network, homes, packets)
    verification = verify(program, circuit)
    return Compilation(
        program=program,
        circuit=circuit,
        two_qubit_gates=two_qubit_gates,
        nonlocal_gates=nonlocal_gates,
        lower_bound_ebits=0 if program.ebits == 0 else None,
        cpu_seconds=time.process_time() - started,
        verification=verification,
    )


def _check_couplings(circuit: Circuit, network: Network, homes: list[int]) -> None:
    """Refuses what would need routing inside a QPU, which this compiler does not do yet."""
    if all(qpu.coupling is None for qpu in network.qpus):
        return
    seen = [0] * len(network.qpus)
    places = []
    for home in homes:
        places.append(seen[home])
        seen[home] += 1
    allowed = [None if qpu.coupling is None else {frozenset(pair) for pair in qpu.coupling} for qpu in network.qpus]
    for first, second in circuit.qubits[circuit.qubits[:, 1] >= 0].tolist():
        qpu = homes[first]
        pairs = allowed[qpu]
        if homes[second] != qpu or pairs is None or frozenset((places[first], places[second])) in pairs:
            continue
        raise DoesNotFitError(
            f"QPU `{network.qpus[qpu].name}`: data qubits {places[first]} and {places[second]} must be coupled for a gate of "
            "the circuit, but are not; routing inside a QPU is not available yet"
        )
