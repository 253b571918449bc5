"""Whereabouts agree with the verifier's replay, and what is counted from them with programs counted by hand."""

import numpy as np
import pytest

from unit.program.handmade import A_C, A_D, A_SPARE, B_C, B_D, B_SPARE, C_C, CASES, A, B, C, Hand, third_qpu
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit, random_network
from weft.compiler import compile_circuit
from weft.errors import DoesNotFitError, InvalidValueError
from weft.program import Program, ProgramBuilder
from weft.program.replay import replay
from weft.program.traffic import Traffic, traffic
from weft.program.whereabouts import Whereabouts, find_whereabouts


def check(program: Program, num_logical: int) -> Whereabouts:
    """What holds of every program: a holder at all times, one home at most, and the last of both as the verifier has them."""
    found = find_whereabouts(program, num_logical)
    held = np.zeros((num_logical, len(program) + 1), dtype=int)
    full = np.zeros((program.num_qubits, len(program) + 1), dtype=int)
    for logical, qubit, start, end, guest_until in found.holdings.tolist():
        assert 0 <= start <= guest_until <= end <= len(program)
        held[logical, start:end] += 1
        full[qubit, start:end] += 1
    assert (held[:, : len(program)] >= 1).all()
    assert full.max(initial=0) <= 1
    at_home = np.zeros_like(held)
    for logical, _, start, end in found.homes.tolist():
        at_home[logical, start:end] += 1
    assert at_home.max(initial=0) <= 1
    last = {logical: qubit for logical, qubit, _, end, _ in found.holdings.tolist() if end == len(program)}
    assert last == dict(enumerate(replay(program, num_logical).homes.tolist()))
    for logical, qpu, _, end in found.homes.tolist():
        if end == len(program):
            assert qpu == program.qubit_qpus[last[logical]]
    assert len(found.pair_rows) == len(found.pair_logicals) == program.ebits
    return found


@pytest.mark.parametrize("name", CASES)
def test_programs_by_hand_are_followed_as_the_verifier_does(name: str) -> None:
    program, _ = CASES[name]()
    check(program, 3)


@pytest.mark.parametrize("seed", range(12))
def test_compiled_programs_are_followed_as_the_verifier_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    make = dynamic_circuit if seed % 3 == 2 else random_circuit
    circuit = make(rng, 6, 40)
    try:
        program = compile_circuit(circuit, random_network(rng, 6), seed=seed, effort="fast").program
    except DoesNotFitError:
        pytest.skip("too few communication qubits")
    found = check(program, 6)
    assert (found.pair_logicals >= 0).all()
    counts = traffic(program, 6)
    assert counts.copies <= program.ebits
    assert counts.hub_gates <= counts.remote_gates
    if len(program.network.links) * 2 == len(program.network.qpus) * (len(program.network.qpus) - 1):
        assert counts.copies == program.ebits, "all QPUs are joined, so a copy takes one pair"


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("moved_home", Traffic(2, 1, 0, 0, 0)),
        ("reused_spare", Traffic(1, 0, 0, 1, 0)),
        ("dropped_original", Traffic(2, 0, 0, 1, 0)),
        ("joint_cx", Traffic(4, 0, 0, 2, 0)),
        ("joint_x", Traffic(1, 0, 0, 2, 0)),
        ("third_qpu", Traffic(2, 0, 1, 1, 0)),
        ("commuted", Traffic(3, 0, 0, 3, 0)),
        ("other_bases", Traffic(2, 0, 0, 3, 0)),
        ("dynamic", Traffic(1, 1, 0, 0, 0)),
    ],
)
def test_counts_of_programs_by_hand(name: str, counts: Traffic) -> None:
    program, _ = CASES[name]()
    assert traffic(program, 3) == counts


def test_holders_of_a_program_by_hand() -> None:
    """A gate on C: its copies are there from the measurement that makes each to the one that drops it."""
    program, _ = third_qpu()
    found = find_whereabouts(program, 3)
    end = len(program)
    assert found.holdings.tolist() == [
        [0, A, 0, end, 0],
        [1, B, 0, end, 0],
        [2, C, 0, end, 0],
        [0, C_C, 6, 13, 13],
        [1, C_C + 1, 10, 15, 15],
    ]
    assert found.homes.tolist() == [[0, 0, 0, end], [1, 1, 0, end], [2, 2, 0, end]]
    assert found.pair_rows.tolist() == [3, 7]
    assert found.pair_logicals.tolist() == [0, 1]


