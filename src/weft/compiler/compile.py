"""The main path of the compiler: circuit × network → program.

take apart what has no diagonal form → segments → homes → presence → plan → emit → route inside QPUs → verify
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.gates import GATES
from weft.compiler.anneal import Annealing, Refiner
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.emit import emit
from weft.compiler.forms import diagonal_form
from weft.compiler.local_routing import route_locally
from weft.compiler.packets import choose_packets
from weft.compiler.partition import MtKaHyPar, Partitioner
from weft.compiler.placement import place
from weft.compiler.plan import Plan, plan_packets, plan_presence
from weft.compiler.presence import Presence, layout_of
from weft.compiler.qpu_sets import MOST_QPUS
from weft.compiler.routes import Routes
from weft.compiler.segments import Segments, find_segments
from weft.errors import DoesNotFitError, InvalidValueError
from weft.network import Network
from weft.program import Program
from weft.program.verify import Verification, verify

Effort = Literal["fast", "default", "best"]

_FAST = (Annealing(2e7, 1e4, betas=(5.0, 8.0)),)
_DEFAULT = (*_FAST, Annealing(1.2e8, 2e4), Annealing(1.2e8, 2e4, betas=(3.0, 6.5)))
_BEST = (*_DEFAULT, *(Annealing(6e8, 1e5, betas=(beta, 7.0)) for beta in (3.0, 4.0, 3.5, 5.0) * 2))
EFFORTS: dict[str, tuple[Annealing, ...]] = {"fast": _FAST, "default": _DEFAULT, "best": _BEST}
"""The attempts of each effort; those of the lesser ones come first, so that more effort never costs more pairs."""


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
        local_swaps: added inside QPUs to bring data qubits together that are not coupled.
    """

    program: Program
    circuit: Circuit
    two_qubit_gates: int
    nonlocal_gates: int
    lower_bound_ebits: int | None
    cpu_seconds: float
    verification: Verification
    local_swaps: int = 0


def compile_circuit(
    circuit: Circuit,
    network: Network,
    *,
    seed: int = 0,
    effort: Effort = "default",
    partitioner: Partitioner | None = None,
    refiner: Refiner | None = None,
) -> Compilation:
    """Compiles a circuit for a network and verifies the program.

    Args:
        circuit: to compile; measured at the end in full if it measures nothing.
        network: to run on.
        seed: the same seed gives the same program, byte for byte.
        effort: how long to search for few ebits.
        partitioner: divides qubits into blocks; Mt-KaHyPar by default.
        refiner: improves where qubits are present; annealing by default.

    Raises:
        DoesNotFitError: if the network has too few qubits of either kind, or a coupling map joins too few data qubits.
        InvalidValueError: for an effort or a seed that cannot be, or a partitioner whose answer is no division.
        VerificationError: if the program does not compute the circuit; a fault of the compiler.
    """
    if effort not in EFFORTS:
        raise InvalidValueError(f"`effort` must be one of {', '.join(get_args(Effort))}, but is {effort!r}")
    if seed < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
    started = time.process_time()
    circuit = circuit.measured()
    teleportable = with_teleportable_gates(circuit)
    segments = find_segments(teleportable)
    attempts = (refiner,) if refiner else EFFORTS[effort]
    program, homes = _search(teleportable, segments, network, partitioner or MtKaHyPar(), attempts, seed)
    routed = route_locally(program, circuit.num_qubits)
    verification = verify(routed, circuit)
    owners = homes[circuit.qubits]
    return Compilation(
        program=routed,
        circuit=circuit,
        two_qubit_gates=circuit.two_qubit_gates,
        nonlocal_gates=int(((circuit.qubits[:, 1] >= 0) & (owners[:, 0] != owners[:, 1])).sum()),
        lower_bound_ebits=0 if program.ebits == 0 else None,
        cpu_seconds=time.process_time() - started,
        verification=verification,
        local_swaps=len(routed) - len(program),
    )


def _search(
    circuit: Circuit,
    segments: Segments,
    network: Network,
    partitioner: Partitioner,
    attempts: Sequence[Refiner],
    seed: int,
) -> tuple[Program, NDArray[np.int64]]:
    """The program with the fewest pairs that any attempt finds, and the homes that its qubits begin at."""
    rows = np.flatnonzero(circuit.qubits[:, 1] >= 0)
    copyable = _copyable(circuit, rows)
    capacities = np.array([qpu.data_qubits for qpu in network.qpus])
    layout = layout_of(segments, capacities, Routes(network).lengths) if len(capacities) <= MOST_QPUS else None
    best: Program | None = None
    for attempt, refiner in enumerate(attempts):
        placement = place(circuit, segments, network, partitioner, seed=seed + attempt)
        plans = [
            plan_packets(segments, placement.homes, choose_packets(circuit.qubits, segments, placement.homes), rows)
        ]
        if layout is not None and placement.ebits:
            refined = refiner.refine(layout, Presence.at(placement.homes, segments), seed + attempt)
            plans.insert(0, plan_presence(segments, refined, len(capacities), copyable))
        for plan in plans:
            best = _better(best, circuit, network, segments, plan)
        if best is not None and best.ebits == 0:
            break
    if best is None:
        # Raises the reason.
        return emit(circuit, network, segments, plans[-1]), placement.homes
    return best, best.qubit_qpus[: circuit.num_qubits].astype(np.int64)


def _better(best: Program | None, circuit: Circuit, network: Network, segments: Segments, plan: Plan) -> Program | None:
    """The program of a plan if it can be carried out and takes fewer pairs than the best."""
    try:
        program = emit(circuit, network, segments, plan)
    except DoesNotFitError:
        return best
    return program if best is None or program.ebits < best.ebits else best


def _copyable(circuit: Circuit, rows: np.ndarray) -> np.ndarray:
    """For each two-qubit gate, which operands it is diagonal on as it stands."""
    codes, angles = circuit.opcodes[rows].tolist(), circuit.angles[rows].tolist()
    forms = [diagonal_form(code, tuple(turns[: GATES[code].angles])) for code, turns in zip(codes, angles, strict=True)]
    return np.array([[basis is None for basis in form.before] for form in forms])
