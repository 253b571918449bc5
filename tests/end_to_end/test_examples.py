"""Examples print what the documentation says they do."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("example", "page", "word"),
    [
        ("policies", "simulation", "expired"),
        ("better_detectors", "links", "fidelity"),
        ("qaoa_loop", "qiskit", "cut on average"),
        ("clinr", "clinr", "makespan, gate times"),
        ("cutting", "cutting", "overhead"),
        ("hybrid_links", "hybrid_links", "cancelled"),
        ("should_we_connect", "deciding", "Do not distribute"),
    ],
)
def test_an_example_prints_what_its_page_says(example: str, page: str, word: str) -> None:
    command = [sys.executable, str(ROOT / "examples" / f"{example}.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    printed = "\n".join(line.rstrip() for line in answer.stdout.splitlines())
    assert word in printed
    assert f"```\n{printed}\n```" in (ROOT / "docs" / f"{page}.md").read_text()
