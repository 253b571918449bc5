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
    "only comments": ("// nothing\n/* at\nall */\n", "circuit:3: a circuit must have statements"),
    "no qubits": (V2 + "creg c[2];", "must have at least 1 qubit, but has 0"),
    "version": ("OPENQASM 4.0;\nqreg q[1];", "circuit:1: the version of OpenQASM must be 2 or 3, but is 4.0"),
    "unknown gate": (V2 + "qreg q[1];\n\nfoo q[0];", "circuit:5: a gate must be defined before it is used, but `foo`"),
    "gate without include": ("OPENQASM 2.0;\nqreg q[1];\nh q[0];", "circuit:3: a gate must be defined"),
    "missing semicolon": (V2 + "qreg q[2];\nh q[0]\nh q[1];", "circuit:5: `;` or `,` must come here, but `h` does"),
    "index": (V2 + "qreg q[2];\nx q[2];", "circuit:4: an index must lie in 0 … 1, but is 2"),
    "repeated qubit": (V2 + "qreg q[2];\ncx q[0],q[0];", "circuit:4: `cx` must act on distinct qubits"),
    "repeated qubit, version 3": (V3 + "qubit[2] q;\ncx q[0],q[0];", "circuit:4: `cx` must act on distinct qubits"),
    "repeated by broadcast": (V2 + "qreg q[2];\ncx q,q[1];", "circuit:4: `cx` must act on distinct qubits"),
    "operands": (V2 + "qreg q[2];\ncx q[0];", "circuit:4: `cx` must act on 2 qubits, but is given 1"),
    "angles": (V2 + "qreg q[2];\nrx q[0];", "circuit:4: `rx` must have 1 angles, but has 0"),
    "register sizes": (V2 + "qreg q[2];\nqreg r[3];\ncx q,r;", "circuit:5: registers in one statement must have one"),
    "measurement sizes": (V2 + "qreg q[2];\ncreg c[3];\nmeasure q->c;", "circuit:5: a measurement must have as many"),
    "unmeasured": (V2 + "qreg q[2];\nmeasure q;", "circuit:4: a measurement must go into a classical bit"),
    "division by zero": (V2 + "qreg q[1];\nrx(1/0) q[0];", "circuit:4: an expression must have a finite real value"),
    "overflow": (V2 + "qreg q[1];\nrx(1e999) q[0];", "circuit:4: an angle must be a finite number, but is inf"),
    "root": (V2 + "qreg q[1];\nrx(sqrt(-1)) q[0];", "circuit:4: an expression must have a finite real value"),
    "large power": (V3 + "qubit q;\nrx(9**9**9**9) q;", "circuit:4: an expression must have a finite real value"),
    "large shift": (V3 + "qubit q;\nrx(1 << 99999999) q;", "circuit:4: an expression must have a finite real value"),
    "growing constant": (
        V3 + "const int a0 = 2**60;\n" + "\n".join(f"const int a{k} = a{k - 1}*a{k - 1};" for k in range(1, 40)),
        "circuit:4: an integer must be at most 2\\^64",
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
    "declared twice": (V2 + "qreg q[2];\ncreg q[2];", "circuit:4: a name must be declared once, but `q` already is"),
    "defined twice": (V2 + "gate a q { }\ngate a q { }", "circuit:4: a gate must be defined once, but `a` already is"),
    "brackets": (V2 + "qreg q[1];\nrx(" + "(" * 100_000 + "1", "circuit:4: brackets must nest at most 100 deep"),
    "braces": (V3 + "{" * 100_000, "circuit:3: brackets must nest at most 100 deep"),
    "signs": (V2 + "qreg q[1];\nrx(" + "-" * 100_000 + "1) q[0];", "circuit:4: a statement must not nest this deep"),
    "conditions": (V2 + "qreg q[1];\ncreg c[1];\n" + "if(c==1) " * 100_000 + "x q[0];", "a statement must not nest"),
    "numeral": (
        V2 + "qreg q[" + "1" * 401 + "];",
        "circuit:3: a numeral must have at most 400 characters, but has 401",
    ),
    "comment": (V2 + "qreg q[1];\n/* and so on", "circuit:4: a comment must end with"),
    "comments": ("/*" * 1_000_000, "circuit:1: a comment must end with"),
    "string": (V2 + 'include "qelib', "circuit:3: a string must end on its line"),
    "include": (
        V2 + 'include "/etc/passwd";',
        'circuit:3: an include must be of "qelib1.inc", but is of "/etc/passwd"',
    ),
    "include of the other version": (V3 + 'include "qelib1.inc";', 'circuit:3: an include must be of "stdgates.inc"'),
    "circular": (V2 + "gate a q { a q; }", "circuit:3: a gate must be defined before it is used, but `a` is not"),
    "used before its definition": (
        V2 + "gate b q { a q; }\ngate a q { x q; }",
        "circuit:3: a gate must be defined before",
    ),
    "foreign qubit": (
        V2 + "qreg r[1];\ngate b q { x r; }",
        "circuit:4: a gate's body must act on the gate's own qubits",
    ),
    "measurement in a gate": (V2 + "gate b q { measure q; }", "circuit:3: a gate must be defined before it is used"),
    "doubling": (_doubling(V2, "a{0}(t) q; a{0}(t) q;"), r"circuit:27: a circuit must have at most 10,000,000 instruc"),
    "doubling with angles": (_doubling(V2, "a{0}(t/2) q; a{0}(t/3) q;"), r"circuit:27: a circuit must have at most"),
    "doubling nothing": (
        _doubling(V2, "a{0}(t/2) q; a{0}(t/3) q;").replace("{ x q; }", "{ }"),
        r"circuit:27: a circuit must have at most",
    ),
    "doubling powers": (_doubling(V3, "pow(2) @ a{0}(t) q;"), r"circuit:27: a circuit must have at most"),
    "deep definitions": (DEEP, r"circuit:\d+: gate definitions must nest at most 64 deep"),
    "power": (V3 + "qubit q;\npow(1000000000) @ x q;", "circuit:4: an exponent must be at most 10,000,000"),
    "power of nothing": (V3 + "gate n a { }\nqubit q;\npow(9999999) @ pow(9999999) @ n q;\nfoo;", "circuit:6"),
    "controls": (V3 + "qubit[9] q;\nctrl(5000) @ x q[0], q[1];", "circuit:4: `ctrl @` must add 1 … 12 controls"),
    "controls in turn": (V3 + "qubit[9] q;\n" + "ctrl @ " * 5000 + "x q[0];", "circuit:4: a gate must get at most 12"),
    "loop": (
        V3 + "qubit q;\nfor int i in [0:1000000000] { x q; }",
        "circuit:4: loops must run at most 1,000,000 times",
    ),
    "endless loop": (
        V3 + "qubit q;\nfor int i in [0:0:9] { x q; }",
        "circuit:4: a range must have .* step other than 0",
    ),
    "loop in loop": (
        V3 + "qubit q;\nfor int i in [1:9999] { for int j in [1:9999] { x q; } }",
        "circuit:4: loops must run at most 1,000,000 times in all",
    ),
    "wide parity": (
        V3 + "qubit q; bit[20] c;\nif (c != 1 && c > 0) { x q; }",
        "circuit:4: a condition .* at most 12 bits",
    ),
    "wide register": (
        V2 + "qreg q[1]; creg c[5000];\nif(c==1) x q[0];",
        "circuit:4: a condition must read at most 1024",
    ),
    "condition on a number": (V2 + "qreg q[1]; creg c[2];\nif(q==1) x q[0];", "circuit:4: `q` must be a number"),
    "modifier in version 2": (V2 + "qreg q[2];\nctrl @ x q[0],q[1];", "circuit:4: a gate must have no modifiers"),
    "declaration in a block": (
        V3 + "qubit q; bit c;\nif (c) { qubit r; }",
        "circuit:4: a declaration must stand outside",
    ),
    "unended block": (V3 + "qubit q; bit c;\nif (c) { x q;\n", "circuit:4: a statement must come here, but the end"),
    "unended statement": (V2 + "qreg q[1];\nx", "circuit:4: a qubit must come here, but the end of the text does"),
    "bit as angle": (V3 + "qubit q; bit c;\nrx(c) q;", "circuit:4: a number must be known before the circuit runs"),
    "annotation": (V3 + "qubit q;\n@note x\nx q;", "circuit:4: a circuit must do without annotations"),
    "control characters": (V2 + "qreg q[1];\n\x00\x01", "circuit:4: a statement must come here, but '.x00' does"),
    "set by a number": (V3 + "bit c;\nc = 1;", "circuit:4: a classical bit must be set by `measure`"),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_malformed_text_is_refused_with_its_line_in_one_line(text, message, capfd) -> None:
    with pytest.raises(InvalidCircuitError, match=message) as caught:
        loads(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert capfd.readouterr() == ("", "")


def test_broadcasts_are_counted(monkeypatch) -> None:
    monkeypatch.setattr("weft.circuit.openqasm.INSTRUCTION_LIMIT", 200_000)
    with pytest.raises(InvalidCircuitError, match=r"circuit:10: a circuit must have at most 10,000,000 instructions"):
        loads(V2 + "qreg q[50000];\n" + "h q;\nbarrier q;\n" * 10)


def test_many_equal_calls_of_a_large_gate_are_read_once() -> None:
    lines = ["gate a0 q { x q; }"] + [f"gate a{k} q {{ a{k - 1} q; a{k - 1} q; }}" for k in range(1, 13)]
    circuit = loads(V2 + "\n".join(lines) + "\nqreg q[1];\n" + "a12 q[0];\n" * 20)
    assert len(circuit) == 20 * 2**12
