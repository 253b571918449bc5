"""The canonical serial form of a program: a JSON header, then the columns as little-endian bytes, in a fixed order."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit import Register
from weft.errors import InvalidProgramError, WeftError
from weft.network import QPU, BellPair, Link, Network, keys_of
from weft.program.program import Program
from weft.program.validate import validate

_MAGIC = b"weft program 1\n"
_COLUMNS = {
    "qubit_qpus": "<i4",
    "qubit_is_communication": "|b1",
    "opcodes": "|u1",
    "kinds": "|u1",
    "qubits": "<i4",
    "angles": "<f8",
    "bits": "<i4",
    "links": "<i4",
    "read_offsets": "<i8",
    "read_bits": "<i4",
    "read_roles": "|u1",
}
_SHAPES = {"qubits": (-1, 2), "angles": (-1, 3)}


def to_bytes(program: Program) -> bytes:
    """Writes a program; equal programs give equal bytes on every machine."""
    columns = {name: np.asarray(getattr(program, name), dtype=dtype) for name, dtype in _COLUMNS.items()}
    header = {
        "circuit": program.circuit_name,
        "network": _network_out(program.network),
        "registers": [[register.name, list(register.bits)] for register in program.registers],
        "num_clbits": program.num_clbits,
        "num_bits": program.num_bits,
        "qubit_names": list(program.qubit_names),
        "sizes": [int(column.size) for column in columns.values()],
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    body = b"".join(np.ascontiguousarray(column).tobytes() for column in columns.values())
    return _MAGIC + text + b"\n" + body


def from_bytes(data: bytes) -> Program:
    """Reads what `to_bytes` wrote, and checks it.

    Raises:
        InvalidProgramError: if the bytes are not a whole and valid program, in the one form that it has.
    """
    data = bytes(data)  # what could still change must not be shared
    if not data.startswith(_MAGIC):
        raise InvalidProgramError(f"a program must start with {_MAGIC.decode().strip()!r}, but these bytes do not")
    try:
        end = data.index(b"\n", len(_MAGIC))
        header = json.loads(data[len(_MAGIC) : end])
        columns = _columns_in(data, header["sizes"], end + 1)
        program = Program(
            circuit_name=_text(header["circuit"]),
            network=_network_in(header["network"]),
            registers=tuple(Register(_text(name), tuple(map(_whole, bits))) for name, bits in header["registers"]),
            num_clbits=_whole(header["num_clbits"]),
            num_bits=_whole(header["num_bits"]),
            qubit_names=tuple(map(_text, header["qubit_names"])),
            **columns,
        )
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        detail = str(error) if isinstance(error, WeftError) else f"it does not ({error})"
        raise InvalidProgramError(f"a program must hold a header and all of its columns, but {detail}") from None
    validate(program)
    if to_bytes(program) != data:
        raise InvalidProgramError("a program must be in its canonical form, without anything after it, but is not")
    return program


def _columns_in(data: bytes, sizes: list[int], position: int) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {}
    for (name, dtype), size in zip(_COLUMNS.items(), sizes, strict=True):
        column = np.frombuffer(data, dtype=dtype, count=size, offset=position)
        if column.dtype == np.bool_ and np.any(column.view(np.uint8) > 1):
            raise ValueError(f"a value of `{name}` is neither 0 nor 1")
        columns[name] = column.reshape(_SHAPES.get(name, (-1,)))
        position += column.nbytes
    return columns


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a name is {value!r}")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"a whole number is {value!r}")
    return value


def _network_out(network: Network) -> dict[str, object]:
    links = [
        keys_of(link) | {"pair": np.ascontiguousarray(link.pair.matrix).view(np.float64).tolist()}
        for link in network.links
    ]
    return {"name": network.name, "qpus": [keys_of(qpu) for qpu in network.qpus], "links": links}


def _network_in(data: dict[str, list[dict[str, object]]]) -> Network:
    qpus = []
    for entry in data["qpus"]:
        coupling = entry["coupling"]
        pairs = None if coupling is None else tuple((int(a), int(b)) for a, b in coupling)  # type: ignore[attr-defined]
        qpus.append(QPU(**(entry | {"coupling": pairs})))  # type: ignore[arg-type]  # checked by the class itself
    links = []
    for entry in data["links"]:
        matrix = np.array(entry["pair"], dtype=np.float64).view(np.complex128)
        pair = BellPair(tuple(tuple(complex(value) for value in row) for row in matrix))
        links.append(Link(**(entry | {"pair": pair})))  # type: ignore[arg-type]  # checked by the class itself
    return Network(name=str(data["name"]), qpus=tuple(qpus), links=tuple(links))
