"""Gates inside a QPU keep to its coupling map; swaps bring data qubits together, and nothing else changes."""

import dataclasses
import os
import subprocess
import sys
from collections import deque
from itertools import combinations, permutations

import numpy as np
import pytest

from unit.program.interpreters import agrees
from unit.program.mutants import Row, rebuilt, rows_of
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit
from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES
from weft.compiler import compile_circuit
from weft.compiler.local_routing import route_locally
from weft.errors import DoesNotFitError, InvalidProgramError, VerificationError
from weft.network import Network
from weft.program import Op, Program, ProgramBuilder
from weft.program.replay import replay
from weft.program.verify import verify
from weft.simulator.backend import is_static

SWAP = CODES["swap"]
KINDS = ("line", "ring", "grid", "star", "tree")


def coupling_of(kind: str, size: int, rng: np.random.Generator | None = None) -> tuple[tuple[int, int], ...]:
    """Coupled pairs; `rng` gives the positions random numbers, so that no order is special."""
    pairs = {
        "line": [(i, i + 1) for i in range(size - 1)],
        "ring": [(i, (i + 1) % size) for i in range(size if size > 2 else size - 1)],
        "grid": [(i, j) for i in range(size) for j in (i + 1 if i % 3 < 2 else size, i + 3) if j < size],
        "star": [(0, i) for i in range(1, size)],
        "tree": [((i - 1) // 2, i) for i in range(1, size)],
    }[kind]
    names = list(range(size)) if rng is None else rng.permutation(size).tolist()
    return tuple((names[a], names[b]) for a, b in pairs)


def with_couplings(network: Network, couplings) -> Network:
    qpus = zip(network.qpus, couplings, strict=True)
    return dataclasses.replace(network, qpus=tuple(dataclasses.replace(qpu, coupling=pairs) for qpu, pairs in qpus))


def random_coupled_network(rng: np.random.Generator, qubits: int) -> Network:
    """QPUs with room to spare or none, some without a map."""
    count = int(rng.integers(1, 4))
    data = (rng.multinomial(qubits + int(rng.integers(0, 4)), [1 / count] * count)).tolist()
    limit = [None, 2, 3][int(rng.integers(3))]
    network = network_of(str(rng.choice(["all", "line", "star"])), data, limit)
    maps = [coupling_of(str(rng.choice(KINDS)), size, rng) if rng.random() < 0.85 else None for size in data]
    return with_couplings(network, maps)


def check_couplings(program: Program) -> None:
    """Independent of the program's own check: positions are what the names say."""
    for row in np.flatnonzero((program.opcodes == Op.GATE) & (program.qubits[:, 1] >= 0)).tolist():
        first, second = program.qubits[row].tolist()
        if not program.qubit_is_communication[[first, second]].any():
            qpu = program.network.qpus[program.qubit_qpus[first]]
            places = [int(program.qubit_names[qubit].rpartition(".d")[2]) for qubit in (first, second)]
            assert qpu.coupling is None or set(map(tuple, (places, places[::-1]))) & set(qpu.coupling)


def swaps_of(program: Program) -> list[int]:
    return np.flatnonzero((program.opcodes == Op.GATE) & (program.kinds == SWAP) & ~program.is_conditional).tolist()


@pytest.mark.parametrize("seed", range(120))
def test_a_routed_program_computes_its_circuit_on_coupled_pairs_for_the_same_price(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 11))
    make = dynamic_circuit if seed % 3 == 0 else random_circuit
    circuit, network = make(rng, qubits, int(rng.integers(0, 45))), random_coupled_network(rng, qubits)
    compilation = compile_circuit(circuit, network, seed=seed, effort="fast")
    program = compilation.program
    check_couplings(program)
    assert agrees(program, compilation.circuit, seed)
    assert compilation.local_swaps == len(swaps_of(program))
    free = compile_circuit(circuit, with_couplings(network, [None] * len(network.qpus)), seed=seed, effort="fast")
    assert program.ebits_by_link == free.program.ebits_by_link
    assert len(program) == len(free.program) + compilation.local_swaps
    assert free.local_swaps == 0


@pytest.mark.parametrize("kind", KINDS)
def test_many_gates_that_wait_for_each_other_across_qpus(kind: str) -> None:
    """Regions order each other's gates through copies and bits; homes move."""
    moved = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        network = with_couplings(network_of("line", [6] * 4, 3), [coupling_of(kind, 6, rng) for _ in range(4)])
        circuit = random_circuit(rng, 20, 400)
        compilation = compile_circuit(circuit, network, seed=seed, effort="fast")
        program = compilation.program
        check_couplings(program)
        assert compilation.local_swaps > 10
        start = np.flatnonzero(~program.qubit_is_communication)[: circuit.num_qubits]
        homes = replay(program, circuit.num_qubits).homes
        moved += int((program.qubit_qpus[start] != program.qubit_qpus[homes]).sum())
    assert moved > 0


def pairs_circuit(qubits: int, pairs) -> CircuitBuilder:
    builder = CircuitBuilder(qubits)
    for first, second in pairs:
        builder.gate("cx", first, second)
    return builder


def fewest_swaps(size: int, coupling, pairs) -> int:
    """Of any way to make every pair neighbours at some time, in any order and from any start."""
    wanted = [frozenset(pair) for pair in pairs]

    def met(states: tuple[int, ...], before: int) -> int:
        now = {frozenset((states[a], states[b])) for a, b in coupling}
        return before | sum(1 << place for place, pair in enumerate(wanted) if pair in now)

    frontier = deque((states, met(states, 0), 0) for states in permutations(range(size)))
    seen = {(states, mask) for states, mask, _ in frontier}
    while frontier:
        states, mask, swaps = frontier.popleft()
        if mask == (1 << len(wanted)) - 1:
            return swaps
        for a, b in coupling:
            after = list(states)
            after[a], after[b] = after[b], after[a]
            node = (tuple(after), met(tuple(after), mask))
            if node not in seen:
                seen.add(node)
                frontier.append((*node, swaps + 1))
    raise AssertionError


@pytest.mark.parametrize(
    ("kind", "size", "pairs"),
    [
        ("line", 3, list(combinations(range(3), 2))),
        ("line", 4, list(combinations(range(4), 2))),
        ("line", 5, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]),
        ("ring", 5, list(combinations(range(5), 2))),
        ("star", 5, [(0, 1), (1, 2), (2, 3), (3, 4)]),
        ("grid", 6, list(combinations(range(5), 2))),
    ],
)
def test_swaps_are_few(kind: str, size: int, pairs) -> None:
    coupling = coupling_of(kind, size)
    network = with_couplings(network_of("all", [size]), [coupling])
    compilation = compile_circuit(pairs_circuit(size, pairs).build(), network, effort="fast")
    assert 0 < fewest_swaps(size, coupling, pairs) <= compilation.local_swaps <= len(pairs)


