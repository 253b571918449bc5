"""Every rule of the instruction set is one that a broken program trips over."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from unit.program.random_cases import network_of
from weft.circuit import Register
from weft.errors import InvalidProgramError, InvalidValueError
from weft.network import Network
from weft.program import Op, Pauli, Program, ProgramBuilder, Role
from weft.program.validate import validate

LINE = network_of("line", [2, 1, 1], [2, 2, 1])
A0, A1, B0, A_C, B_C, A_C1 = range(6)


def a_builder(network: Network = LINE) -> ProgramBuilder:
    """Data qubits A0, A1, B0 and communication qubits A_C, B_C, A_C1; bit 0 is the circuit's, bit 1 is not."""
    builder = ProgramBuilder(network, registers=(Register("c", (0,)),), num_clbits=1)
    for name, qpu, communication in (
        ("A.d0", 0, False),
        ("A.d1", 0, False),
        ("B.d0", 1, False),
        ("A.c0", 0, True),
        ("B.c0", 1, True),
        ("A.c1", 0, True),
    ):
        builder.add_qubit(name, qpu, communication=communication)
    builder.new_bit()
    return builder


def a_program() -> Program:
    """A remote CX from A0 to B0, with a conditional gate, a reset and a measurement."""
    builder = a_builder()
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, 1)
    builder.correct(Pauli.X, B_C, [1])
    builder.gate("cx", B_C, B0)
    builder.measure(B_C, 1, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [1])
    builder.measure(B0, 0)
    builder.gate("rz", A1, angles=[0.5], condition=[(0, Role.IF_ONE)])
    builder.reset(B0)
    return builder.build()


ENTANGLE, CX, MEASURE, CORRECT, REMOTE, _, _, READ_OUT, CONDITIONAL, RESET = range(10)


def with_entry(name: str, place: object, value: object) -> Program:
    """The program with one entry of one column changed; nothing is checked."""
    program = a_program()
    column = getattr(program, name).copy()
    column[place] = value
    return replace(program, **{name: column})


def test_the_program_that_the_mutants_start_from_is_valid() -> None:
    validate(a_program())


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("opcodes", 0, 6, "opcodes must be at most 5"),
        ("kinds", CX, 36, "a gate of that code"),
        ("kinds", CX, 0, "as many operands"),  # `id` takes one
        ("kinds", MEASURE, 0, "X, Y or Z"),
        ("kinds", MEASURE, 4, "X, Y or Z"),
        ("kinds", CORRECT, 0, "X, Y or Z"),
        ("qubits", (CX, 0), -1, "distinct qubits"),
        ("qubits", (CX, 0), 6, "distinct qubits"),
        ("qubits", (CX, 1), 6, "distinct qubits"),
        ("qubits", (CX, 1), -2, "distinct qubits"),
        ("qubits", (CX, 0), A_C, "distinct qubits"),
        ("qubits", (CX, 1), -1, "as many operands"),
        ("qubits", (RESET, 1), A0, "as many operands"),
        ("qubits", (ENTANGLE, 1), -1, "as many operands"),
        ("qubits", (CX, 0), B0, "stay on one QPU"),
        ("qubits", (ENTANGLE, 0), A0, "at the two ends of its link"),
        ("qubits", ENTANGLE, (B_C, A_C), "at the two ends of its link"),
        ("qubits", ENTANGLE, (A_C, A_C1), "at the two ends of its link"),
        ("links", ENTANGLE, 1, "at the two ends of its link"),
        ("links", ENTANGLE, 2, "at the two ends of its link"),
        ("links", ENTANGLE, -1, "at the two ends of its link"),
        ("links", CX, 0, "only an `entangle` may name a link"),
        ("links", CX, -2, "only an `entangle` may name a link"),
        ("bits", MEASURE, -1, "a measurement, and nothing else, must write"),
        ("bits", MEASURE, 2, "a measurement, and nothing else, must write"),
        ("bits", CX, 0, "a measurement, and nothing else, must write"),
        ("bits", CX, -2, "a measurement, and nothing else, must write"),
        ("read_bits", 0, 2, "every bit that is read must lie in"),
        ("read_bits", 0, -1, "every bit that is read must lie in"),
        ("read_roles", 0, Role.IF_ONE, "nothing else, must read parities"),
        ("read_roles", 2, Role.PARITY, "nothing else, must read parities"),
        ("read_roles", 2, 3, "nothing else, must read parities"),
        ("read_offsets", slice(1, 4), 1, "nothing else, must read parities"),
        ("read_offsets", 0, 1, "must rise from 0"),
        ("read_offsets", -1, 2, "must rise from 0"),
        ("read_offsets", 3, 3, "must rise from 0"),
        ("angles", (CONDITIONAL, 0), np.nan, "angles must be finite"),
        ("angles", (CX, 2), np.inf, "angles must be finite"),
        ("qubit_qpus", A0, 3, "must live on a QPU"),
        ("qubit_qpus", A0, -1, "must live on a QPU"),
        ("qubit_qpus", A1, 1, "at most 1 data qubits"),
    ],
)
def test_one_wrong_entry_is_refused_by_the_rule_that_it_breaks(
    name: str, place: object, value: object, message: str
) -> None:
    with pytest.raises(InvalidProgramError, match=message):
        validate(with_entry(name, place, value))


