"""Verification of random mutants of random programs: whatever is accepted computes the circuit."""

from collections import Counter

import numpy as np
import pytest

from unit.program.interpreters import agrees
from unit.program.mutants import OPERATORS, rebuilt, rows_of
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit, random_network
from unit.program.verified_programs import is_right, refused
from weft.compiler import compile_circuit


def hunt(seeds: range, mutants: int) -> Counter[str]:
    """Verifies random mutants of random programs; whatever is accepted must be right."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        qubits = int(rng.integers(2, 5))
        make = random_circuit if seed % 2 else dynamic_circuit
        network = network_of(["line", "all"][seed // 2 % 2], [1] * qubits, [None, 2, 3][seed % 3])
        compilation = compile_circuit(make(rng, qubits, int(rng.integers(1, 9))), network, effort="fast")
        for _ in range(mutants):
            rows = rows_of(compilation.program)
            operators = rng.choice(len(OPERATORS), int(rng.choice([1, 1, 2, 3]))).tolist()
            for operator in operators:
                OPERATORS[operator](compilation.program, rng, rows)
            if refused(compilation, rows):
                counts["refused"] += 1
                continue
            counts["accepted"] += 1
            names = [OPERATORS[operator].__name__ for operator in operators]
            assert is_right(rebuilt(compilation.program, rows), compilation.circuit), (seed, names)
    return counts


def test_no_wrong_mutant_is_accepted() -> None:
    counts = hunt(range(40), 40)
    assert counts["refused"] > 4 * counts["accepted"] > 0


@pytest.mark.slow
def test_no_wrong_mutant_is_accepted_out_of_many() -> None:
    hunt(range(1000, 1200), 150)


@pytest.mark.parametrize("seed", range(30))
def test_verification_and_interpretation_agree_on_right_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(1, 6))
    compilation = compile_circuit(dynamic_circuit(rng, qubits, 15), random_network(rng, qubits), effort="fast")
    assert compilation.verification.passed
    assert agrees(compilation.program, compilation.circuit, seed)
