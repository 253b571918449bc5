"""Qiskit's complete importer of OpenQASM 3 is the oracle where it can read the text."""

import math
import warnings

import pytest

from weft.circuit import from_qiskit, loads, to_qiskit
from weft.errors import InvalidCircuitError

HEADER = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
STDGATES = (
    "p(0.3) q[0]; x q[0]; y q[1]; z q[2]; h q[0]; s q[1]; sdg q[2]; t q[0]; tdg q[1]; sx q[2]; rx(0.4) q[0]; ry(1) q[1];"
    "rz(2) q[2]; cx q[0],q[1]; cy q[1],q[2]; cz q[2],q[0]; cp(0.7) q[0],q[1]; crx(0.6) q[1],q[2]; cry(0.5) q[2],q[0];"
    "crz(0.4) q[0],q[1]; ch q[1],q[2]; swap q[2],q[0]; ccx q[0],q[1],q[2]; cswap q[2],q[0],q[1]; cu(1,2,3,4) q[0],q[1];"
    "CX q[1],q[2]; phase(0.3) q[0]; cphase(0.2) q[2],q[0]; id q[1]; u1(0.1) q[0]; u2(0.2,0.3) q[1]; u3(1,2,3) q[2];"
    "U(0.3,0.2,0.1) q[0]; gphase(0.4);"
)


def _by_qiskit(text):
    from qiskit import qasm3

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return qasm3.loads(text)


@pytest.mark.parametrize("call", [call.strip() for call in STDGATES.split(";") if call])
def test_each_standard_gate_is_qiskits(call, same_operator) -> None:
    text = f"{HEADER}qubit[3] q;\n{call};"
    assert same_operator(loads(text), _by_qiskit(text))


UNITARY = {
    "modifiers": "qubit[4] q; ctrl @ h q[0], q[1]; negctrl @ x q[0], q[2]; inv @ s q[1]; pow(3) @ t q[2]; pow(0.5) @ x q[3];"
    "ctrl(2) @ rz(0.3) q[0], q[1], q[2]; ctrl @ negctrl @ ry(0.7) q[3], q[1], q[0]; inv @ ctrl @ sx q[0], q[3];"
    "ctrl(3) @ p(0.3) q[0], q[1], q[2], q[3]; pow(-2) @ cx q[0], q[1]; inv @ pow(2) @ cp(0.3) q[1], q[2];",
    "phases under control": "gate g(a) p { rz(a) p; gphase(0.4); } gate f p, r { g(0.3) p; swap p, r; gphase(a_); }"
    "qubit[3] q; h q; ctrl @ g(0.9) q[0], q[1]; ctrl @ f q[2], q[0], q[1]; ctrl @ gphase(0.6) q[1];".replace(
        "a_", "1.1"
    ),
    "definitions": "gate a(x, y) p, q { rx(x - y) p; cx p, q; rz(x - y / 2) q; }"
    "gate b(t) p, q, r { a(t, -t) r, p; ccx p, q, r; inv @ a(t / 3, 0.1) q, r; } qubit[3] q; h q; b(0.8) q[2], q[0], q[1];",
    "parts of registers": "qubit[5] q; qubit w; h q[0:2]; x q[{1, 3}]; cx q[0:1], q[3:4]; cz w, q[4]; let a = q[1:3]; y a; s a[0];"
    "let b = q[0:1] ++ q[3:4]; t b; z q[-1]; h q[4:-2:1];",
    "physical qubits": "h $0; cx $0, $2; delay[10ns] $1; barrier $0;",
    "boxes and braces": "qubit[2] q; box { h q[0]; box { cx q[0], q[1]; } }",
}


@pytest.mark.parametrize("text", UNITARY.values(), ids=UNITARY)
def test_programs_are_the_operators_that_qiskit_reads(text, same_operator) -> None:
    ours, theirs = loads(HEADER + text), _by_qiskit(HEADER + text)
    assert same_operator(ours, to_qiskit(from_qiskit(theirs)) if "box" in text else theirs)


