"""Where to cut: the overhead that is found, a bound on the least there is, and the time that it takes.

    python benchmarks/cut_finding.py [--communication] [--effort fast|default|best] [CIRCUIT CAPACITIES ...]

CAPACITIES are the qubits of each piece, as in 9,9. The last column is the sampling overhead of the best plan in which no
qubit moves, by enumeration, for two pieces and at most 16 qubits.
"""

import argparse
import itertools
import math
import time

import numpy as np

import weft
from weft.compiler.cutting import find_cuts
from weft.protocols.cutting.gate_cuts import gate_overheads

CASES = (
    "qft:8 5,5", "qft:16 9,9", "qft:16 8,8", "qft:16 5,6,6", "qft:24 13,13", "ghz:40 1,1", "wstate:20 1,1", "bv:20 10,10",
    "adder:16 6,6,6", "adder:20 12,12", "adder:40 20,20", "adder:40 11,11,11,11", "qaoa:16x1 9,9", "qaoa:20x2 11,11",
    "qaoa:40x1 20,20", "qaoa:40x1 14,14,14", "clifford:12x40 7,7", "clifford:30x60 15,15", "clifford:40x80 10,10,10,10", "qv:8 5,5",
)  # fmt: skip


def fixed_division(circuit, capacities):
    """The sampling overhead of the best plan in which no qubit moves; none where there are too many to try."""
    if len(capacities) != 2 or circuit.num_qubits > 16 or sum(capacities) < circuit.num_qubits:
        return None
    costs = np.zeros((circuit.num_qubits,) * 2)
    gates = circuit.qubits[:, 1] >= 0
    np.add.at(costs, tuple(circuit.qubits[gates].T), np.log(gate_overheads(circuit)[gates]))
    best = math.inf
    for size in range(circuit.num_qubits - capacities[1], capacities[0] + 1):
        for chosen in itertools.combinations(range(circuit.num_qubits), size):
            inside = np.zeros(circuit.num_qubits, dtype=bool)
            inside[list(chosen)] = True
            best = min(best, costs[inside][:, ~inside].sum() + costs[~inside][:, inside].sum())
    return scientific(best)


def scientific(log_overhead):
    """γ² as a decimal, whatever its size."""
    exponent, digits = divmod(2 * log_overhead / math.log(10), 1)
    return f"{10**digits:.2f}e{int(exponent)}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*", metavar="CIRCUIT CAPACITIES")
    parser.add_argument("--communication", action="store_true")
    parser.add_argument("--effort", default="default")
    arguments = parser.parse_args()
    words = arguments.cases or " ".join(CASES).split()
    find_cuts(weft.load_circuit("qft:4"), [3, 3])  # compiles the kernels
    print(
        f"{'circuit':15}{'pieces':>13}{'γ²':>11}{'γ² ≥':>11}{'proven':>8}{'gates':>7}{'wires':>7}{'CPU s':>7}{'fixed':>11}"
    )
    for name, text in zip(words[::2], words[1::2], strict=True):
        circuit, capacities = weft.load_circuit(name), [int(size) for size in text.split(",")]
        started = time.process_time()
        found = find_cuts(circuit, capacities, communication=arguments.communication, effort=arguments.effort)
        seconds = time.process_time() - started
        bound = found.lower_bound_log_overhead
        print(
            f"{name:15}{text:>13}{scientific(found.log_overhead):>11}{scientific(bound) if bound is not None else '—':>11}"
            f"{'yes' if found.proven_optimal else 'no':>8}{len(found.plan.gate_cuts):>7}{len(found.plan.wire_cuts(circuit)):>7}"
            f"{seconds:>7.1f}{fixed_division(circuit, capacities) or '—':>11}",
            flush=True,
        )


if __name__ == "__main__":
    main()
