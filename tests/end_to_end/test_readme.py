"""What the README shows is what happens."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_session_prints_what_is_shown() -> None:
    (session,) = blocks("console")
    command, *shown = session.strip().splitlines()
    arguments = shlex.split(command.removeprefix("$ weft "))
    answer = subprocess.run(
        [sys.executable, "-m", "weft", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = [line.rstrip() for line in answer.stdout.splitlines()]
    assert len(shown) > 4
    for line in shown:
        assert line.rstrip() in printed


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    monkeypatch.chdir(ROOT)
    values: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), values)
    assert "Bell pairs" in capsys.readouterr().out
    assert values["more"].shots == 2000


def test_every_file_that_the_docs_link_to_exists() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
