"""Weft's `Circuit` as OpenQASM 3 text.

The text loads in Weft and in Qiskit. Gates that stdgates.inc lacks are defined in terms of those that it has; Weft
recognises the definitions, so that loading the text gives the circuit back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from weft.circuit.circuit import Circuit, Register
from weft.circuit.gates import GATES, MEASURE, RESET

# Qiskit's importer binds parameters in the order of their names, so they are written in that order.
_DEFINITIONS = {
    "sxdg": "gate sxdg a { s a; h a; s a; gphase(-pi/4); }",
    "u": "gate u(t0, t1, t2) a { U(t0, t1, t2) a; }",
    "cs": "gate cs a, b { cp(pi/2) a, b; }",
    "csdg": "gate csdg a, b { cp(-pi/2) a, b; }",
    "csx": "gate csx a, b { h b; cp(pi/2) a, b; h b; }",
    "cu3": "gate cu3(t0, t1, t2) a, b { cu(t0, t1, t2, 0) a, b; }",
    "iswap": "gate iswap a, b { s a; s b; h a; cx a, b; cx b, a; h b; }",
    "rxx": "gate rxx(t) a, b { h a; h b; cx a, b; rz(t) b; cx a, b; h b; h a; }",
    "ryy": "gate ryy(t) a, b { rx(pi/2) a; rx(pi/2) b; cx a, b; rz(t) b; cx a, b; rx(-pi/2) b; rx(-pi/2) a; }",
    "rzz": "gate rzz(t) a, b { cx a, b; rz(t) b; cx a, b; }",
    "rzx": "gate rzx(t) a, b { h b; cx a, b; rz(t) b; cx a, b; h b; }",
    "ecr": ("gate ecr a, b { h b; cx a, b; rz(pi/4) b; cx a, b; h b; x a; h b; cx a, b; rz(-pi/4) b; cx a, b; h b; }"),
    "dcx": "gate dcx a, b { cx a, b; cx b, a; }",
}
_RESERVED = {
    "pi",
    "tau",
    "euler",
    "U",
    "gphase",
    "measure",
    "reset",
    "barrier",
    "if",
    "else",
    "for",
    "in",
    "bit",
    "qubit",
}
_RESERVED |= {gate.name for gate in GATES} | {"gate", "let", "const", "int", "uint", "float", "angle", "bool", "box"}
_RESERVED |= {"while", "def", "input", "output", "switch", "case", "default", "include", "delay", "end", "ctrl", "inv"}
_RESERVED |= {"pow", "negctrl", "ccx", "cswap", "cu", "CX", "phase", "cphase", "u1", "u2", "u3", "return", "break"}
_RESERVED |= {
    "sin",
    "cos",
    "tan",
    "exp",
    "ln",
    "log",
    "sqrt",
    "mod",
    "abs",
    "arcsin",
    "arccos",
    "arctan",
    "true",
    "false",
}
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def to_openqasm(circuit: Circuit) -> str:
    """Writes a circuit as OpenQASM 3.

    Args:
        circuit: any; its instructions are written one a line, a condition as if-statements on single bits.

    Returns:
        Text that `loads` and `qiskit.qasm3.loads` read. Names of registers that OpenQASM cannot have are changed.
    """
    codes = sorted({*circuit.opcodes.tolist()} - {MEASURE, RESET})
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    lines += definitions_of(codes)
    names = _Names()
    qubits = names.declare("qubit", circuit.num_qubits, circuit.qubit_registers, lines)
    clbits = names.declare("bit", circuit.num_clbits, circuit.registers, lines)
    columns = (circuit.opcodes.tolist(), circuit.qubits.tolist(), circuit.angles.tolist(), circuit.clbits.tolist())
    for row, (code, operands, angles, clbit) in enumerate(zip(*columns, strict=True)):
        targets = ", ".join(qubits[qubit] for qubit in operands if qubit >= 0)
        if code == MEASURE:
            line = f"{clbits[clbit]} = measure {targets};"
        elif code == RESET:
            line = f"reset {targets};"
        else:
            line = f"{gate_call(code, angles)} {targets};"
        for bit, value in reversed(circuit.condition(row)):
            line = f"if ({'' if value else '!'}{clbits[bit]}) {{ {line} }}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def definitions_of(codes: Iterable[int]) -> list[str]:
    """Definitions of those gates that stdgates.inc lacks, a line each."""
    return [_DEFINITIONS[GATES[code].name] for code in codes if GATES[code].name in _DEFINITIONS]


def gate_call(code: int, angles: Sequence[float]) -> str:
    """A gate's name and angles, as a statement starts with them."""
    gate = GATES[code]
    return gate.name + (f"({', '.join(_numeral(angle) for angle in angles[: gate.angles])})" if gate.angles else "")


def _numeral(angle: float) -> str:
    """The shortest text that reads back as the same number, with a point so that it is no integer."""
    text = repr(angle)
    mantissa, exponent, power = text.partition("e")
    return text if "." in mantissa or not exponent else f"{mantissa}.0e{power}"


class _Names:
    """Gives each register a name that OpenQASM can have, and each bit its text."""

    def __init__(self) -> None:
        self._taken = set(_RESERVED)

    def _name(self, wanted: str) -> str:
        base = wanted if _NAME.fullmatch(wanted) else "r_" + re.sub(r"\W", "_", wanted, flags=re.ASCII)
        name, number = base, 0
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        return name

    def declare(self, kind: str, size: int, registers: Sequence[Register], lines: list[str]) -> list[str]:
        """Declares bits in the order of their indices; a register over bits declared already becomes an alias."""
        starts: dict[int, Register] = {}
        for register in registers:
            if register.bits and register.bits == tuple(range(register.bits[0], register.bits[0] + len(register.bits))):
                starts.setdefault(register.bits[0], register)
        texts: list[str] = []
        declared: set[str] = set()
        while len(texts) < size:
            register = starts.get(len(texts), Register("", ()))
            if register.bits:
                name = self._name(register.name)
                lines.append(f"{kind}[{len(register.bits)}] {name};")
                texts += [f"{name}[{index}]" for index in range(len(register.bits))]
                declared.add(register.name)
            else:
                texts.append(self._name(f"{kind}_{len(texts)}"))
                lines.append(f"{kind} {texts[-1]};")
        for register in registers:
            if register.name not in declared and register.bits:
                parts = " ++ ".join(texts[bit] for bit in register.bits)
                lines.append(f"let {self._name(register.name)} = {parts};")  # reads better so
        return texts
