"""Circuits whose cost is known from their construction, and what a strategy object of one's own can do."""

import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from unit.compiler.presences import Unchanged
from unit.program.interpreters import agrees
from unit.program.random_cases import network_of, random_circuit
from weft.circuit import load_circuit
from weft.compiler import compile_circuit
from weft.compiler.anneal import Refiner, cost_of
from weft.compiler.presence import Layout, Presence
from weft.compiler.presence_kernel import fits, load_of
from weft.network import load_network
from weft.program.verify import verify


@pytest.mark.parametrize(
    ("circuit", "network", "pairs"),
    [
        ("qft:16", "all:4x5", 12),
        ("qft:16", "line:4x5", 12),
        ("adder:32", "all:2x17", 2),
        ("adder:16", "all:2x9", 2),
        ("adder:32", "all:4x9", 6),
        ("adder:24", "all:4x7", 6),
        ("adder:32", "line:4x9", 6),
    ],
)
def test_no_dearer_than_the_best_known_construction(circuit: str, network: str, pairs: int) -> None:
    """A QFT whose homes wander with its gates; a ripple-carry adder whose carry crosses each border once each way: 2(k − 1)."""
    assert compile_circuit(load_circuit(circuit), load_network(network)).program.ebits <= pairs


@pytest.mark.parametrize("effort", ["fast", "default"])
@pytest.mark.parametrize(
    ("circuit", "network", "pairs"),
    [
        ("qft:16", "all:2x9", 7),
        ("ghz:12", "all:3x4", 2),
        ("ghz:12", "line:4x3", 3),
        ("ghz:6", "all:6x1", 5),
        ("bv:12", "all:3x4", 2),
        ("ghz:12", "all:1x12", 0),
    ],
)
def test_exactly_as_dear_as_known(circuit: str, network: str, pairs: int, effort: str) -> None:
    """k QPUs that share a state of GHZ's kind need k − 1 pairs, and that is enough."""
    program = compile_circuit(load_circuit(circuit), load_network(network), effort=effort).program
    assert program.ebits <= pairs
    if circuit.startswith(("ghz", "qft")):
        assert program.ebits == pairs


@dataclass(frozen=True)
class OneAtATime:
    """Moves the home of each qubit for its whole life where that is cheapest, until nothing improves."""

    rounds: int = 5

    def refine(self, layout: Layout, presence: Presence, seed: int) -> Presence:
        order = np.random.default_rng(seed)
        best, cost = presence, cost_of(layout, presence)
        for _ in range(self.rounds):
            before = cost
            for qubit in order.permutation(len(layout.chains) - 1).tolist():
                chain = slice(layout.chains[qubit], layout.chains[qubit + 1])
                for qpu in range(len(layout.capacities)):
                    trial = Presence(best.sets.copy(), best.homes.copy(), best.kept)
                    trial.sets[chain], trial.homes[chain] = np.uint64(1 << qpu), qpu
                    price = cost_of(layout, trial)
                    if price < cost and fits(layout, load_of(layout, trial.homes)):
                        best, cost = trial, price
            if cost == before:
                break
        return best


class Dealt:
    """A partitioner that deals qubits out in turn, which leaves much to be improved."""

    def __init__(self, qubits: int) -> None:
        self.qubits = qubits

    def partition(self, _hypergraph, capacities, _seed) -> np.ndarray:
        turns = sorted((turn, block) for block, size in enumerate(capacities) for turn in range(size))
        return np.array([block for _, block in turns])[: self.qubits]


@pytest.mark.parametrize("kind", ["all", "line", "ring"])
def test_any_object_that_refines_is_a_refiner(kind: str) -> None:
    """Written in a few lines, it improves what it is given, and what it finds is carried out and verified."""
    mine: Refiner = OneAtATime()
    circuit, network = load_circuit("ghz:8"), network_of(kind, [3, 3, 3])
    compilation = compile_circuit(circuit, network, partitioner=Dealt(8), refiner=mine)
    assert verify(compilation.program, compilation.circuit).passed
    assert agrees(compilation.program, compilation.circuit, 0)
    assert compile_circuit(circuit, network, partitioner=Dealt(8), refiner=mine).program.id == compilation.program.id
    alone = compile_circuit(circuit, network, partitioner=Dealt(8), refiner=Unchanged()).program.ebits
    assert compilation.program.ebits < alone


SCRIPT = """
import sys
sys.path.insert(0, "tests")
import numpy as np
from unit.program.random_cases import network_of, random_circuit
from weft.circuit import load_circuit
from weft.compiler import compile_circuit
from weft.network import load_network
print(compile_circuit(load_circuit("qft:16"), load_network("line:4x5")).program.id)
print(compile_circuit(random_circuit(np.random.default_rng(9), 9, 60), network_of("star", [0, 4, 3, 3], 3)).program.id)
"""


def test_programs_are_the_same_in_any_process_with_any_number_of_threads() -> None:
    """Their id is a digest of their bytes."""
    found = set()
    for threads, hashes in (("1", "0"), ("2", "5")):
        environment = os.environ | {"NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": hashes}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, check=True
        )
        found.add(done.stdout)
    here = [
        compile_circuit(load_circuit("qft:16"), load_network("line:4x5")).program.id,
        compile_circuit(
            random_circuit(np.random.default_rng(9), 9, 60), network_of("star", [0, 4, 3, 3], 3)
        ).program.id,
    ]
    assert found == {"".join(f"{name}\n" for name in here)}
