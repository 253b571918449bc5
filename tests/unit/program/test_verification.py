"""Verification accepts what computes the circuit and nothing else: each change of one instruction of two programs is refused."""

from dataclasses import replace

import numpy as np
import pytest

from unit.program.mutants import rebuilt, rows_of
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit
from unit.program.verified_programs import conditional, hop_and_relay, is_right, refused
from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES, GATES
from weft.compiler import Compilation, compile_circuit
from weft.errors import VerificationError
from weft.program import Op, Pauli, Role
from weft.program.verify import verify

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
