"""OpenQASM 2 and 3 text into Qiskit's `QuantumCircuit`, by Qiskit's own importers, and from there into a `Circuit`.

Version 2 is read by `qiskit.qasm2`, which is fast. Version 3 that says no more than version 2 could is respelt and takes
the same way (`flattening.py`); the rest goes to Qiskit's complete importer, `qiskit.qasm3.loads`, which takes about a
quarter of a millisecond per statement and is therefore limited to `STATEMENT_LIMIT` of them. Qiskit's fast importer of version 3,
`loads_experimental`, is not used: it refuses `pi/2`, the user's gates, reset, modifiers and `if`, panics and prints on
some errors, and lets `cx q[0], q[0]` pass.

The complete importer has faults of its own. Constants, and loop variables as indices, which it does not know, are
written out before it sees the text (`unfolding.py`). It binds a gate's parameters in alphabetical order, whatever their
order is, and refuses `c[0] == 1`: such texts are respelt. It loses slices that run down to 0: those are refused
(`respelling.py`). What it does not know at all (`switch`, variables, subroutines, conditions other than on a bit or on
`register == number`) is refused in its own words.

Barriers are dropped: Weft schedules for itself. Delays are refused.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from typing import Any, NoReturn

from weft.circuit.circuit import Circuit
from weft.circuit.flattening import STANDARD, Flat, flatten
from weft.circuit.gates import CODES, GATES
from weft.circuit.openqasm_tokens import Text
from weft.circuit.qiskit_import import from_qiskit
from weft.circuit.respelling import escaped_names, respell
from weft.circuit.unfolding import unfold
from weft.errors import InvalidCircuitError, WeftError

STATEMENT_LIMIT = 200_000
"""The most statements, definitions written out, that the slow importer of OpenQASM 3 is given."""
_KNOWN_SIZE_LIMIT = 100
_INCLUDES = {2: "qelib1.inc", 3: "stdgates.inc"}
_UNREADABLE = "a circuit must be one that Qiskit can read, but it says"
_PLACE = re.compile(r"(?:<input>:|L)?(\d+)[,:]C?\d+: (.*)", re.DOTALL)
_DEFINITION = re.compile(r"\bgate\s+(\w+)\s*(?:\(([^()]*)\))?([^{}]*)\{[^{}]*\}")


def read_openqasm(text: str, name: str, source: str | None = None) -> Circuit:
    """Reads OpenQASM 2 or 3.

    Args:
        text: of the program; without a version line it is version 2 unless it declares qubits or bits as version 3 does.
        name: of the circuit.
        source: what messages call the text; the name by default.

    Raises:
        InvalidCircuitError: naming the line where one is known, if the text is malformed or asks for what Weft lacks.
    """
    source = name if source is None else source
    program = Text(text, source)
    version = _version(program)
    _check_includes(program, version)
    with _refusing(source):
        circuit, names = _version_2(program) if version == 2 else _version_3(program)
        return from_qiskit(circuit, names=names).renamed(name)


def _version(text: Text) -> int:
    header = re.match(r"\s*OPENQASM\s+([\w.]+)", text.body)
    if header is None:
        return 3 if re.search(r"\b(?:qubit|bit)\b", text.body) else 2
    number = header.group(1).split(".")[0]
    if number not in {"2", "3"}:
        text.fail(f"the version of OpenQASM must be 2 or 3, but is {header.group(1)[:20]}", header.start(1))
    return int(number)


def _check_includes(text: Text, version: int) -> None:
    for match in re.finditer(r"\binclude\b\s*([^;]*)", text.body):
        file = match.group(1).strip()
        if file != f'"{_INCLUDES[version]}"':
            text.fail(f'an include must be of "{_INCLUDES[version]}", but is of {file[:80]}', match.start())


def _version_2(text: Text) -> tuple[Any, dict[str, str | None]]:
    from qiskit.circuit.library import IGate
    from qiskit.qasm2 import LEGACY_CUSTOM_INSTRUCTIONS, CustomInstruction

    text.check_sizes()
    known = [instruction for instruction in LEGACY_CUSTOM_INSTRUCTIONS if instruction.name != "u0"]
    known.append(CustomInstruction("u0", 1, 1, lambda _: IGate(), builtin=True))  # Qiskit's is as many as it says
    circuit = _by_qasm2(text, known, {})
    return circuit, {register.name: register.name for register in (*circuit.qregs, *circuit.cregs)}


def _version_3(text: Text) -> tuple[Any, Mapping[str, str | None]]:
    unfold(text)
    text.check_sizes()
    flat = flatten(text.body)
    if isinstance(flat, Flat):
        return _flat(text, flat), flat.registers
    work = text.work()
    if work > STATEMENT_LIMIT:
        blank = len(text.body[flat:]) - len(text.body[flat:].lstrip())
        text.fail(
            f"OpenQASM 3 beyond plain gates, measurements and conditions on registers, as here, must come to at most "
            f"{STATEMENT_LIMIT:,} instructions in all, but this text has {work:,}",
            flat + blank,
        )
    respell(text)
    return _complete(text), escaped_names(text.body)


def _flat(text: Text, flat: Flat) -> Any:
    from qiskit.circuit.library import CXGate, get_standard_gate_name_mapping, standard_gates
    from qiskit.qasm2 import CustomInstruction

    classes = {name: type(gate) for name, gate in get_standard_gate_name_mapping().items()}
    classes |= {"phase": classes["p"], "cphase": classes["cp"], "CX": CXGate}
    classes |= {"u1": standard_gates.U1Gate, "u2": standard_gates.U2Gate, "u3": standard_gates.U3Gate}
    known = []
    for name, (angles, qubits) in STANDARD.items():
        known.append(CustomInstruction(name, angles, qubits, classes[name], builtin=True))
    text.body = flat.text
    return _by_qasm2(text, known, flat.gates)


def _by_qasm2(text: Text, known: Any, gates: Mapping[str, str]) -> Any:
    """Reads version 2; definitions that come to a gate that Weft has are taken for it."""
    from qiskit import qasm2

    defined = _DEFINITION.findall(text.body)
    names = {name for name, _, _ in defined}
    known = [instruction for instruction in known if instruction.name not in names]
    recognised = _recognised(text, known, defined, gates)
    return qasm2.loads(text.body, custom_instructions=[*known, *recognised], include_path=())


def _recognised(text: Text, known: Any, defined: list[tuple[str, str, str]], gates: Mapping[str, str]) -> list[Any]:
    """Of the gates defined in a text, those that are what Weft knows under the same name.

    Exporters write out definitions of rzz, ecr and others; taking those at their word would double their cost.
    """
    from qiskit import qasm2
    from qiskit.exceptions import QiskitError
    from qiskit.quantum_info import Operator

    from weft.circuit.qiskit_gates import gate_class

    candidates = []
    for name, parameters, operands in defined:
        code = CODES.get(gates.get(name, name))
        angles = parameters.count(",") + 1 if parameters.strip() else 0
        small = text.sizes.get(gates.get(name, name), 0) <= _KNOWN_SIZE_LIMIT
        if code is not None and small and (GATES[code].qubits, GATES[code].angles) == (operands.count(",") + 1, angles):
            candidates.append((name, code))
    if not candidates:
        return []
    header = 'OPENQASM 2.0;include "qelib1.inc";' if "include" in text.body else "OPENQASM 2.0;"
    definitions = "".join(match.group() for match in _DEFINITION.finditer(text.body))
    values = (0.7, 1.9, -0.4)
    calls = ""
    for name, code in candidates:
        angles_given = ",".join(map(str, values[: GATES[code].angles]))
        calls += f"{name}({angles_given}) {','.join(f'weft[{k}]' for k in range(GATES[code].qubits))};"
    try:
        probe = qasm2.loads(f"{header}{definitions}qreg weft[2];{calls}", custom_instructions=known, include_path=())
        same = [
            Operator(instruction.operation).equiv(Operator(gate_class(code)(*values[: GATES[code].angles])))
            for instruction, (_, code) in zip(probe.data, candidates, strict=True)
        ]
    except QiskitError:
        return []  # the text itself is at fault, and will be told so with the right line
    return [
        qasm2.CustomInstruction(name, GATES[code].angles, GATES[code].qubits, gate_class(code))
        for (name, code), equal in zip(candidates, same, strict=True)
        if equal
    ]


def _complete(text: Text) -> Any:
    from qiskit import qasm3

    return qasm3.loads(text.body)


@contextmanager
def _refusing(source: str) -> Iterator[None]:
    """Turns whatever a parser raises into an error of one line, and keeps it from printing."""
    try:
        with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    except WeftError as error:
        _refuse(source, error)
    except RecursionError:
        raise InvalidCircuitError(f"{source}: a statement must not nest this deep") from None
    except MemoryError:
        raise InvalidCircuitError(f"{source}: a circuit must fit into memory, but this one does not") from None
    except Exception as error:  # noqa: BLE001  # third-party parsers raise what they like on hostile text
        _refuse(source, error)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust, which is no Exception
            raise
        _refuse(source, error)


def _refuse(source: str, error: BaseException) -> NoReturn:
    message = " ".join(str(getattr(error, "message", error)).split())[:300]
    message = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in message)
    if isinstance(error, WeftError):
        raise InvalidCircuitError(message if message.startswith(f"{source}:") else f"{source}: {message}") from None
    place = _PLACE.fullmatch(message)
    if place is not None:
        raise InvalidCircuitError(f"{source}:{place.group(1)}: {_UNREADABLE}: {place.group(2)}") from None
    token = _offending_token(error)
    if token is not None:
        text = token.text if token.text.isprintable() else ascii(token.text)
        found = "the end of the text" if token.text == "<EOF>" else f"`{text[:40]}`"
        raise InvalidCircuitError(
            f"{source}:{token.line}: a statement must be well formed, but {found} comes here"
        ) from None
    reason = message or type(error).__name__
    raise InvalidCircuitError(f"{source}: {_UNREADABLE}: {reason}") from None


def _offending_token(error: BaseException | None) -> Any:
    """The token at which the ANTLR parser gave up, if it did."""
    for cause in (error, getattr(error, "__cause__", None), *getattr(getattr(error, "__cause__", None), "args", ())):
        token = getattr(cause, "offendingToken", None)
        if token is not None:
            return token
    return None
