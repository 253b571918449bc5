"""A result as bytes and back: a JSON header and NumPy arrays, never code."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import fields
from typing import Any

import numpy as np

from weft.errors import InvalidValueError
from weft.scheduler import Supply
from weft.simulator.result import Result

_ARRAYS = ("makespans_s", "overlap_sums", "overlap_products")
_DISTRIBUTIONS, _SUPPLY = "distributions", "supply"


def to_bytes(result: Result, **remarks: Any) -> bytes:
    """A result, and remarks beside it that JSON can hold."""
    plain = {
        field.name: getattr(result, field.name)
        for field in fields(result)
        if field.name not in _ARRAYS and field.name != _SUPPLY
    }
    if result.supply is not None:
        plain[_SUPPLY] = {
            field.name: np.asarray(getattr(result.supply, field.name)).tolist() for field in fields(result.supply)
        }
    if result.distributions is not None:
        plain[_DISTRIBUTIONS] = [{key.hex(): weight for key, weight in stage.items()} for stage in result.distributions]
    header = json.dumps({"result": plain, "remarks": remarks}).encode()
    arrays = {name: getattr(result, name) for name in _ARRAYS}
    file = io.BytesIO()
    np.savez(file, header=np.frombuffer(header, dtype=np.uint8), **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> tuple[Result, dict[str, Any]]:
    """A result and the remarks that were kept beside it.

    Raises:
        InvalidValueError: if the bytes are no result.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            header = json.loads(file["header"].tobytes())
            arrays = {name: file[name] for name in _ARRAYS}
        plain = header["result"]
        if plain[_DISTRIBUTIONS] is not None:
            plain[_DISTRIBUTIONS] = tuple(
                {bytes.fromhex(key): weight for key, weight in stage.items()} for stage in plain[_DISTRIBUTIONS]
            )
        if _SUPPLY in plain:
            plain[_SUPPLY] = _supply(plain[_SUPPLY])
        for name in ("seeds", "notes"):
            plain[name] = tuple(plain[name])
        return Result(**plain, **arrays), header["remarks"]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise InvalidValueError("a saved result must hold what Weft wrote, but this one does not") from None


def _supply(plain: dict[str, Any]) -> Supply:
    arrays: dict[str, Any] = {
        name: np.array(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    for name, array in arrays.items():
        if isinstance(array, np.ndarray) and array.size == 0:
            arrays[name] = array.astype(np.float64 if name.endswith("_s") else np.int64)
    return Supply(**arrays)
