"""Qiskit's `QuantumCircuit` into Weft's `Circuit`.

Gates that Weft has stay as they are, others are taken apart. Branches become conditions on every instruction in them,
loops over constants are unrolled. Barriers are dropped: Weft schedules for itself. Delays
are refused, because a time that is silently not waited would be a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from weft.circuit.circuit import Circuit, CircuitBuilder, Register
from weft.circuit.conditions import ALWAYS, Guard, both, complement
from weft.circuit.gates import CODES, GATES
from weft.circuit.guarded import Branch, GuardedBuilder
from weft.circuit.qiskit_conditions import bits_read, cases_of, guard_of
from weft.circuit.qiskit_gates import Lowering, angles_of, refusing_qiskit_errors
from weft.errors import InvalidCircuitError, InvalidValueError

ITERATION_LIMIT = 1_000_000
"""The most iterations of all `for` loops together."""
_DROPPED = {"barrier"}
_AUTOMATIC_NAME = re.compile(r"circuit-\d+(-\d+)?")
_UNSUPPORTED = {
    "delay": "delays (Weft schedules for itself, and cannot wait for a given time yet)",
    "while_loop": "loops that end when a measurement says so",
    "break_loop": "loops that end when a measurement says so",
    "continue_loop": "loops that end when a measurement says so",
    "store": "run-time variables",
}
_Map = Mapping[Any, int]


def from_qiskit(circuit: Any, *, names: Mapping[str, str | None] | None = None) -> Circuit:
    """Converts a `QuantumCircuit`.

    Args:
        circuit: of Qiskit; dynamic circuits with if-else, switch, constant for-loops and boxes may be given.
        names: for a circuit read from text: from its registers' names to those to keep; others are in no register.

    Returns:
        The same circuit; it keeps the registers' names and order.

    Raises:
        InvalidCircuitError: for parameters without a value, gates without a definition, `while` loops and variables.
    """
    builder = CircuitBuilder(circuit.num_qubits, name=_name_of(circuit), qubit_registers=_registers(circuit, names))
    builder.add_bits(circuit.num_clbits)
    clbits = {bit: index for index, bit in enumerate(circuit.clbits)}
    for register in circuit.cregs:
        name = register.name if names is None else names.get(register.name)
        if name is not None:
            builder.name_bits(name, tuple(clbits[bit] for bit in register))
    qubits = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    try:
        with refusing_qiskit_errors():
            _Walk(GuardedBuilder(builder), Lowering(unique_names=names is not None)).circuit(circuit, qubits, clbits)
    except RecursionError:
        raise InvalidCircuitError("gate definitions must not nest this deep") from None
    except InvalidValueError as error:
        raise InvalidCircuitError(str(error)) from None
    return builder.build()


def _name_of(circuit: Any) -> str:
    """The user's name; the running number that Qiskit gives to circuits without one would make equal programs differ."""
    name = circuit.name or "circuit"
    return "circuit" if _AUTOMATIC_NAME.fullmatch(name) else name


def _registers(circuit: Any, names: Mapping[str, str | None] | None) -> tuple[Register, ...]:
    position = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    kept = ((register.name if names is None else names.get(register.name), register) for register in circuit.qregs)
    return tuple(Register(name, tuple(position[qubit] for qubit in register)) for name, register in kept if name)


class _Walk:
    def __init__(self, sink: GuardedBuilder, lowering: Lowering) -> None:
        self._sink = sink
        self._lowering = lowering
        self._iterations = 0
        self._control_flow: dict[str, Callable[[Any, _Map, _Map], None]] = {
            "if_else": self._if,
            "switch_case": self._switch,
            "for_loop": self._for,
            "box": self._box,
        }

    def circuit(self, circuit: Any, qubits: _Map, clbits: _Map) -> None:
        """Appends every instruction of a circuit whose bits are ours as the maps say."""
        gate = self._sink.gate
        for instruction in circuit.data:
            name = instruction.name
            code = CODES.get(name) if instruction.is_standard_gate() else None
            operands = [qubits[qubit] for qubit in instruction.qubits]
            if code is not None:
                gate(code, operands, angles_of(instruction.params, name)[: GATES[code].angles])
            elif name == "measure":
                self._sink.measure(operands[0], clbits[instruction.clbits[0]])
            elif name == "reset":
                self._sink.reset(operands[0])
            elif name not in _DROPPED:
                self._other(instruction, operands, qubits, clbits)

    def _other(self, instruction: Any, operands: list[int], qubits: _Map, clbits: _Map) -> None:
        operation = instruction.operation
        name = operation.name
        if name in _UNSUPPORTED:
            raise InvalidCircuitError(f"a circuit must do without {_UNSUPPORTED[name]}, but has a `{name}`")
        if name in self._control_flow and hasattr(operation, "blocks"):
            self._control_flow[name](instruction, qubits, clbits)
        elif _is_unitary(operation):
            self._sink.block(self._lowering.block(operation), operands)
        else:
            definition = getattr(operation, "definition", None)
            if definition is None:
                raise InvalidCircuitError(f"an instruction must have a definition, but `{name}` has none")
            self._body(definition, instruction, qubits, clbits)

    def _body(self, body: Any, instruction: Any, qubits: _Map, clbits: _Map) -> None:
        """A body whose bits stand for those of the instruction that it belongs to."""
        inner_qubits = {inner: qubits[outer] for inner, outer in zip(body.qubits, instruction.qubits, strict=True)}
        inner_clbits = {inner: clbits[outer] for inner, outer in zip(body.clbits, instruction.clbits, strict=True)}
        self.circuit(body, inner_qubits, {**clbits, **inner_clbits})

    def _if(self, instruction: Any, qubits: _Map, clbits: _Map) -> None:
        operation = instruction.operation
        guard = guard_of(operation.condition, clbits)
        target = operation.condition[0] if isinstance(operation.condition, tuple) else operation.condition
        branch = Branch(set(bits_read(target, clbits)))
        for body, case in zip(operation.blocks, (guard, complement(guard)), strict=False):
            with self._sink.case(branch, case):
                self._body(body, instruction, qubits, clbits)

    def _switch(self, instruction: Any, qubits: _Map, clbits: _Map) -> None:
        operation = instruction.operation
        branch, rest = Branch(set(bits_read(operation.target, clbits))), ALWAYS
        for labels, body in operation.cases_specifier():
            guard: Guard = ()
            for label in labels:
                free = both(rest, complement(guard))
                is_number = isinstance(label, int)  # the other label is the default
                guard += both(free, cases_of(operation.target, label, clbits)) if is_number else free
            rest = both(rest, complement(guard))
            with self._sink.case(branch, guard):
                self._body(body, instruction, qubits, clbits)

    def _for(self, instruction: Any, qubits: _Map, clbits: _Map) -> None:
        indices, parameter, body = instruction.operation.params
        self._iterations += len(indices)
        if self._iterations > ITERATION_LIMIT:
            raise InvalidCircuitError(f"loops must run at most {ITERATION_LIMIT:,} times in all, but run more often")
        for index in indices:
            bound = body
            if parameter is not None and parameter in body.parameters:
                bound = body.assign_parameters({parameter: index})
            self._body(bound, instruction, qubits, clbits)

    def _box(self, instruction: Any, qubits: _Map, clbits: _Map) -> None:
        self._body(instruction.operation.blocks[0], instruction, qubits, clbits)


def _is_unitary(operation: Any) -> bool:
    from qiskit.circuit import Gate, Instruction

    return isinstance(operation, Gate) or not isinstance(operation, Instruction)
