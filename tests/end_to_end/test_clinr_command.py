"""`weft clinr` as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def test_sizes_are_compared_and_drawn_beside_pair_times(tmp_path: Path) -> None:
    """Circuits of 6 and 10 qubits have as many gates over n² as the one that is given: 2 n²."""
    arguments = ("clifford:8x128", "--sizes", "6:10:4", "--error", "1e-3", "--shots", "2000")
    answer = weft(*arguments, "--plot", "sizes.svg", cwd=tmp_path)
    assert answer.returncode == 0
    assert "error: direct" in answer.stdout
    assert "qubits, n" in (tmp_path / "sizes.svg").read_text()
    found = json.loads(weft(*arguments, "--json").stdout)
    assert [each["qubits"] for each in found["sizes"]] == [6, 10]
    assert [each["direct"]["depth"]["serial"]["value"] for each in found["sizes"]] == [72, 200]
    assert "sizes" not in json.loads(weft("ghz:6", "--blocks", "2", "--shots", "100", "--json").stdout)


def test_a_search_says_how_to_cut_check_and_inject() -> None:
    arguments = ("clifford:6x180", "--qpus", "2", "--tau", "1", "--error", "1e-3", "--checks", "1", "--shots", "1000")
    found = json.loads(weft(*arguments, "--search", "both", "--json").stdout)
    depths = [each["depth"]["value"] for each in found["best"]]
    errors = [each["logical_error"]["value"] for each in found["best"]]
    assert depths == sorted(depths)
    assert errors == sorted(errors, reverse=True)
    assert found["tried"] > 50
    assert "the shallowest whose logical error" in weft(*arguments, "--search", "depth").stdout


def test_cat_states_bare_pair_checks_and_buffers_are_options() -> None:
    arguments = ("clifford:6x72", "--qpus", "2", "--blocks", "2", "--shots", "2000", "--error", "1e-3", "--json")

    def distributed(*options: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(weft(*arguments, *options).stdout)["comparisons"][0]["distributed"][-1]
        return found

    usual, early = distributed(), distributed("--resources", "split", "--pair-checks", "2")
    cat = distributed("--cat", "--ancillas", "3", "--buffer", "1", "--measurement-error", "0.05")
    assert cat["qubits_per_qpu"] == 2 * 6 + 3 + 6
    assert cat["qubits_per_qpu"] < usual["qubits_per_qpu"] == 2 * 6 + 1 + 2 * 6
    assert min(each["value"] for each in cat["acceptance"]) < min(each["value"] for each in usual["acceptance"])
    assert early["bell_pairs"] > usual["bell_pairs"] + 3 + 2


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
        (("ghz:6", "--sizes", "20"), "`--sizes` must be LOW:HIGH:STEP"),
        (("ghz:6", "--sizes", "20:10:5"), "`--sizes` must be LOW:HIGH:STEP"),
        (("ghz:6", "--search", "both", "--tau", "1:3"), "`--search` must be for one `--tau`"),
        (("ghz:6", "--buffer", "0"), "`buffer` must be at least 1"),
    ],
)
def test_wrong_requests_say_what_is_wrong(arguments: tuple[str, ...], words: str) -> None:
    answer = weft(*arguments)
    assert answer.returncode == 2
    assert words in answer.stderr
