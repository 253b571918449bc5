"""Any choice of presence can be carried out, not only those that the search finds, and costs what the formula says."""

import numpy as np
import pytest

from unit.compiler.presences import carried_out, homes_fit, is_legal, planned, random_case
from unit.compiler.test_compile_circuit import check_limits
from unit.program.interpreters import agrees
from unit.program.random_cases import network_of
from weft.circuit import Circuit, CircuitBuilder
from weft.compiler.anneal import cost_of
from weft.compiler.presence import Presence
from weft.errors import DoesNotFitError
from weft.network import Network
from weft.program import Program
from weft.program.verify import verify


@pytest.mark.parametrize("block", range(40))
def test_any_choice_is_carried_out(block: int) -> None:
    """Homes that wander, sets that no search would choose, segments kept wherever they may be: 400 of them, exactly simulated.

    Only too few communication qubits are a reason to refuse.
    """
    for seed in range(1000 + 10 * block, 1010 + 10 * block):
        circuit, network, teleportable, segments, layout, presence = random_case(seed)
        limited = any(qpu.communication_qubits is not None for qpu in network.qpus)
        try:
            program = carried_out(teleportable, segments, network, presence)
        except DoesNotFitError:
            assert limited
            continue
        assert verify(program, circuit).passed
        assert agrees(program, circuit, seed)
        check_limits(program)
        if not limited and network.name == "all":
            assert program.ebits <= cost_of(layout, presence)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_scarce_communication_qubits_make_it_dearer_but_not_wrong(limit: int) -> None:
    """Copies give way and are made again."""
    carried = 0
    for seed in range(60):
        circuit, network, teleportable, segments, _, presence = random_case(seed, (limit,), 6, 20)
        try:
            program = carried_out(teleportable, segments, network, presence)
        except DoesNotFitError:
            continue
        carried += 1
        assert verify(program, circuit).passed
        assert agrees(program, circuit, seed)
        check_limits(program)
    assert carried > 20


def circuit_of(qubits: int, *gates: tuple, bits: int = 0) -> Circuit:
    """Gates as (name, qubits, angles)."""
    builder = CircuitBuilder(qubits)
    builder.add_bits(bits)
    for qubit in range(qubits):
        builder.gate("u", qubit, angles=[1.1 + qubit, 0.3, -0.7])
    for name, operands, *angles in gates:
        if name == "measure":
            builder.measure(*operands)
        else:
            builder.gate(name, *operands, angles=angles)
    return builder.build()


def check(circuit: Circuit, network: Network, sets, homes, kept=()) -> tuple[Program, float]:
    """The program of a choice, verified, and the cost of the choice."""
    teleportable, segments, layout = planned(circuit, network)
    flags = np.zeros(len(segments), dtype=np.bool_)
    flags[list(kept)] = True
    presence = Presence(np.array(sets, dtype=np.uint64), np.array(homes, dtype=np.int64), flags)
    assert is_legal(segments, presence)
    assert homes_fit(segments, homes, [qpu.data_qubits for qpu in network.qpus])
    program = carried_out(teleportable, segments, network, presence)
    assert verify(program, circuit).passed
    for seed in range(4):
        assert agrees(program, circuit, seed)
    check_limits(program)
    return program, cost_of(layout, presence)


def test_two_qubits_exchange_their_homes() -> None:
    """Both QPUs are full, so each qubit waits in a communication qubit until the other one's place is free."""
    circuit = circuit_of(2, ("cz", (0, 1)), ("h", (0,)), ("h", (1,)), ("cz", (0, 1)))
    program, cost = check(circuit, network_of("all", [1, 1], 2), [1, 2, 2, 1], [0, 1, 1, 0])
    assert cost == 4  # two gates and two moves
    assert program.ebits == 3  # a copy made for the first gate is one of the moves


def test_a_gate_meets_on_a_third_qpu() -> None:
    circuit = circuit_of(2, ("cz", (0, 1)))
    program, cost = check(circuit, network_of("line", [1, 0, 1], 2), [0b011, 0b110], [0, 2])
    assert program.ebits == cost == 2
    program, cost = check(circuit, network_of("line", [1, 0, 1], 2), [0b001, 0b110], [0, 2])
    assert program.ebits == cost == 2


def test_a_star_of_copies_branches_at_its_middle() -> None:
    """Three copies on the tips of a star, from a fourth: the tree has five links, and a direct way to each would take six."""
    circuit = circuit_of(4, *[("cz", (0, other)) for other in (1, 2, 3)])
    network = network_of("star", [0, 1, 1, 1, 1])
    program, cost = check(circuit, network, [0b11110, 0b100, 0b1000, 0b10000], [1, 2, 3, 4])
    assert program.ebits == cost == 4


KEPT = ("cx", (1, 0)), ("cx", (0, 1)), ("s", (1,)), ("cx", (1, 0))