def test_a_far_gate_after_a_chain_costs_what_the_way_costs() -> None:
    """Every neighbour's gate comes twice, so that the line is fixed before its ends meet."""
    size = 7
    chain = [(i, i + 1) for i in range(size - 1)] * 3
    network = with_couplings(network_of("all", [size]), [coupling_of("line", size)])
    compilation = compile_circuit(pairs_circuit(size, [*chain, (0, size - 1)]).build(), network, effort="fast")
    assert compilation.local_swaps == size - 2
    assert agrees(compilation.program, compilation.circuit, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_no_swaps_where_a_start_without_them_exists(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = 9
    names = rng.permutation(size).tolist()
    pairs = [(names[a], names[b]) for a, b in coupling_of(kind, size)] * 3
    rng.shuffle(pairs)
    network = with_couplings(network_of("all", [size]), [coupling_of(kind, size, rng)])
    compilation = compile_circuit(pairs_circuit(size, pairs).build(), network, effort="fast")
    check_couplings(compilation.program)
    assert compilation.local_swaps == 0
    assert agrees(compilation.program, compilation.circuit, seed)


def test_nothing_changes_where_nothing_needs_to() -> None:
    chain = pairs_circuit(4, [(0, 1), (1, 2), (2, 3)]).build()
    for coupling in (None, coupling_of("line", 4)):
        program = compile_circuit(chain, with_couplings(network_of("all", [4]), [coupling]), effort="fast").program
        assert route_locally(program, 4) is program


def test_spare_positions_are_used_and_come_last() -> None:
    """Around the middle of a star with as many arms as data qubits, every gate needs the middle."""
    network = with_couplings(network_of("all", [6]), [tuple((5, arm) for arm in range(5))])
    circuit = pairs_circuit(4, [*combinations(range(4), 2)] * 2).build()
    compilation = compile_circuit(circuit, network, effort="fast")
    check_couplings(compilation.program)
    assert agrees(compilation.program, compilation.circuit, 0)
    names = compilation.program.qubit_names
    assert "A.d5" in names
    assert len(names) < 6 or sorted(names) == [f"A.d{position}" for position in range(6)]


def refusal(circuit, network: Network) -> str:
    with pytest.raises(DoesNotFitError) as error:
        compile_circuit(circuit, network, effort="fast")
    return str(error.value)


def test_data_qubits_that_can_never_meet_are_refused() -> None:
    apart = with_couplings(network_of("all", [4]), [((0, 1), (3, 2))])
    message = refusal(pairs_circuit(3, [(0, 1), (1, 2)]).build(), apart)
    assert message.startswith("QPU `A`: data qubits that gates join, in groups of 3, must be connected by `coupling`")
    assert message.endswith("but it connects groups of 2, 2 only")
    nothing = with_couplings(network_of("all", [2]), [()])
    assert "groups of 1, 1 only" in refusal(pairs_circuit(2, [(0, 1)]).build(), nothing)


def test_parts_of_a_map_are_filled_with_what_belongs_together() -> None:
    """Groups of 3, 3 and 2 go into parts of 5 and 3 in one way only; the largest first into the largest would fail."""
    parts = with_couplings(network_of("all", [8]), [((0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (6, 7))])
    groups = [(0, 7), (1, 5), (5, 3), (3, 1), (2, 4), (4, 6), (6, 2)]
    compilation = compile_circuit(pairs_circuit(8, groups * 2).build(), parts, effort="fast")
    check_couplings(compilation.program)
    assert compilation.local_swaps >= 2
    assert agrees(compilation.program, compilation.circuit, 0)


def test_what_is_measured_early_is_measured_last_of_all_that_happens_to_its_qubit() -> None:
    """Otherwise the circuit would no longer count as a unitary followed by measurements."""
    builder = pairs_circuit(5, combinations(range(5), 2))
    builder.add_register("c", 5)
    builder.measure(0, 0)
    for first, second in [*combinations(range(1, 5), 2)] * 3:
        builder.gate("cx", first, second)
    for qubit in range(1, 5):
        builder.measure(qubit, qubit)
    network = with_couplings(network_of("all", [5]), [coupling_of("line", 5)])
    program = compile_circuit(builder.build(), network, effort="fast").program
    assert swaps_of(program)
    assert is_static(program)


SCRIPT = """
import sys
sys.path.insert(0, "tests")
import numpy as np
from unit.compiler.test_local_routing import coupling_of, with_couplings
from unit.program.random_cases import network_of, random_circuit
from weft.compiler import compile_circuit
network = with_couplings(network_of("line", [9, 9], 3), [coupling_of("grid", 9), coupling_of("tree", 9)])
print(compile_circuit(random_circuit(np.random.default_rng(4), 16, 150), network, seed=5, effort="fast").program.id)
"""


def test_the_same_bytes_whatever_the_number_of_threads() -> None:
    settings = (
        {"RAYON_NUM_THREADS": "1", "QISKIT_PARALLEL": "FALSE", "PYTHONHASHSEED": "0"},
        {"RAYON_NUM_THREADS": "7", "QISKIT_PARALLEL": "TRUE", "QISKIT_NUM_PROCS": "5", "PYTHONHASHSEED": "1"},
        {"RAYON_NUM_THREADS": "3", "QISKIT_FORCE_THREADS": "TRUE", "PYTHONHASHSEED": "4242"},
    )
    ids = set()
    for setting in settings:
        environment = os.environ | setting
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, check=True
        )
        ids.add(done.stdout.strip())
    assert len(ids) == 1


def routed_example():
    rng = np.random.default_rng(7)
    network = with_couplings(network_of("line", [4, 4], 2), [coupling_of("line", 4)] * 2)
    compilation = compile_circuit(random_circuit(rng, 7, 40), network, effort="fast")
    assert compilation.local_swaps > 4
    return compilation


def is_refused(program: Program, circuit) -> bool:
    try:
        verify(program, circuit)
    except VerificationError:
        return True
    return False


def test_a_program_without_one_of_its_swaps_is_refused() -> None:
    compilation = routed_example()
    rows = rows_of(compilation.program)
    for place in swaps_of(compilation.program):
        mutant = rebuilt(compilation.program, rows[:place] + rows[place + 1 :])
        assert is_refused(mutant, compilation.circuit)


def test_a_program_with_a_swap_of_another_pair_is_refused() -> None:
    """Of another coupled pair, so that what refuses it is not the map."""
    compilation = routed_example()
    program, rows = compilation.program, rows_of(compilation.program)
    for place in swaps_of(program):
        first = rows[place].qubits[0]
        qpu = program.network.qpus[program.qubit_qpus[first]]
        for a, b in qpu.coupling:
            names = [f"{qpu.name}.d{position}" for position in (a, b)]
            if all(name in program.qubit_names for name in names):
                pair = tuple(program.qubit_names.index(name) for name in names)
                if set(pair) != set(rows[place].qubits):
                    mutant = rebuilt(program, [*rows[:place], Row(Op.GATE, SWAP, pair), *rows[place + 1 :]])
                    assert is_refused(mutant, compilation.circuit)


def by_hand(*names: str) -> ProgramBuilder:
    builder = ProgramBuilder(with_couplings(network_of("all", [3]), [((0, 1), (2, 1))]))
    for name in names:
        builder.add_qubit(name, 0)
    return builder


def test_a_gate_on_a_pair_that_is_not_coupled_is_refused_by_verification() -> None:
    for names, works in ((("A.d2", "A.d1"), True), (("A.d2", "A.d0"), False)):
        builder = by_hand(*names)
        builder.gate("cx", 0, 1)
        circuit = pairs_circuit(2, [(0, 1)]).build()
        if works:
            verify(builder.build(), circuit)
        else:
            with pytest.raises(
                VerificationError, match=r"gate on A.d2, A.d0\): a gate on two data qubits must act on a"
            ):
                verify(builder.build(), circuit)


@pytest.mark.parametrize("names", [("A.d0", "A.d3"), ("A.d0", "A.d0"), ("q", "A.d1"), ("A.d01",), ("B.d0",)])
def test_data_qubits_on_a_map_are_named_after_their_positions(names: tuple[str, ...]) -> None:
    with pytest.raises(InvalidProgramError, match="each data qubit must be named after a position"):
        by_hand(*names).build()
