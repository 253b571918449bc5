"""Qubits and classical bits by name in OpenQASM text: declarations, aliases, and the parts that an index picks."""

from __future__ import annotations

from weft.circuit.circuit import CircuitBuilder
from weft.circuit.openqasm_expressions import Bits, Expressions
from weft.circuit.openqasm_tokens import Tokens

BIT_LIMIT = 100_000
"""The most qubits, and the most classical bits, that a text may declare."""
ALIAS_LIMIT = 1_000_000
"""The most bits that all aliases together may name."""
VARIABLE_LIMIT = 1_000
"""The most variables that hold copies of registers."""
_TYPES = {"int", "uint", "float", "angle", "bool"}


class Names:
    """What is declared, and how it is referred to.

    Args:
        tokens: the cursor.
        expressions: over the same cursor; it shares the classical bits and the constants.
        builder: gets the registers.

    Attributes:
        qubits: by name: a register, or one qubit.
        bits: likewise for classical bits.
        integers: names of variables that may hold a copy of a register, as Qiskit's exporter writes before a switch; while
            they do, and the register has not been measured into, they are in `bits` too.
    """

    def __init__(self, tokens: Tokens, expressions: Expressions, builder: CircuitBuilder) -> None:
        self._tokens = tokens
        self._expressions = expressions
        self._builder = builder
        self.qubits: dict[str, Bits] = {}
        self.bits = expressions.bits
        self.integers: set[str] = set()
        self._aliased = 0

    def operand(self) -> Bits:
        """Reads one qubit or several."""
        tokens = self._tokens
        items, at = tokens.items, tokens.at
        qubits = self.qubits.get(items[at])
        if qubits is None:
            return self._physical()
        if items[at + 1] == "[" and items[at + 3] == "]" and items[at + 2].isdecimal() and not isinstance(qubits, int):
            index = int(items[at + 2])  # nearly every operand in a large file
            if index < len(qubits):
                tokens.at += 4
                return qubits[index]
        tokens.at += 1
        return self._part(qubits)

    def _physical(self) -> int:
        tokens = self._tokens
        word = tokens.next
        if word[:1] != "$" or len(word) < 2:
            tokens.fail(f"a qubit must come here, but {tokens.found()} does")
        if any(name[0] != "$" for name in self.qubits):
            tokens.fail(f"a circuit must use physical or declared qubits, but uses both; here {word}")
        index = int(word[1:])
        if index >= BIT_LIMIT:
            tokens.fail(f"a circuit must have at most {BIT_LIMIT:,} qubits, but uses {word[:40]}")
        if index >= self._builder.num_qubits:
            self._builder.num_qubits = index + 1
        tokens.at += 1
        return index

    def _part(self, bits: Bits) -> Bits:
        """What an index, a range or a set after a register's name picks."""
        tokens = self._tokens
        if tokens.next != "[":
            return bits
        if isinstance(bits, int):
            tokens.fail("an index must follow a register, but follows a single bit")
        start = tokens.at
        tokens.at += 1
        indices: list[int] | range
        if tokens.skip("{"):
            indices = self.numbers("}")
        else:
            first = None if tokens.next == ":" else self._expressions.integer()
            if tokens.next != ":":
                tokens.expect("]")
                return bits[self._index(first or 0, len(bits), start)]
            indices = self.range_from(first, len(bits))
        tokens.expect("]")
        return self._part(tuple(bits[self._index(index, len(bits), start)] for index in indices))

    def _index(self, index: int, size: int, at: int) -> int:
        if not -size <= index < size:
            self._tokens.fail(f"an index must lie in 0 … {size - 1}, but is {index}", at)
        return index

    def numbers(self, closing: str) -> list[int]:
        """Reads integers apart by commas and the bracket after them."""
        indices = [self._expressions.integer()]
        while self._tokens.skip(","):
            indices.append(self._expressions.integer())
        self._tokens.expect(closing)
        return indices

    def range_from(self, first: int | None, size: int | None) -> range:
        """The rest of `first : step : last`, both ends included; a size gives the ends that are left out."""
        tokens = self._tokens
        at = tokens.at
        tokens.expect(":")
        last = None if tokens.next == "]" else self._expressions.integer()
        step = 1
        if tokens.skip(":"):
            step, last = 1 if last is None else last, None if tokens.next == "]" else self._expressions.integer()
        if step == 0 or (size is None and (first is None or last is None)):
            tokens.fail("a range must have a first and a last number and a step other than 0, but this has not", at)
        if first is None:
            first = 0 if step > 0 else (size or 0) - 1
        if last is None:
            last = (size or 0) - 1 if step > 0 else 0
        elif size is not None and -size <= last < 0:
            last += size
        return range(first, last + (1 if step > 0 else -1), step)

    def integer(self) -> None:
        """Reads a declaration after `int` or `uint`."""
        self._tokens.at -= 1
        self.scalar_type()
        name = self._new_name()
        self.integers.add(name)
        if len(self.integers) > VARIABLE_LIMIT:
            self._tokens.fail(f"a circuit must have at most {VARIABLE_LIMIT} variables, but has more")
        if self._tokens.next == "=":
            self.hold(name)
        else:
            self._tokens.expect(";")

    def hold(self, name: str) -> None:
        """Reads what a variable is set to, which must be classical bits."""
        tokens = self._tokens
        tokens.expect("=")
        if tokens.next not in self.bits:
            tokens.fail(f"a circuit must do without classical variables but for copies of registers, but sets `{name}`")
        bits = self.target()
        self.bits[name] = (bits,) if isinstance(bits, int) else bits
        tokens.expect(";")

    def held(self) -> dict[str, Bits]:
        """What the variables hold."""
        return {name: self.bits[name] for name in self.integers if name in self.bits}

    def forget(self, written: tuple[int, ...]) -> None:
        """Lets go of copies of bits that are being written."""
        for name in self.integers:
            bits = self.bits.get(name, 0)
            if not isinstance(bits, int) and not set(written).isdisjoint(bits):
                del self.bits[name]

    def target(self, *, readable: bool = False) -> Bits:
        """Reads one classical bit or several; a variable that holds some only where they are read."""
        tokens = self._tokens
        if tokens.next in self.integers and not readable:
            tokens.fail(f"a classical bit must come here, but the variable {tokens.found()} does")
        if tokens.next not in self.bits:
            tokens.fail(f"a classical bit must come here, but {tokens.found()} does")
        return self._part(self.bits[tokens.take()])

    def _new_name(self) -> str:
        at = self._tokens.at
        name = self._tokens.name()
        if name in self.qubits or name in self.bits or name in self._expressions.values or name in self.integers:
            self._tokens.fail(f"a name must be declared once, but `{name}` already is", at)
        return name

    def _size(self, known: int, what: str) -> int | None:
        """A register's size in brackets, or None where there is none."""
        tokens = self._tokens
        if not tokens.skip("["):
            return None
        at = tokens.at
        size = self._expressions.integer()
        if size < 1:
            tokens.fail(f"a register must have at least 1 {what}, but has {size}", at)
        if known + size > BIT_LIMIT:
            tokens.fail(f"a circuit must have at most {BIT_LIMIT:,} {what}s, but has {known + size:,} here", at)
        tokens.expect("]")
        return size

    def old_register(self) -> None:
        """Reads a declaration after `qreg` or `creg`."""
        quantum = self._tokens.items[self._tokens.at - 1] == "qreg"
        name = self._new_name()
        if quantum:
            self.qubits[name] = self._builder.add_qubits(name, self._size(self._builder.num_qubits, "qubit") or 1).bits
        else:
            self.bits[name] = self._builder.add_register(name, self._size(self._builder.num_clbits, "bit") or 1).bits
        self._tokens.expect(";")

    def declare_qubits(self) -> None:
        """Reads a declaration after `qubit`."""
        size = self._size(self._builder.num_qubits, "qubit")
        name = self._new_name()
        bits = self._builder.add_qubits(name, size or 1).bits
        self.qubits[name] = bits[0] if size is None else bits
        self._tokens.expect(";")

    def declare_bits(self) -> Bits:
        """Reads `bit[n] name`, after the first word and up to what may set the bits."""
        size = self._size(self._builder.num_clbits, "bit")
        name = self._new_name()
        if size is None:
            self.bits[name] = self._builder.add_bits(1)[0]  # a bit alone is in no register, as in Qiskit
        else:
            self.bits[name] = self._builder.add_register(name, size).bits
        return self.bits[name]

    def constant(self) -> None:
        """Reads a declaration after `const`."""
        kind = self.scalar_type()
        name = self._new_name()
        self._tokens.expect("=")
        if kind in {"int", "uint"}:
            self._expressions.values[name] = self._expressions.integer()
        else:
            value = self._expressions.number()
            self._expressions.values[name] = value if kind == "bool" else float(value)
        self._tokens.expect(";")

    def scalar_type(self) -> str:
        """Reads the type of a number, its width ignored."""
        tokens = self._tokens
        kind = tokens.take()
        if kind not in _TYPES:
            tokens.fail(f"a type must be one of {', '.join(sorted(_TYPES))}, but is `{kind[:40]}`", tokens.at - 1)
        if tokens.skip("["):
            tokens.skip_past("]")
        return kind

    def alias(self) -> None:
        """Reads a declaration after `let`."""
        tokens = self._tokens
        name = self._new_name()
        tokens.expect("=")
        quantum = tokens.next in self.qubits
        parts: list[int] = []
        while True:
            part = self.operand() if quantum else self.target()
            parts += (part,) if isinstance(part, int) else part
            if not tokens.skip("++"):
                break
        tokens.expect(";")
        self._aliased += len(parts)
        if self._aliased > ALIAS_LIMIT:
            tokens.fail(f"aliases must name at most {ALIAS_LIMIT:,} bits in all, but name more")
        if len(set(parts)) != len(parts) or not parts:
            tokens.fail(f"an alias must name bits that differ, but `{name}` does not")
        if quantum:
            self.qubits[name] = tuple(parts)
        else:
            self.bits[name] = self._builder.name_bits(name, tuple(parts)).bits
