"""The example of docs/compiler.md runs as it stands there."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "compiler.md"


def test_the_worked_example_of_a_strategy_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {"__name__": "page"})
    greedy, default = map(int, capsys.readouterr().out.split())
    assert default == 3  # n/2 − 1
    assert greedy >= default
