"""Moved homes, local copies, dropped originals, joint gates: what is right is accepted, and nothing that is wrong."""

from collections.abc import Callable

import numpy as np
import pytest

from unit.program.handmade import (
    A_C,
    A_D,
    A_SPARE,
    B_C,
    B_D,
    B_SPARE,
    C_C,
    CASES,
    A,
    B,
    C,
    Case,
    Hand,
    circuit_of,
    failing_swap,
)
from unit.program.interpreters import agrees
from unit.program.mutants import OPERATORS, rebuilt, rows_of
from weft.circuit import Circuit
from weft.errors import InvalidProgramError, VerificationError
from weft.program import Op, Pauli, Program, Role
from weft.program.replay import replay
from weft.program.verify import verify

EACH = pytest.mark.parametrize("make", CASES.values(), ids=CASES)


def is_right(program: Program, circuit: Circuit) -> bool:
    return all(agrees(program, circuit, trial) for trial in range(24))


def refused(program: Program, circuit: Circuit) -> bool:
    try:
        verify(program, circuit)
    except VerificationError:
        return True
    return False


@EACH
def test_right_programs_are_accepted(make: Callable[[], Case]) -> None:
    program, circuit = make()
    assert is_right(program, circuit)
    assert verify(program, circuit).passed


@EACH
def test_every_instruction_is_needed(make: Callable[[], Case]) -> None:
    program, circuit = make()
    rows = rows_of(program)
    for place in range(len(rows)):
        try:
            mutant = rebuilt(program, rows[:place] + rows[place + 1 :])
        except InvalidProgramError:
            continue
        assert refused(mutant, circuit), rows[place]


def hunt(make: Callable[[], Case], seed: int, mutants: int) -> tuple[int, int]:
    """Random mutants; returns how many were accepted and refused."""
    program, circuit = make()
    rng = np.random.default_rng(seed)
    accepted = turned_down = 0
    for _ in range(mutants):
        rows = rows_of(program)
        for operator in rng.choice(len(OPERATORS), int(rng.choice([1, 1, 2, 3]))).tolist():
            OPERATORS[operator](program, rng, rows)
        try:
            mutant = rebuilt(program, rows)
        except InvalidProgramError:
            continue
        if refused(mutant, circuit):
            turned_down += 1
        else:
            accepted += 1
            assert is_right(mutant, circuit), rows
    return accepted, turned_down


@EACH
def test_no_wrong_mutant_is_accepted(make: Callable[[], Case]) -> None:
    accepted, turned_down = hunt(make, 1, 80)
    assert turned_down > accepted > 0


@pytest.mark.slow
@EACH
def test_no_wrong_mutant_is_accepted_out_of_many(make: Callable[[], Case]) -> None:
    hunt(make, 2, 8000)


def test_the_replay_knows_where_qubits_end() -> None:
    program, _ = CASES["moved_home"]()
    assert replay(program, 3).homes.tolist() == [B_SPARE, B, C]


def check(hand: Hand, circuit: Circuit, message: str, *, wrong: bool = True) -> None:
    """A program is refused with a reason; `wrong` says whether it really computes something else."""
    program = hand.build()
    assert is_right(program, circuit) != wrong
    with pytest.raises(VerificationError, match=message):
        verify(program, circuit)


def test_a_place_is_not_zero_before_it_is_reset() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.drop(A_SPARE, A)
    hand.gate("cx", A, A_SPARE)
    hand.copy(A_SPARE, A_C, B_C)
    hand.drop(A_SPARE, A)
    hand.gate("cx", B_C, B)
    hand.drop(B_C, A)
    check(hand, circuit_of(("cx", 0, 1)), "acts on an empty qubit")


def test_a_conditional_reset_does_not_make_a_zero() -> None:
    hand = Hand(num_clbits=1)
    hand.reset(A_SPARE, condition=[(0, Role.IF_ONE)])
    check(hand, circuit_of(num_clbits=1), "a reset must act on", wrong=False)


def test_a_copy_under_a_condition_is_none() -> None:
    hand = Hand(num_clbits=1)
    hand.gate("cx", A, A_SPARE, condition=[(0, Role.IF_ONE)])
    hand.drop(A_SPARE, A)
    check(hand, circuit_of(num_clbits=1), "acts on an empty qubit")


def test_a_copy_onto_a_qubit_that_holds_another_is_a_gate() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.copy(B, B_C, A_C)
    hand.gate("cx", A_C, A_SPARE)
    hand.drop(A_C, B)
    hand.drop(A_SPARE, A)
    check(hand, circuit_of(), "done to every copy before anything else")


