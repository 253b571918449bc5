"""A communication qubit may be put into |0⟩ instead of taking half of a pair."""

import numpy as np
import pytest

from unit.program.random_cases import network_of
from weft.circuit import CircuitBuilder
from weft.errors import InvalidProgramError, VerificationError
from weft.program import Pauli, Program, ProgramBuilder, Role
from weft.program.occupancy import full_at
from weft.program.verify import verify

LINE = network_of("line", [1, 1], [2, 2])
A, B, A_C, B_C = range(4)


def a_builder() -> ProgramBuilder:
    builder = ProgramBuilder(LINE, num_clbits=1)
    for name, qpu, communication in (("A.d0", 0, False), ("B.d0", 1, False), ("A.c0", 0, True), ("B.c0", 1, True)):
        builder.add_qubit(name, qpu, communication=communication)
    builder.new_bit()
    return builder


def a_program() -> Program:
    builder = a_builder()
    for qubit in (A_C, B_C):
        builder.reset(qubit)
    builder.gate("h", A_C)
    builder.gate("cx", A, A_C)
    builder.measure(A_C, 1)
    builder.measure(B_C, 1, basis=Pauli.X)
    builder.entangle(0, A_C, B_C)
    builder.measure(A_C, 1)
    builder.measure(B_C, 1)
    return builder.build()


def test_it_holds_something_until_it_is_measured_and_takes_no_pair() -> None:
    program = a_program()
    assert program.ebits == 1
    assert program.peak_communication_qubits == {"A": 1, "B": 1}
    full = full_at(program.opcodes, program.qubits, program.qubit_is_communication)
    assert full.tolist() == [False, False, True, True, True, True, False, True, True]


def test_it_is_the_same_program_after_writing_and_reading() -> None:
    assert Program.from_bytes(a_program().to_bytes()) == a_program()


def reset_twice(builder: ProgramBuilder) -> None:
    builder.reset(A_C)
    builder.reset(A_C)


def entangle_what_holds_something(builder: ProgramBuilder) -> None:
    builder.reset(A_C)
    builder.entangle(0, A_C, B_C)


def leave_it(builder: ProgramBuilder) -> None:
    builder.reset(A_C)


def reset_perhaps(builder: ProgramBuilder) -> None:
    builder.reset(A_C, condition=[(0, Role.IF_ONE)])
    builder.measure(A_C, 1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (reset_twice, "not by a reset"),
        (entangle_what_holds_something, "must be empty, but one holds something"),
        (leave_it, "must end empty, but A.c0"),
        (reset_perhaps, "must always fill"),
    ],
)
def test_rules(broken, message) -> None:
    builder = a_builder()
    broken(builder)
    with pytest.raises(InvalidProgramError, match=message):
        builder.build()


def test_it_is_no_part_of_a_verified_program() -> None:
    """It is one term of many, and computes nothing by itself."""
    circuit = CircuitBuilder(2)
    circuit.add_bits(1)
    with pytest.raises(VerificationError, match="reset"):
        verify(a_program(), circuit.build())


def test_waiting_for_the_reset_costs_nothing() -> None:
    from weft.scheduler.timelines import holds_state

    assert np.array_equal(holds_state(a_program())[:, 0], [False, False, True, True, True, True, False, True, True])
