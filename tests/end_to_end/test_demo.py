"""`make demo` runs this file; so does this test."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout, folder / "demo_output"


def test_the_demo_finds_the_published_success_of_grovers_search(demo: tuple[str, Path]) -> None:
    """Averaged over four marked states; 16,000 shots leave .0036, so .71 ± .02 is 5.5 standard errors away."""
    text, _ = demo
    line = next(line for line in text.splitlines() if line.startswith("Success averaged"))
    assert abs(float(line.split(": ")[1].split(". ")[0]) - 0.71) < 0.02


def test_the_demo_adds_5461_and_7021(demo: tuple[str, Path]) -> None:
    """The most frequent outcome is the sum."""
    text, _ = demo
    rows = text[text.rindex("outcome") :].splitlines()
    assert int(rows[1].split()[0], 2) == 5461 + 7021


def test_the_demo_draws_both_timelines(demo: tuple[str, Path]) -> None:
    _, folder = demo
    for name in ("grover_oxford.png", "adder_timeline.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