def relay() -> Program:
    """One copy from A through B to C, by joining two pairs, and a pair that nothing uses but its own measurement."""
    hand = Hand()
    hand.pair(A_C, B_C)
    hand.pair(B_D, C_C)
    hand.gate("cx", B_C, B_D)
    hand.measure(B_C, z := hand.new_bit(), basis=1)
    hand.measure(B_D, x := hand.new_bit())
    hand.gate("cx", A, A_C)
    hand.measure(A_C, near := hand.new_bit())
    hand.correct(1, C_C, [near, x])
    hand.correct(3, C_C, [z])
    hand.gate("cz", C_C, C)
    hand.drop(C_C, A)
    return hand.build()


def test_every_pair_of_a_relay_belongs_to_the_qubit_that_is_copied() -> None:
    program = relay()
    found = check(program, 3)
    assert found.pair_logicals.tolist() == [0, 0]
    assert traffic(program, 3) == Traffic(copies=1, moves=0, hub_gates=0, remote_gates=1, local_swaps=0)
    assert program.ebits == 2


def test_pairs_of_a_long_relay_are_followed_whatever_the_order_of_joins() -> None:
    circuit = random_circuit(np.random.default_rng(4), 5, 30)
    program = compile_circuit(circuit, network_of("line", [1] * 5), effort="fast").program
    found = check(program, 5)
    assert (found.pair_logicals >= 0).all()
    assert traffic(program, 5).copies < program.ebits


def test_a_swap_within_a_qpu_exchanges_places_and_moves_no_home() -> None:
    hand = Hand()
    hand.gate("swap", A, A_SPARE)
    hand.gate("cx", A_SPARE, A)
    hand.gate("swap", A_SPARE, A)
    hand.drop(A_SPARE, A)
    program = hand.build()
    found = find_whereabouts(program, 3)
    assert [row[:4] for row in found.holdings.tolist() if row[0] == 0] == [
        [0, A, 0, 4], [0, A_SPARE, 4, 6], [0, A, 5, 6], [0, A_SPARE, 6, 7], [0, A, 6, 8],
    ]  # fmt: skip
    assert found.homes.tolist()[0] == [0, 0, 0, len(program)]
    assert traffic(program, 3) == Traffic(0, 0, 0, 0, local_swaps=2)


def test_a_copy_in_a_data_qubit_elsewhere_is_a_guest_until_it_is_the_home() -> None:
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.gate("cx", B_C, B_SPARE)
    hand.drop(B_C, B_SPARE)
    hand.drop(A, B_SPARE)
    hand.copy(B_SPARE, B_D, A_D)
    hand.drop(A_D, B_SPARE)
    program = hand.build()
    found = check(program, 3)
    [(_, _, start, end, guest_until)] = [row for row in found.holdings.tolist() if row[1] == B_SPARE]
    assert (start, guest_until, end) == (8, 11, len(program))
    assert [row for row in found.homes.tolist() if row[0] == 0] == [[0, 0, 0, 11], [0, 1, 11, len(program)]]
    assert traffic(program, 3) == Traffic(copies=2, moves=1, hub_gates=0, remote_gates=0, local_swaps=0)


def test_a_gate_on_all_holders_is_one_gate_on_a_third_qpu_only_if_all_of_it_is() -> None:
    """A part of the joint gate of `joint_cx` is done on C, where neither qubit lives, but other parts are done at their homes."""
    program, _ = CASES["joint_cx"]()
    assert traffic(program, 3).hub_gates == 0


def test_an_empty_program_and_too_many_qubits() -> None:
    builder = ProgramBuilder(network_of("all", [1, 1]))
    builder.add_qubit("A.d0", 0)
    assert traffic(builder.build(), 1) == traffic(builder.build(), 0) == Traffic(0, 0, 0, 0, 0)
    with pytest.raises(InvalidValueError, match="`num_logical` must be at most 1"):
        traffic(builder.build(), 2)