def test_copies_live_through_a_kept_segment() -> None:
    """The middle CX is done on both copies of its target; one tree for three segments, and its control goes to both QPUs."""
    circuit = circuit_of(3, ("cz", (0, 1)), ("cx", (2, 0)), ("cz", (0, 1)))
    program, cost = check(circuit, network_of("all", [2, 1]), [3, 3, 3, 2, 1], [0, 0, 0, 1, 0], kept=[1])
    assert program.ebits == cost == 2
    plain, cost = check(circuit, network_of("all", [2, 1]), [3, 1, 3, 2, 1], [0, 0, 0, 1, 0])
    assert plain.ebits == cost == 2
    again = [gate for control in (2, 3) for gate in (("cx", (control, 0)), ("cz", (0, 1)))]
    circuit = circuit_of(4, ("cz", (0, 1)), *again)
    sets, homes = [3, 3, 3, 3, 3, 2, 3, 3], [0, 0, 0, 0, 0, 1, 0, 0]
    program, cost = check(circuit, network_of("all", [3, 1]), sets, homes, kept=[1, 3])
    assert program.ebits == cost == 3


def test_a_kept_segment_with_a_controlled_pauli_that_has_a_phase() -> None:
    circuit = circuit_of(
        3, ("cz", (0, 1)), ("cu3", (2, 0), np.pi, np.pi, np.pi / 2), ("h", (2,)), ("cz", (0, 1)), ("cz", (2, 1))
    )
    _, segments, _ = planned(circuit, network_of("all", [2, 1]))
    homes = [0 if qubit != 1 else 1 for qubit in segments.qubits]
    sets = [3 if qubit == 0 else 1 << home for qubit, home in zip(segments.qubits, homes, strict=True)]
    check(circuit, network_of("all", [2, 1]), sets, homes, kept=[1] if segments.embeddable[1] else [])


@pytest.mark.parametrize("event", ["measure", "reset"])
def test_what_is_measured_at_its_new_home_finds_room_there(event: str) -> None:
    """Homes are exchanged at the second gate, but qubit 1 leaves a copy in the data qubit of B for the third."""
    builder = CircuitBuilder(2)
    builder.add_bits(1)
    for gate in (("cz", 0, 1), ("h", 0), ("h", 1), ("cz", 0, 1)):
        builder.gate(*gate)
    if event == "measure":
        builder.measure(0, 0)
    else:
        builder.reset(0)
    builder.gate("cz", 0, 1)
    check(builder.build(), network_of("all", [1, 1]), [1, 2, 2, 2, 3], [0, 1, 1, 1, 0])


def test_a_kept_segment_has_its_home_where_it_says() -> None:
    """Qubit 0 goes to B when its kept segment begins, so that qubit 2 finds room at A, and is measured there."""
    builder = CircuitBuilder(4)
    builder.add_bits(1)
    for gate in (("cz", 0, 1), ("cz", 2, 1), ("cx", 1, 0), ("h", 2), ("cz", 2, 1)):
        builder.gate(*gate)
    builder.measure(2, 0)
    builder.gate("cx", 1, 0)
    builder.gate("cz", 0, 3)
    sets, homes = [3, 3, 3, 2, 2, 1, 1], [0, 1, 1, 1, 1, 0, 0]
    check(builder.build(), network_of("all", [2, 3]), sets, homes, kept=[1])


def test_a_copy_that_only_waits_is_worth_its_pair() -> None:
    """Qubit 0 lives at B, works at A and comes back; the copy that stays at B meanwhile saves the way back."""
    gates = ("cx", (1, 0)), ("cz", (0, 1)), ("rzx", (0, 1), 0.5), ("sx", (0,)), ("cz", (0, 1))
    sets, homes = [2, 3, 2, 1, 1, 2], [1, 0, 1, 0, 0, 1]
    program, cost = check(circuit_of(2, *gates), network_of("all", [2, 2]), sets, homes)
    assert cost == 3
    assert program.ebits <= cost


def test_a_qubit_goes_on_from_its_nearest_copy() -> None:
    """On a line A–B–C with a copy at B, the way from there to C is one link; from A it would be two."""
    circuit = circuit_of(3, ("cz", (0, 1)), ("h", (0,)), ("cz", (0, 2)))
    program, cost = check(circuit, network_of("line", [1, 1, 2]), [3, 4, 2, 4], [0, 2, 1, 2])
    assert cost == 2
    assert program.ebits <= cost


def test_a_kept_segment_with_another_home_than_its_neighbours_costs_no_more_than_it_says() -> None:
    circuit = circuit_of(2, *KEPT)
    program, cost = check(circuit, network_of("all", [2, 3]), [2, 2, 2, 3, 3, 3], [1, 1, 1, 1, 0, 1], kept=[4])
    assert cost == 2
    assert program.ebits <= cost
