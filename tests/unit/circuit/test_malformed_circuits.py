"""Whatever is wrong with a text, the answer is one line that names the place, soon."""

import pytest

from weft.circuit import loads
from weft.errors import InvalidCircuitError

V2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
V3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def _doubling(version, call):
    lines = ["gate a0(t) q { x q; }"]
    lines += [f"gate a{k}(t) q {{ {call.format(k - 1)} }}" for k in range(1, 61)]
    return version + "\n".join(lines) + "\nqreg q[1];\na60(1.5) q[0];"


DEEP = V2 + "gate a0 q { x q; }\n" + "\n".join(f"gate a{k} q {{ a{k - 1} q; }}" for k in range(1, 500))
CASES = {
    "empty": ("", "circuit:1: a circuit must have statements"),
    "only comments": ("// nothing\n/* at\nall */\n", "circuit:1: a circuit must have statements"),
    "no qubits": (V2 + "creg c[2];", "must have at least 1 qubit, but has 0"),
    "version": ("OPENQASM 4.0;\nqreg q[1];", "circuit:1: the version of OpenQASM must be 2 or 3, but is 4.0"),
    "unknown gate": (V2 + "qreg q[1];\n\nfoo q[0];", "circuit:5: .*'foo' is not defined"),
    "gate without include": ("OPENQASM 2.0;\nqreg q[1];\nh q[0];", "circuit:3: .*'h' before definition"),
    "missing semicolon": (V2 + "qreg q[2];\nh q[0]\nh q[1];", "circuit:5: .* needed ';'"),
    "index": (V2 + "qreg q[2];\nx q[2];", "circuit:4: .* index 2 is out-of-range for register 'q' of size 2"),
    "repeated qubit": (V2 + "qreg q[2];\ncx q[0],q[0];", "circuit:4: .* duplicate qubits"),
    "repeated qubit, version 3": (V3 + "qubit[2] q;\ncx q[0],q[0];", "circuit:4: .* duplicate qubits"),
    "repeated by broadcast": (V2 + "qreg q[2];\ncx q,q[1];", "circuit:4: .* duplicate qubits"),
    "operands": (V2 + "qreg q[2];\ncx q[0];", "circuit:4: .* 'cx' takes 2 quantum arguments, but got 1"),
    "angles": (V2 + "qreg q[2];\nrx q[0];", "circuit: .* missing 1 required positional argument"),
    "register sizes": (V2 + "qreg q[2];\nqreg r[3];\ncx q,r;", "circuit:5: .* cannot resolve broadcast"),
    "measurement sizes": (V2 + "qreg q[2];\ncreg c[3];\nmeasure q->c;", "circuit:5: .* cannot resolve broadcast"),
    "unmeasured": (V2 + "qreg q[2];\nmeasure q;", "circuit:4: .* needed '->'"),
    "division by zero": (V2 + "qreg q[1];\nrx(1/0) q[0];", "circuit:4: .* cannot divide by zero"),
    "overflow": (V2 + "qreg q[1];\nrx(1e999) q[0];", "circuit: every angle must be a finite number"),
    "root": (V2 + "qreg q[1];\nrx(sqrt(-1)) q[0];", "circuit:4: .* cannot take sqrt of negative"),
    "large power": (V3 + "qubit q;\nrx(9**9**9**9) q;", "circuit:4: .* unsupported binary operation"),
    "large shift": (V3 + "qubit q;\nrx(1 << 99999999) q;", "circuit:4: .* unsupported binary operation"),
    "growing constant": (
        V3 + "const int a0 = 2**60;\n" + "\n".join(f"const int a{k} = a{k - 1}*a{k - 1};" for k in range(1, 40)),
        "circuit:4: `a1` must have a finite value of its type",
    ),
    "billion qubits": (
        V2 + "qreg q[1000000000];",
        "circuit:3: a circuit must have at most 100,000 qubits, but has 1,0",
    ),
    "billion qubits, version 3": (V3 + "qubit[1000000000] q;", "circuit:3: a circuit must have at most 100,000 qubits"),
    "many registers": (V2 + "qreg a[60000];\nqreg b[60000];", "circuit:4: .* but has 120,000 here"),
    "billion bits": (V2 + "qreg q[1];\ncreg c[1000000000];", "circuit:4: a circuit must have at most 100,000 bits"),
    "physical qubit": (V3 + "x $999999999999999999999;", "circuit:3: a circuit must have at most 100,000 qubits"),
    "no qubits in a register": (V2 + "qreg q[0];", "circuit:3: a register must have at least 1 qubit, but has 0"),
    "declared twice": (V2 + "qreg q[2];\ncreg q[2];", "circuit:4: .* 'q' is already defined"),
    "defined twice": (V2 + "gate a q { }\ngate a q { }", "circuit:4: .* 'a' is already defined"),
    "brackets": (V2 + "qreg q[1];\nrx(" + "(" * 100_000 + "1", "circuit:4: brackets must nest at most 100 deep"),
    "braces": (V3 + "{" * 100_000, "circuit:3: brackets must nest at most 100 deep"),
    "signs": (V2 + "qreg q[1];\nrx(" + "-" * 100_000 + "1) q[0];", "circuit:4: a statement must not nest this deep"),
    "conditions": (V2 + "qreg q[1];\ncreg c[1];\n" + "if(c==1) " * 100_000 + "x q[0];", "a statement must not nest"),
    "numeral": (
        V2 + "qreg q[" + "1" * 401 + "];",
        "circuit:3: a numeral must have at most 400 digits",
    ),
    "comment": (V2 + "qreg q[1];\n/* and so on", "circuit:4: a comment must end with"),
    "comments": ("/*" * 1_000_000, "circuit:1: a comment must end with"),
    "string": (V2 + 'include "qelib', "circuit:3: a string must end on its line"),
    "include": (
        V2 + 'include "/etc/passwd";',
        'circuit:3: an include must be of "qelib1.inc", but is of "/etc/passwd"',
    ),
    "include of the other version": (V3 + 'include "qelib1.inc";', 'circuit:3: an include must be of "stdgates.inc"'),
    "circular": (V2 + "gate a q { a q; }", "circuit:3: .* 'a' is not defined"),
    "used before its definition": (
        V2 + "gate b q { a q; }\ngate a q { x q; }",
        "circuit:3: .* 'a' is not defined",
    ),
    "foreign qubit": (
        V2 + "qreg r[1];\ngate b q { x r; }",
        "circuit:4: .* 'r' is a quantum register",
    ),
    "measurement in a gate": (V2 + "gate b q { measure q; }", "circuit:3: .* only gate applications are valid"),
    "doubling": (_doubling(V2, "a{0}(t) q; a{0}(t) q;"), r"circuit:27: a circuit must have at most 10,000,000 instruc"),
    "doubling with angles": (_doubling(V2, "a{0}(t/2) q; a{0}(t/3) q;"), r"circuit:27: a circuit must have at most"),
    "doubling nothing": (
        _doubling(V2, "a{0}(t/2) q; a{0}(t/3) q;").replace("{ x q; }", "{ }"),
        r"circuit:27: a circuit must have at most",
    ),
    "doubling powers": (
        _doubling(V3, "pow(2) @ a{0}(t) q;"),
        "circuit:14: a gate under a modifier must come to at most 1,000 gates",
    ),
    "deep definitions": (DEEP, r"circuit:\d+: gate definitions must nest at most 64 deep"),
    "power": (V3 + "qubit q;\npow(1000000000) @ x q;", "circuit:4: an exponent must be a number of at most 10,000,000"),
    "power of nothing": (
        V3 + "gate n a { }\nqubit q;\npow(9999999) @ pow(9999999) @ n q;\nfoo;",
        "circuit:5: OpenQASM 3 beyond plain gates",
    ),
    "controls": (
        V3 + "qubit[9] q;\nctrl(5000) @ x q[0], q[1];",
        "circuit:4: a gate must get at most 12 controls, but gets 5000",
    ),
    "controls in turn": (
        V3 + "qubit[9] q;\n" + "ctrl @ " * 5000 + "x q[0];",
        "circuit:4: a gate must get at most 12 controls, but gets 5000",
    ),
    "loop": (
        V3 + "qubit q;\nfor int i in [0:1000000000] { x q; }",
        "circuit:4: loops must run at most 1,000,000 times",
    ),
    "endless loop": (
        V3 + "qubit q;\nfor int i in [0:0:9] { x q; }",
        "circuit: .* must not be zero",
    ),
    "loop in loop": (
        V3 + "qubit q;\nfor int i in [1:9999] { for int j in [1:9999] { x q; } }",
        "circuit:4: loops must run at most 1,000,000 times in all",
    ),
    "wide parity": (
        V3 + "qubit q; bit[20] c;\nif (c != 1 && c > 0) { x q; }",
        "circuit:4: .* unhandled binary operator",
    ),
    "wide register": (
        V2 + "qreg q[1]; creg c[5000];\nif(c==1) x q[0];",
        "circuit: a condition must read at most 1024",
    ),
    "condition on a number": (V2 + "qreg q[1]; creg c[2];\nif(q==1) x q[0];", "circuit:4: .* not a classical register"),
    "modifier in version 2": (V2 + "qreg q[2];\nctrl @ x q[0],q[1];", "circuit:4: .* 'ctrl' is not defined"),
    "declaration in a block": (
        V3 + "qubit q; bit c;\nif (c) { qubit r; }",
        "circuit:4: .* qubit declarations must be global",
    ),
    "unended block": (
        V3 + "qubit q; bit c;\nif (c) { x q;\n",
        "circuit:5: a statement must be well formed, but the end of the text comes here",
    ),
    "unended statement": (V2 + "qreg q[1];\nx", "circuit:4: .* unexpected end-of-file"),
    "bit as angle": (V3 + "qubit q; bit c;\nrx(c) q;", "circuit:4: .* required an angle-like value"),
    "signs and powers": (
        V2 + "qreg q[1];\nrx(" + "2^" * 100_000 + "1) q[0];",
        "circuit:4: a statement must have at most 1,000",
    ),
    "very long index": (
        V2 + "qreg q[1];\nx q[99999999999999999999];",
        "circuit:4: an integer must have at most 18 digits",
    ),
    "size that is no number": (V3 + "bit c;\nqubit[c] q;", "circuit:4: a register's size must be a whole number"),
    "wide power": (
        V3 + "qubit[8] q;\npow(0.5) @ g q[0], q[1], q[2], q[3], q[4], q[5], q[6];",
        "circuit:4: .* at most 6 qubits",
    ),
    "block in a gate": (
        V3 + "gate g a { for int i in [0:c] { x a; } }",
        "circuit:3: a gate's body must consist of gates",
    ),
    "missing angles of the user's gate": (
        V2 + "gate g(a) x { rx(a) x; }\nqreg q[1];\ng q[0];",
        "circuit: .* index out of range",
    ),
    "control characters": (V2 + "qreg q[1];\n\x00\x01", "circuit:4: .*x00"),
    "set by a number": (V3 + "bit c;\nc = 1;", "circuit:4: .* ClassicalAssignment is not supported"),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_malformed_text_is_refused_with_its_line_in_one_line(text, message, capfd) -> None:
    with pytest.raises(InvalidCircuitError, match=message) as caught:
        loads(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert capfd.readouterr() == ("", "")


def test_broadcasts_are_counted(monkeypatch) -> None:
    monkeypatch.setattr("weft.circuit.openqasm_tokens.INSTRUCTION_LIMIT", 200_000)
    with pytest.raises(InvalidCircuitError, match=r"circuit:8: a circuit must have at most 10,000,000 instructions"):
        loads(V2 + "qreg q[50000];\n" + "h q;\nbarrier q;\n" * 10)


def test_many_equal_calls_of_a_large_gate_are_read_once() -> None:
    lines = ["gate a0 q { x q; }"] + [f"gate a{k} q {{ a{k - 1} q; a{k - 1} q; }}" for k in range(1, 13)]
    circuit = loads(V2 + "\n".join(lines) + "\nqreg q[1];\n" + "a12 q[0];\n" * 20)
    assert len(circuit) == 20 * 2**12
