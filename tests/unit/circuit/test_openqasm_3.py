"""Qiskit's complete importer of OpenQASM 3 is the oracle where it can read the text."""

import math
import warnings

import numpy as np
import pytest

from weft.circuit import from_qiskit, loads, to_qiskit
from weft.circuit.flattening import Flat, flatten
from weft.circuit.openqasm_tokens import Text
from weft.circuit.unfolding import unfold
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
    "phases under control": "gate g(a) v { rz(a) v; gphase(0.4); } gate f v, r { g(0.3) v; swap v, r; gphase(a_); }"
    "qubit[3] q; h q; ctrl @ g(0.9) q[0], q[1]; ctrl @ f q[2], q[0], q[1]; ctrl @ gphase(0.6) q[1];".replace(
        "a_", "1.1"
    ),
    "definitions": "gate a(x, y) p, q { rx(x - y) p; cx p, q; rz(x - y / 2) q; }"
    "gate b(t) p, q, r { a(t, -t) r, p; ccx p, q, r; inv @ a(t / 3, 0.1) q, r; } qubit[3] q; h q; b(0.8) q[2], q[0], q[1];",
    "parts of registers": "qubit[5] q; qubit w; h q[0:2]; x q[{1, 3}]; cx q[0:1], q[3:4]; cz w, q[4]; let a = q[1:3]; y a; s a[0];"
    "let b = q[0:1] ++ q[3:4]; t b; z q[-1]; h q[4:-2:1];",
    "physical qubits": "h $0; cx $0, $2; barrier $1; barrier $0;",
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
    "c == 5": lambda v: (v & 7) == 5,
    "3 == c": lambda v: (v & 7) == 3,
    'c == "101"': lambda v: (v & 7) == 5,
    "c[1]": lambda v: v >> 1 & 1,
    "!c[1]": lambda v: not v >> 1 & 1,
    "~c[1]": lambda v: not v >> 1 & 1,
    "c[0] == 1": lambda v: v & 1,
    "c[2] != 1": lambda v: not v >> 2 & 1,
    "c[2] == false": lambda v: not v >> 2 & 1,
    "w == false": lambda v: not v >> 3,
    "w != 0": lambda v: v >> 3,
    "w": lambda v: v >> 3,
}


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS.items(), ids=CONDITIONS)
@pytest.mark.parametrize("prepared", range(16))
def test_an_if_does_its_body_exactly_when_its_condition_holds_and_its_else_otherwise(
    condition, holds, prepared, outcomes
) -> None:
    c, s = prepared & 7, prepared >> 3
    flips = "".join(f"x q[{bit}];" for bit in range(4) if prepared >> bit & 1)
    text = (
        f"{HEADER}qubit[4] q; qubit[2] to; bit[3] c; bit w; bit[2] r; {flips} c = measure q[0:2]; w = measure q[3];"
        f"if ({condition}) {{ x to[0]; }} else {{ x to[1]; }} r = measure to;"
    )
    wanted = ("01" if holds(prepared) else "10") + f"{s}{c:03b}"
    assert outcomes(loads(text)) == {wanted: 1.0}


def test_a_branch_may_overwrite_its_own_bit_only_at_its_end() -> None:
    start = f"{HEADER}qubit[2] q; bit[2] c;\n"
    assert len(loads(f"{start}if (c[0]) {{ x q[0]; c[0] = measure q[0]; }}")) == 2
    for body in (
        "if (c[0]) { c[0] = measure q[0]; x q[0]; }",
        "if (c[0]) { c[0] = measure q[0]; } else { x q[0]; }",
        "if (c[0]) { if (c[1]) { c[0] = measure q[0]; } x q[1]; }",
    ):
        with pytest.raises(InvalidCircuitError, match=r"circuit: a branch must not measure into a bit of its own"):
            loads(start + body)


def test_a_bit_alone_is_in_no_register_and_a_qubit_alone_keeps_its_name() -> None:
    circuit = loads(f"{HEADER}qubit a; qubit[2] B; bit c; bit[2] D;")
    assert [register.name for register in circuit.qubit_registers] == ["a", "B"]
    assert [(register.name, register.bits) for register in circuit.registers] == [("D", (1, 2))]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("while (c[0]) { x q[0]; }", "circuit: a circuit must do without loops that end when a measurement says so"),
        ("float x = 3;", "circuit:4: .* declarations of type 'float' are not supported"),
        ("def f() { }", "circuit:4: .* type SubroutineDefinition is not supported"),
        ("input float angle_; rx(angle_) q;", "circuit: every parameter must have a value, but `rx` has angle_"),
        ("switch (c) { case 1 { x q; } }", "circuit:4: .* SwitchStatement is not supported"),
        ("int k = 3;", "circuit:4: .* declarations of type 'int' are not supported"),
        ("if (c > 1) x q;", "circuit:4: .* unhandled binary operator"),
        ("if (c[0] && c[1]) x q;", "circuit:4: .* unhandled binary operator"),
        ("rx(6 ^ 3) q;", "circuit:4: .* unsupported binary operation"),
        ("gate h a { x a; }", "circuit:4: .* 'h' is already defined"),
        ("h q[2:-1:0];", "circuit:4: a slice must not run down to 0, since Qiskit loses it"),
        ("h q[0:-1];", r"circuit:4: the ends of `q\[…\]` must lie in 0 … 2, but one is -1"),
        ("h q[0:3];", r"circuit:4: the ends of `q\[…\]` must lie in 0 … 2, but one is 3"),
    ],
)
def test_what_weft_does_not_have_is_refused(statement, reason) -> None:
    with pytest.raises(InvalidCircuitError, match=reason):
        loads(f"{HEADER}qubit[3] q; bit[2] c;\n{statement}")


