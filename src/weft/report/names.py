"""What instructions, bits and durations are called in pictures and traces."""

from __future__ import annotations

from weft.circuit.gates import GATES
from weft.program import Op, Pauli, Program, Role
from weft.report.slices import Slices

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def time_unit(longest_s: float) -> tuple[float, str]:
    """The unit in which a time reads best: its size in seconds, and its symbol."""
    for size, symbol in _UNITS:
        if longest_s >= size * (1 - 1e-9):
            return size, symbol
    return _UNITS[-1]


def duration(time_s: float) -> str:
    """A time to three digits, such as `103 ms`."""
    if time_s == 0:
        return "0 s"
    size, symbol = time_unit(time_s)
    return f"{time_s / size:.3g} {symbol}" if time_s < 999.5 else f"{time_s:,.0f} s"


def shorten(text: str, most: int) -> str:
    """A name that fits, its middle left out if it is longer than `most` characters; the end often tells names apart."""
    if len(text) <= most:
        return text
    tail = max(most - 1, 0) // 2
    return f"{text[: max(most - 1 - tail, 1)]}…{text[len(text) - tail :] if tail else ''}"


def counted(count: int, what: str) -> str:
    """Such as `1 ebit` or `1,234 ebits`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def instruction_name(slices: Slices, row: int) -> str:
    """Such as `cx`, `measure Z`, `correct X`, `reset` or `entangle A-B (1,234 attempts)`."""
    program = slices.program
    opcode, kind = int(program.opcodes[row]), int(program.kinds[row])
    if opcode == Op.GATE:
        return GATES[kind].name
    if opcode == Op.ENTANGLE:
        link = program.network.links[program.links[row]].name
        return f"entangle {link}{attempts(slices, row, ' ({})')}"
    if opcode in {Op.RESET, Op.RETRY}:
        return Op(opcode).name.lower()
    return f"{Op(opcode).name.lower()} {Pauli(kind).name}"


def attempts(slices: Slices, row: int, form: str = "{}") -> str:
    """Such as `1,234 attempts`, put into `form`; empty where attempts take no time and cannot be counted."""
    count = int(slices.attempts[row])
    if count <= 0:
        return ""
    return form.format(counted(count, "attempt"))


def bit_names(program: Program) -> list[str]:
    """`register[index]` for the circuit's bits, `m0`, `m1`, … for those that teleportation adds."""
    names = [f"bit {bit}" for bit in range(program.num_clbits)]
    for register in program.registers:
        for index, bit in enumerate(register.bits):
            names[bit] = f"{register.name}[{index}]"
    return names + [f"m{bit}" for bit in range(program.num_bits - program.num_clbits)]


def logical_qubits(program: Program) -> list[int]:
    """Each qubit's place among the data qubits, which is the circuit's number for it; −1 for communication qubits."""
    places, seen = [], 0
    for communication in program.qubit_is_communication.tolist():
        places.append(-1 if communication else seen)
        seen += not communication
    return places


def condition(program: Program, row: int, names: list[str]) -> str:
    """Such as `c[0] = 1 and c[1] = 0`, or `m3 ⊕ m4 = 1` for a correction; empty if there is none."""
    terms, parity = [], []
    for bit, role in program.reads(row):
        if role == Role.PARITY:
            parity.append(names[bit])
        else:
            terms.append(f"{names[bit]} = {int(role == Role.IF_ONE)}")
    if parity:
        terms.append(f"{' ⊕ '.join(parity)} = 1")
    return " and ".join(terms)
