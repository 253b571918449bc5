"""`weft cut` as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RING = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
h q[0]; cx q[0],q[1]; cx q[2],q[3]; rzz(0.4) q[1],q[2]; cx q[0],q[1]; cx q[2],q[3]; rzz(0.4) q[3],q[0];
"""


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    path = tmp_path / "ring.qasm"
    path.write_text(RING)
    return path


def weft(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "weft", "cut", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_observables_in_a_table_and_in_json(ring: Path) -> None:
    arguments = (
        str(ring),
        "--network",
        "apart:2x2",
        "--observable",
        "ZZII",
        "--observable",
        "IIIX",
        "--shots",
        "20000",
    )
    table = weft(*arguments, "--seed", "1")
    assert table.returncode == 0
    assert table.stderr == ""
    assert "rzz" in table.stdout
    found = json.loads(weft(*arguments, "--seed", "1", "--json").stdout)
    exact = json.loads(weft(str(ring), "-n", "apart:2x2", "--observable", "ZZII", "--exact", "--json").stdout)
    assert found["sampling_overhead"] == pytest.approx(found["overhead"] ** 2)
    assert [cut["kind"] for cut in found["cuts"]] == ["gate"] * len(found["cuts"])
    assert found["shots"] == 20_000
    assert set(found["expectations"]) == {"ZZII", "IIIX"}
    one = found["expectations"]["ZZII"]
    # The default hardware's noise takes a few per cent.
    assert one["value"] == pytest.approx(exact["expectations"]["ZZII"]["value"], abs=0.1 + 6 * one["stderr"])
    assert exact["exact"]
    assert f"{one['value']:.6g}" in table.stdout


def test_a_distribution_adds_up(ring: Path) -> None:
    found = json.loads(weft(str(ring), "-n", "classical:2x2", "--shots", "20000", "--seed", "2", "--json").stdout)
    values = found["distribution"].values()
    assert sum(value["value"] for value in values) == pytest.approx(1, abs=0.2)
    assert sum(value["probability"] for value in values) == pytest.approx(1)
    assert all(set(key) <= {"0", "1"} and len(key) == 4 for key in found["distribution"])


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--network", "apart:2x2", "--observable", "ZZ"], 2, "must be 4 letters"),
        (["--network", "apart:2x2", "--observable", "ZZII", "--distribution"], 2, "only one of"),
        (
            ["--network", "apart:2x2", "--observable", "ZZII", "--precision", "1e-4", "--budget", "1000"],
            2,
            "must be at least",
        ),
        (["--network", "apart:2x2", "--shots", "10", "--precision", "0.1"], 2, "only one of"),
        (["--network", "apart:2x2", "--shots", "0"], 2, "whole number"),
        (["--network", "nowhere"], 2, "a network must be"),
    ],
)
def test_bad_requests_say_what_must_hold(ring: Path, arguments: list[str], code: int, text: str) -> None:
    done = weft(str(ring), *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert text in done.stderr


def test_run_and_compile_say_where_to_go(ring: Path) -> None:
    command = [sys.executable, "-m", "weft", "run", str(ring), "--network", "apart:2x2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "`weft cut`" in done.stderr


def test_an_answer_that_says_nothing_is_noted_on_standard_error_and_in_the_json(ring: Path) -> None:
    few = weft(str(ring), "-n", "apart:2x2", "--observable", "ZZII", "--shots", "4", "--terms", "--seed", "1", "--json")
    [note] = json.loads(few.stdout)["notes"]
    assert few.returncode == 0
    assert "a guess is no worse than this answer" in note
    assert few.stderr == f"weft: note: {note}\n"