FLAT = {
    "names that version 2 cannot have": "qubit[2] Ω; qubit opaque; bit[2] C; bit exp; gate Gate(θ, B) A, x1 "
    "{ rx(θ / 2 - B) A; cx A, x1; gphase(θ); } gate ln a { h a; } Gate(1, 2) Ω[0], opaque; ln Ω; C = measure Ω;"
    "if (C == 2) { x Ω[0]; exp = measure opaque; } if (exp) z Ω[1]; if (!exp) reset Ω;",
    "gates that version 2 knows otherwise": "gate u(a) v { rx(a) v; } gate rzz(a, b) v, w { cx v, w; ry(a - b) w; }"
    "gate rxx(a) v, w { cx v, w; } qubit[2] q; u(1) q; rzz(1, 2) q[1], q[0]; rxx(0.3) q[0], q[1];",
    "expressions": "const int n = 3; const float w = n / 2; qubit[2 * n - 4] q; rx(w * pi) q[n - 2];"
    "for int k in [0:n - 2] { rz(pi / (k + 1)) q[k]; cx q[k], q[1 - k]; } p(1 / 2) q[-1]; rx(-2 * π / 3) q[0];",
}


@pytest.mark.parametrize("text", FLAT.values(), ids=FLAT)
def test_the_fast_way_and_the_slow_way_give_one_circuit(text) -> None:
    quick = loads(HEADER + text)
    slow = loads(HEADER + text + "box { }")
    assert isinstance(flatten(_unfolded(HEADER + text)), Flat)
    assert not isinstance(flatten(_unfolded(HEADER + text + "box { }")), Flat)
    assert [register.name for register in slow.registers] == [register.name for register in quick.registers]
    assert np.allclose(quick.angles, slow.angles, atol=1e-12)
    assert quick.opcodes.tolist() == slow.opcodes.tolist()
    assert quick.qubits.tolist() == slow.qubits.tolist()
    assert [quick.condition(row) for row in range(len(quick))] == [slow.condition(row) for row in range(len(slow))]


def _unfolded(program: str) -> str:
    text = Text(program, "circuit")
    unfold(text)
    return text.body


NOT_FLAT = [
    "if (c[0]) x q[0];",
    "if (c == 1) { x q[0]; } else { y q[0]; }",
    "if (c == 1) { c[0] = measure q[0]; x q[0]; }",
    "if (c == 1) { if (d == 1) x q[0]; }",
    "ctrl @ x q[0], q[1];",
    "gate g a { inv @ s a; }",
    "gate g(x) a { rx(1 / x ** 2) a; }",
    "h q[0:1];",
    "let a = q[0:1];",
    "rx(3 ^ 1) q;",
    "gate t2 a { t a; } gate t2 a { h a; }",
    "h q[0]; reset;",
    "switch (c) { }",
    "x $0;",
    "OPENQASM 3.0 x q[0];",
    "x q[0]",
]


@pytest.mark.parametrize("statement", NOT_FLAT)
def test_whatever_is_in_doubt_takes_the_slow_way(statement) -> None:
    program = f"{HEADER}qubit[2] q; bit[2] c; bit[2] d;"
    assert isinstance(flatten(program), Flat)
    assert not isinstance(flatten(program + statement), Flat)


@pytest.mark.parametrize("fault", ["nonsense q;", "box { nonsense q; }"])
def test_respelt_text_keeps_its_lines(fault) -> None:
    program = f"{HEADER}\nconst int n =\n 3; qubit[n]\nq; for int k in [0:1] {{\nx q[k];\n}} bit[2] c;\nif (c == 1) {{"
    with pytest.raises(InvalidCircuitError, match=r"circuit:12: .*'nonsense' is not"):
        loads(f"{program}\nx q[0];\n}}\n{fault}")


def test_an_id_is_read_the_slow_way_as_the_identity_that_qiskit_takes_it_for() -> None:
    circuit = loads(f"{HEADER}qubit q; bit[2] c; if (c[0]) id q;")
    assert circuit == loads(f"{HEADER}qubit q; bit[2] c; if (c[0]) U(0, 0, 0) q;")


@pytest.mark.parametrize("rest", ["", "box { }"], ids=["fast way", "slow way"])
def test_a_gate_takes_its_parameters_in_the_order_in_which_it_declares_them(rest) -> None:
    """Qiskit's complete importer takes them in alphabetical order."""
    circuit = loads(f"{HEADER}gate g(b, c, a) v {{ U(b, c, a) v; }} qubit q; g(0.1, 0.2, 0.3) q; {rest}")
    assert circuit.angles.tolist() == [[0.1, 0.2, 0.3]]


def test_a_large_text_that_must_take_the_slow_way_is_refused_at_the_statement_that_makes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("weft.circuit.openqasm.STATEMENT_LIMIT", 1000)
    text = HEADER + "qubit[2] q;\n" + "x q[0];\n" * 1000
    assert len(loads(text)) == 1000
    with pytest.raises(InvalidCircuitError, match=r"circuit:1004: OpenQASM 3 beyond plain .* at most 1,000"):
        loads(text + "ctrl @ x q[0], q[1];")
