"""A Clifford circuit as a Program: run as it is, or part by part with Clifford noise reduction, on one QPU or round a ring.

For each part C_i of the circuit, the QPU that hosts it

* *prepares* n Bell pairs A_j B_j and applies C_i to B, in the same way part by part if it has parts itself,
* *verifies* the state by measuring some of its stabilizers; a wrong sign discards it, and preparation starts again,
* *injects* the data, which go from where they are through A to B and thereby through C_i, up to a Pauli.

Parts begin as soon as the qubits that they use are free, so that QPUs prepare theirs side by side and links make pairs meanwhile.

Sources: Delfosse and Tham, arXiv 2407.06583; Dobbs, Delfosse and Brodutch, arXiv 2512.10693, for QPUs on a ring; Brodutch,
Baimetov, Tham and Delfosse, arXiv 2511.22624, for parts in parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from weft.errors import InvalidNetworkError, InvalidValueError
from weft.network import Network
from weft.program import Program
from weft.protocols.clinr.block_circuit import block_operations, direct_operations
from weft.protocols.clinr.boundaries import SAMPLING, Boundary
from weft.protocols.clinr.clifford_circuit import CliffordCircuit
from weft.protocols.clinr.injection import Lanes, inject
from weft.protocols.clinr.pauli_frame import PauliFrame
from weft.protocols.clinr.probing import REFERENCE
from weft.protocols.clinr.rows import add_rows
from weft.protocols.clinr.tree import VerifiedCircuit
from weft.protocols.clinr.verification import Verification
from weft.protocols.clinr.workspace import Wires, Workspace

Injection = Literal["in_order", "any_order"]

IN_SEQUENCE = Verification()
"""How checks are measured if nothing is said."""


def direct_program(
    circuit: CliffordCircuit, network: Network, *, host: str | None = None, boundary: Boundary = SAMPLING
) -> Program:
    """The circuit as it is, on one QPU.

    Args:
        circuit: to run.
        network: what it runs on.
        host: name of the QPU; the first by default.
        boundary: what goes in, and what is asked of what comes out.

    Raises:
        InvalidNetworkError: if there is no such QPU, or one has a coupling map.
        InvalidProgramError: if the QPU has too few qubits.
    """
    workspace = _workspace(circuit, network, boundary)
    [qpu] = _hosts(network, 1, None if host is None else [host])
    wires = boundary.enter(workspace, qpu)
    add_rows(workspace.builder, direct_operations(circuit), wires.qubits)
    boundary.leave(workspace, wires, PauliFrame(workspace.size))
    return workspace.builder.build()


def clinr_program(
    parts: Sequence[VerifiedCircuit],
    network: Network,
    *,
    hosts: Sequence[str] | None = None,
    verification: Verification = IN_SEQUENCE,
    injection: Injection = "in_order",
    lanes: int | None = None,
    boundary: Boundary = SAMPLING,
) -> Program:
    """The circuit that some parts make up, with Clifford noise reduction.

    Data are where their last part was hosted. So a part on the same QPU as the one before it is injected there, and one on another
    QPU through the link between the two, with n Bell pairs. On one QPU, n qubits, 2n for each level of parts, and the ancillas
    suffice; on a ring with a QPU for each part, all but the first need n less.

    Args:
        parts: in their order, such as `clinr_tree` makes them of a circuit.
        network: what the program runs on.
        hosts: names of the QPUs that host the parts, one each, with all that is in them; in the order of the network, round and
            round, by default.
        verification: how checks are measured.
        injection: `in_order`: the frame is settled after each part, so that the next injection waits for the bits of all before.
            `any_order`: each happens as soon as the two parts that it joins are ready, and the frame is settled at the end.
        lanes: Bell pairs of one link that are held in the program's own communication qubits at the same time; one for each qubit
            by default, or as many as QPUs have room for. What policies keep in buffers comes on top.
        boundary: what goes in, and what is asked of what comes out.

    Raises:
        InvalidNetworkError: if there is no such QPU, no link from one part's QPU to the next one's, or a coupling map.
        InvalidValueError: if there are no parts, or arguments do not match each other.
        DoesNotFitError: if a QPU has too few communication qubits.
        InvalidProgramError: if a QPU has too few data qubits.
    """
    _check(parts, injection, lanes)
    workspace = _workspace(parts[0].circuit, network, boundary)
    route = _hosts(network, len(parts), hosts)
    data = boundary.enter(workspace, route[0])
    assembly = _Assembly(workspace, verification, injection, workspace.lanes(route, lanes))
    outputs, frame = assembly.run(data, parts, route)
    boundary.leave(workspace, outputs, frame)
    return workspace.builder.build()


class _Assembly(NamedTuple):
    """What all parts of a program share."""

    workspace: Workspace
    verification: Verification
    injection: Injection
    lanes: Lanes

    def run(self, data: Wires, parts: Sequence[VerifiedCircuit], route: Sequence[int]) -> tuple[Wires, PauliFrame]:
        """Appends that data go through some parts; returns where they are then, and their frame."""
        frame = PauliFrame(self.workspace.size)
        for part, qpu in zip(parts, route, strict=True):
            side, result = self.prepare(part, qpu)
            inject(self.workspace, data, side, self.lanes, frame)
            frame.push(part.circuit)
            if self.injection == "in_order":
                frame.settle(self.workspace.builder, result.qubits)
            self.workspace.give_back(data)
            self.workspace.give_back(side)
            data = result
        return data, frame

    def prepare(self, part: VerifiedCircuit, qpu: int) -> tuple[Wires, Wires]:
        """Appends preparation and verification of a part; returns its input and its output side."""
        workspace, builder = self.workspace, self.workspace.builder
        start, side, result = len(builder), workspace.take(qpu), workspace.take(qpu)
        operations = block_operations(part.own_circuit, part.checks, self.verification)
        ancillas = workspace.ancillas(qpu, self.verification.ancillas) if len(part.checks) else []
        add_rows(builder, operations, (*side.qubits, *result.qubits), stage=0)
        if part.parts:
            result, frame = self.run(result, part.parts, [qpu] * len(part.parts))
            frame.settle(builder, result.qubits)
        qubits = (*side.qubits, *result.qubits, *ancillas)
        for stage in range(1, operations.num_stages):
            for check, bits in add_rows(builder, operations, qubits, stage=stage).items():
                builder.retry(ancillas[0], start, bits, wanted=int(part.checks.signs[check]))
        return side, result


def _workspace(circuit: CliffordCircuit, network: Network, boundary: Boundary) -> Workspace:
    outcomes = boundary.outcomes(circuit.num_qubits)
    return Workspace(network, circuit.num_qubits, name="clifford", outcomes=outcomes)


def _hosts(network: Network, parts: int, hosts: Sequence[str] | None) -> list[int]:
    """Positions of the QPUs that host parts."""
    if hosts is None:
        names = [qpu.name for qpu in network.qpus if qpu.name != REFERENCE]
        hosts = [names[part % len(names)] for part in range(parts)]
    if len(hosts) != parts:
        raise InvalidValueError(f"`hosts` must name one QPU for each of {parts} parts, but names {len(hosts)}")
    for name in hosts:
        if name not in network.index:
            raise InvalidNetworkError(f"`hosts` must name QPUs of the network, but there is no `{name}`")
    return [network.index[name] for name in hosts]


def _check(parts: Sequence[VerifiedCircuit], injection: Injection, lanes: int | None) -> None:
    if not parts:
        raise InvalidValueError("`parts` must hold at least 1 circuit, but is empty")
    sizes = sorted({part.circuit.num_qubits for part in parts})
    if len(sizes) > 1:
        raise InvalidValueError(f"`parts` must act on equally many qubits, but act on {sizes}")
    if injection not in get_args(Injection):
        raise InvalidValueError(f"`injection` must be one of {', '.join(get_args(Injection))}, but is {injection!r}")
    if lanes is not None and lanes < 1:
        raise InvalidValueError(f"`lanes` must be at least 1, but is {lanes}")