def test_a_loop_is_its_body_once_for_each_number() -> None:
    loops = "for int i in [0:2] { h q[i]; cx q[i], q[i + 1]; } for uint i in {3, 1} rz(pi / 2 * i) q[i];"
    loops += "for int i in [3:-2:0] { for int j in [0:i - 2] { x q[j]; } } for int i in [2:1] { y q[9]; }"
    unrolled = (
        "h q[0]; cx q[0], q[1]; h q[1]; cx q[1], q[2]; h q[2]; cx q[2], q[3]; rz(3 * pi / 2) q[3]; rz(pi / 2) q[1];"
    )
    unrolled += "x q[0]; x q[1];"
    assert loads(f"{HEADER}qubit[4] q; {loops}") == loads(f"{HEADER}qubit[4] q; {unrolled}")


DYNAMIC = {
    "bits": "qubit[2] q; bit[2] c; bit w; h q; c = measure q; w = measure q[0];"
    "if (c[0]) x q[1]; if (!c[1]) { y q[0]; reset q[1]; }"
    "if (w) { z q[0]; } else { h q[1]; }",
    "registers": "qubit[2] q; bit[2] c; c[1] = measure q[0]; measure q[1] -> c[0];"
    "if (c == 2) { x q[0]; } else { h q[0]; cx q[0], q[1]; }",
    "nested": "qubit[2] q; bit[2] c; bit[3] d; if (c == 1) { if (d == 5) { x q[0]; } else { if (c[0]) y q[1]; } }",
    "initialised": "qubit[2] q; bit[2] c = measure q; bit d = measure q[1];",
}


@pytest.mark.parametrize("text", DYNAMIC.values(), ids=DYNAMIC)
def test_dynamic_programs_are_those_that_qiskit_reads(text) -> None:
    ours, theirs = loads(HEADER + text), from_qiskit(_by_qiskit(HEADER + text))
    assert ours == theirs


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("π/2", math.pi / 2),
        ("tau/4", math.pi / 2),
        ("ℇ", math.e),
        ("1/2", 0),
        ("-7/2", -3),
        ("7/2.0", 3.5),
        ("-2**2", -4),
        ("2**-1.0", 0.5),
        ("5 % 3", 2),
        ("6 ^ 3", 5),
        ("arccos(0.5)", math.pi / 3),
        ("0x1f + 0b11", 34),
        ("1_000 * 1e-3", 1),
        ("n * half", 2),
        ("pow(2, 3) + mod(7, 4)", 11),
    ],
)
def test_angles_follow_the_rules_of_version_3(expression, value) -> None:
    text = f"{HEADER}const int n = 4; const float half = 1 / 2.0; qubit[n] q; rx({expression}) q[0];"
    assert loads(text).angles[0, 0] == pytest.approx(value, abs=1e-12)


CONDITIONS = {
    "c != 2": lambda v: (v & 7) != 2,
    "c > 1": lambda v: (v & 7) > 1,
    "c <= 4 && !s": lambda v: (v & 7) <= 4 and not (v >> 3),
    "c[0] == 1 || s": lambda v: (v & 7) & 1 or (v >> 3),
    "!(c[1] ^ c[2])": lambda v: not (((v & 7) >> 1 & 1) ^ ((v & 7) >> 2 & 1)),
    'c == "101"': lambda v: (v & 7) == 5,
    "c[2] != c[0]": lambda v: ((v & 7) >> 2 & 1) != ((v & 7) & 1),
    "(c & 6) == 4": lambda v: (v & 7) & 6 == 4,
    "s == false": lambda v: not (v >> 3),
    "c + 1 == 4": lambda v: (v & 7) == 3,
    "~c[1]": lambda v: not (v & 7) >> 1 & 1,
    "3 == c": lambda v: (v & 7) == 3,
}


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS.items(), ids=CONDITIONS)
@pytest.mark.parametrize("prepared", range(16))
def test_an_if_does_its_body_exactly_when_its_condition_holds_and_its_else_otherwise(
    condition, holds, prepared, outcomes
) -> None:
    c, s = prepared & 7, prepared >> 3
    flips = "".join(f"x q[{bit}];" for bit in range(4) if prepared >> bit & 1)
    text = (
        f"{HEADER}qubit[4] q; qubit[2] t; bit[3] c; bit s; bit[2] r; {flips} c = measure q[0:2]; s = measure q[3];"
        f"if ({condition}) {{ x t[0]; }} else {{ x t[1]; }} r = measure t;"
    )
    wanted = ("01" if holds(prepared) else "10") + f"{s}{c:03b}"
    assert outcomes(loads(text)) == {wanted: 1.0}


