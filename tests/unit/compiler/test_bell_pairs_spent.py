"""How many Bell pairs a program takes, where that is known."""

from itertools import combinations, product

import numpy as np
import pytest

from unit.compiler.presences import Unchanged
from unit.program.random_cases import network_of, random_circuit
from weft.circuit import Circuit, CircuitBuilder, load_circuit
from weft.circuit.gates import CODES, GATES, matrix_of
from weft.compiler import compile_circuit
from weft.compiler.anneal import Annealing
from weft.compiler.compile import EFFORTS
from weft.compiler.decompose import with_teleportable_gates
from weft.compiler.packets import choose_packets
from weft.compiler.partition import Hypergraph, _fill_to_capacity, hypergraph_of
from weft.compiler.segments import find_segments
from weft.network import Network
from weft.program import Program

PAULIS = np.array([matrix_of(CODES[name]) for name in "xyz"])


class Fixed:
    """A partitioner that has made up its mind."""

    def __init__(self, *blocks: int) -> None:
        self.blocks = blocks

    def partition(self, *_: object) -> np.ndarray:
        return np.array(self.blocks)


def two_qpus(size: int = 4) -> Network:
    return network_of("all", [size, size])


def ebits_at_home(circuit: Circuit, network: Network, *blocks: int) -> int:
    """The pairs of packets alone: every qubit stays where it is put."""
    return compile_circuit(circuit, network, partitioner=Fixed(*blocks), refiner=Unchanged()).program.ebits


def program_of(circuit: Circuit, network: Network, *blocks: int) -> Program:
    return compile_circuit(circuit, network, partitioner=Fixed(*blocks)).program


def circuit_of(qubits: int, *gates: tuple) -> Circuit:
    """Gates as (name, qubits, angles)."""
    builder = CircuitBuilder(qubits)
    for name, operands, *angles in gates:
        builder.gate(name, *operands, angles=angles)
    return builder.build()


def axis_of(matrix: np.ndarray, operand: int) -> np.ndarray:
    """The axis n such that a two-qubit gate commutes with n·σ on an operand: a copy of it along n can serve the gate."""
    on = [np.kron(pauli, np.eye(2)) if operand == 0 else np.kron(np.eye(2), pauli) for pauli in PAULIS]
    commutators = np.array([(matrix @ pauli - pauli @ matrix).ravel() for pauli in on]).T
    _, values, vectors = np.linalg.svd(np.concatenate((commutators.real, commutators.imag)))
    assert values[-1] < 1e-9 < values[-2], "the gate must be diagonal along one axis and no other"
    return vectors[-1]


def stretches(circuit: Circuit) -> list[tuple[int, int, int, int]]:
    """Row, qubit, partner and stretch of each operand of each two-qubit gate. A stretch of a qubit's life ends where the axis of
    the next gate, turned back through the gates on the qubit alone, is another one."""
    turned = [np.eye(2, dtype=complex)] * circuit.num_qubits
    axes: list[np.ndarray | None] = [None] * circuit.num_qubits
    stretch = [0] * circuit.num_qubits
    found = []
    for row, code in enumerate(circuit.opcodes.tolist()):
        first, second = circuit.qubits[row].tolist()
        matrix = matrix_of(code, tuple(circuit.angles[row][: GATES[code].angles].tolist()))
        if second < 0:
            turned[first] = matrix @ turned[first]
            continue
        for operand, (qubit, partner) in enumerate(((first, second), (second, first))):
            along = np.tensordot(axis_of(matrix, operand), PAULIS, 1)
            back = turned[qubit].conj().T @ along @ turned[qubit]
            axis = np.array([np.trace(back @ pauli).real / 2 for pauli in PAULIS])
            before = axes[qubit]
            if before is not None and abs(abs(before @ axis) - 1) > 1e-9:
                stretch[qubit] += 1
            axes[qubit] = axis
            found.append((row, qubit, partner, stretch[qubit]))
    return found


