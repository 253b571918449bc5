"""The main path of the compiler: circuit × network → program.

approximate, if asked to → search (segments → homes → packets → presence → plan → emit, repeatedly) → route in QPUs → verify

On a single QPU there is nothing to search for: `one_qpu.py`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from weft.circuit import Circuit
from weft.compiler.anneal import Annealing, Refiner
from weft.compiler.approximate import Approximation, approximate
from weft.compiler.bounds import lower_bound_ebits
from weft.compiler.local_routing import route_locally
from weft.compiler.objective import Objective, Pairs
from weft.compiler.one_qpu import program_on_one_qpu
from weft.compiler.partition import InOrder, MtKaHyPar, Partitioner
from weft.compiler.search import Search
from weft.compiler.template import Template
from weft.errors import InvalidNetworkError, InvalidValueError
from weft.network import Network
from weft.program import Program
from weft.program.verify import Verification, verify

Effort = Literal["fast", "default", "best"]

_STYLES = (((4.0, 6.5), (0.3, 2.0)), ((3.5, 6.5), (2.0, 6.0)), ((4.0, 6.5), (0.5, 4.0)))
"""Ways to cool and to crowd, none of which is best everywhere."""
_FAST = (Annealing(2e7, 1e4, betas=(5.0, 8.0)),)
_DEFAULT = (*_FAST, *(Annealing(1.7e8, 2e4, betas, penalties) for betas, penalties in _STYLES))
_LONG_STYLES = (_STYLES[0], ((2.5, 6.5), (2.0, 6.0)), _STYLES[2])
"""A long run can afford to begin hot, which circuits of dense blocks need."""
_BEST = (*_DEFAULT, *(Annealing(2.4e9, 1e5, betas, penalties) for betas, penalties in _LONG_STYLES))
EFFORTS: dict[str, tuple[Annealing, ...]] = {"fast": _FAST, "default": _DEFAULT, "best": _BEST}
"""The attempts of each effort; those of the lesser ones come first, so that more effort never costs more pairs."""


@dataclass(frozen=True)
class Compilation:
    """A program and what is worth saying about how it came to be.

    Attributes:
        program: verified.
        circuit: that it computes, measured at the end if it measured nothing, and approximated if that was asked for.
        two_qubit_gates: of the circuit.
        nonlocal_gates: those of them whose qubits begin on different QPUs.
        cpu_seconds: spent in compiling and verifying.
        verification: how the program was verified.
        local_swaps: inserted within QPUs because of their coupling maps.
        approximation: what was merged and dropped, and the bound on the error; None if the circuit is what was given.
        template: compiles circuits of the same shape without a search; None if no search took place.
    """

    program: Program
    circuit: Circuit
    two_qubit_gates: int
    nonlocal_gates: int
    cpu_seconds: float
    verification: Verification
    local_swaps: int = 0
    approximation: Approximation | None = None
    template: Template | None = None

    @cached_property
    def lower_bound_ebits(self) -> int | None:
        """No program can do with fewer; None where no bound is known. Looked for when asked for, in less than a second."""
        if self.program.ebits == 0:
            return 0
        return lower_bound_ebits(self.circuit, self.program.network)


def compile_circuit(
    circuit: Circuit,
    network: Network,
    *,
    seed: int = 0,
    effort: Effort = "default",
    objective: Objective | None = None,
    approximation: float = 0.0,
    partitioner: Partitioner | None = None,
    refiner: Refiner | None = None,
) -> Compilation:
    """Compiles a circuit for a network and verifies the program.

    Args:
        circuit: to compile; measured at the end in full if it measures nothing.
        network: to run on.
        seed: the same seed gives the same program, byte for byte.
        effort: how long to search.
        objective: what to spend least of; pairs by default.
        approximation: rotations may be dropped whose total effect is at most so much in operator norm; 0 keeps all.
        partitioner: divides qubits into blocks, to begin with; Mt-KaHyPar and the order of the qubits, in turn, by default. On a
            single QPU there is nothing to divide or to improve.
        refiner: improves where qubits are present, in one attempt; by default, annealing in as many as the effort says.

    Raises:
        DoesNotFitError: if the network has too few qubits of either kind, or a coupling map keeps qubits apart.
        InvalidNetworkError: if links of the network are classical.
        InvalidValueError: for an effort, a seed or an approximation that cannot be, or a partitioner whose answer is no division.
        VerificationError: if the program does not compute the circuit; a fault of the compiler.
    """
    if effort not in EFFORTS:
        raise InvalidValueError(f"`effort` must be one of {', '.join(get_args(Effort))}, but is {effort!r}")
    if network.classical_links:
        raise InvalidNetworkError(
            f"`{network.name}` must be joined by quantum links, but {network.classical_links[0].name} is classical; "
            "`weft.cut` (`weft cut`) runs circuits on such networks"
        )
    if seed < 0:
        raise InvalidValueError(f"`seed` must be at least 0, but is {seed}")
    if not 0 <= approximation < 2:
        raise InvalidValueError(f"`approximation` must be at least 0 and below 2, but is {approximation}")
    started = time.process_time()
    approximated = approximate(circuit, approximation) if approximation != 0 else None
    circuit = (circuit if approximated is None else approximated.circuit).measured()
    template = None
    if len(network.qpus) == 1:
        unrouted = program_on_one_qpu(circuit, network)
    else:
        partitioners = (partitioner,) if partitioner else (MtKaHyPar(), InOrder())
        search = Search(circuit, network, objective or Pairs(), partitioners, seed)
        unrouted = search.run((refiner,) if refiner else EFFORTS[effort])
        template = None if search.plan is None else Template(search.plan, search.routes)
    program = route_locally(unrouted, circuit.num_qubits)
    verification = verify(program, circuit)
    owners = program.qubit_qpus[circuit.qubits]
    return Compilation(
        program=program,
        circuit=circuit,
        two_qubit_gates=circuit.two_qubit_gates,
        nonlocal_gates=int(((circuit.qubits[:, 1] >= 0) & (owners[:, 0] != owners[:, 1])).sum()),
        cpu_seconds=time.process_time() - started,
        verification=verification,
        local_swaps=len(program) - len(unrouted),
        approximation=approximated,
        template=template,
    )
