"""Compiles large random circuits and prints pairs, CPU seconds and memory.

    python benchmarks/scale.py [--qubits 256] [--gates 10000] [--network all:4x65] [--effort default] [--fraction 0.5]

The circuits are layers in which each qubit takes part in a controlled phase with probability `fraction` (in random pairs), else in
a random one-qubit gate. The time to compile kernels is spent on a small circuit before.
"""

from __future__ import annotations

import argparse
import resource

import numpy as np

import weft
from weft.circuit import Circuit, CircuitBuilder
from weft.compiler import compile_circuit


def random_circuit(qubits: int, gates: int, fraction: float, seed: int) -> Circuit:
    """Layers of random one-qubit gates and controlled phases, until there are enough of these."""
    generator = np.random.default_rng(seed)
    builder, count = CircuitBuilder(qubits, name=f"random_n{qubits}"), 0
    while count < gates:
        paired = generator.random(qubits) < fraction
        for qubit in np.flatnonzero(~paired).tolist():
            builder.gate("u", qubit, angles=generator.uniform(-np.pi, np.pi, 3).tolist())
        order = generator.permutation(np.flatnonzero(paired)).tolist()
        for first, second in list(zip(order[::2], order[1::2], strict=False))[: gates - count]:
            builder.gate("cp", first, second, angles=[float(generator.uniform(-np.pi, np.pi))])
            count += 1
    return builder.build()


def main() -> None:
    """Compiles one circuit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, default=256)
    parser.add_argument("--gates", type=int, default=10_000)
    parser.add_argument("--network", default="all:4x65")
    parser.add_argument("--effort", default="default", choices=("fast", "default", "best"))
    parser.add_argument("--fraction", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    compile_circuit(weft.load_circuit("qft:4"), weft.load_network("all:2x2"))
    circuit = random_circuit(options.qubits, options.gates, options.fraction, options.seed)
    compilation = compile_circuit(circuit, weft.load_network(options.network), seed=options.seed, effort=options.effort)
    print(f"two-qubit gates      {compilation.two_qubit_gates:,}")
    print(f"ebits                {compilation.program.ebits:,}")
    print(f"instructions         {len(compilation.program):,}")
    print(f"CPU seconds          {compilation.cpu_seconds:.2f}")
    print(f"peak memory          {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
