"""How few Bell pairs any program can do with, from the operator that it must compute.

What counts as a program here is what Weft's verifier accepts, and more: local operations, classical messages and Bell pairs that
compute the circuit's operator, for every input of its qubits and up to a phase, in every branch. Inputs start on data qubits of
any QPUs and outputs end on data qubits of any QPUs, the same or others, as capacities allow. A circuit that ends in measurements is
one whose operator is computed in full and measured then. So the bound does not speak of programs that only give the same counts:
those may use that qubits start in |0⟩, or that a qubit about to be measured can be measured earlier.

Everything rests on one fact. Let inputs A and outputs B be on one side of a cut of the QPUs, and the rest on the other. Local
operations with e pairs across the cut act, in each branch, as an operator of Schmidt rank at most 2^e across it. So e is at least
the logarithm of the operator's rank for (A, B), rounded up. From here there are two ways:

* `splits.py`: ranks of all (A, B) of a small circuit, and the least sum over QPUs, which counts each pair twice.
* `wires.py`: which wires an operator joins. For a group of wires that it joins as a whole, every cut of the QPUs that hold them has
  rank at least 2, so pairs must connect these QPUs: at least one fewer than there are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE, RESET
from weft.compiler.operators import operator_of
from weft.compiler.splits import bound_from_splits
from weft.compiler.wires import clifford_groups, groups_of_operator
from weft.network import Network

_MOST_QUBITS = 8
"""Of which a matrix is made; ranks of all splits take 0.2 s then."""
_MOST_WORK = 100_000_000
"""Of making a matrix: entries times gates; 0.15 s."""


def lower_bound_ebits(circuit: Circuit, network: Network) -> int | None:
    """The Bell pairs that no program for a circuit on a network can do without; the module says what a program is.

    Takes less than about 0.3 s.

    Args:
        circuit: to be computed.
        network: to run on; a pair joins two QPUs with a link.

    Returns:
        0 if the circuit fits on one QPU. Otherwise None where no bound is known: if the circuit does not fit on the network, if it
        has conditions, resets, or measurements that are not at its end, or if it is neither small nor Clifford.
    """
    capacities = sorted((qpu.data_qubits for qpu in network.qpus), reverse=True)
    if circuit.num_qubits <= capacities[0]:
        return 0
    if circuit.num_qubits > sum(capacities) or not _has_operator(circuit):
        return None
    known: list[Callable[[], int | None]] = [
        lambda: _bound_of_clifford(circuit, capacities),
        lambda: _bound_of_small(circuit, capacities),
    ]
    bounds = [bound for find in known if (bound := find()) is not None]
    return max(bounds, default=None)


def _has_operator(circuit: Circuit) -> bool:
    """Whether there are no conditions and no resets, and nothing follows a measurement on its qubit."""
    if len(circuit.condition_bits) or np.any(circuit.opcodes == RESET):
        return False
    last = np.full(circuit.num_qubits, -1)
    rows = np.arange(len(circuit))
    for operand in (0, 1):
        there = circuit.qubits[:, operand] >= 0
        np.maximum.at(last, circuit.qubits[there, operand], rows[there])
    measured = np.flatnonzero(circuit.opcodes == MEASURE)
    return bool(np.all(last[circuit.qubits[measured, 0]] == measured))


def _bound_of_clifford(circuit: Circuit, capacities: list[int]) -> int | None:
    groups = clifford_groups(circuit)
    return None if groups is None else bound_from_groups(groups, capacities)


def _bound_of_small(circuit: Circuit, capacities: list[int]) -> int | None:
    gates = int(np.count_nonzero(circuit.opcodes != MEASURE))
    if circuit.num_qubits > _MOST_QUBITS or gates * 4**circuit.num_qubits > _MOST_WORK:
        return None
    operator = operator_of(circuit)
    connecting = bound_from_groups(groups_of_operator(operator), capacities)
    return max(connecting, bound_from_splits(operator, capacities) or 0)


def bound_from_groups(groups: list[int], capacities: list[int]) -> int:
    """The pairs that are needed to connect QPUs that hold a group of wires that an operator joins, for the best choice of QPUs.

    A group of g wires needs at least the m largest QPUs that hold g, and m − 1 pairs to connect them. With several groups, the
    rank for a QPU is at least 2 to the power of groups that are on it and elsewhere; over all QPUs that is the sum of all m > 1,
    and a pair counts for two QPUs.

    Args:
        groups: how many inputs, and as many outputs, are in each group.
        capacities: data qubits of the QPUs, descending.
    """
    held = np.cumsum(capacities)
    spans = [int(np.searchsorted(held, size)) + 1 for size in groups]
    return max(max(spans) - 1, -(-sum(span for span in spans if span > 1) // 2))
