"""Compiling a circuit like one that was compiled before, without another search.

All that a search finds is a plan, and a plan knows segments, not angles. So the plan of a circuit is good for every circuit of
the same shape: the same instructions on the same qubits, whose angles may differ as long as they cut the same segments. That is
what a variational loop asks for again and again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from weft.circuit import Circuit
from weft.compiler.decompose import Whole, with_teleportable_gates
from weft.compiler.emit import emit
from weft.compiler.local_routing import route_locally
from weft.compiler.plan import Plan
from weft.compiler.routes import Routes
from weft.compiler.segments import Segments, find_segments
from weft.program import Program
from weft.program.verify import verify


@dataclass(frozen=True, eq=False)
class Shape:
    """A circuit with all that a plan is made for.

    Attributes:
        original: the circuit as it was given, with measurements.
        circuit: the same with gates taken apart that have no diagonal form.
        whole: those gates, by the first row that stands for them.
        segments: of `circuit`.
        key: SHA-256 of everything about the circuit but its angles, and of its segments: equal keys, equal plans.
    """

    original: Circuit
    circuit: Circuit
    whole: Mapping[int, Whole]
    segments: Segments
    key: str


def shape_of(circuit: Circuit) -> Shape:
    """The shape of a circuit; measured at the end in full if it measures nothing."""
    circuit = circuit.measured()
    apart, whole = with_teleportable_gates(circuit)
    segments = find_segments(apart)
    digest = hashlib.sha256(repr((circuit.num_qubits, circuit.num_clbits, circuit.registers)).encode())
    conditions = (circuit.condition_offsets, circuit.condition_bits, circuit.condition_values)
    cuts = (segments.of, segments.offsets, segments.first_gate, segments.embeddable, segments.severed)
    for column in (circuit.opcodes, circuit.qubits, circuit.clbits, *conditions, *cuts):
        digest.update(column.tobytes())
    return Shape(circuit, apart, whole, segments, digest.hexdigest())


@dataclass(frozen=True, eq=False)
class Template:
    """What a search found for one circuit, for all circuits of its shape.

    Attributes:
        plan: where everything happens.
        routes: between the QPUs of the network.
    """

    plan: Plan
    routes: Routes

    def program(self, shape: Shape) -> Program:
        """The program of a circuit whose shape has the key of the one that this is a template of; verified.

        It takes as many Bell pairs as the program that the template comes from.

        Raises:
            VerificationError: if the program does not compute the circuit, as after a mistake about the shape.
        """
        unrouted = emit(shape.circuit, self.routes, shape.segments, self.plan, shape.whole)
        program = route_locally(unrouted, shape.original.num_qubits)
        verify(program, shape.original)
        return program