@pytest.mark.parametrize("prepared", range(8))
def test_a_switch_takes_the_first_case_that_fits(prepared, outcomes) -> None:
    flips = "".join(f"x q[{bit}];" for bit in range(3) if prepared >> bit & 1)
    text = (
        f"{HEADER}qubit[3] q; qubit[2] t; bit[3] c; bit[2] r; {flips} c = measure q;"
        "switch (c) { case 1, 4 { x t[0]; } case 2 { x t[1]; } default { x t; } } r = measure t;"
    )
    wanted = {1: "01", 4: "01", 2: "10"}.get(prepared, "11")
    assert outcomes(loads(text)) == {f"{wanted}{prepared:03b}": 1.0}


def test_what_qiskit_exports_for_a_switch_is_read() -> None:
    from qiskit import qasm3
    from qiskit.circuit import QuantumCircuit

    circuit = QuantumCircuit(2, 3)
    with circuit.if_test((circuit.clbits[0], 1)), circuit.switch(circuit.cregs[0]) as case:
        with case(1, 2):
            circuit.x(1)
        with case(case.DEFAULT):
            circuit.reset(0)
    text = qasm3.dumps(circuit)
    assert "int switch_dummy;" in text
    assert loads(text) == from_qiskit(circuit)


@pytest.mark.parametrize(
    "use",
    [
        "k = 3;",
        "k = c; c[0] = measure q; switch (k) { case 1 { x q; } }",
        "if (c[0]) { k = c; } if (k == 1) x q;",
        "k = measure q;",
    ],
)
def test_a_variable_is_only_a_copy_of_bits_that_have_not_changed(use) -> None:
    with pytest.raises(InvalidCircuitError, match=r"circuit:4: .* must"):
        loads(f"{HEADER}qubit q; bit[2] c; int k;\n{use}")


def test_a_branch_may_overwrite_its_own_bit_only_at_its_end() -> None:
    start = f"{HEADER}qubit[2] q; bit[2] c;\n"
    assert len(loads(f"{start}if (c[0]) {{ x q[0]; c[0] = measure q[0]; }}")) == 2
    for body in (
        "if (c[0]) { c[0] = measure q[0]; x q[0]; }",
        "if (c[0]) { c[0] = measure q[0]; } else { x q[0]; }",
        "if (c[0]) { if (c[1]) { c[0] = measure q[0]; } x q[1]; }",
        "if (c != 3) c[0] = measure q[0];",
    ):
        with pytest.raises(InvalidCircuitError, match=r"circuit:4: a branch must not measure into a bit of its own"):
            loads(start + body)


def test_a_bit_alone_is_in_no_register_and_a_qubit_alone_keeps_its_name() -> None:
    circuit = loads(f"{HEADER}qubit a; qubit[2] B; bit c; bit[2] D;")
    assert [register.name for register in circuit.qubit_registers] == ["a", "B"]
    assert [(register.name, register.bits) for register in circuit.registers] == [("D", (1, 2))]


def test_a_gate_keeps_what_its_body_meant_when_a_name_is_defined_anew(same_operator) -> None:
    text = f"{HEADER}gate mine a {{ h a; }} gate h a {{ x a; }} qubit[2] q; mine q[0]; h q[1];"
    plain = loads(f"{HEADER}qubit[2] q; h q[0]; x q[1];")
    assert same_operator(loads(text), to_qiskit(plain))


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("while (c[0]) { x q[0]; }", "while"),
        ("float x = 3;", "float"),
        ("def f() { }", "def"),
        ("input float x;", "input"),
    ],
)
def test_what_needs_a_classical_computer_is_refused_by_name_and_line(statement, word) -> None:
    with pytest.raises(InvalidCircuitError, match=rf"circuit:4: a circuit must do without .*`{word}` comes here"):
        loads(f"{HEADER}qubit[1] q; bit[1] c;\n{statement}")
