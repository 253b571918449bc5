"""A program never changes, has one serial form, and is known by its hash."""

import dataclasses
import json
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unit.program.random_cases import dynamic_circuit, network_of, random_network
from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.errors import InvalidProgramError
from weft.network import BellPair
from weft.program import Op, Pauli, Program, ProgramBuilder

MAGIC = b"weft program 1\n"


def compiled(seed: int) -> Program:
    rng = np.random.default_rng(seed)
    qubits = int(rng.integers(2, 6))
    return compile_circuit(dynamic_circuit(rng, qubits, 12), random_network(rng, qubits), effort="fast").program


PROGRAMS = [compiled(seed) for seed in range(6)]
BYTES = PROGRAMS[0].to_bytes()
HEADER_END = BYTES.index(b"\n", len(MAGIC))


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_reading_what_was_written_changes_nothing(program: Program) -> None:
    again = Program.from_bytes(program.to_bytes())
    assert again == program
    assert again.id == program.id
    assert again.to_bytes() == program.to_bytes()
    assert again.network.id == program.network.id
    for field in dataclasses.fields(Program):
        before, after = getattr(program, field.name), getattr(again, field.name)
        if isinstance(before, np.ndarray):
            assert before.dtype == after.dtype
            assert np.array_equal(before, after)


def test_every_kind_of_number_on_a_network_survives() -> None:
    matrix = np.diag([0.7, 0.1, 0.1, 0.1]).astype(complex)
    matrix[0, 3], matrix[3, 0] = 0.2 + 0.05j, 0.2 - 0.05j
    network = network_of("line", [2, 1], [None, 3], success_probability=0.1, classical_latency_s=1e-6)
    qpus = (
        dataclasses.replace(network.qpus[0], coupling=((0, 1),), t1_s=0.5, communication_t1_s=0.25, reset_error=0.1),
        network.qpus[1],
    )
    link = dataclasses.replace(network.links[0], pair=BellPair.from_density_matrix(matrix), channels=3, length_m=7.0)
    network = dataclasses.replace(network, name="Φ lab", qpus=qpus, links=(link,))
    circuit = CircuitBuilder(2, name="naïve \udcff")  # as a file name that is not UTF-8 comes out of Python
    circuit.gate("rzz", 0, 1, angles=[1e-300])
    program = compile_circuit(circuit.build(), network).program
    again = Program.from_bytes(program.to_bytes())
    assert again == program
    assert again.network == program.network
    assert again.circuit_name == program.circuit_name


def test_the_id_depends_on_everything_that_is_written() -> None:
    program = PROGRAMS[5]
    ids = {program.id}
    changes = 1
    for field in dataclasses.fields(Program):
        value = getattr(program, field.name)
        if isinstance(value, np.ndarray):
            other = value.copy()
            other.flat[-1] = not other.flat[-1] if other.dtype == bool else other.flat[-1] + 1
        elif isinstance(value, str):
            other = value + "x"
        elif isinstance(value, int):
            other = value + 1
        elif isinstance(value, tuple):
            other = value[1:]
        else:
            other = dataclasses.replace(value, links=tuple(dataclasses.replace(k, attempt_s=1.0) for k in value.links))
        ids.add(dataclasses.replace(program, **{field.name: other}).id)
        changes += 1
    assert len(ids) == changes


def test_equality_is_equality_of_ids() -> None:
    assert PROGRAMS[0] == compiled(0)
    assert hash(PROGRAMS[0]) == hash(compiled(0))
    assert PROGRAMS[0] != PROGRAMS[1]
    assert PROGRAMS[0] != "a program"


@pytest.mark.parametrize("program", [PROGRAMS[0], Program.from_bytes(bytearray(BYTES))], ids=["built", "read"])
def test_nothing_about_a_program_can_be_changed(program: Program) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        program.num_bits = 3  # type: ignore[misc]
    for field in dataclasses.fields(Program):
        value = getattr(program, field.name)
        if isinstance(value, np.ndarray) and value.size:
            with pytest.raises(ValueError, match="read-only"):
                value.flat[0] = 0


def test_a_program_does_not_share_memory_with_what_it_was_read_from() -> None:
    data = bytearray(BYTES)
    program = Program.from_bytes(data)
    data[:] = bytes(len(data))
    assert program.to_bytes() == BYTES


def test_a_builder_that_goes_on_does_not_change_what_it_built() -> None:
    builder = ProgramBuilder(network_of("all", [2]))
    builder.add_qubit("A.d0", 0)
    builder.gate("h", 0)
    program = builder.build()
    before = program.to_bytes()
    builder.gate("x", 0)
    assert len(program) == 1
    assert program.to_bytes() == before


def refused_or_canonical(data: bytes) -> None:
    """Whatever the bytes are: either they are refused for what they are, or they are the form of what they gave."""
    started = time.process_time()
    try:
        program = Program.from_bytes(data)
    except InvalidProgramError:
        pass
    else:
        assert program.to_bytes() == data
    assert time.process_time() - started < 5  # a trap would take minutes; ordinary reading takes a millisecond


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_overwritten_bytes(changes: list[tuple[int, int]]) -> None:
    data = bytearray(BYTES)
    for place, value in changes:
        data[place] = value
    refused_or_canonical(bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.integers(len(MAGIC), HEADER_END), st.text('0123456789-.eE+"[]{},:nulltrue', max_size=6), st.integers(0, 4))
def test_spliced_headers(place: int, text: str, removed: int) -> None:
    refused_or_canonical(BYTES[:place] + text.encode() + BYTES[place + removed :])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(BYTES) - 1))
def test_a_part_of_a_program_is_none(length: int) -> None:
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(BYTES[:length])


