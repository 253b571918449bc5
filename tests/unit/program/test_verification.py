"""Verification accepts what computes the circuit and nothing else.

What a mutant computes is found out by `interpreters.agrees`: random runs of the program against runs of the circuit.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from unit.compiler.presences import Unchanged
from unit.program.interpreters import agrees
from unit.program.mutants import OPERATORS, Row, rebuilt, rows_of
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit, random_network
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES
from weft.compiler import Compilation, compile_circuit
from weft.compiler.partition import InOrder
from weft.errors import InvalidProgramError, VerificationError
from weft.program import Op, Pauli, Program, ProgramBuilder, Role
from weft.program.verify import verify

TRIALS = 24


def is_right(program: Program, circuit: Circuit) -> bool:
    return all(agrees(program, circuit, trial) for trial in range(TRIALS))


def refused(compilation: Compilation, rows: list[Row]) -> bool:
    try:
        verify(rebuilt(compilation.program, rows), compilation.circuit)
    except (InvalidProgramError, VerificationError):
        return True
    return False


def hop_and_relay() -> Compilation:
    """Random states on a line of three QPUs; gates over one link, and in the end one over two."""
    builder = CircuitBuilder(3)
    rng = np.random.default_rng(5)
    for qubit in range(3):
        builder.gate("u", qubit, angles=rng.uniform(-3, 3, 3).tolist())
    builder.gate("crx", 0, 2, angles=[0.7])
    builder.gate("cx", 1, 2)
    builder.gate("rzx", 2, 1, angles=[-0.4])
    builder.gate("ch", 2, 0)
    builder.gate("ry", 1, angles=[0.3])
    builder.gate("cx", 0, 1)
    for qubit in range(3):
        builder.gate("ry", qubit, angles=[0.9])
    return compile_circuit(builder.build(), network_of("line", [1, 1, 1]), partitioner=InOrder(), refiner=Unchanged())


def conditional() -> Compilation:
    """Measurements in the middle, and remote gates on condition of them."""
    builder = CircuitBuilder(2)
    builder.add_register("c", 2)
    builder.gate("ry", 0, angles=[1.1])
    builder.gate("ry", 1, angles=[0.6])
    builder.measure(0, 0)
    builder.gate("x", 1, condition=[(0, 0)])
    builder.gate("cry", 0, 1, angles=[0.8], condition=[(0, 1)])
    builder.measure(1, 1, condition=[(0, 1)])
    builder.gate("h", 0, condition=[(0, 1), (1, 0)])
    builder.measure(0, 0)
    return compile_circuit(builder.build(), network_of("line", [1, 1]))


CASES = [hop_and_relay(), conditional()]
EACH = pytest.mark.parametrize("compilation", CASES, ids=["relay", "conditional"])


@EACH
def test_the_programs_that_the_mutants_start_from_are_right(compilation: Compilation) -> None:
    assert compilation.program.ebits > 0
    assert is_right(compilation.program, compilation.circuit)
    verify(rebuilt(compilation.program, rows_of(compilation.program)), compilation.circuit)


@EACH
def test_every_instruction_is_needed(compilation: Compilation) -> None:
    rows = rows_of(compilation.program)
    kept = [place for place in range(len(rows)) if not refused(compilation, rows[:place] + rows[place + 1 :])]
    assert kept == []


@EACH
def test_nothing_may_happen_twice(compilation: Compilation) -> None:
    rows = rows_of(compilation.program)
    kept = [
        place
        for place in range(len(rows))
        if not refused(compilation, [*rows[:place], *rows[place:][:1], *rows[place:]])
    ]
    # measuring again at once, into the same bit, is not the same instruction but has the same effect
    assert all(rows[place].opcode == Op.MEASURE for place in kept)
    assert kept == []


@EACH
def test_every_pauli_and_every_basis_matters(compilation: Compilation) -> None:
    rows = rows_of(compilation.program)
    for place, row in enumerate(rows):
        if row.opcode in {Op.CORRECT, Op.MEASURE}:
            for pauli in set(Pauli) - {row.kind}:
                assert refused(compilation, [*rows[:place], replace(row, kind=pauli), *rows[place + 1 :]])


@EACH
def test_every_bit_matters(compilation: Compilation) -> None:
    """Another bit written or read, a bit left out or named once more: all change what is computed."""
    rows = rows_of(compilation.program)
    bits = range(compilation.program.num_bits)
    for place, row in enumerate(rows):
        changed = [replace(row, bit=bit) for bit in bits if bit != row.bit and row.opcode == Op.MEASURE]
        for which, (bit, role) in enumerate(row.reads):
            rest = row.reads[:which] + row.reads[which + 1 :]
            changed += [replace(row, reads=(*rest, (other, role))) for other in bits if other != bit]
            changed += [replace(row, reads=rest), replace(row, reads=(*row.reads, (bit, role)))]
            if role != Role.PARITY:
                changed.append(replace(row, reads=(*rest, (bit, 1 - role))))
        for other in changed:
            mutant = [*rows[:place], other, *rows[place + 1 :]]
            if not refused(compilation, mutant):  # two bits may always be equal; then it is no mutant
                assert is_right(rebuilt(compilation.program, mutant), compilation.circuit)


@EACH
def test_the_bits_of_two_corrections_do_not_change_places(compilation: Compilation) -> None:
    rows = rows_of(compilation.program)
    corrections = [place for place, row in enumerate(rows) if row.opcode == Op.CORRECT]
    for a in corrections:
        for b in corrections:
            if a < b:
                mutant = list(rows)
                mutant[a], mutant[b] = replace(rows[a], reads=rows[b].reads), replace(rows[b], reads=rows[a].reads)
                assert refused(compilation, mutant)


@EACH
@pytest.mark.parametrize("change", [1e-6, -1e-6, 1e-8, 0.5, np.pi])
def test_every_angle_matters(compilation: Compilation, change: float) -> None:
    rows = rows_of(compilation.program)
    for place, row in enumerate(rows):
        if row.opcode == Op.GATE and any(row.angles):
            angles = (row.angles[0] + change, *row.angles[1:])
            assert refused(compilation, [*rows[:place], replace(row, angles=angles), *rows[place + 1 :]])


@EACH
def test_operands_do_not_change_places(compilation: Compilation) -> None:
    rows = rows_of(compilation.program)
    for place, row in enumerate(rows):
        if row.opcode == Op.GATE and len(row.qubits) == 2 and GATES[row.kind].name not in {"cz", "cp", "rzz"}:
            assert refused(compilation, [*rows[:place], replace(row, qubits=row.qubits[::-1]), *rows[place + 1 :]])


@EACH
def test_the_order_matters_where_it_changes_what_is_computed(compilation: Compilation) -> None:
    rows = rows_of(compilation.program)
    mutants = [[*rows[:place], *rows[place : place + 2][::-1], *rows[place + 2 :]] for place in range(len(rows) - 1)]
    accepted = [mutant for mutant in mutants if not refused(compilation, mutant)]
    assert 0 < len(accepted) < len(mutants)
    for mutant in accepted:
        assert is_right(rebuilt(compilation.program, mutant), compilation.circuit)


def test_a_program_is_not_the_program_of_another_circuit() -> None:
    rng = np.random.default_rng(1)
    circuits = [random_circuit(rng, 3, 6).measured() for _ in range(4)]
    circuits += [dynamic_circuit(rng, 3, 8) for _ in range(4)]
    programs = [compile_circuit(circuit, network_of("line", [1, 1, 1])).program for circuit in circuits]
    for i, program in enumerate(programs):
        for j, circuit in enumerate(circuits):
            if i == j:
                assert verify(program, circuit).passed
            else:
                with pytest.raises(VerificationError):
                    verify(program, circuit)


def test_registers_are_part_of_what_is_computed() -> None:
    compilation = conditional()
    builder = CircuitBuilder(2)
    builder.add_register("d", 2)
    with pytest.raises(VerificationError, match="classical registers"):
        verify(compilation.program, builder.build())


def test_a_circuit_that_is_larger_than_the_program_is_refused() -> None:
    builder = CircuitBuilder(9)
    builder.add_register("c", 2)
    with pytest.raises(VerificationError, match="must hold 9 data qubits"):
        verify(conditional().program, builder.build())


@pytest.mark.parametrize("exponent", [2, 10, 20])
def test_the_smallest_rotation_of_a_fourier_transform_counts(exponent: int) -> None:
    builder = CircuitBuilder(2)
    builder.gate("h", 0)
    builder.gate("cp", 0, 1, angles=[2 * np.pi / 2**exponent])
    builder.gate("h", 1)
    compilation = compile_circuit(builder.build(), network_of("line", [1, 1]))
    rows = rows_of(compilation.program)
    [place] = [place for place, row in enumerate(rows) if row.opcode == Op.GATE and row.kind == CODES["cp"]]
    assert refused(compilation, rows[:place] + rows[place + 1 :])
    doubled = replace(rows[place], angles=(2 * rows[place].angles[0], 0, 0))
    assert refused(compilation, [*rows[:place], doubled, *rows[place + 1 :]])


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
