"""What crosses between QPUs while a program runs, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from weft.program.program import Program
from weft.program.whereabouts import Whereabouts, find_whereabouts


@dataclass(frozen=True, slots=True)
class Traffic:
    """Numbers about a program.

    Attributes:
        copies: made on other QPUs: packets. Copies within a QPU do not count.
        moves: how often the data qubit of a logical qubit is on another QPU than its last one was.
        hub_gates: two-qubit gates on a QPU where neither of their qubits has its data qubit.
        remote_gates: two-qubit gates on a QPU where one of their qubits or both do not; copies serve them.
        local_swaps: data qubits of a QPU that change places.
    """

    copies: int
    moves: int
    hub_gates: int
    remote_gates: int
    local_swaps: int


def traffic(program: Program, num_logical: int) -> Traffic:
    """Counts in a program that verifies; linear in the number of instructions.

    Args:
        program: to count in; its first `num_logical` data qubits hold the logical qubits at the start.
        num_logical: how many logical qubits there are.

    Raises:
        InvalidValueError: if there are fewer data qubits than that.
    """
    return traffic_of(find_whereabouts(program, num_logical))


def traffic_of(found: Whereabouts) -> Traffic:
    """Counts, where the whereabouts of a program are known already."""
    logicals, qpus, *_ = found.homes[np.argsort(found.homes[:, 0], kind="stable")].T
    moved = (logicals[1:] == logicals[:-1]) & (qpus[1:] != qpus[:-1])
    return Traffic(
        copies=int(np.count_nonzero(found.program.qubit_is_communication[found.holdings[:, 1]])),
        moves=int(np.count_nonzero(moved)),
        hub_gates=found.hub_gates,
        remote_gates=found.remote_gates,
        local_swaps=found.local_swaps,
    )


def trusted_nodes_of(program: Program) -> tuple[str, ...]:
    """The trusted nodes that data pass through: whoever runs them can read the data."""
    passed = np.unique(program.qubit_qpus)
    return tuple(qpu.name for place, qpu in enumerate(program.network.qpus) if qpu.trusted and place in passed)