def test_entanglement_is_not_conditioned() -> None:
    program = with_entry("read_offsets", slice(1, 4), 1)
    roles = program.read_roles.copy()
    roles[0] = Role.IF_ONE
    with pytest.raises(InvalidProgramError, match="must not be conditioned"):
        validate(replace(program, read_roles=roles))


def test_offsets_whose_differences_overflow_are_refused() -> None:
    """Differences of these wrap around to positive numbers that sum to the right total."""
    program = a_program()
    offsets = program.read_offsets.copy()
    largest = np.iinfo(np.int64).max
    offsets[1:3] = largest, -2
    with pytest.raises(InvalidProgramError, match="must rise"):
        validate(replace(program, read_offsets=offsets))


@pytest.mark.parametrize("name", ["kinds", "qubits", "angles", "bits", "links", "read_offsets", "read_roles"])
def test_a_column_of_another_length_is_refused(name: str) -> None:
    program = a_program()
    with pytest.raises(InvalidProgramError, match=f"column `{name}` must have shape"):
        validate(replace(program, **{name: getattr(program, name)[:-1]}))


@pytest.mark.parametrize("name", ["qubit_qpus", "qubit_is_communication"])
def test_every_qubit_has_a_qpu_and_a_kind(name: str) -> None:
    program = a_program()
    with pytest.raises(InvalidProgramError, match=f"column `{name}` must have shape"):
        validate(replace(program, **{name: getattr(program, name)[:-1]}))


@pytest.mark.parametrize(
    "change",
    [
        {"num_clbits": 3},
        {"num_clbits": -1},
        {"num_bits": 0},
        {"num_bits": 2**31},
        {"registers": (Register("c", (1,)),)},
        {"registers": (Register("c", (-1,)),)},
    ],
)
def test_bits_and_registers_that_contradict_each_other_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidProgramError):
        validate(replace(a_program(), **change))


def use_before_entangling(builder: ProgramBuilder) -> None:
    builder.gate("h", A_C)


def correct_before_entangling(builder: ProgramBuilder) -> None:
    builder.correct(Pauli.X, A_C, [0])


def measure_before_entangling(builder: ProgramBuilder) -> None:
    builder.measure(A_C, 1)


def entangle_twice(builder: ProgramBuilder) -> None:
    builder.entangle(0, A_C, B_C)
    builder.entangle(0, A_C, B_C)


def use_after_measuring(builder: ProgramBuilder) -> None:
    builder.entangle(0, A_C, B_C)
    builder.measure(A_C, 1)
    builder.gate("cx", A0, A_C)


def reset_a_half(builder: ProgramBuilder) -> None:
    builder.entangle(0, A_C, B_C)
    builder.reset(A_C)


def leave_a_half(builder: ProgramBuilder) -> None:
    builder.entangle(0, A_C, B_C)
    builder.measure(A_C, 1)


def measure_a_half_perhaps(builder: ProgramBuilder) -> None:
    builder.entangle(0, A_C, B_C)
    builder.measure(A_C, 1, condition=[(0, Role.IF_ONE)])
    builder.measure(B_C, 1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (use_before_entangling, "entangled before it is used"),
        (correct_before_entangling, "entangled before it is used"),
        (measure_before_entangling, "entangled before it is used"),
        (entangle_twice, "must be empty, but one holds something"),
        (use_after_measuring, "entangled before it is used"),
        (reset_a_half, "not by a reset"),
        (leave_a_half, "must end empty, but B.c0"),
        (measure_a_half_perhaps, "must always empty"),
    ],
)
def test_the_life_of_a_communication_qubit(broken: Callable[[ProgramBuilder], None], message: str) -> None:
    builder = a_builder()
    broken(builder)
    with pytest.raises(InvalidProgramError, match=message):
        builder.build()


def test_a_qpu_holds_no_more_qubits_than_it_has() -> None:
    for communication, message in ((False, "at most 2 data qubits, but holds 3"), (True, "at most 2 communication")):
        builder = a_builder()
        builder.add_qubit("one more", 0, communication=communication)
        with pytest.raises(InvalidProgramError, match=message):
            builder.build()


def test_messages_name_the_row_and_the_instruction() -> None:
    with pytest.raises(InvalidProgramError, match=r"instruction 2 \(measure\)"):
        validate(with_entry("bits", MEASURE, 9))


@pytest.mark.parametrize(("qubits", "angles"), [((0,), (0.1,)), ((0, 1, 2), (0.1,)), ((0, 1), ()), ((0, 1), (1, 2))])
def test_the_builder_counts_operands_and_angles(qubits: tuple[int, ...], angles: tuple[float, ...]) -> None:
    with pytest.raises(InvalidValueError, match="`crz` takes 2 qubits and 1 angles"):
        a_builder().gate("crz", *qubits, angles=angles)


def test_a_pair_may_be_named_from_either_end() -> None:
    programs = []
    for ends in ((A_C, B_C), (B_C, A_C)):
        builder = a_builder()
        builder.entangle(0, *ends)
        builder.measure(A_C, 1)
        builder.measure(B_C, 1)
        programs.append(builder.build())
    assert programs[0] == programs[1]
    assert programs[0].opcodes[0] == Op.ENTANGLE
