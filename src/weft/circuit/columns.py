"""Columns: what builders collect in growing arrays, as NumPy arrays that nobody can change."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray


def frozen_column(values: array[Any], dtype: type) -> NDArray[Any]:
    """A read-only copy of some values.

    Args:
        values: one per row.
        dtype: of the column.
    """
    column: NDArray[Any] = np.array(values, dtype=dtype)
    column.setflags(write=False)
    return column
