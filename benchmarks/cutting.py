"""Cutting against qiskit-addon-cutting: the same circuits, cuts, observables and number of shots. Prints a table.

    python benchmarks/cutting.py [--peer PYTHON] [--json FILE]

CPU seconds, imports and compilation of kernels not counted. Weft compiles and simulates every circuit as an ordinary program, and
knits; the peer runs on Qiskit Aer. `--peer` names a Python that has qiskit-addon-cutting and qiskit-aer; without it,
what was reported of the peer stands in, marked so. The error is the root mean square over observables, against exact values.
"noisy" is Weft's CPU time on QPUs with the default noise, where every shot has errors of its own; the peer has no such run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import weft
from weft.circuit import CircuitBuilder
from weft.circuit.qiskit_export import to_qiskit
from weft.network import QPU, ClassicalLink, Network
from weft.protocols.cutting.plan import CutPlan
from weft.study.cutting.knitted import Knitted

SHOTS_PER_EXPERIMENT = 4096


@dataclass(frozen=True)
class Case:
    """One circuit to cut.

    Attributes:
        name: for people.
        circuit: not measured.
        sizes: qubits of each QPU.
        labels: the piece of each qubit, for gate cuts; empty for wire cuts.
        wires: qubits that are cut, in the middle of the circuit; empty for gate cuts.
        observables: Pauli strings.
        before: CPU seconds that the peer took when the target was set.
    """

    name: str
    circuit: weft.Circuit
    sizes: tuple[int, ...]
    labels: str
    wires: tuple[int, ...]
    observables: tuple[str, ...]
    before: float


def ladder(qubits: int, layers: int, seed: int) -> weft.Circuit:
    """Layers of rotations and of CZs between neighbours."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits, name=f"ladder {qubits}")
    for layer in range(layers + 1):
        for qubit in range(qubits):
            builder.gate("ry", qubit, angles=[rng.uniform(0, 6)])
            builder.gate("rz", qubit, angles=[rng.uniform(0, 6)])
        for qubit in range(qubits - 1 if layer < layers else 0):
            builder.gate("cx", qubit, qubit + 1)
    return builder.build()


def relay(qubits: int, shared: int, seed: int) -> weft.Circuit:
    """Two dense blocks of random gates, one after the other, that share some qubits."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits, name=f"relay {qubits}")
    size = (qubits + shared) // 2
    for first in (0, qubits - size):
        for _ in range(4):
            for qubit in range(first, first + size):
                builder.gate("ry", qubit, angles=[rng.uniform(0, 6)])
            for qubit in range(first, first + size - 1):
                builder.gate("cx", qubit, qubit + 1)
    return builder.build()


def cases() -> list[Case]:
    """The three of the comparison."""
    eight = tuple("I" * (6 - k) + axis * 2 + "I" * k for axis in "XYZ" for k in range(7))  # a Heisenberg chain
    twenty = tuple("I" * (18 - k) + "ZZ" + "I" * k for k in range(19))
    return [
        Case("two gate cuts, 8 qubits", ladder(8, 2, 1), (4, 4), "AAAABBBB", (), eight, 22.0),
        Case("two wire cuts, 8 qubits", relay(8, 2, 2), (5, 5), "", (3, 4), eight, 16.0),
        Case("two gate cuts, 20 qubits", ladder(20, 2, 3), (10, 10), "A" * 10 + "B" * 10, (), twenty, 34.0),
    ]


def network_of(sizes: tuple[int, ...], *, noisy: bool = False) -> Network:
    """QPUs that run apart, perfect or with the default noise."""
    (qpu,) = weft.load_network("all:1x1").qpus
    kind = qpu if noisy else QPU("A", 1)
    qpus = tuple(replace(kind, name=chr(ord("A") + place), data_qubits=size) for place, size in enumerate(sizes))
    links = tuple(ClassicalLink(a.name, b.name) for a, b in pairwise(qpus))
    return Network("apart", qpus, (), classical_links=links)


def plan_of(case: Case) -> CutPlan:
    """The cuts that both tools make; Weft on its own would find fewer, because qubits that are done can be used again."""
    circuit = case.circuit
    if case.labels:
        return CutPlan.of_qubits(circuit, np.array([ord(label) - ord("A") for label in case.labels], dtype=np.int32))
    late = np.arange(len(circuit)) >= len(circuit) // 2
    pieces = np.where(circuit.qubits >= 0, late[:, None].astype(np.int32), -1)
    return CutPlan(pieces)


def cut(case: Case, network: Network, shots: int) -> tuple[Knitted, float]:
    """The answer, and the CPU seconds that it took."""
    started = time.process_time()
    observables = list(case.observables)
    found = weft.cut(
        case.circuit, network, plan=plan_of(case), joint=False, observables=observables, shots=shots, seed=1
    )
    assert isinstance(found, Knitted)
    return found, time.process_time() - started


def exact_values(case: Case) -> np.ndarray:
    """Of the observables, from Qiskit's state vector."""
    from qiskit.quantum_info import Pauli, Statevector

    state = Statevector(to_qiskit(case.circuit))
    return np.array([state.expectation_value(Pauli(label)).real for label in case.observables])


