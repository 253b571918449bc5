"""`weft clinr` as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def weft(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "weft", "clinr", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


def test_three_forms_stand_side_by_side_with_a_verdict(tmp_path: Path) -> None:
    arguments = ("clifford:12x300", "--tau", "1:3", "--error", "1e-3", "--shots", "4000", "--seed", "1")
    answer = weft(*arguments, "--plot", "clinr.svg", cwd=tmp_path)
    assert answer.returncode == 0
    assert "one QPU" in answer.stdout
    assert "depth: one two-qubit gate at a time on a QPU" in answer.stdout
    assert "distributed never beats one QPU" in answer.stdout
    assert (tmp_path / "clinr.svg").read_text().startswith("<?xml")
    found = json.loads(weft(*arguments, "--json").stdout)
    assert [each["tau"] for each in found["comparisons"]] == [1, 2, 3]
    first = found["comparisons"][0]
    assert first["direct"]["depth"]["serial"]["value"] == 300
    errors = [each["logical_error"]["value"] for each in first["one_qpu"]]
    assert errors == sorted(errors, reverse=True)
    assert len(first["distributed"][3]["acceptance"]) == 4


def test_without_noise_nothing_is_lost() -> None:
    found = json.loads(weft("ghz:6", "--error", "0", "--blocks", "2", "--shots", "500", "--json").stdout)
    for form in found["comparisons"][0]["distributed"]:
        assert form["logical_error"]["value"] == 0
        assert all(each["value"] == 1 for each in form["acceptance"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("qft:4",), "every gate must be Clifford"),
        (("ghz:6", "--tau", "3:1"), "`--tau` must be a time"),
        (("ghz:6", "--tau", "x"), "`--tau` must be a time"),
        (("ghz:6", "--blocks", "9"), "`blocks` must lie in 1 … 5"),
        (("ghz:6", "--error", "2"), "must lie in [0, 1.0]"),
        (("ghz:6", "--qpus", "1"), "`qpus` must be at least 2"),
    ],
)
def test_wrong_requests_say_what_is_wrong(arguments: tuple[str, ...], words: str) -> None:
    answer = weft(*arguments)
    assert answer.returncode == 2
    assert words in answer.stderr
