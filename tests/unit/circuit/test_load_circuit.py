"""One way in, and a clear answer where there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from weft.circuit import CircuitBuilder, load_circuit, loads
from weft.errors import InvalidCircuitError

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'


def test_a_file_gives_the_circuit_its_name(tmp_path) -> None:
    path = tmp_path / "bell.qasm"
    path.write_text("\ufeff" + BELL, encoding="utf-8")
    assert load_circuit(path) == load_circuit(str(path)) == loads(BELL)
    assert load_circuit(path).name == "bell"


def test_a_circuit_stays_what_it_is() -> None:
    circuit = loads(BELL)
    assert load_circuit(circuit) is circuit


def test_a_file_goes_before_a_generator(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ghz:5").write_text(BELL, encoding="utf-8")
    assert load_circuit("ghz:5").num_qubits == 2


def test_an_unknown_name_is_answered_with_the_generators() -> None:
    with pytest.raises(InvalidCircuitError, match=r"must be a file or a generator, but `qtf:4` is neither; .*qft:N"):
        load_circuit("qtf:4")


def test_a_path_that_is_not_there_is_no_generator() -> None:
    with pytest.raises(InvalidCircuitError, match=r"a circuit's file must exist"):
        load_circuit(Path("ghz:3"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"bad\.qasm:1: a circuit must have statements, but the text has none"),
        (b"OPENQASM 2.0;\nqreg q\xff[1];", r"bad\.qasm:2: a circuit must be UTF-8 text"),
        (b"OPENQASM 2.0;\n\nqreg\0 q[1];", r"bad\.qasm:3: a circuit must be text, but the file has a NUL byte"),
        (b"OPENQASM 2.0;\nqreg q[1];\nfoo q[0];", r"bad\.qasm:3: .*'foo' is not defined"),
    ],
)
def test_a_bad_file_is_named_with_the_line(tmp_path, data, message) -> None:
    path = tmp_path / "bad.qasm"
    path.write_bytes(data)
    with pytest.raises(InvalidCircuitError, match=message):
        load_circuit(path)


def test_a_directory_is_no_circuit(tmp_path) -> None:
    with pytest.raises(InvalidCircuitError, match="must be a file, but this is a directory"):
        load_circuit(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path) -> None:
    path = tmp_path / "secret.qasm"
    path.write_text(BELL, encoding="utf-8")
    path.chmod(0)
    with pytest.raises(InvalidCircuitError, match="must be readable, but Permission denied"):
        load_circuit(path)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path) -> None:
    path = tmp_path / "large.qasm"
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(InvalidCircuitError, match="must have at most 67,108,864 bytes, but has more"):
        load_circuit(path)


@pytest.mark.parametrize("source", [BELL, "a" * 10_000, "nul\0", "", 7, None])
def test_what_is_no_source_is_refused(source) -> None:
    with pytest.raises(InvalidCircuitError, match="must"):
        load_circuit(source)


def test_only_reading_text_imports_qiskit() -> None:
    """It costs the command line half a second."""
    code = "import sys, weft.circuit as c; c.load_circuit('adder:28'); c.load_circuit('qft:8'); sys.exit('qiskit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_interrupt_passes_through(monkeypatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(CircuitBuilder, "append", interrupt)
    with pytest.raises(KeyboardInterrupt):
        loads(BELL)
