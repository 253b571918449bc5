"""Which wires an operator joins: its finest division into operators on fewer wires.

Draw a line from input i to output j if U X_i U† or U Z_i U† acts on j. Then U is a product of one operator for each connected
group of wires, from its inputs to its outputs, and of no more. For if U is a product of operators from A to B and from the other
inputs to the other outputs, no line leaves (A, B). And where no line leaves (A, B), U turns operators on A into operators on B, and
the others into the others, so it is such a product; hence A and B are equally many.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import GATES, MEASURE, PAULIS, Matrix, matrix_of
from weft.compiler.operators import applied

_TOLERANCE = 1e-8
_MOST_GATES, _MOST_QUBITS = 100_000, 2_000

_BY_XZ = tuple(PAULIS[[0, 3, 1, 2]])
"""Paulis by 2x + z, where x and z say whether one has an X and a Z."""

Action = tuple[tuple[int, ...], ...]


def clifford_groups(circuit: Circuit) -> list[int] | None:
    """How many inputs are in each group of wires of a Clifford circuit; None if it has another gate or is too large.

    Follows all X_i and Z_i through the circuit at once. A qubit holds two integers whose bits say which of them have an X and
    which a Z there, so a gate is a few additions modulo 2: Aaronson and Gottesman, Phys. Rev. A 70, 052328 (2004).

    Args:
        circuit: without conditions and resets; measurements are passed over.
    """
    count = circuit.num_qubits
    if len(circuit) > _MOST_GATES or count > _MOST_QUBITS:
        return None
    # X of qubit q in column 2q, Z in column 2q + 1; bit i of a column is for X_i, bit n + i for Z_i.
    columns = [1 << (qubit + count * which) for qubit, which in product(range(count), (0, 1))]
    rows = zip(circuit.opcodes.tolist(), circuit.qubits.tolist(), circuit.angles.tolist(), strict=True)
    for code, (first, second), angles in rows:
        if code == MEASURE:
            continue
        action = _action(code, tuple(angles[: GATES[code].angles]))
        if action is None:
            return None
        places = [2 * first, 2 * first + 1] if second < 0 else [2 * first, 2 * first + 1, 2 * second, 2 * second + 1]
        before = [columns[place] for place in places]
        for place, sources in zip(places, action, strict=True):
            total = 0
            for source in sources:
                total ^= before[source]
            columns[place] = total
    acting = [columns[2 * qubit] | columns[2 * qubit + 1] for qubit in range(count)]
    return _sizes([(bits | bits >> count) & ((1 << count) - 1) for bits in acting])


def groups_of_operator(operator: Matrix) -> list[int]:
    """How many inputs are in each group of wires of a unitary.

    An operator acts on a wire unless it commutes with X and Z there, which is tried on one random vector. To miss a line that way
    has probability zero, and would make groups smaller, never larger.

    Args:
        operator: shape (2^n, 2^n).
    """
    count = operator.shape[0].bit_length() - 1
    rng = np.random.default_rng(0)
    vector = rng.standard_normal(2**count) + 1j * rng.standard_normal(2**count)
    vector /= np.linalg.norm(vector)
    probes = list(product(range(count), (_BY_XZ[1], _BY_XZ[2])))
    turned = [vector, *(applied(pauli, vector, [wire], count) for wire, pauli in probes)]
    pulled = operator.conj().T @ np.column_stack(turned)
    images = operator @ np.hstack([applied(pauli, pulled, [wire], count) for wire, pauli in probes])
    joined = [0] * count
    for (source, _), block in zip(probes, np.split(images, len(probes), axis=1), strict=True):
        for column, (target, pauli) in enumerate(probes, start=1):
            difference = block[:, column] - applied(pauli, block[:, 0], [target], count)
            joined[target] |= int(np.linalg.norm(difference) > _TOLERANCE) << source
    return _sizes(joined)


def _sizes(joined: list[int]) -> list[int]:
    """Inputs in each connected group, from the inputs that are joined to each output, as bits."""
    groups: list[int] = []
    for inputs in joined:
        union, others = inputs, []
        for group in groups:
            if group & inputs:
                union |= group
            else:
                others.append(group)
        groups = [*others, union]
    return [group.bit_count() for group in groups]


@lru_cache(maxsize=4096)
def _action(code: int, angles: tuple[float, ...]) -> Action | None:
    """What a Clifford gate does to Paulis U P U†; None for other gates.

    Returns:
        For each of X and Z on each operand of the result: which of X and Z on each operand contribute to it.
    """
    qubits, matrix = GATES[code].qubits, matrix_of(code, angles)
    labels = list(product(range(4), repeat=qubits))
    basis = [_product(label) for label in labels]
    contributions: list[list[int]] = [[] for _ in range(2 * qubits)]
    for source in range(2 * qubits):
        label = [0] * qubits
        label[source // 2] = 2 if source % 2 == 0 else 1
        image = matrix @ _product(tuple(label)) @ matrix.conj().T
        weights = np.array([abs(np.vdot(pauli, image)) for pauli in basis]) / 2**qubits
        found = int(np.argmax(weights))
        if np.sum(weights) - weights[found] > _TOLERANCE:
            return None
        for operand, pauli in enumerate(labels[found]):
            if pauli & 2:
                contributions[2 * operand].append(source)
            if pauli & 1:
                contributions[2 * operand + 1].append(source)
    return tuple(tuple(sources) for sources in contributions)


def _product(label: tuple[int, ...]) -> Matrix:
    answer = np.eye(1, dtype=np.complex128)
    for pauli in label:
        answer = np.kron(answer, _BY_XZ[pauli]).astype(np.complex128)
    return answer
