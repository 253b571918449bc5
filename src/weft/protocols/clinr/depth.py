"""When operations happen, in gate times, under a stated convention.

A two-qubit gate takes one gate time; one-qubit gates, preparations and measurements take none. The conventions:

- `serial`: a QPU does one two-qubit gate at a time.
- `layers`: all gates whose qubits are free are done, in the order given; a stage begins when the one before it is done.
- `overlapped`: as `layers`, but checks begin on the qubits that are ready while the preparation of others still goes on.

The direct circuit is never shallower than if it were made of perfect matchings: `least_depth`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.protocols.clinr.depth_kernel import start_in_layers
from weft.protocols.clinr.operations import Operations

Convention = Literal["serial", "layers", "overlapped"]
CONVENTIONS: tuple[Convention, ...] = ("serial", "layers", "overlapped")


def start_times(operations: Operations, convention: Convention) -> NDArray[np.float64]:
    """When each operation begins (float64 array, shape (operations,)), as soon as the convention allows.

    Raises:
        InvalidValueError: for an unknown convention.
    """
    if convention not in CONVENTIONS:
        raise InvalidValueError(f"`convention` must be one of {', '.join(CONVENTIONS)}, but is {convention!r}")
    durations = operations.is_two_qubit_gate.astype(np.float64)
    if convention == "serial":
        return np.cumsum(durations) - durations
    stages = operations.stages if convention == "layers" else np.zeros_like(operations.stages)
    starts = np.zeros(len(operations))
    start_in_layers(operations.qubits, durations, stages, np.zeros(operations.num_qubits), starts)
    return starts


def stage_ends(operations: Operations, convention: Convention) -> NDArray[np.float64]:
    """When each stage and all before it are done (float64 array, shape (stages,))."""
    ends = start_times(operations, convention) + operations.is_two_qubit_gate
    last = np.zeros(operations.num_stages)
    np.maximum.at(last, operations.stages, ends)
    return np.maximum.accumulate(last)


def depth(operations: Operations, convention: Convention) -> float:
    """The time that all operations take together, in gate times."""
    return float(stage_ends(operations, convention)[-1])


def injection_time(num_qubits: int, convention: Convention) -> float:
    """How long the Bell measurements of n data qubits take, on one QPU or on both sides of a link."""
    return float(num_qubits) if convention == "serial" else 1.0


def least_depth(num_qubits: int, two_qubit_gates: int) -> int:
    """The depth in layers of a direct circuit made of perfect matchings: ⌈s / ⌊n/2⌋⌉, the least for its size."""
    return -(-two_qubit_gates // (num_qubits // 2))
