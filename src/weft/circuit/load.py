"""One way in for circuits: a file, the name of a generator, or an object of Qiskit's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Union

from weft.circuit.circuit import Circuit
from weft.circuit.generators import GENERATORS, generate
from weft.circuit.openqasm import read_openqasm
from weft.circuit.openqasm_tokens import TEXT_LIMIT
from weft.errors import InvalidCircuitError

if TYPE_CHECKING:
    from qiskit.circuit import QuantumCircuit

Source = Union[str, Path, Circuit, "QuantumCircuit"]


def load_circuit(source: Source, *, seed: int = 0) -> Circuit:
    """Gets a circuit from wherever it is.

    Args:
        source: a path to an OpenQASM 2 or 3 file, the name of a generator such as `qft:16`, a Qiskit `QuantumCircuit`,
            or a `Circuit`, which is returned as it is. A file goes before a generator of the same name.
        seed: of generators that draw random numbers.

    Returns:
        The circuit; its name is the file's without suffix, or the generator's.

    Raises:
        InvalidCircuitError: if the source names nothing, or what it names is malformed or asks for what Weft lacks.

    >>> load_circuit("ghz:3").two_qubit_gates
    2
    """
    if isinstance(source, Circuit):
        return source
    if _is_from_qiskit(source):
        from weft.circuit.qiskit_import import from_qiskit

        return from_qiskit(source)
    if isinstance(source, Path):
        return _load_file(source)
    if not isinstance(source, str):
        raise InvalidCircuitError(
            f"a circuit must be a path, a generator's name or a Qiskit QuantumCircuit, but is a {type(source).__name__}"
        )
    if not _exists(source):
        if source.partition(":")[0] in GENERATORS:
            return generate(source, seed=seed)
        if "\n" in source:
            raise InvalidCircuitError("a circuit must be a path or a generator's name, but is text; `loads` reads text")
        raise InvalidCircuitError(
            f"a circuit must be a file or a generator, but `{source[:200]}` is neither; "
            f"the generators are {', '.join(f'{name}:{generator.form}' for name, generator in GENERATORS.items())}"
        )
    return _load_file(Path(source))


def loads(text: str, *, name: str = "circuit") -> Circuit:
    """Reads a circuit from OpenQASM 2 or 3 text.

    Args:
        text: the program.
        name: of the circuit, also in messages.

    Raises:
        InvalidCircuitError: naming the line, if the text is malformed or asks for what Weft does not have.
    """
    return read_openqasm(text, name)


def _is_from_qiskit(source: object) -> bool:
    """Whether this is a QuantumCircuit, also of a subclass; Qiskit is not imported to find out."""
    return any(
        kind.__name__ == "QuantumCircuit" and kind.__module__.startswith("qiskit") for kind in type(source).__mro__
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # a name too long for the system, or with a NUL in it
        return False


def _load_file(path: Path) -> Circuit:
    if not _exists(str(path)):
        raise InvalidCircuitError(f"{path}: a circuit's file must exist, but does not")
    if path.is_dir():
        raise InvalidCircuitError(f"{path}: a circuit must be a file, but this is a directory")
    try:
        with path.open("rb") as file:
            data = file.read(TEXT_LIMIT + 1)
    except OSError as error:
        raise InvalidCircuitError(f"{path}: a circuit's file must be readable, but {error.strerror}") from None
    if len(data) > TEXT_LIMIT:
        raise InvalidCircuitError(f"{path}: a circuit's file must have at most {TEXT_LIMIT:,} bytes, but has more")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise InvalidCircuitError(f"{path}:{line}: a circuit must be text, but the file has a NUL byte")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidCircuitError(f"{path}:{line}: a circuit must be UTF-8 text, but {error.reason}") from None
    return read_openqasm(text, path.stem, str(path))
