"""The page about deciding shows what the command prints, and files that exist."""

import re
from pathlib import Path

from weft.study.comparison.scaling import QUANTITIES

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "deciding.md").read_text(encoding="utf-8")


def test_the_table_is_the_golden_one() -> None:
    golden = (ROOT / "tests" / "golden" / "compare_qaoa.txt").read_text(encoding="utf-8")
    [shown] = re.findall(r"\$ weft compare[^\n]*\n(.*?)```", PAGE, flags=re.DOTALL)
    assert shown == golden


def test_every_quantity_is_explained() -> None:
    assert all(f"| `{name}` |" in PAGE for name in (*QUANTITIES, "size"))


def test_what_the_page_refers_to_exists() -> None:
    for path in re.findall(r"`((?:docs|examples)/[\w.]+)`|\((images/[\w.]+)\)", PAGE):
        name = path[0] or f"docs/{path[1]}"
        assert (ROOT / name).exists(), name
