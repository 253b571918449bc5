"""What docs/structure.md shows is what happens."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[4] / "docs" / "structure.md").read_text(encoding="utf-8")


def test_every_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    values: dict[str, object] = {}
    examples = re.findall(r"```python\n(.*?)```\s*prints ((?:`[^`]+`(?: and )?)+)", PAGE, re.DOTALL)
    assert len(examples) == PAGE.count("```python") == 5
    for code, shown in examples:
        exec(compile(code, "docs/structure.md", "exec"), values)
        assert capsys.readouterr().out.split("\n")[:-1] == re.findall(r"`([^`]+)`", shown)


def test_every_command_prints_what_the_page_says() -> None:
    [block] = re.findall(r"```console\n\$ weft (.*?)\n(.*?)```", PAGE, re.DOTALL)
    command = [sys.executable, "-m", "weft", *block[0].split()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert [line.rstrip() for line in done.stdout.splitlines()] == block[1].splitlines()
