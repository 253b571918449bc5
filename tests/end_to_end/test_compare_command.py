"""`weft compare` as a user runs it, asks it wrongly, and stops it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def weft(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "weft", "compare", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=240, check=False)


def test_json_is_all_that_is_on_standard_output(tmp_path: Path) -> None:
    answer = weft("bv:4", "--networks", "line:2x2, ring:2x2", "--seed", "1", "--effort", "fast", "--json", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    assert [verdict["network"] for verdict in summary["verdicts"]] == ["line:2x2", "ring:2x2"]
    assert [way["way"] for way in summary["ways"]] == ["one_qpu", "quantum_links", "hybrid", "classical_links"]
    assert all(
        way["networks"] == ["line:2x2", "ring:2x2"] for way in summary["ways"]
    )  # two QPUs in a ring are in a line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ghz:4", "--networks", ","], "`networks` must name at least one"),
        (["ghz:4", "--networks", "line:2x2,nowhere"], "a network must be"),
        (["ghz:4", "--networks", "line:2x2", "--target-fidelity", "2"], "`target_fidelity` must lie in"),
        (["ghz:4", "--networks", "line:2x2", "--shots", "0"], "`shots` must be"),
        (["ghz:4", "--networks", "apart:2x2", "--crossover", "rate"], "must have quantum links"),
        (["ghz:4", "--networks", "line:2x2", "--plot", "picture.txt"], "must end in"),
    ],
)
def test_wrong_requests_are_refused_in_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    answer = weft(*arguments, cwd=tmp_path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert message in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_ctrl_c_prints_nothing_half_done(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "weft",
        "compare",
        "qft:16",
        "--networks",
        "ring:4x4",
        "--effort",
        "best",
        "--plot",
        "p.svg",
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    time.sleep(4)
    assert running.poll() is None, "the work must take longer than this test waits"
    running.send_signal(signal.SIGINT)
    printed, said = running.communicate(timeout=120)
    assert (running.returncode, printed) == (130, "")
    assert "interrupted" in said
    assert not list(tmp_path.iterdir())
