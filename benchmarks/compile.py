"""Compiles a table of circuits and compares the Bell pairs with those that other compilers need.

    python benchmarks/compile.py FOLDER PEERS_CSV [--effort default] [--json FILE]

FOLDER holds OpenQASM files. PEERS_CSV has a row for each task: circuit (a file's stem), qubits, qpus, topology (all, line, ring or
grid), what peers need in ebits and in CPU seconds, and best_ebits, the least of these. Each QPU has qubits // qpus + 1 data qubits.
One run with one seed a row; the time to compile kernels is spent on a small circuit before. Ratios are (ours + 1) / (best + 1).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import weft
from weft.compiler import compile_circuit

TOPOLOGIES = {"all": "all:{k}x{d}", "line": "line:{k}x{d}", "ring": "ring:{k}x{d}", "grid": "grid:2x{half}x{d}"}


@dataclass(frozen=True)
class Row:
    """One task: `peer_seconds` is the CPU time of the fastest peer, None where no peer ran."""

    circuit: str
    topology: str
    qpus: int
    ebits: int
    best_ebits: int
    ratio: float
    cpu_seconds: float
    peer_seconds: float | None
    peak_communication_qubits: int


def network_of(task: dict[str, str]) -> str:
    """The shorthand for a task's network."""
    qpus = int(task["qpus"])
    return TOPOLOGIES[task["topology"]].format(k=qpus, half=qpus // 2, d=int(task["qubits"]) // qpus + 1)


def measure(task: dict[str, str], folder: Path, effort: str, seed: int) -> Row:
    """Compiles one task."""
    circuit = weft.load_circuit(folder / f"{task['circuit']}.qasm")
    compilation = compile_circuit(circuit, weft.load_network(network_of(task)), seed=seed, effort=effort)
    program, best = compilation.program, int(task["best_ebits"])
    if not compilation.verification.passed:
        raise SystemExit(f"{task['circuit']} on {network_of(task)} does not verify")
    times = [float(value) for name, value in task.items() if name.endswith("_cpu_s") and value]
    return Row(
        circuit=task["circuit"],
        topology=task["topology"],
        qpus=int(task["qpus"]),
        ebits=program.ebits,
        best_ebits=best,
        ratio=(program.ebits + 1) / (best + 1),
        cpu_seconds=compilation.cpu_seconds,
        peer_seconds=min(times, default=None),
        peak_communication_qubits=max(program.peak_communication_qubits.values()),
    )


def geometric_mean(values: Iterable[float]) -> float:
    """The geometric mean; values must be positive."""
    logarithms = [math.log(value) for value in values]
    return math.exp(sum(logarithms) / len(logarithms))


def summary(rows: list[Row]) -> dict[str, float]:
    """The figures that the targets name."""
    timed = [row.cpu_seconds / row.peer_seconds for row in rows if row.peer_seconds]
    return {
        "rows": len(rows),
        "geometric_mean_ratio": geometric_mean(row.ratio for row in rows),
        "worst_ratio": max(row.ratio for row in rows),
        "rows_above_best": sum(row.ebits > row.best_ebits for row in rows),
        "geometric_mean_cpu_s": geometric_mean(row.cpu_seconds for row in rows),
        "worst_cpu_s": max(row.cpu_seconds for row in rows),
        "geometric_mean_cpu_to_fastest_peer": geometric_mean(timed) if timed else math.nan,
    }


def main() -> None:
    """Runs the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("peers", type=Path)
    parser.add_argument("--effort", default="default", choices=("fast", "default", "best"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", default="", help="rows whose circuit, topology and QPUs, joined by spaces, contain this"
    )
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with arguments.peers.open() as file:
        tasks = [
            task
            for task in csv.DictReader(file)
            if arguments.only in f"{task['circuit']} {task['topology']} {task['qpus']}"
        ]
    for shorthand in ("all:2x2", "line:3x2"):
        compile_circuit(weft.load_circuit("qft:4"), weft.load_network(shorthand))
    print(
        f"{'circuit':24}{'topology':>9}{'QPUs':>5}{'best':>6}{'ours':>6}{'ratio':>7}{'CPU s':>8}{'peer s':>8}{'peak':>6}"
    )
    rows = []
    for task in tasks:
        row = measure(task, arguments.folder, arguments.effort, arguments.seed)
        rows.append(row)
        peer = "" if row.peer_seconds is None else f"{row.peer_seconds:.2f}"
        print(
            f"{row.circuit:24}{row.topology:>9}{row.qpus:5}{row.best_ebits:6}{row.ebits:6}{row.ratio:7.3f}"
            f"{row.cpu_seconds:8.2f}{peer:>8}{row.peak_communication_qubits:6}",
            flush=True,
        )
    figures = summary(rows)
    print()
    for name, value in figures.items():
        print(f"{name:36}{value:10.4g}")
    if arguments.json:
        record = {
            "effort": arguments.effort,
            "seed": arguments.seed,
            "python": sys.version.split()[0],
            "summary": figures,
        }
        arguments.json.write_text(json.dumps({**record, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
