"""Qiskit's gates as blocks of Weft's.

A gate that Weft has under the same name is taken as it is; any other is taken apart by its definition, each definition
once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from weft.circuit.blocks import Block, of_gate
from weft.circuit.gates import CODES, GATES, Matrix, matrix_of
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
    """Turns Qiskit gates into blocks, and remembers them.

    Args:
        unique_names: whether gates of one name and the same angles are the same gate, as in a program's text.
    """

    def __init__(self, *, unique_names: bool = False) -> None:
        self._unique_names = unique_names
        self._by_value: dict[tuple[Any, ...], Block] = {}
        self._by_identity: dict[int, tuple[Any, Block]] = {}  # the gate is kept so that its id stays its own

    def block(self, gate: Any) -> Block:
        """What a gate does.

        Raises:
            InvalidCircuitError: if it has no definition, or a parameter without a value.
        """
        key = self._key(gate)
        if key is not None:
            found = self._by_value.get(key)
            if found is None:
                found = self._by_value[key] = self._lowered(gate)
            return found
        known = self._by_identity.get(id(gate))
        if known is None:
            known = self._by_identity[id(gate)] = (gate, self._lowered(gate))
        return known[1]

    def _key(self, gate: Any) -> tuple[Any, ...] | None:
        if is_standard(gate):
            return _base(gate), gate.num_qubits, angles_of(gate.params, gate.name)
        if self._unique_names and type(gate).__name__ in {"_DefinedGate", "Gate"}:
            return gate.name, gate.num_qubits, angles_of(gate.params, gate.name)
        return None

    def _lowered(self, gate: Any) -> Block:
        known = gate.name in CODES or gate.name in _SPELT
        if known and is_standard(gate):
            return _spelt(gate.name, angles_of(gate.params, gate.name))
        if hasattr(gate, "base_op"):
            return self.block(_without_modifiers(gate))
        definition = definition_of(gate)
        if definition is None:
            raise InvalidCircuitError(f"a gate must have a definition, but `{gate.name}` has none")
        block = Block(gate.num_qubits)
        position = {qubit: index for index, qubit in enumerate(definition.qubits)}
        for instruction in definition.data:
            if instruction.name not in {"barrier", "delay"}:
                qubits = tuple([position[qubit] for qubit in instruction.qubits])
                block.call(self.block(instruction.operation), qubits)
        return _recognised(gate, block)


def is_standard(gate: Any) -> bool:
    """Whether a gate is one of Qiskit's own and has no controls that must be 0."""
    controls = getattr(gate, "num_ctrl_qubits", 0)
    return _base(gate).__module__.startswith(_STANDARD) and (controls == 0 or gate.ctrl_state == 2**controls - 1)


_SPELT: dict[str, Callable[..., list[tuple[str, tuple[int, ...], tuple[float, ...]]]]] = {
    "u1": lambda a: [("p", (0,), (a,))],
    "u2": lambda a, b: [("u", (0,), (math.pi / 2, a, b))],
    "u3": lambda a, b, c: [("u", (0,), (a, b, c))],
    "r": lambda a, b: [("u", (0,), (a, b - math.pi / 2, math.pi / 2 - b))],
    "cu1": lambda a: [("cp", (0, 1), (a,))],
    "cu": lambda a, b, c, d: [("p", (0,), (d,)), ("cu3", (0, 1), (a, b, c))],
}
"""Standard gates that Qiskit would take further apart than Weft needs."""


def _spelt(name: str, angles: tuple[float, ...]) -> Block:
    if name in CODES:
        return of_gate(CODES[name], angles)
    calls = _SPELT[name](*angles)
    block = Block(1 + max(max(qubits) for _, qubits, _ in calls))
    for called, qubits, values in calls:
        block.named(called, *qubits, angles=values)
    return block


def _recognised(gate: Any, block: Block) -> Block:
    """Weft's gate of a gate's name if that is what its definition comes to, else the definition.

    Exporters write out definitions of rzz, ecr and others; taking those at their word would double their cost.
    """
    code = CODES.get(gate.name)
    shape = (block.num_qubits, len(getattr(gate, "params", ())))  # a Clifford or the like has none
    if code is None or (GATES[code].qubits, GATES[code].angles) != shape or block.count > 100:
        return block
    angles = angles_of(gate.params, gate.name)
    meant = matrix_of(code, angles)
    return of_gate(code, angles) if abs(abs(np.vdot(meant, block.matrix())) / len(meant) - 1) < 1e-12 else block


def _without_modifiers(gate: Any) -> Any:
    """The gate that an annotated one stands for, as Qiskit works it out."""
    from qiskit.circuit import Gate

    result = gate.base_op if isinstance(gate.base_op, Gate) else definition_of(gate.base_op).to_gate()
    for modifier in gate.modifiers:
        kind = type(modifier).__name__
        if kind == "InverseModifier":
            result = result.inverse()
        elif kind == "PowerModifier":
            result = result.power(float(modifier.power), annotated=False)
        else:
            result = result.control(modifier.num_ctrl_qubits, ctrl_state=modifier.ctrl_state, annotated=False)
    return result


def definition_of(gate: Any) -> Any:
    """A gate's definition as a circuit, or None."""
    definition = getattr(gate, "definition", None)
    if definition is None and hasattr(gate, "to_circuit"):  # a Clifford or the like, which is no gate yet
        definition = gate.to_circuit()
    if definition is None and gate.name == "permutation":
        from qiskit.synthesis import synth_permutation_basic

        definition = synth_permutation_basic(gate.pattern)
    return definition


def _base(gate: Any) -> Any:
    """A gate's class; gates without parameters are singletons of private subclasses."""
    return getattr(gate, "base_class", type(gate))


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


def multi_controlled_phase(angle: float, controls: int) -> Block:
    """A phase on the last operand under controls, which come first."""
    from qiskit.circuit.library import PhaseGate

    return lower(PhaseGate(angle).control(controls, annotated=False))


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
