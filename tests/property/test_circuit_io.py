"""Reading never ends in anything but a circuit or an error of Weft's, and writing never loses anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.circuit import Circuit, CircuitBuilder, load_circuit, loads, to_openqasm
from weft.circuit.conditions import both, complement, tabulate
from weft.circuit.gates import GATES
from weft.errors import InvalidCircuitError, WeftError

V2 = """OPENQASM 2.0; include "qelib1.inc"; gate g(a,b) x,y { u3(a,b/2,-pi) x; cx x,y; barrier x; }
qreg q[3]; creg c[2]; creg d[1]; h q; g(0.1,2^3) q[0],q[1]; ccx q[0],q[1],q[2]; measure q[0] -> c[1]; // note
if(c==2) x q[1]; reset q[2]; rz(sin(pi/4)*1e-3) q[2]; measure q[2] -> d[0];"""
V3 = """OPENQASM 3.0; include "stdgates.inc"; const int n = 3; gate g(a) x, y { ctrl @ rz(a / 2) x, y; gphase(a); }
qubit[n] q; bit[2] c; bit s; h q; g(0.3) q[0], q[1]; inv @ pow(2) @ t q[0:1]; c[0] = measure q[0]; /* note */
if (c == 1 || s) { x q[1]; } else { for int i in [0:2] { rx(i * pi) q[i]; } } let a = q[0:1]; y a[1];
switch (c) { case 1, 2 { z q[2]; } default { reset q; } } s = measure q[2]; box { cx q[0], q[1]; }"""
SYMBOLS = """; { } ( ) [ ] , + - * / ** ^ == != && || -> = @ : " // /* */ 3 0 -1 1e400 99999999999 pi 2.5"""
WORDS = """q[0] q c[1] c gate if else for in switch case default pow inv ctrl measure reset qubit bit let const
int x cx g u3 U gphase"""
PIECES = st.sampled_from([*SYMBOLS.split(), *WORDS.split(), "\n"])


def _is_one_line(error: WeftError, place: str = "") -> None:
    assert "\n" not in str(error)
    assert place in str(error)


def _only_weft_errors(text: str) -> None:
    try:
        circuit = loads(text)
    except WeftError as error:
        _is_one_line(error)
    else:
        assert isinstance(circuit, Circuit)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_noise_is_refused_or_read(text: str) -> None:
    _only_weft_errors(text)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_noise_in_a_file_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.qasm"
    path.write_bytes(data)
    try:
        load_circuit(path)
    except WeftError as error:
        _is_one_line(error, "noise.qasm")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([V2, V3]), st.data())
def test_a_program_with_pieces_put_in_or_cut_out_is_refused_or_read(program: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        low = data.draw(st.integers(0, len(program)))
        high = data.draw(st.integers(low, min(len(program), low + 6)))
        program = program[:low] + data.draw(st.just("") | PIECES | st.text(max_size=3)) + program[high:]
    _only_weft_errors(program)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_pieces_in_any_order_are_refused_or_read(pieces: list[str]) -> None:
    _only_weft_errors(V3 + " ".join(pieces))


@st.composite
def circuits(draw: st.DrawFn) -> Circuit:
    builder = CircuitBuilder(draw(st.integers(2, 5)))
    for number in range(draw(st.integers(1, 3))):
        builder.add_register(f"c{number}", draw(st.integers(1, 3)))
    angle = st.floats(-1e6, 1e6)
    bits = st.integers(0, builder.num_clbits - 1)
    for _ in range(draw(st.integers(0, 12))):
        gate = draw(st.sampled_from(GATES[1:]))  # under a condition, Qiskit reads id as u(0, 0, 0)
        qubits = draw(st.permutations(range(builder.num_qubits)))
        condition = tuple(draw(st.dictionaries(bits, st.integers(0, 1), max_size=3)).items())
        kind = draw(st.sampled_from(["gate", "gate", "measure", "reset"]))
        if kind == "gate":
            angles = [draw(angle) for _ in range(gate.angles)]
            builder.gate(gate.name, *qubits[: gate.qubits], angles=angles, condition=sorted(condition))
        elif kind == "measure":
            free = draw(bits)
            builder.measure(qubits[0], free, condition=sorted(condition))
        else:
            builder.reset(qubits[0], condition=sorted(condition))
    return builder.build()


@settings(deadline=None)
@given(circuits())
def test_text_gives_the_circuit_back(circuit: Circuit) -> None:
    assert loads(to_openqasm(circuit)) == circuit


guards = st.integers(0, 2**16 - 1).map(lambda table: (table, tabulate(range(4), lambda row: _bit(table, row))))


def _bit(table: int, row) -> bool:
    return bool(table >> sum(value << bit for bit, value in row.items()) & 1)


def _met(guard, number: int) -> int:
    """How many of a guard's conjunctions hold."""
    return sum(all(number >> bit & 1 == value for bit, value in conjunction) for conjunction in guard)


@settings(deadline=None)
@given(guards, guards)
def test_guards_hold_by_exactly_one_conjunction_when_their_condition_does(first, second) -> None:
    for number in range(16):
        a, b = (table >> number & 1 for table, _ in (first, second))
        assert _met(first[1], number) == a
        assert _met(complement(first[1]), number) == 1 - a
        assert _met(both(first[1], second[1]), number) == a & b


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_every_angle_is_written_so_that_it_reads_back(angle: float) -> None:
    builder = CircuitBuilder(1)
    builder.gate("rz", 0, angles=(angle,))
    assert loads(to_openqasm(builder.build())).angles[0, 0] == angle


def test_an_infinite_angle_is_refused() -> None:
    builder = CircuitBuilder(1)
    builder.gate("rz", 0, angles=(np.inf,))
    with pytest.raises(InvalidCircuitError, match="finite"):
        builder.build()
