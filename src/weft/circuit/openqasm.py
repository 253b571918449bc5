"""Reads OpenQASM 2 and 3.

Weft has a reader of its own because Qiskit's do not serve: its fast importer of version 3 refuses `rz(pi/2)`, gate
definitions and conditions, panics on some errors and prints to standard error, and its complete one needs a minute for
what takes this one a second. One reader for both versions also gives every error the line it belongs to, counts what
definitions expand to before they do, and spares the command line the import of Qiskit. The tests hold it to Qiskit's
importers as independent oracles.

From version 3 it takes what describes a circuit: registers, aliases, constants, gates and their definitions and
modifiers, measurement, reset, `if`, `switch`, `for` over constants, `box`. What needs a classical computer beside the
QPU (variables, `while`, subroutines) is refused by name. `U` has Qiskit's phase, so that `ctrl @ U(π, 0, π)` is CNOT as the
specification's own library says. Barriers and delays are dropped: Weft schedules for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from weft.circuit.blocks import INSTRUCTION_LIMIT, Block, too_many
from weft.circuit.circuit import Circuit, CircuitBuilder
from weft.circuit.conditions import ALWAYS, Guard, bits_of, both, complement, equality
from weft.circuit.gate_calls import Call, Primitive
from weft.circuit.guarded import Branch, GuardedBuilder
from weft.circuit.openqasm_expressions import Bits, Expressions
from weft.circuit.openqasm_gates import GateReader
from weft.circuit.openqasm_registers import Names
from weft.circuit.openqasm_tokens import Tokens, is_name
from weft.errors import WeftError

ITERATION_LIMIT = 1_000_000
"""The most iterations of all `for` loops together."""
_MEMO_LIMIT = 1_000
_INCLUDES = {2: "qelib1.inc", 3: "stdgates.inc"}
_UNSUPPORTED = {
    "while": "loops that end when a measurement says so",
    "break": "loops that end when a measurement says so",
    "continue": "loops that end when a measurement says so",
    "def": "subroutines",
    "extern": "calls of classical code",
    "return": "subroutines",
    "input": "parameters without a value",
    "output": "classical variables",
    "defcal": "pulse calibrations",
    "cal": "pulse calibrations",
    "defcalgrammar": "pulse calibrations",
    "array": "classical variables",
    "end": "ending a program early",
} | dict.fromkeys(("float", "angle", "bool", "complex", "duration", "stretch"), "classical variables")


def read_openqasm(text: str, name: str, source: str | None = None) -> Circuit:
    """Reads OpenQASM 2 or 3.

    Args:
        text: of the program; without a version line it is version 2 unless it declares qubits as version 3 does.
        name: of the circuit.
        source: what messages call the text; the name by default.

    Raises:
        InvalidCircuitError: naming the line, if the text is malformed or asks for what Weft does not have.
    """
    source = name if source is None else source
    tokens = Tokens(text, source)
    try:
        return _Reader(tokens, name).read()
    except RecursionError:
        tokens.fail("a statement must not nest this deep")
    except MemoryError:
        tokens.fail("a circuit must fit into memory, but this one does not")
    except WeftError as error:
        if str(error).startswith(f"{source}:"):
            raise
        tokens.fail(str(error), max(0, tokens.at - 1))


class _Reader:
    def __init__(self, tokens: Tokens, name: str) -> None:
        self._tokens = tokens
        self._version = self._header()
        self._expressions = Expressions(tokens, self._version)
        self._gates = GateReader(tokens, self._expressions, self._version)
        self._builder = CircuitBuilder(0, name=name)
        self._sink = GuardedBuilder(self._builder)
        self._names = Names(tokens, self._expressions, self._builder)
        self._iterations = 0
        self._work = 0
        self._included = False
        self._modified: dict[tuple[object, ...], Block] = {}
        self._statements: dict[str, Callable[[], None]] = {
            "include": self._include,
            "gate": self._gates.define,
            "measure": self._measure,
            "reset": self._reset,
            "barrier": self._skip,
            "if": self._if,
            "qreg": self._names.old_register,
            "creg": self._names.old_register,
        }
        if self._version == 2:
            self._statements["opaque"] = lambda: self._gates.define(opaque=True)
        else:
            self._statements |= {
                "qubit": self._names.declare_qubits,
                "bit": self._declare_bits,
                "int": self._names.integer,
                "uint": self._names.integer,
                "const": self._names.constant,
                "let": self._names.alias,
                "for": self._for,
                "switch": self._switch,
                "box": self._box,
                "delay": self._skip,
                "nop": self._skip,
            }

    def read(self) -> Circuit:
        while self._tokens.next:
            self._statement()
        return self._builder.build()

    def _header(self) -> int:
        tokens = self._tokens
        if not tokens.next:
            tokens.fail("a circuit must have statements, but the text has none")
        if not tokens.skip("OPENQASM"):
            return 3 if {"qubit", "bit"} & set(tokens.items) else 2
        version = tokens.take()
        if version.split(".")[0] not in {"2", "3"}:
            tokens.fail(f"the version of OpenQASM must be 2 or 3, but is {version[:20]}", tokens.at - 1)
        tokens.expect(";")
        return int(version.split(".")[0])

    def _statement(self) -> None:
        tokens = self._tokens
        word = tokens.items[tokens.at]
        self._count(1)
        statement = self._statements.get(word)
        if statement is not None:
            tokens.at += 1
            statement()
        elif word in self._names.integers:
            tokens.at += 1
            self._names.hold(word)
        elif word in self._names.bits:
            self._assign()
        elif self._version == 3 and word in _UNSUPPORTED:
            tokens.fail(f"a circuit must do without {_UNSUPPORTED[word]}, but `{word}` comes here")
        elif is_name(word):
            self._gate()
        elif word == "{":
            self._block()
        elif word == "@" or word in {"#", "pragma"}:
            tokens.fail("a circuit must do without annotations and pragmas, but one comes here")
        elif not tokens.skip(";"):
            tokens.fail(f"a statement must come here, but {tokens.found()} does")

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > INSTRUCTION_LIMIT:
            self._tokens.fail(too_many(self._work))

    # Gates, measurements and resets

    def _gate(self) -> None:
        tokens = self._tokens
        call = self._gates.call()
        operands: list[Bits] = []
        if tokens.next != ";":
            operands.append(self._names.operand())
            while tokens.skip(","):
                operands.append(self._names.operand())
        if tokens.next != ";":
            tokens.fail(f"`;` or `,` must come here, but {tokens.found()} does")
        if len(operands) != call.num_qubits:
            tokens.fail(f"`{call.name}` must act on {call.num_qubits} qubits, but is given {len(operands)}", call.at)
        for qubits in self._broadcast(operands):
            self._apply(call, qubits)
        tokens.at += 1

    def _apply(self, call: Call, qubits: tuple[int, ...]) -> None:
        if len(qubits) > 1 and len(set(qubits)) < len(qubits):
            self._tokens.fail(f"`{call.name}` must act on distinct qubits, but one is given twice", call.at)
        if isinstance(call.gate, Primitive) and not call.modifiers:
            self._sink.gate(call.gate.code, qubits, call.angles)
        else:
            self._sink.block(self._block_of(call), qubits)

    def _block_of(self, call: Call) -> Block:
        if not call.modifiers:
            return call.block()
        key = (id(call.gate), call.angles, tuple(call.modifiers))
        block = self._modified.get(key)
        if block is None:
            if len(self._modified) >= _MEMO_LIMIT:
                self._modified.clear()
            block = self._modified[key] = call.block()
        return block

    def _broadcast(self, operands: list[Bits]) -> Iterator[tuple[int, ...]]:
        widths = {len(bits) for bits in operands if not isinstance(bits, int)}
        if not widths:
            yield tuple(operands)  # type: ignore[arg-type]  # all are single
            return
        if len(widths) > 1:
            self._tokens.fail(f"registers in one statement must have one size, but have {sorted(widths)}")
        (width,) = widths
        self._count(width)
        for index in range(width):
            yield tuple(bits if isinstance(bits, int) else bits[index] for bits in operands)

    def _measure(self) -> None:
        qubits = self._names.operand()
        if self._tokens.next != "->":
            self._tokens.fail(f"a measurement must go into a classical bit, but {self._tokens.found()} comes here")
        self._tokens.at += 1
        self._measure_into(qubits, self._names.target())

    def _declare_bits(self) -> None:
        bits = self._names.declare_bits()
        if self._tokens.skip("="):
            self._measured_into(bits)
        else:
            self._tokens.expect(";")

    def _assign(self) -> None:
        target = self._names.target()
        self._tokens.expect("=")
        self._measured_into(target)

    def _measured_into(self, target: Bits) -> None:
        if not self._tokens.skip("measure"):
            self._tokens.fail("a classical bit must be set by `measure`, but something else sets this one")
        self._measure_into(self._names.operand(), target)

    def _measure_into(self, qubits: Bits, target: Bits) -> None:
        sources = (qubits,) if isinstance(qubits, int) else qubits
        targets = (target,) if isinstance(target, int) else target
        if len(sources) != len(targets):
            self._tokens.fail(
                f"a measurement must have as many bits as qubits, but has {len(targets)} and {len(sources)}"
            )
        self._count(len(sources))
        if self._names.integers:
            self._names.forget(targets)
        for qubit, bit in zip(sources, targets, strict=True):
            self._sink.measure(qubit, bit)
        self._tokens.expect(";")

    def _reset(self) -> None:
        for (qubit,) in self._broadcast([self._names.operand()]):
            self._sink.reset(qubit)
        self._tokens.expect(";")

    def _skip(self) -> None:
        while self._tokens.take() != ";":
            pass

    # Declarations

    def _include(self) -> None:
        tokens = self._tokens
        at = tokens.at
        file = tokens.take()
        if file != f'"{_INCLUDES[self._version]}"':
            tokens.fail(f'an include must be of "{_INCLUDES[self._version]}", but is of {file[:80]}', at)
        tokens.expect(";")
        if not self._included:
            self._gates.include()
        self._included = True

    # Control flow

    def _block(self) -> None:
        """One statement, or several in braces with their own names."""
        tokens = self._tokens
        if not tokens.skip("{"):
            self._statement()
            return
        values, held = dict(self._expressions.values), self._names.held()
        while not tokens.skip("}"):
            if tokens.next in {"qubit", "bit", "qreg", "creg", "gate", "let", "opaque", "include"}:
                tokens.fail(f"a declaration must stand outside all blocks, but {tokens.found()} stands in one")
            self._statement()
        self._expressions.values = values
        for name, bits in self._names.held().items():
            if held.get(name) != bits:
                del self._names.bits[name]  # it was set in the block, which may not happen

    def _if(self) -> None:
        tokens = self._tokens
        tokens.expect("(")
        guard = self._expressions.condition()
        tokens.expect(")")
        branch = Branch(bits_of(guard))
        with self._sink.case(branch, guard):
            self._block()
        if self._version == 3 and tokens.skip("else"):
            with self._sink.case(branch, complement(guard)):
                self._block()

    def _switch(self) -> None:
        tokens = self._tokens
        tokens.expect("(")
        target = self._names.target(readable=True)
        bits = (target,) if isinstance(target, int) else target
        tokens.expect(")")
        tokens.expect("{")
        branch, rest = Branch(set(bits)), ALWAYS
        while not tokens.skip("}"):
            guard = rest
            if not tokens.skip("default"):
                tokens.expect("case")
                guard = self._labels(bits, rest)
            rest = both(rest, complement(guard))
            if tokens.next != "{":
                tokens.fail(f"a case must be in braces, but {tokens.found()} comes here")
            with self._sink.case(branch, guard):
                self._block()

    def _labels(self, bits: tuple[int, ...], rest: Guard) -> Guard:
        guard: Guard = ()
        while True:
            guard += both(both(rest, complement(guard)), equality(bits, self._expressions.integer()))
            if not self._tokens.skip(","):
                return guard

    def _for(self) -> None:
        tokens = self._tokens
        self._names.scalar_type()
        name = tokens.name()
        if tokens.take() != "in":
            tokens.fail("`in` must come here", tokens.at - 1)
        at = tokens.at
        numbers: list[int] | range
        if tokens.skip("{"):
            numbers = self._names.numbers("}")
        elif tokens.skip("["):
            numbers = self._names.range_from(self._expressions.integer(), None)
            tokens.expect("]")
        else:
            tokens.fail(f"a loop must run over a range or a set of numbers, but {tokens.found()} comes here")
        self._iterations += _length(numbers)
        if self._iterations > ITERATION_LIMIT:
            tokens.fail(f"loops must run at most {ITERATION_LIMIT:,} times in all, but run {self._iterations:,}", at)
        self._repeat(name, numbers)

    def _repeat(self, name: str, numbers: list[int] | range) -> None:
        tokens = self._tokens
        start, outer = tokens.at, self._expressions.values
        for number in numbers:
            tokens.at = start
            self._expressions.values = outer | {name: number}
            self._block()
        self._expressions.values = outer
        if not numbers:
            closing = "}" if tokens.skip("{") else ""
            tokens.skip_past(closing) if closing else self._skip()

    def _box(self) -> None:
        if self._tokens.skip("["):
            self._tokens.skip_past("]")
        self._block()


def _length(numbers: list[int] | range) -> int:
    if isinstance(numbers, list):
        return len(numbers)
    return max(0, (numbers.stop - numbers.start + numbers.step - (1 if numbers.step > 0 else -1)) // numbers.step)
