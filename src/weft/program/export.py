"""A program as OpenQASM 3 text: a declaration per qubit, one register of the circuit's bits and one of the others.

OpenQASM has no word for a Bell pair from a link, so an `entangle` is written as the gates that would make one, behind a comment
that names the link. Read as it is by any simulator, the text is the ideal program on one machine.
"""

from __future__ import annotations

from functools import cached_property

from weft.circuit.openqasm_export import definitions_of, gate_call
from weft.program.instructions import Op, Pauli, Role
from weft.program.program import Program
from weft.program.retries import Retry

_TO_Z = {Pauli.X: "h {q};", Pauli.Y: "sdg {q}; h {q};", Pauli.Z: ""}
_FROM_Z = {Pauli.X: "h {q};", Pauli.Y: "h {q}; s {q};", Pauli.Z: ""}


def to_openqasm(program: Program) -> str:
    """The program as OpenQASM 3.

    A block that may run again is a `while` loop over the parity of its bits; Qiskit's importer, which knows neither `bool` nor
    `^`, does not read that. That a block fails by itself, and that it runs so many times at most, are comments.

    Qubits keep their names, with `.` and other marks that an identifier cannot hold turned into `_`. Bits of the circuit are
    `c[i]`; bits of teleportations are `m[i]`.
    """
    return _Writer(program).text()


class _Writer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = _identifiers(program.qubit_names)

    def bit(self, bit: int) -> str:
        clbits = self.program.num_clbits
        return f"c[{bit}]" if bit < clbits else f"m[{bit - clbits}]"

    def text(self) -> str:
        program = self.program
        used = sorted(set(program.kinds[program.opcodes == Op.GATE].tolist()))
        lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
        lines += definitions_of(used)
        lines += [f"qubit {name};" for name in self.names]
        if program.num_clbits:
            lines.append(f"bit[{program.num_clbits}] c;")
        if program.num_bits > program.num_clbits:
            lines.append(f"bit[{program.num_bits - program.num_clbits}] m;")
        for row in range(len(program)):
            lines += [f"bool {name} = true;\nwhile ({name}) {{" for name in self.loops.get(row, ())]
            lines.append(self.line(row))
        return "\n".join(lines) + "\n"

    @cached_property
    def retries(self) -> dict[int, Retry]:
        """The blocks that may run again, by the rows that close them."""
        return {retry.row: retry for retry in self.program.retries}

    @cached_property
    def loops(self) -> dict[int, list[str]]:
        """The loops that begin at each row, the outermost first."""
        loops: dict[int, list[str]] = {}
        for retry in reversed(self.program.retries):
            if retry.bits:
                loops.setdefault(retry.start, []).append(f"again_{retry.row}")
        return loops

    def retry(self, row: int) -> str:
        """The end of a loop; that a block fails by itself has no words in OpenQASM."""
        retry = self.retries[row]
        lines = []
        if retry.odds < 1:
            lines.append(f"// a step that succeeds with probability {retry.odds!r}, and runs again if it fails")
        if retry.most_runs:
            lines.append(f"// at most {retry.most_runs} runs")
        if retry.bits:
            parity = " ^ ".join(self.bit(bit) for bit in retry.bits)
            lines.append(f"again_{row} = ({parity}) == {'false' if retry.wanted else 'true'};\n}}")
        return "\n".join(lines)

    def line(self, row: int) -> str:
        program = self.program
        opcode, kind = program.opcodes[row], int(program.kinds[row])
        if opcode == Op.RETRY:
            return self.retry(row)
        qubits = [self.names[qubit] for qubit in program.qubits[row].tolist() if qubit >= 0]
        if opcode == Op.ENTANGLE:
            first, second = qubits
            link = program.network.links[program.links[row]].name
            return f"// Bell pair from link {link}\nreset {first}; reset {second}; h {first}; cx {first}, {second};"
        if opcode == Op.CORRECT:
            bits = [self.bit(bit) for bit, _ in program.reads(row)]
            # one bit at a time: the Paulis cancel exactly where the parity does
            return "\n".join(f"if ({bit}) {{ {Pauli(kind).name.lower()} {qubits[0]}; }}" for bit in bits)
        if opcode == Op.GATE:
            body = f"{gate_call(kind, program.angles[row].tolist())} {', '.join(qubits)};"
        elif opcode == Op.RESET:
            body = f"reset {qubits[0]};"
        else:
            basis = Pauli(kind)
            written = self.bit(int(program.bits[row]))
            before, after = _TO_Z[basis].format(q=qubits[0]), _FROM_Z[basis].format(q=qubits[0])
            body = f"{before} {written} = measure {qubits[0]}; {after}".strip()
        for bit, role in program.reads(row):
            # `true`, not `1`: Qiskit reads a comparison of a bit with a boolean only
            body = f"if ({self.bit(bit)} == {'true' if role == Role.IF_ONE else 'false'}) {{ {body} }}"
        return body


def _identifiers(names: tuple[str, ...]) -> list[str]:
    """Distinct identifiers, as close to the names as OpenQASM allows."""
    taken: set[str] = set()
    answer = []
    for name in names:
        plain = "".join(mark if mark.isascii() and mark.isalnum() else "_" for mark in name)
        plain = f"q_{plain}"
        candidate, number = plain, 1
        while candidate in taken:
            number += 1
            candidate = f"{plain}_{number}"
        taken.add(candidate)
        answer.append(candidate)
    return answer