def fewest_packets(circuit: Circuit, homes: np.ndarray) -> int:
    """Brute force from the definition: each remote gate picks an operand; a packet is a stretch of its life, and a QPU."""
    options: dict[int, list[tuple[int, int, int]]] = {}
    for row, qubit, partner, stretch in stretches(circuit):
        if homes[qubit] != homes[partner]:
            options.setdefault(row, []).append((qubit, stretch, int(homes[partner])))
    return min(len(set(choice)) for choice in product(*options.values()))


@pytest.mark.parametrize("seed", range(60))
def test_packets_are_as_few_as_can_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 6))
    circuit, _ = with_teleportable_gates(random_circuit(rng, qubits, 10))
    homes = rng.integers(0, 3, qubits)
    packets = choose_packets(circuit.qubits, find_segments(circuit), homes)
    assert len(packets) == fewest_packets(circuit, homes)


@pytest.mark.parametrize("seed", range(20))
def test_every_remote_gate_is_served_by_a_packet_that_can(seed: int) -> None:
    """A packet copies one stretch of one qubit, from its home to that of the partner."""
    rng = np.random.default_rng(seed)
    circuit, _ = with_teleportable_gates(random_circuit(rng, 6, 60))
    homes = rng.integers(0, 3, 6)
    packets = choose_packets(circuit.qubits, find_segments(circuit), homes)
    owners = homes[circuit.qubits]
    remote = np.flatnonzero((circuit.qubits[:, 1] >= 0) & (owners[:, 0] != owners[:, 1]))
    assert packets.rows.tolist() == remote.tolist()
    stretch_of = {(row, qubit): stretch for row, qubit, _, stretch in stretches(circuit)}
    copied: dict[int, tuple[int, int]] = {}
    for row, packet, operand in zip(packets.rows, packets.of, packets.operand, strict=True):
        assert owners[row, operand] == packets.sources[packet]
        assert owners[row, 1 - operand] == packets.targets[packet]
        qubit = int(circuit.qubits[row, operand])
        what = (qubit, stretch_of[int(row), qubit])
        assert copied.setdefault(int(packet), what) == what
    assert sorted(copied) == list(range(len(packets)))


def test_gates_between_two_turns_of_a_qubit_share_one_pair() -> None:
    cz = [("cz", (0, other)) for other in (2, 3, 4)]
    assert ebits_at_home(circuit_of(5, *cz), two_qpus(), 0, 0, 1, 1, 1) == 1
    apart = [cz[0], ("h", (0,)), cz[1], ("h", (2,)), ("h", (3,)), cz[2]]
    assert ebits_at_home(circuit_of(5, *apart), two_qpus(), 0, 0, 1, 1, 1) == 2


@pytest.mark.parametrize("between", ["t", "rz", "p", "s", "z", "x", "y"])
def test_diagonal_and_antidiagonal_gates_do_not_close_a_packet(between: str) -> None:
    """The X of a Y or an X is done on every copy."""
    angles = [0.3] if between in {"rz", "p"} else []
    gates = ("cx", (0, 1)), (between, (0,), *angles), ("h", (1,)), ("cx", (0, 1))
    assert ebits_at_home(circuit_of(2, *gates), two_qpus(1), 0, 1) == 1


@pytest.mark.parametrize("between", ["h", "ry", "sx"])
def test_other_gates_do(between: str) -> None:
    """On both qubits, because copies of targets serve as well as those of controls."""
    angles = [0.3] if between == "ry" else []
    gates = ("cx", (0, 1)), (between, (0,), *angles), ("t", (1,)), ("cx", (0, 1))
    assert ebits_at_home(circuit_of(2, *gates), two_qpus(1), 0, 1) == 2


def test_a_target_is_copied_as_well_as_a_control() -> None:
    """CX from three qubits of one QPU onto one of another: a copy of the target in the X basis serves all of them."""
    gates = [("cx", (0, 3)), ("rx", (3,), 0.2), ("crx", (1, 3), 0.7), ("cx", (2, 3))]
    network = network_of("all", [3, 1])
    assert ebits_at_home(circuit_of(4, *gates), network, 0, 0, 0, 1) == 1
    assert ebits_at_home(circuit_of(4, gates[0], ("t", (3,)), gates[3]), network, 0, 0, 0, 1) == 2