def test_the_last_holder_is_not_dropped() -> None:
    hand = Hand()
    hand.measure(A, hand.new_bit(), basis=Pauli.X)
    check(hand, circuit_of(), "must have a copy elsewhere")


def test_a_circuit_bit_does_not_take_what_a_drop_gives() -> None:
    hand = Hand(num_clbits=1)
    hand.gate("cx", A, A_SPARE)
    hand.measure(A_SPARE, 0, basis=Pauli.X)
    hand.correct(Pauli.Z, A, [0])
    check(hand, circuit_of(num_clbits=1), "into a bit that is not the circuit's")


def test_a_holder_is_dropped_always() -> None:
    hand = Hand(num_clbits=1)
    hand.gate("cx", A, A_SPARE)
    hand.measure(A_SPARE, bit := hand.new_bit(), basis=Pauli.X, condition=[(0, Role.IF_ONE)])
    hand.correct(Pauli.Z, A, [bit])
    check(hand, circuit_of(num_clbits=1), "a copy always in X")


def test_copies_must_not_be_left() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    check(hand, circuit_of(), "must end in one place")


def test_a_byproduct_must_not_be_left() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.measure(A_SPARE, hand.new_bit(), basis=Pauli.X)
    check(hand, circuit_of(), "must end free of byproducts")


def test_an_empty_qubit_is_not_corrected() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.drop(A_SPARE, A)
    hand.reset(A_SPARE)
    hand.correct(Pauli.X, A_SPARE, [hand.new_bit()])
    check(hand, circuit_of(), "the qubit is empty", wrong=False)


