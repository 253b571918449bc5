"""Programs by hand whose teleportations are right or subtly wrong: verification accepts the right ones and nothing else."""

from dataclasses import replace

import pytest

from unit.program.mutants import Row, rebuilt, rows_of
from unit.program.random_cases import network_of
from unit.program.verified_programs import hop_and_relay, is_right, refused
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES
from weft.errors import VerificationError
from weft.program import Op, Pauli, Program, ProgramBuilder, Role
from weft.program.verify import verify

# Programs by hand: data qubits A0 and B0, communication qubits A_C and B_C, and the circuit `cx 0, 1`.
A0, B0, A_C, B_C = range(4)


def controlled_x_circuit() -> Circuit:
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    return builder.build()


def by_hand(num_clbits: int = 0) -> ProgramBuilder:
    builder = ProgramBuilder(network_of("line", [1, 1]), num_clbits=num_clbits)
    builder.add_qubit("A.d0", 0)
    builder.add_qubit("B.d0", 1)
    builder.add_qubit("A.c0", 0, communication=True)
    builder.add_qubit("B.c0", 1, communication=True)
    return builder


def remote_cx(builder: ProgramBuilder, first: int, second: int) -> None:
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, first)
    builder.correct(Pauli.X, B_C, [first])
    builder.gate("cx", B_C, B0)
    builder.measure(B_C, second, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [second])


def test_one_bit_may_serve_twice_where_its_lives_do_not_overlap() -> None:
    builder = by_hand()
    bit = builder.new_bit()
    remote_cx(builder, bit, bit)
    assert is_right(builder.build(), controlled_x_circuit())
    assert verify(builder.build(), controlled_x_circuit()).passed


def test_a_bit_that_was_written_again_no_longer_says_what_it_said() -> None:
    """The correction reads the second value of a bit where it needs the first."""
    builder = by_hand()
    bit = builder.new_bit()
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, bit)
    builder.entangle(0, A_C, c := builder.add_qubit("B.c1", 1, communication=True))
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, bit)
    for copy in (B_C, c):
        builder.correct(Pauli.X, copy, [bit])
    builder.gate("cx", B_C, B0)
    for copy in (B_C, c):
        builder.measure(copy, last := builder.new_bit(), basis=Pauli.X)
        builder.correct(Pauli.Z, A0, [last])
    assert not is_right(builder.build(), controlled_x_circuit())
    with pytest.raises(VerificationError):
        verify(builder.build(), controlled_x_circuit())


def test_a_correction_before_its_measurement_does_nothing() -> None:
    builder = by_hand()
    first, second = builder.new_bit(), builder.new_bit()
    builder.entangle(0, A_C, B_C)
    builder.correct(Pauli.X, B_C, [first])
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, first)
    builder.gate("cx", B_C, B0)
    builder.measure(B_C, second, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [second])
    assert not is_right(builder.build(), controlled_x_circuit())
    with pytest.raises(VerificationError):
        verify(builder.build(), controlled_x_circuit())


def test_a_z_just_before_a_z_measurement_is_lost() -> None:
    """Two Zs by the same bit, one on each half of a pair: they would cancel if the first stood before the CX."""
    builder = by_hand()
    first, second, third, fourth = (builder.new_bit() for _ in range(4))
    remote_cx(builder, first, second)
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.correct(Pauli.Z, A_C, [first])
    builder.measure(A_C, third)
    builder.correct(Pauli.X, B_C, [third])
    builder.correct(Pauli.Z, B_C, [first])
    builder.gate("cx", B_C, B0)
    builder.measure(B_C, fourth, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [fourth])
    program, circuit = with_random_states(builder.build(), ("cx", 0, 1), ("cx", 0, 1))
    assert not is_right(program, circuit)
    with pytest.raises(VerificationError, match="about to be measured"):
        verify(program, circuit)


@pytest.mark.parametrize(("side", "pauli"), [(0, Pauli.X), (1, Pauli.Z)])
def test_a_pauli_just_before_a_measurement_in_its_basis_is_lost(side: int, pauli: Pauli) -> None:
    """The same in the middle of a relay: it must not count as undone by the same Pauli at the far end."""
    compilation = hop_and_relay()
    rows = rows_of(compilation.program)
    communication = compilation.program.qubit_is_communication
    joins = [p for p, row in enumerate(rows) if row.opcode == Op.GATE and all(communication[q] for q in row.qubits)]
    place, bit = joins[-1], min(row.bit for row in rows[: joins[-1]] if row.bit >= compilation.program.num_clbits)
    far = next(p for p in range(place, len(rows)) if rows[p].opcode == Op.CORRECT)
    mutant = list(rows)
    mutant.insert(far, replace(rows[far], kind=pauli, reads=((bit, Role.PARITY),)))
    assert refused(compilation, mutant)
    mutant.insert(place + 1, Row(Op.CORRECT, pauli, (rows[place].qubits[side],), reads=((bit, Role.PARITY),)))
    assert not is_right(rebuilt(compilation.program, mutant), compilation.circuit)
    assert refused(compilation, mutant)


def test_a_bit_of_the_circuit_that_was_written_again_no_longer_cancels() -> None:
    """X^c, then c is measured anew, then X^c: a logical X by the sum of two outcomes, which the circuit does not have."""
    circuit = CircuitBuilder(2)
    circuit.add_bits(1)
    circuit.gate("h", 1)
    circuit.measure(1, 0)
    circuit.gate("h", 1)
    circuit.measure(1, 0)
    builder = by_hand(num_clbits=1)
    builder.gate("h", B0)
    builder.measure(B0, 0)
    builder.correct(Pauli.X, A0, [0])
    builder.gate("h", B0)
    builder.measure(B0, 0)
    builder.correct(Pauli.X, A0, [0])
    assert not is_right(builder.build(), circuit.build())
    with pytest.raises(VerificationError):
        verify(builder.build(), circuit.build())