@pytest.mark.parametrize(
    ("name", "angles", "pairs"),
    [
        ("cx", [], 1),
        ("cu3", [1, 2, 3], 1),
        ("rxx", [0.3], 1),
        ("ecr", [], 1),
        ("dcx", [], 2),
        ("iswap", [], 2),
        ("ryy", [0.3], 1),
        ("rzx", [0.3], 1),
        ("swap", [], 3),
    ],
)
def test_a_lone_gate(name: str, angles: list[float], pairs: int) -> None:
    """With packets alone; the search may also let qubits move."""
    circuit = circuit_of(2, (name, (0, 1), *angles))
    assert ebits_at_home(circuit, two_qpus(1), 0, 1) == pairs
    assert program_of(circuit, two_qpus(1), 0, 1).ebits <= pairs


@pytest.mark.parametrize(("kind", "hops"), [("line", 3), ("ring", 1), ("all", 1), ("star", 2), ("grid", 2)])
def test_a_pair_over_several_hops_costs_one_ebit_each(kind: str, hops: int) -> None:
    """From the second QPU to the last of four in a star; from the first to the last otherwise."""
    network = network_of(kind, [1, 1, 1, 1])
    first = 1 if kind == "star" else 0
    blocks = [first, 3, *(set(range(4)) - {first, 3})]
    # Gates that keep every block where it is: all pairs of QPUs talk about equally, so no exchange gains anything.
    circuit = circuit_of(4, ("cx", (0, 1)))
    compilation = compile_circuit(circuit, network, partitioner=Fixed(*blocks))
    assert compilation.program.ebits == 1  # blocks are moved together
    bound = network_of(kind, [1 if qpu in {first, 3} else 0 for qpu in range(4)])
    program = program_of(circuit_of(2, ("cx", (0, 1)), ("h", (0,)), ("h", (1,)), ("cx", (0, 1))), bound, 0, 1)
    assert program.ebits == 2 * hops
    assert sum(program.ebits_by_link.values()) == 2 * hops


def test_a_circuit_that_fits_one_qpu_costs_nothing() -> None:
    circuit = random_circuit(np.random.default_rng(0), 4, 40)
    for data in ([1, 4, 2], [2, 2, 2, 5], [4], [0, 4]):
        compilation = compile_circuit(circuit, network_of("line", data, 0))
        assert compilation.program.ebits == 0
        assert compilation.nonlocal_gates == 0
        assert compilation.lower_bound_ebits == 0
        assert set(compilation.program.peak_communication_qubits.values()) == {0}


def test_two_circuits_side_by_side_cost_nothing_on_two_qpus() -> None:
    rng = np.random.default_rng(1)
    gates = [("cx", (0, 2)), ("cx", (1, 3)), ("swap", (2, 0)), ("cz", (3, 1))] * 5
    compilation = compile_circuit(circuit_of(4, *gates), network_of("all", [2, 2], 1), seed=int(rng.integers(9)))
    assert compilation.program.ebits == 0


@pytest.mark.parametrize("kind", ["all", "ring", "line"])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("limit", [None, 2])
def test_more_effort_never_costs_more(kind: str, seed: int, limit: int | None) -> None:
    """The attempts of less effort are among those of more; `best` is tried on a smaller circuit below."""
    circuit = random_circuit(np.random.default_rng(seed), 8, 25)
    network = network_of(kind, [3, 2, 2, 1], limit)
    ebits = [
        compile_circuit(circuit, network, seed=seed, effort=effort).program.ebits for effort in ("fast", "default")
    ]
    assert ebits[1] <= ebits[0]


def test_the_most_effort_never_costs_more_either() -> None:
    circuit = random_circuit(np.random.default_rng(1), 4, 8)
    network = network_of("line", [2, 1, 1])
    ebits = [compile_circuit(circuit, network, effort=effort).program.ebits for effort in ("fast", "default", "best")]
    assert ebits == sorted(ebits, reverse=True)


