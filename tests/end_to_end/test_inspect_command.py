"""`weft inspect` as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def weft(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "weft", "inspect", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


def test_a_network_shows_everything(tmp_path: Path) -> None:
    arguments = ("qft:8", "--network", "line:4x2", "--seed", "1")
    answer = weft(*arguments, "--plot", "structure.svg", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    for words in ("A B | C D", "most fragile pair", "critical path", "speed-up", "Amdahl", "within 5 standard errors"):
        assert words in answer.stdout
    assert (tmp_path / "structure.svg").read_text().startswith("<?xml")
    found = json.loads(weft(*arguments, "--json").stdout)
    assert list(found) == [
        "circuit", "qubits", "two_qubit_gates", "network", "ebits", "partition", "entropy", "blocks", "scaling", "fragility",
        "critical_path", "limits", "speedup", "notes",
    ]  # fmt: skip
    assert found["fragility"]["agrees"] is True
    assert len(found["fragility"]["pairs"]) == found["ebits"]
    assert sum(share["share"] for share in found["critical_path"]["program"]["shares"].values()) == pytest.approx(1)
    moments = found["entropy"]["moments"] + 1
    assert all(len(cut["bits"]) == len(cut["bound_bits"]) == moments for cut in found["entropy"]["cuts"])


def test_without_a_network_there_are_halves_and_no_program() -> None:
    found = json.loads(weft("ghz:7", "--json").stdout)
    assert [len(block) for block in found["partition"]["blocks"].values()] == [4, 3]
    assert found["network"] is found["fragility"] is found["speedup"] is found["critical_path"]["program"] is None
    assert found["critical_path"]["circuit"]["two_qubit_gates"] == 6


def test_bounds_are_marked(tmp_path: Path) -> None:
    answer = weft("qft:30", "--plot", "bounds.png", cwd=tmp_path)
    assert "bounds only" in answer.stdout
    assert "0 … 15" in answer.stdout
    assert "note: entropies are bounds" in answer.stdout
    found = json.loads(weft("qft:30", "--json").stdout)
    assert found["entropy"]["exact"] is False
    assert set(found["entropy"]["cuts"][0]["bits"]) == {None}


def test_a_circuit_that_measures_on_its_way_says_what_is_shown(tmp_path: Path) -> None:
    text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2]; creg c[1];\nh q[0]; cx q[0],q[1]; measure q[0] -> c[0];\n'
    (tmp_path / "dynamic.qasm").write_text(text + "if (c==1) x q[0];\ncx q[0],q[1];\n")
    answer = weft("dynamic.qasm", "--network", "line:2x1", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "those of one sampled shot" in answer.stdout
    assert "fragility: total variation distance of outcomes" in answer.stdout
    assert "1 simulated pair within 5 standard errors of the prediction" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("ghz:4", "--seed", "-1"), 2, "`seed` must be at least 0"),
        (("ghz:4", "--plot", "x.txt"), 2, "must end in one of"),
        (("ghz:9", "--network", "line:2x2"), 1, "must fit on the network"),
        (("nothing:4",), 2, "a circuit must be a file or a generator"),
        (("ghz:4", "--network", "nowhere"), 2, "a network must be a preset"),
    ],
)
def test_wrong_requests_say_what_is_wrong(arguments: tuple[str, ...], code: int, words: str) -> None:
    answer = weft(*arguments)
    assert answer.returncode == code
    assert words in answer.stderr
