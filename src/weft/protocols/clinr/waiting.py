"""Waits of qubits between their operations, put in as operations of their own, so that noise can strike them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from weft.protocols.clinr.depth import Convention, stage_ends, start_times
from weft.protocols.clinr.operations import IDLE, MEASURE_X, MEASURE_Z, PAIR, PREPARE_X, PREPARE_Z, Operations

_BEGIN, _END = {PREPARE_X, PREPARE_Z, PAIR}, {MEASURE_X, MEASURE_Z}


def with_waits(operations: Operations, convention: Convention, *, hold_data: bool = False) -> Operations:
    """The same operations and, wherever a qubit waits under a convention, its wait.

    A qubit waits from its preparation to its measurement, and to the end of each stage if that comes before its next operation.
    Pairs of links do not wait before they are used: their infidelity is meant for that moment.

    Args:
        operations: without waits.
        convention: says when operations happen.
        hold_data: whether all qubits hold data from the beginning on.
    """
    starts, ends = start_times(operations, convention).tolist(), stage_ends(operations, convention).tolist()
    since = [0.0 if hold_data else np.inf] * operations.num_qubits  # infinite while there is nothing to lose
    ahead = _starts_by_qubit(operations, starts)
    waits: list[tuple[int, int, int, float]] = []  # before which row, qubit, stage, how long

    def wait(row: int, qubit: int, stage: int, until: float) -> None:
        if until > since[qubit]:
            waits.append((row, qubit, stage, until - since[qubit]))
            since[qubit] = until

    kinds, stages = operations.kinds.tolist(), operations.stages.tolist()
    lasting = operations.is_two_qubit_gate.tolist()
    for row, operands in enumerate(operations.qubits.tolist()):
        for qubit in operands[: 1 + (operands[1] >= 0)]:
            ahead[qubit].pop()
            wait(row, qubit, stages[row], starts[row])
            if kinds[row] in _BEGIN:
                since[qubit] = starts[row]
            elif kinds[row] in _END:
                since[qubit] = np.inf
            else:
                since[qubit] = max(since[qubit], starts[row] + lasting[row]) if np.isfinite(since[qubit]) else np.inf
        if row + 1 == len(kinds) or stages[row + 1] != stages[row]:
            for qubit in range(operations.num_qubits):
                wait(row + 1, qubit, stages[row], min(ends[stages[row]], ahead[qubit][-1]))
    return _inserted(operations, waits)


def _starts_by_qubit(operations: Operations, starts: list[float]) -> list[list[float]]:
    """When each qubit's operations begin, the next one last; behind them all, infinity."""
    ahead: list[list[float]] = [[np.inf] for _ in range(operations.num_qubits)]
    for start, operands in zip(reversed(starts), reversed(operations.qubits.tolist()), strict=True):
        for qubit in operands[: 1 + (operands[1] >= 0)]:
            ahead[qubit].append(start)
    return ahead


def _inserted(operations: Operations, waits: list[tuple[int, int, int, float]]) -> Operations:
    """Puts each wait before its row."""
    columns = np.array(waits, dtype=np.float64).reshape(-1, 4)
    before = columns[:, 0].astype(np.int64)
    qubits = np.full((len(waits), 2), -1, dtype=np.int32)
    qubits[:, 0] = columns[:, 1]
    return replace(
        operations,
        kinds=np.insert(operations.kinds, before, IDLE),
        qubits=np.insert(operations.qubits, before, qubits, axis=0),
        stages=np.insert(operations.stages, before, columns[:, 2].astype(np.int32)),
        readings=np.insert(operations.readings, before, -1),
        remote=np.insert(operations.remote, before, values=False),
        waits=np.insert(operations.waits, before, columns[:, 3]),
    )