def test_less_effort_is_part_of_more() -> None:
    """This is why more effort never costs more."""
    assert EFFORTS["best"][: len(EFFORTS["default"])] == EFFORTS["default"]
    assert EFFORTS["default"][: len(EFFORTS["fast"])] == EFFORTS["fast"]


@pytest.mark.parametrize("kind", ["all", "line", "star"])
def test_the_search_finds_more_than_packets(kind: str) -> None:
    """Otherwise a broken search would go unnoticed, since packets are the plan that it falls back on."""
    circuit, network = load_circuit("qft:16"), network_of(kind, [5, 5, 5, 5])
    alone = compile_circuit(circuit, network, refiner=Unchanged()).program.ebits
    assert compile_circuit(circuit, network, refiner=Annealing(1e7)).program.ebits < alone


def fewest_fetches(wanted: list[int], places: int) -> int:
    """How often something must be fetched if `places` things can be held at once, by trying everything."""
    states = {frozenset(): 0}
    for item in wanted:
        after: dict[frozenset[int], int] = {}
        for held, cost in states.items():
            options = (
                [held]
                if item in held
                else [frozenset(kept) | {item} for kept in combinations(held, min(len(held), places - 1))]
            )
            for option in options:
                price = cost + (item not in held)
                after[option] = min(price, after.get(option, price))
        states = after
    return min(states.values())


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("places", [1, 2, 3])
def test_scarce_communication_qubits_hold_what_is_needed_next(seed: int, places: int) -> None:
    """Controlled rotations from four qubits onto one, whose QPU holds a few copies: no order of fetching costs less.

    They turn about another axis each time, so that no copy of the target can serve two of them.
    """
    wanted = np.random.default_rng(seed).integers(0, 4, 25).tolist()
    gates = [(("crx", "cry")[turn % 2], (control, 4), 0.3) for turn, control in enumerate(wanted)]
    network = network_of("all", [4, 1], [None, places])
    assert ebits_at_home(circuit_of(5, *gates), network, 0, 0, 0, 0, 1) == fewest_fetches(wanted, places)


@pytest.mark.parametrize("seed", range(20))
def test_overfull_blocks_are_emptied_into_those_with_room(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit, _ = with_teleportable_gates(random_circuit(rng, 12, 60))
    hypergraph = hypergraph_of(circuit, find_segments(circuit))
    blocks = rng.integers(0, 2, 12)
    filled = _fill_to_capacity(blocks, hypergraph, [3, 4, 5])
    assert np.bincount(filled).tolist() == [3, 4, 5]
    assert np.array_equal(_fill_to_capacity(filled, hypergraph, [3, 4, 5]), filled)


def test_a_vertex_that_loses_least_is_moved() -> None:
    pairs = Hypergraph(4, [(0, 1), (1, 2), (0, 2), (2, 3)], [9, 9, 9, 1])
    assert _fill_to_capacity(np.zeros(4, dtype=np.int64), pairs, [3, 1]).tolist() == [0, 0, 0, 1]


def test_blocks_that_talk_move_next_to_each_other() -> None:
    """On a line, a chain of blocks given in the worst order is straightened."""
    gates = [("cz", (0, 2)), ("cz", (2, 1)), ("cz", (1, 3))]
    program = program_of(circuit_of(4, *gates), network_of("line", [1, 1, 1, 1]), 0, 1, 2, 3)
    assert program.ebits == 3


@pytest.mark.parametrize("data", [[4, 4], [8, 0], [5, 1, 2], [1] * 8])
def test_what_is_counted_is_what_the_circuit_has(data: list[int]) -> None:
    circuit = random_circuit(np.random.default_rng(3), 8, 40)
    compilation = compile_circuit(circuit, network_of("all", data))
    program = compilation.program
    owners = program.qubit_qpus[circuit.qubits]
    apart = (circuit.qubits[:, 1] >= 0) & (owners[:, 0] != owners[:, 1])
    assert compilation.two_qubit_gates == circuit.two_qubit_gates
    assert compilation.nonlocal_gates == int(apart.sum())
    assert (compilation.nonlocal_gates == 0) == (program.ebits == 0)
    assert compilation.cpu_seconds > 0
    assert compilation.circuit == circuit.measured()