@given(st.binary(max_size=200))
@example(b"")
@example(b"\n")
@example(b"null\n")
@example(b"[" * 200_000 + b"\n")
@example(b'{"sizes":' * 100_000 + b"\n")
def test_arbitrary_bytes_behind_the_first_line(data: bytes) -> None:
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(MAGIC + data)
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(data)


HEADER = json.loads(BYTES[len(MAGIC) : HEADER_END])


def with_header(change: dict[str, object]) -> bytes:
    text = json.dumps(HEADER | change, separators=(",", ":"))
    return MAGIC + text.encode() + BYTES[HEADER_END:]


def test_the_header_that_the_next_tests_change_is_the_header() -> None:
    assert with_header({}) == BYTES


@pytest.mark.parametrize(
    "change",
    [
        {key: value}
        for key in HEADER
        for value in (None, True, -1, 1.5, "x", [], {}, [[]], [None], float("inf"), 10**30)
        if value != HEADER[key] and (key, value) != ("registers", [])
    ],
    ids=str,
)
def test_a_header_with_another_kind_of_value(change: dict[str, object]) -> None:
    if change.keys() <= {"circuit"} and isinstance(next(iter(change.values())), str):
        return  # any text may be a name
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(with_header(change))


def short(value: object) -> str:
    return str(value)[:20]


@pytest.mark.parametrize("entry", ["name", "data_qubits", "coupling", "t1_s", "communication_t1_s"])
@pytest.mark.parametrize("value", [[], "x", -1, [[float("inf"), 0]], [[0, 10**400]], {"a": 1}, 1.5], ids=short)
def test_a_header_with_an_impossible_qpu(entry: str, value: object) -> None:
    qpus = [HEADER["network"]["qpus"][0] | {entry: value}, *HEADER["network"]["qpus"][1:]]
    data = with_header({"network": HEADER["network"] | {"qpus": qpus}})
    if (entry, value) in [("coupling", []), ("t1_s", 1.5), ("communication_t1_s", 1.5)]:  # these are possible
        assert Program.from_bytes(data).to_bytes() == data
        return
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(data)


@pytest.mark.parametrize("value", [[], "x", None, [[10**400] * 8] * 4, [[0.0] * 8] * 4, [[1, 0] * 4] * 3], ids=short)
def test_a_header_with_an_impossible_pair(value: object) -> None:
    program = compile_circuit(two_qubits(), network_of("line", [1, 1])).program
    data = program.to_bytes()
    end = data.index(b"\n", len(MAGIC))
    header = json.loads(data[len(MAGIC) : end])
    header["network"]["links"][0]["pair"] = value
    text = json.dumps(header, separators=(",", ":"))
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(MAGIC + text.encode() + data[end:])


def two_qubits():
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    return builder.build()


@pytest.mark.parametrize(
    "data",
    [
        BYTES + b"\0",
        BYTES + BYTES,
        BYTES.replace(b'"circuit":', b'"circuit": ', 1),
        BYTES.replace(b'{"circuit"', b'{"more":1,"circuit"', 1),
        BYTES.replace(b"weft program 1", b"weft program 2", 1),
    ],
)
def test_there_is_one_form_only(data: bytes) -> None:
    with pytest.raises(InvalidProgramError):
        Program.from_bytes(data)


def test_a_boolean_is_0_or_1() -> None:
    place = HEADER_END + 1 + 4 * PROGRAMS[0].num_qubits
    assert BYTES[place] == 0
    with pytest.raises(InvalidProgramError, match="neither 0 nor 1"):
        Program.from_bytes(BYTES[:place] + b"\2" + BYTES[place + 1 :])


def test_an_empty_program_is_a_program() -> None:
    builder = ProgramBuilder(network_of("all", [1]))
    program = builder.build()
    assert Program.from_bytes(program.to_bytes()) == program
    assert (program.ebits, program.ebits_by_link, len(program)) == (0, {}, 0)
    assert program.peak_communication_qubits == {"A": 0}


@pytest.mark.parametrize("seed", range(12))
def test_ebits_and_peaks_are_what_a_walk_through_the_program_counts(seed: int) -> None:
    program = compiled(100 + seed)
    taken: dict[str, int] = {}
    held: set[int] = set()
    peak = dict.fromkeys((qpu.name for qpu in program.network.qpus), 0)
    for row in range(len(program)):
        qubits = program.qubits[row].tolist()
        if program.opcodes[row] == Op.ENTANGLE:
            held |= set(qubits)
            owners = frozenset(program.network.qpus[program.qubit_qpus[qubit]].name for qubit in qubits)
            [link] = [link for link in program.network.links if {link.a, link.b} == owners]
            taken[link.name] = taken.get(link.name, 0) + 1
        if program.opcodes[row] == Op.MEASURE:
            held -= {qubits[0]}
        for position, qpu in enumerate(program.network.qpus):
            now = sum(int(program.qubit_qpus[qubit]) == position for qubit in held)
            peak[qpu.name] = max(peak[qpu.name], now)
    assert program.ebits_by_link == taken
    assert program.ebits == sum(taken.values())
    assert program.peak_communication_qubits == peak


def test_a_row_knows_what_it_reads_and_where_it_runs() -> None:
    program = PROGRAMS[5]
    for row in range(len(program)):
        low, high = program.read_offsets[row : row + 2]
        assert program.reads(row) == list(zip(program.read_bits[low:high], program.read_roles[low:high], strict=True))
        is_condition = program.opcodes[row] != Op.CORRECT and high > low
        assert program.is_conditional[row] == is_condition
        assert program.qpus[row] == program.qubit_qpus[program.qubits[row, 0]]
    assert program.is_conditional.any()
    assert Pauli.X in program.kinds[program.opcodes == Op.CORRECT]