def peer(python: str, case: Case) -> dict[str, float]:
    """What the peer says, in a process of its own."""
    from qiskit import qasm2

    task = {
        "qasm": qasm2.dumps(to_qiskit(case.circuit)),
        "labels": case.labels,
        "wires": case.wires,
        "observables": case.observables,
        "shots": SHOTS_PER_EXPERIMENT,
    }
    script = Path(__file__).with_name("cutting_peer.py")
    done = subprocess.run([python, str(script)], input=json.dumps(task), capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", metavar="PYTHON")
    parser.add_argument("--json", metavar="FILE", type=Path)
    options = parser.parse_args()
    table = Table(box=None, pad_edge=False)
    for header in (
        "case",
        "γ²",
        "γ² found",
        "circuits",
        "shots",
        "Weft CPU s",
        "error",
        "peer CPU s",
        "peer error",
        "times less",
        "noisy CPU s",
    ):
        table.add_column(header, justify="left" if header == "case" else "right")
    rows = []
    weft.cut(ladder(4, 1, 0), network_of((2, 2)), observables=["ZZZZ"], shots=2000)
    weft.cut(ladder(4, 1, 0), network_of((2, 2), noisy=True), observables=["ZZZZ"], shots=2000)  # compiles the kernels
    for case in cases():
        truth = exact_values(case)
        other = peer(options.peer, case) if options.peer else None
        shots = int(other["shots"]) if other else SHOTS_PER_EXPERIMENT * 100
        found, seconds = cut(case, network_of(case.sizes), shots)
        _, noisy_seconds = cut(case, network_of(case.sizes, noisy=True), shots)
        error = float(np.sqrt(np.mean((np.array([one.value for one in found.expectations]) - truth) ** 2)))
        peer_seconds = other["cpu_seconds"] if other else case.before
        peer_error = float(np.sqrt(np.mean((np.array(other["values"]) - truth) ** 2))) if other else None
        rows.append(
            {
                "case": case.name,
                "sampling_overhead": found.cutting.overhead**2,
                "circuits": found.circuits,
                "shots": found.shots,
                "cpu_seconds": seconds,
                "error": error,
                "peer_cpu_seconds": peer_seconds,
                "peer_error": peer_error,
                "times_less": peer_seconds / seconds,
                "noisy_cpu_seconds": noisy_seconds,
            }
        )
        alone = weft.where_to_cut(case.circuit, network_of(case.sizes), measured=False)
        cells = [
            f"{found.cutting.overhead**2:.4g}",
            f"{alone.overhead**2:.4g}",
            f"{found.circuits:,}",
            f"{shots:,}",
        ]
        cells += [f"{seconds:.2f}", f"{error:.4f}", f"{peer_seconds:.1f}" + ("" if other else " (as reported)")]
        cells += ["" if peer_error is None else f"{peer_error:.4f}", f"{peer_seconds / seconds:.1f}"]
        cells.append(f"{noisy_seconds:.2f}")
        table.add_row(case.name, *cells)
    Console(width=140).print(table)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