def with_copy() -> Hand:
    """Qubit 0 has a copy at B."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    return hand


def test_a_joint_gate_misses_no_holder() -> None:
    hand = with_copy()
    hand.gate("x", A)
    hand.gate("crx", B_C, B, angles=[0.4])
    hand.drop(B_C, A)
    check(hand, circuit_of(("x", 0), ("crx", 0, 1, (0.4,))), "done to every copy before anything else")


def test_a_joint_gate_is_done_once_to_each() -> None:
    hand = with_copy()
    hand.gate("cx", A, A_SPARE)
    for qubit in (A, A, B_C):
        hand.gate("x", qubit)
    for qubit in (A_SPARE, B_C):
        hand.drop(qubit, A)
    check(hand, circuit_of(("x", 0)), "done to one of them again")


def test_a_joint_gate_is_finished() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.gate("x", A)
    check(hand, circuit_of(("x", 0)), "but the program ends before")


def test_a_joint_gate_is_the_same_everywhere() -> None:
    """The first holder gets a CX by qubit 1, the second an X."""
    hand = with_copy()
    hand.copy(B, B_D, A_D)
    hand.gate("cx", A_D, A)
    hand.gate("x", B_C)
    hand.drop(A_D, B)
    hand.drop(B_C, A)
    check(hand, circuit_of(("cx", 1, 0)), "done to every copy before anything else")


@pytest.mark.parametrize("change", ["rx", "x", "reset"])
def test_the_control_of_a_joint_gate_keeps_its_value(change: str) -> None:
    hand = with_copy()
    hand.copy(B, B_D, A_D)
    hand.gate("cx", A_D, A)
    hand.drop(A_D, B)
    if change == "reset":
        hand.reset(B)
    else:
        hand.gate(change, B, angles=[0.4] if change == "rx" else [])
    hand.gate("cx", B, B_C)
    hand.gate("crx", B_C, B, angles=[0.4])
    hand.drop(B_C, A)
    gates = {"rx": ("rx", 1, (0.4,)), "x": ("x", 1), "reset": ("reset", 1)}
    check(hand, circuit_of(("cx", 1, 0), gates[change], ("crx", 0, 1, (0.4,))), "must keep its value while it controls")


def test_nothing_touches_a_qubit_within_a_joint_gate() -> None:
    """A gate on the copy that the joint gate has not reached acts on the old value."""
    hand = with_copy()
    hand.gate("x", A)
    hand.gate("crx", B_C, B, angles=[0.4])
    hand.gate("x", B_C)
    hand.drop(B_C, A)
    check(hand, circuit_of(("x", 0), ("crx", 0, 1, (0.4,))), "done to every copy before anything else")


def test_no_copy_is_made_within_a_joint_gate() -> None:
    hand = with_copy()
    hand.gate("x", A)
    hand.gate("cx", A, A_SPARE)
    hand.gate("x", B_C)
    hand.drop(B_C, A)
    hand.drop(A_SPARE, A)
    check(hand, circuit_of(("x", 0)), "done to every copy before anything else", wrong=False)


def test_a_joint_gate_does_not_stand_behind_a_byproduct() -> None:
    """The Z of a dropped copy would spread to the control."""
    hand = with_copy()
    hand.gate("cx", A, A_SPARE)
    hand.measure(A_SPARE, bit := hand.new_bit(), basis=Pauli.X)
    hand.copy(B, B_D, A_D)
    hand.gate("cx", A_D, A)
    hand.gate("cx", B, B_C)
    hand.correct(Pauli.Z, A, [bit])
    hand.drop(A_D, B)
    hand.drop(B_C, A)
    check(hand, circuit_of(("cx", 1, 0)), "must not act behind a byproduct")


def test_a_joint_gate_waits_for_copies_that_are_being_made() -> None:
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.pair(A_C, B_C)
    hand.gate("cx", A, A_C)
    hand.gate("x", A)
    hand.gate("x", A_SPARE)
    hand.measure(A_C, bit := hand.new_bit())
    hand.correct(Pauli.X, B_C, [bit])
    hand.gate("cx", B_C, B)
    hand.drop(B_C, A)
    hand.drop(A_SPARE, A)
    check(hand, circuit_of(("x", 0), ("cx", 0, 1)), "must be diagonal there")


def test_a_qubit_is_not_measured_while_it_has_copies() -> None:
    hand = Hand(num_clbits=1)
    hand.copy(A, A_C, B_C)
    hand.measure(A, 0)
    hand.gate("cx", B_C, B)
    hand.drop(B_C, A)
    check(hand, circuit_of(("measure", 0, 0), ("cx", 0, 1), num_clbits=1), "free of byproducts and copies", wrong=False)


def test_the_halves_of_a_relay_are_both_measured_before_one_is_used_again() -> None:
    hand = Hand()
    hand.pair(A_C, B_C)
    hand.pair(B_D, C_C)
    hand.gate("cx", B_C, B_D)
    hand.measure(B_C, hand.new_bit(), basis=Pauli.X)
    hand.pair(A_D, B_C)
    for qubit in (B_D, B_C, A_C, A_D, C_C):
        hand.measure(qubit, hand.new_bit())
    check(hand, circuit_of(), "before one is used again", wrong=False)


def test_a_half_that_holds_nothing_is_not_measured() -> None:
    hand = Hand()
    hand.pair(A_C, B_C)
    for qubit in (A_C, B_C):
        hand.measure(qubit, hand.new_bit())
    check(hand, circuit_of(), "must complete a teleportation", wrong=False)


def test_refusals_name_instruction_and_qubits() -> None:
    hand = with_copy()
    hand.gate("h", A)
    hand.drop(B_C, A)
    with pytest.raises(VerificationError, match=r"instruction 7 \(gate on A\.d0\): "):
        verify(hand.build(), circuit_of(("h", 0)))


def test_every_kind_of_instruction_is_in_the_cases() -> None:
    """A `retry` is no part of what a program computes; the next test has it."""
    found = {opcode for make in CASES.values() for opcode in make()[0].opcodes.tolist()}
    assert found == set(Op) - {Op.RETRY}


def test_a_swap_that_is_tried_again_is_a_swap() -> None:
    verify(*failing_swap())


def test_a_swap_under_a_condition_is_a_gate() -> None:
    hand = Hand(num_clbits=1)
    hand.measure(A, 0)
    hand.gate("swap", A, A_SPARE, condition=[(0, Role.IF_ONE)])
    check(hand, circuit_of(("measure", 0, 0), num_clbits=1), "acts on an empty qubit")


def test_a_swap_with_a_communication_qubit_is_a_gate() -> None:
    hand = Hand()
    hand.copy(B, B_C, A_C)
    hand.gate("swap", A_C, A)
    hand.drop(A_C, B)
    check(hand, circuit_of(), "must be diagonal there")


def test_swaps_of_data_qubits_move_what_they_hold() -> None:
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.gate("cx", B_C, B_SPARE)
    hand.drop(B_C, B_SPARE)
    hand.drop(A, B_SPARE)
    hand.gate("swap", B, B_SPARE)
    assert replay(hand.build(), 3).homes.tolist() == [B, B_SPARE, C]
