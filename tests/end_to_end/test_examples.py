"""Examples print what the documentation says they do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_comparison_of_policies_is_the_one_in_the_documentation() -> None:
    command = [sys.executable, str(ROOT / "examples" / "policies.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    printed = "\n".join(line.rstrip() for line in answer.stdout.splitlines())
    assert "expired" in printed
    assert f"```\n{printed}\n```" in (ROOT / "docs" / "simulation.md").read_text()


def test_what_better_detectors_buy_is_what_the_documentation_says() -> None:
    command = [sys.executable, str(ROOT / "examples" / "better_detectors.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert f"```\n{answer.stdout}```" in (ROOT / "docs" / "links.md").read_text()


def test_the_variational_loop_prints_what_the_documentation_says() -> None:
    command = [sys.executable, str(ROOT / "examples" / "qaoa_loop.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert f"```\n{answer.stdout}```" in (ROOT / "docs" / "qiskit.md").read_text()


def test_noise_reduction_by_programs_gives_what_the_documentation_says() -> None:
    command = [sys.executable, str(ROOT / "examples" / "clinr.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    printed = "\n".join(line.rstrip() for line in answer.stdout.splitlines())
    assert "makespan, gate times" in printed
    assert f"```\n{printed}\n```" in (ROOT / "docs" / "clinr.md").read_text()


def test_cutting_gives_what_the_documentation_says() -> None:
    command = [sys.executable, str(ROOT / "examples" / "cutting.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert f"```\n{answer.stdout}```" in (ROOT / "docs" / "cutting.md").read_text()


def test_what_poor_pairs_are_good_for_is_what_the_documentation_says() -> None:
    command = [sys.executable, str(ROOT / "examples" / "hybrid_links.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    printed = "\n".join(line.rstrip() for line in answer.stdout.splitlines())
    assert "cancelled" in printed
    assert f"```\n{printed}\n```" in (ROOT / "docs" / "hybrid_links.md").read_text()


def test_whether_to_connect_is_answered_as_the_documentation_says() -> None:
    command = [sys.executable, str(ROOT / "examples" / "should_we_connect.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert f"```\n{answer.stdout}```" in (ROOT / "docs" / "deciding.md").read_text()
