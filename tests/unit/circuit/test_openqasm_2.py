"""Qiskit's importer of OpenQASM 2 is the oracle."""

import numpy as np
import pytest

from weft.circuit import from_qiskit, loads
from weft.errors import InvalidCircuitError

HEADER = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'


def _by_qiskit(text):
    from qiskit import qasm2

    return qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)


def _qelib1():
    from qiskit.qasm2 import LEGACY_CUSTOM_INSTRUCTIONS

    return [gate for gate in LEGACY_CUSTOM_INSTRUCTIONS if gate.name != "delay"]


@pytest.mark.parametrize("gate", _qelib1(), ids=lambda gate: gate.name)
def test_each_gate_of_qelib1_is_qiskits(gate, same_operator) -> None:
    angles = [2] if gate.name == "u0" else np.linspace(0.4, 2.9, gate.num_params).tolist()
    call = f"({','.join(map(str, angles))})" if angles else ""
    operands = ",".join(f"q[{qubit}]" for qubit in reversed(range(gate.num_qubits)))
    text = f"{HEADER}qreg q[{gate.num_qubits}];\n{gate.name}{call} {operands};"
    circuit = loads(text)
    assert same_operator(circuit, _by_qiskit(text))
    assert circuit.qubits.shape == (len(circuit), 2)


@pytest.mark.parametrize(
    "expression",
    [
        "pi/2",
        "-pi^2/3",
        "2*(1+sin(0.3))-cos(pi/7)",
        "1/2",
        "-3/4*pi",
        "2^3^0.5",
        "ln(2)+exp(0.1)*sqrt(3)",
        "1e-1-.5",
        "-(-1)",
        "tan(1)-5",
    ],
)
def test_angles_have_the_values_that_qiskit_gives_them(expression) -> None:
    text = f"{HEADER}qreg q[1];\nrx({expression}) q[0];"
    theirs = _by_qiskit(text).data[0].operation.params[0]
    assert loads(text).angles[0, 0] == pytest.approx(theirs, abs=1e-13)


PROGRAMS = {
    "gates of the user's": "gate a(x,y) p,q { rx(x-y) p; cx p,q; barrier p,q; rz(x*y/2) q; }\n"
    "gate b(t) p,q,r { a(t,-t) r,p; ccx p,q,r; a(t/3,0.1) q,r; }\nqreg q[3];\nh q;\nb(0.8) q[2],q[0],q[1];",
    "a definition of a gate that Weft knows": "gate rzx(t) a,b { h b; cx a,b; rz(t) b; cx a,b; h b; }\n"
    "gate ecr a,b { rzx(pi/4) a,b; x a; rzx(-pi/4) a,b; }\nqreg q[2];\necr q[1],q[0];\nrzx(0.3) q[0],q[1];",
    "a name of Weft's for something else": "gate iswap a,b { cx a,b; h a; }\nqreg q[2];\niswap q[1],q[0];",
    "broadcasting": "qreg q[3];\nqreg w[3];\nqreg v[1];\nh q;\ncx q,w;\ncx q[1],w;\ncz v,q[2];\nU(0.1,0.2,0.3) w;\nCX w[0],w[1];",
    "a gate on nothing": "gate nothing(t) a { }\nqreg q[1];\nnothing(2) q[0];\nx q[0];",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_are_the_operators_that_qiskit_reads(text, same_operator) -> None:
    assert same_operator(loads(HEADER + text), _by_qiskit(HEADER + text))


def test_a_written_out_definition_of_a_known_gate_stays_one_gate() -> None:
    """Otherwise an exporter's definition of rzz would double its cost."""
    assert loads(HEADER + PROGRAMS["a definition of a gate that Weft knows"]).two_qubit_gates == 2
    assert loads(HEADER + PROGRAMS["a name of Weft's for something else"]).two_qubit_gates == 1
    assert len(loads(HEADER + PROGRAMS["a name of Weft's for something else"])) == 2


def test_measurement_reset_and_conditions_are_those_that_qiskit_reads() -> None:
    text = HEADER + (
        "qreg q[3];\ncreg c[2];\ncreg d[3];\nmeasure q[0] -> c[1];\nif(c==2) x q[1];\nif(c==1) measure q[2] -> d[0];\n"
        "if(d==7) reset q[0];\nreset q;\nmeasure q -> d;\nif(c==0) cx q[0],q[1];"
    )
    ours, theirs = loads(text), from_qiskit(_by_qiskit(text))
    assert ours == theirs
    assert ours.condition(1) == ((0, 0), (1, 1))
    assert [register.name for register in ours.registers] == ["c", "d"]


def test_a_condition_that_no_register_can_meet_never_holds() -> None:
    assert len(loads(HEADER + "qreg q[1];\ncreg c[2];\nif(c==4) x q[0];")) == 0


def test_without_a_version_line_registers_tell_the_version() -> None:
    assert loads('include "qelib1.inc"; qreg q[1]; rx(1/2) q[0];').angles[0, 0] == 0.5
    assert loads('include "stdgates.inc"; qubit[1] q; rx(1/2) q[0];').angles[0, 0] == 0


def test_an_opaque_gate_may_be_declared_but_not_used() -> None:
    assert len(loads(HEADER + "opaque magic(a) p,q;\nqreg q[2];\nx q[0];")) == 1
    with pytest.raises(InvalidCircuitError, match="circuit: a gate must have a definition, but `magic` has none"):
        loads(HEADER + "opaque magic(a) p,q;\nqreg q[2];\nmagic(1) q[0],q[1];")


def test_a_gate_that_redefines_a_name_without_the_library_means_what_it_says() -> None:
    text = "OPENQASM 2.0; gate h a { U(0.3,0.2,0.1) a; } qreg q[1]; h q[0];"
    assert loads(text).angles.tolist() == [[0.3, 0.2, 0.1]]