def with_random_states(program: Program, *gates: tuple) -> tuple[Program, Circuit]:
    """A program by hand and the circuit that it should compute, both on random states."""
    circuit = CircuitBuilder(2)
    circuit.add_bits(program.num_clbits)
    prepare = [Row(Op.GATE, CODES["u"], (qubit,), (1.0, 2.0 + qubit, 3.0)) for qubit in (A0, B0)]
    for row in prepare:
        circuit.gate("u", *row.qubits, angles=row.angles)
    for name, *qubits in gates:
        if name == "reset":
            circuit.reset(*qubits)
        else:
            circuit.gate(name, *qubits)
    return rebuilt(program, [*prepare, *rows_of(program)]), circuit.build()


def test_a_qubit_is_not_copied_behind_an_x() -> None:
    """An X before the copy and again after it: the qubit is as it was, but the copy is not what the qubit is."""
    builder = by_hand()
    bits = [builder.new_bit() for _ in range(4)]
    remote_cx(builder, *bits[:2])
    builder.correct(Pauli.X, A0, bits[:1])
    remote_cx(builder, *bits[2:])
    builder.correct(Pauli.X, A0, bits[:1])
    program, circuit = with_random_states(builder.build(), ("cx", 0, 1), ("cx", 0, 1))
    assert not is_right(program, circuit)
    with pytest.raises(VerificationError, match="without an X"):
        verify(program, circuit)


def test_a_pair_does_not_copy_two_qubits_at_once() -> None:
    """What is left at the far end is the sum of the two."""
    builder = by_hand()
    first, second = builder.new_bit(), builder.new_bit()
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.gate("cx", B0, B_C)
    builder.measure(A_C, first)
    builder.correct(Pauli.X, B_C, [first])
    builder.gate("cz", B_C, B0)
    builder.measure(B_C, second, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [second])
    program, circuit = with_random_states(builder.build(), ("cz", 0, 1))
    assert not is_right(program, circuit)
    with pytest.raises(VerificationError):
        verify(program, circuit)


def test_the_ends_of_a_relay_wait_until_it_is_done() -> None:
    """A CX onto one end before the relay is measured and the same CX after it undo each other, so nothing is copied."""
    builder = ProgramBuilder(network_of("line", [1, 0, 1]))
    a, c = builder.add_qubit("A.d0", 0), builder.add_qubit("C.d0", 2)
    near, left, right, far = (builder.add_qubit(f"c{i}", qpu, communication=True) for i, qpu in enumerate((0, 1, 1, 2)))
    bits = [builder.new_bit() for _ in range(4)]
    builder.entangle(0, near, left)
    builder.entangle(1, right, far)
    builder.gate("cx", left, right)
    builder.gate("cx", a, near)
    builder.measure(left, bits[0], basis=Pauli.X)
    builder.measure(right, bits[1])
    builder.gate("cx", a, near)
    builder.measure(near, bits[2])
    builder.correct(Pauli.X, far, bits[1:3])
    builder.correct(Pauli.Z, far, bits[:1])
    builder.gate("cx", far, c)
    builder.measure(far, bits[3], basis=Pauli.X)
    builder.correct(Pauli.Z, a, bits[3:])
    program, circuit = with_random_states(builder.build(), ("cx", 0, 1))
    assert not is_right(program, circuit)
    with pytest.raises(VerificationError, match="untouched until both"):
        verify(program, circuit)


def test_a_qubit_that_has_copies_is_not_reset() -> None:
    builder = by_hand()
    first, second = builder.new_bit(), builder.new_bit()
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, first)
    builder.correct(Pauli.X, B_C, [first])
    builder.reset(A0)
    builder.gate("cx", B_C, B0)
    builder.measure(B_C, second, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [second])
    program, circuit = with_random_states(builder.build(), ("reset", 0), ("cx", 0, 1))
    assert not is_right(program, circuit)
    with pytest.raises(VerificationError, match="free of byproducts and copies"):
        verify(program, circuit)


def test_teleportations_leave_the_bits_of_the_circuit_alone() -> None:
    builder = by_hand(num_clbits=2)
    remote_cx(builder, 0, 1)
    program, circuit = with_random_states(builder.build(), ("cx", 0, 1))
    assert not is_right(program, circuit)
    with pytest.raises(VerificationError, match="into a bit that is not the circuit's"):
        verify(program, circuit)


def test_a_condition_on_a_bit_of_a_teleportation_is_refused() -> None:
    builder = by_hand()
    first, second = builder.new_bit(), builder.new_bit()
    remote_cx(builder, first, second)
    builder.gate("x", A0, condition=[(first, Role.IF_ONE)])
    with pytest.raises(VerificationError, match="must read bits of the circuit"):
        verify(builder.build(), controlled_x_circuit())


def test_a_copy_is_not_open_while_something_else_than_a_diagonal_gate_acts() -> None:
    builder = by_hand()
    first, second = builder.new_bit(), builder.new_bit()
    builder.entangle(0, A_C, B_C)
    builder.gate("cx", A0, A_C)
    builder.measure(A_C, first)
    builder.correct(Pauli.X, B_C, [first])
    builder.gate("h", A0)
    builder.gate("cx", B_C, B0)
    builder.measure(B_C, second, basis=Pauli.X)
    builder.correct(Pauli.Z, A0, [second])
    circuit = CircuitBuilder(2)
    circuit.gate("h", 0)
    circuit.gate("cx", 0, 1)
    assert not is_right(builder.build(), circuit.build())
    with pytest.raises(VerificationError, match="must be diagonal there"):
        verify(builder.build(), circuit.build())
