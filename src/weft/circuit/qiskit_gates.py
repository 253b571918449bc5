"""Qiskit's gates as blocks of Weft's, and back.

A gate that Weft has under the same name is taken as it is; any other is taken apart by its definition, each definition
once. Global phases are kept, since a gate may end up under a control.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from weft.circuit.blocks import Block
from weft.circuit.gate_calls import modified
from weft.circuit.gates import GATES, Matrix
from weft.circuit.openqasm_gates import library
from weft.errors import InvalidCircuitError

_STANDARD = "qiskit.circuit.library.standard_gates"


def angles_of(parameters: Sequence[Any], name: str) -> tuple[float, ...]:
    """A gate's parameters as numbers.

    Raises:
        InvalidCircuitError: if one is a symbol that was never given a value.
    """
    try:
        return tuple([float(parameter) for parameter in parameters])
    except (TypeError, ValueError):
        free = sorted({str(symbol) for item in parameters for symbol in getattr(item, "parameters", ())})
        raise InvalidCircuitError(
            f"every parameter must have a value, but `{name}` has {', '.join(free) or 'one without'}; "
            "call `assign_parameters` first"
        ) from None


@contextmanager
def refusing_qiskit_errors() -> Iterator[None]:
    """Turns what Qiskit raises inside into an `InvalidCircuitError` of one line."""
    from qiskit.exceptions import QiskitError

    try:
        yield
    except QiskitError as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidCircuitError(f"a gate must be one that Qiskit can take apart, but {reason}") from None


class Lowering:
    """Turns Qiskit gates into blocks, and remembers them."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[Any, ...], Block] = {}
        self._by_identity: dict[int, tuple[Any, Block]] = {}  # the gate is kept so that its id stays its own

    def block(self, gate: Any) -> Block:
        """What a gate does.

        Raises:
            InvalidCircuitError: if it has no definition, or a parameter without a value.
        """
        if _base(gate).__module__.startswith(_STANDARD) and _closed(gate):
            key = (_base(gate), gate.num_qubits, angles_of(gate.params, gate.name))
            found = self._by_value.get(key)
            if found is None:
                found = self._by_value[key] = self._standard(gate, key[2])
            return found
        known = self._by_identity.get(id(gate))
        if known is None:
            known = self._by_identity[id(gate)] = (gate, self._other(gate))
        return known[1]

    def _standard(self, gate: Any, angles: tuple[float, ...]) -> Block:
        known = library().get(gate.name)
        if known is not None and (known.num_qubits, known.num_angles) == (gate.num_qubits, len(angles)):
            return known.block(angles)
        return self._other(gate)

    def _other(self, gate: Any) -> Block:
        if hasattr(gate, "base_op"):
            return self._annotated(gate)
        definition = definition_of(gate)
        if definition is None:
            raise InvalidCircuitError(f"a gate must have a definition, but `{gate.name}` has none")
        block = Block(gate.num_qubits)
        position = {qubit: index for index, qubit in enumerate(definition.qubits)}
        for instruction in definition.data:
            if instruction.name not in {"barrier", "delay"}:
                qubits = tuple([position[qubit] for qubit in instruction.qubits])
                block.call(self.block(instruction.operation), qubits)
        block.phase += angles_of([definition.global_phase], gate.name)[0]
        return block

    def _annotated(self, gate: Any) -> Block:
        block = self.block(gate.base_op)
        for modifier in gate.modifiers:
            kind = type(modifier).__name__
            if kind == "InverseModifier":
                block = modified(block, "inv", 1)
            elif kind == "PowerModifier":
                block = modified(block, "pow", float(modifier.power))
            else:
                block = _under(block, modifier.num_ctrl_qubits, modifier.ctrl_state)
        return block


def definition_of(gate: Any) -> Any:
    """A gate's definition as a circuit, or None."""
    definition = getattr(gate, "definition", None)
    if definition is None and hasattr(gate, "to_circuit"):  # a Clifford or the like, which is no gate yet
        definition = gate.to_circuit()
    if definition is None and gate.name == "permutation":
        from qiskit.synthesis import synth_permutation_basic

        definition = synth_permutation_basic(gate.pattern)
    return definition


def _under(block: Block, controls: int, state: int) -> Block:
    under = modified(block, "ctrl", controls)
    result = Block(under.num_qubits)
    flipped = [qubit for qubit in range(controls) if not state >> qubit & 1]
    for qubit in flipped:
        result.named("x", qubit)
    result.call(under, tuple(range(under.num_qubits)))
    for qubit in flipped:
        result.named("x", qubit)
    return result


def _base(gate: Any) -> Any:
    """A gate's class; gates without parameters are singletons of private subclasses."""
    return getattr(gate, "base_class", type(gate))


def _closed(gate: Any) -> bool:
    """Whether a gate has no controls that must be 0."""
    controls = getattr(gate, "num_ctrl_qubits", 0)
    return controls == 0 or gate.ctrl_state == 2**controls - 1


def lower(gate: Any) -> Block:
    """What one Qiskit gate does."""
    return Lowering().block(gate)


def gate_class(code: int) -> Any:
    """Qiskit's class for a gate of Weft's."""
    from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping

    name = GATES[code].name
    if name == "cu3":
        from qiskit.circuit.library import CU3Gate

        return CU3Gate
    return type(get_standard_gate_name_mapping()[name])


def raise_gate(block: Block) -> Any:
    """A block as a Qiskit gate, its phase included."""
    from qiskit.circuit import QuantumCircuit

    ops = list(block.ops(range(block.num_qubits)))
    if len(ops) == 1 and not block.phase and ops[0][1] == tuple(range(block.num_qubits)):
        return gate_class(ops[0][0])(*ops[0][2])
    circuit = QuantumCircuit(block.num_qubits, global_phase=block.phase)
    for code, qubits, angles in ops:
        circuit.append(gate_class(code)(*angles), qubits)
    return circuit.to_gate()


def two_qubit_unitary(unitary: Matrix) -> Block:
    """A unitary on two qubits, the first the more significant, as `u` and at most three `cx`."""
    return Lowering().block(_two_qubit_gate(unitary))


def _two_qubit_gate(unitary: Matrix) -> Any:
    from qiskit.circuit.library import CXGate
    from qiskit.synthesis import TwoQubitBasisDecomposer

    return _decomposer(TwoQubitBasisDecomposer, CXGate)(unitary[np.ix_(_REVERSED, _REVERSED)]).to_gate()


@cache
def _decomposer(decomposer: Any, gate: Any) -> Any:
    return decomposer(gate(), euler_basis="U")


_REVERSED = [0, 2, 1, 3]  # Qiskit takes the first qubit as the less significant
