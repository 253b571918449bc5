"""Programs broken in small ways."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from weft.circuit.gates import GATES
from weft.program import Op, Pauli, Program, ProgramBuilder, Role


@dataclass(frozen=True)
class Row:
    """One instruction, as a row of the columns."""

    opcode: int
    kind: int = 0
    qubits: tuple[int, ...] = ()
    angles: tuple[float, ...] = ()
    bit: int = -1
    link: int = -1
    reads: tuple[tuple[int, int], ...] = ()


def rows_of(program: Program) -> list[Row]:
    return [
        Row(
            int(program.opcodes[row]),
            int(program.kinds[row]),
            tuple(qubit for qubit in program.qubits[row].tolist() if qubit >= 0),
            tuple(program.angles[row].tolist()),
            int(program.bits[row]),
            int(program.links[row]),
            tuple(program.reads(row)),
        )
        for row in range(len(program))
    ]


def rebuilt(program: Program, rows: list[Row], more_bits: int = 0) -> Program:
    """The program with other instructions; raises InvalidProgramError where they break a rule."""
    builder = ProgramBuilder(
        program.network,
        circuit_name=program.circuit_name,
        registers=program.registers,
        num_clbits=program.num_clbits,
    )
    for name, qpu, communication in zip(
        program.qubit_names, program.qubit_qpus.tolist(), program.qubit_is_communication.tolist(), strict=True
    ):
        builder.add_qubit(name, qpu, communication=communication)
    for _ in range(program.num_bits - program.num_clbits + more_bits):
        builder.new_bit()
    for row in rows:
        match row.opcode:
            case Op.GATE:
                builder.gate_code(row.kind, row.qubits, row.angles, row.reads)
            case Op.RESET:
                builder.reset(row.qubits[0], condition=row.reads)
            case Op.ENTANGLE:
                builder.entangle(row.link, *row.qubits)
            case Op.MEASURE:
                builder.measure(row.qubits[0], row.bit, basis=Pauli(row.kind), condition=row.reads)
            case Op.CORRECT:
                builder.correct(Pauli(row.kind), row.qubits[0], [bit for bit, _ in row.reads])
    return builder.build()


def _another(rng: np.random.Generator, options: list[int], but: int) -> int:
    rest = [option for option in options if option != but]
    return int(rng.choice(rest)) if rest else but


def _pick(rng: np.random.Generator, rows: list[Row], *opcodes: int) -> int | None:
    places = [place for place, row in enumerate(rows) if row.opcode in opcodes]
    return int(rng.choice(places)) if places else None


def delete(_program, rng, rows):
    del rows[int(rng.integers(len(rows)))]


def move(_program, rng, rows):
    row = rows.pop(int(rng.integers(len(rows))))
    rows.insert(int(rng.integers(len(rows) + 1)), row)


def exchange_neighbours(_program, rng, rows):
    place = int(rng.integers(len(rows) - 1)) if len(rows) > 1 else 0
    rows[place : place + 2] = rows[place : place + 2][::-1]


def repeat(_program, rng, rows):
    place = int(rng.integers(len(rows)))
    rows.insert(int(rng.integers(place, len(rows) + 1)), rows[place])


def change_pauli(_program, rng, rows):
    place = _pick(rng, rows, Op.CORRECT, Op.MEASURE)
    if place is not None:
        rows[place] = replace(rows[place], kind=_another(rng, list(Pauli), rows[place].kind))


def change_gate(_program, rng, rows):
    place = _pick(rng, rows, Op.GATE)
    if place is not None:
        same_size = [code for code, gate in enumerate(GATES) if gate.qubits == len(rows[place].qubits)]
        rows[place] = replace(rows[place], kind=_another(rng, same_size, rows[place].kind))


def change_angle(_program, rng, rows):
    place = _pick(rng, rows, Op.GATE)
    if place is not None:
        angles = list(rows[place].angles)
        which = int(rng.integers(max(GATES[rows[place].kind].angles, 1)))
        angles[which] += float(rng.choice([1e-6, -1e-6, np.pi, 0.1]))
        rows[place] = replace(rows[place], angles=tuple(angles))


def exchange_operands(_program, rng, rows):
    pairs = [place for place, row in enumerate(rows) if row.opcode == Op.GATE and len(row.qubits) == 2]
    if pairs:
        place = int(rng.choice(pairs))
        rows[place] = replace(rows[place], qubits=rows[place].qubits[::-1])


def change_operand(program, rng, rows):
    place = int(rng.integers(len(rows)))
    qubits = list(rows[place].qubits)
    which = int(rng.integers(len(qubits)))
    here = program.qubit_qpus[qubits[which]]
    qubits[which] = _another(rng, np.flatnonzero(program.qubit_qpus == here).tolist(), qubits[which])
    rows[place] = replace(rows[place], qubits=tuple(qubits))


def change_written_bit(program, rng, rows):
    place = _pick(rng, rows, Op.MEASURE)
    if place is not None:
        rows[place] = replace(rows[place], bit=_another(rng, list(range(program.num_bits)), rows[place].bit))


def reuse_bit_everywhere(program, rng, rows):
    """Two teleportation bits become one, which is right only where their lives do not overlap."""
    if program.num_bits - program.num_clbits < 2:
        return
    old, new = rng.choice(np.arange(program.num_clbits, program.num_bits), 2, replace=False).tolist()
    for place, row in enumerate(rows):
        reads = tuple((new if bit == old else bit, role) for bit, role in row.reads)
        rows[place] = replace(row, bit=new if row.bit == old else row.bit, reads=reads)


def change_read(program, rng, rows):
    readers = [place for place, row in enumerate(rows) if row.reads]
    if not readers:
        return
    place = int(rng.choice(readers))
    reads = list(rows[place].reads)
    which = int(rng.integers(len(reads)))
    bit, role = reads[which]
    what = int(rng.integers(4))
    if what == 0:
        reads[which] = (_another(rng, list(range(program.num_bits)), bit), role)
    elif what == 1:
        del reads[which]
    elif what == 2 and role != Role.PARITY:
        reads[which] = (bit, Role.IF_ONE + Role.IF_ZERO - role)
    else:
        reads.append((int(rng.integers(program.num_bits)), role))
    rows[place] = replace(rows[place], reads=tuple(reads))


def exchange_reads(_program, rng, rows):
    corrections = [place for place, row in enumerate(rows) if row.opcode == Op.CORRECT]
    if len(corrections) > 1:
        a, b = rng.choice(corrections, 2, replace=False).tolist()
        rows[a], rows[b] = replace(rows[a], reads=rows[b].reads), replace(rows[b], reads=rows[a].reads)


def insert_correction(program, rng, rows):
    row = Row(
        Op.CORRECT,
        int(rng.integers(1, 4)),
        (int(rng.integers(program.num_qubits)),),
        reads=((int(rng.integers(program.num_bits)), Role.PARITY),),
    )
    rows.insert(int(rng.integers(len(rows) + 1)), row)


def insert_gate(program, rng, rows):
    code = int(rng.integers(len(GATES)))
    qpu = int(rng.integers(len(program.network.qpus)))
    here = np.flatnonzero(program.qubit_qpus == qpu)
    if len(here) >= GATES[code].qubits:
        qubits = tuple(rng.choice(here, GATES[code].qubits, replace=False).tolist())
        row = Row(Op.GATE, code, qubits, tuple(rng.uniform(-3, 3, 3).tolist()))
        rows.insert(int(rng.integers(len(rows) + 1)), row)


def split_correction(program, rng, rows):
    """The correction on one qubit is done in two halves, far apart, on qubits of the same QPU perhaps."""
    place = _pick(rng, rows, Op.CORRECT)
    if place is not None:
        row = rows[place]
        rows.insert(int(rng.integers(len(rows) + 1)), row)
        other = int(rng.integers(program.num_qubits))
        rows.insert(int(rng.integers(len(rows) + 1)), replace(row, qubits=(other,)))


OPERATORS = (
    delete,
    move,
    exchange_neighbours,
    repeat,
    change_pauli,
    change_gate,
    change_angle,
    exchange_operands,
    change_operand,
    change_written_bit,
    reuse_bit_everywhere,
    change_read,
    exchange_reads,
    insert_correction,
    insert_gate,
    split_correction,
)
"""Each takes (program, rng, rows) and changes `rows`; what comes out may or may not still be right."""
