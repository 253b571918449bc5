"""What docs/qiskit.md shows is what happens."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "qiskit.md").read_text(encoding="utf-8")


def test_every_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    values: dict[str, object] = {}
    examples = re.findall(r"```python\n(.*?)```\s*prints ((?:`[^`]+`(?: and )?)+)", PAGE, re.DOTALL)
    assert len(examples) == 3
    for code, shown in examples:
        exec(compile(code, "docs/qiskit.md", "exec"), values)
        assert capsys.readouterr().out.split("\n")[:-1] == re.findall(r"`([^`]+)`", shown)


def test_the_tables_are_as_long_as_the_page_says() -> None:
    import test_qiskit_estimator
    import test_qiskit_sampler

    lengths = len(test_qiskit_sampler.TABLE), len(test_qiskit_estimator.TABLE)
    assert "a table of {} and {} requests".format(*lengths) in " ".join(PAGE.split())
