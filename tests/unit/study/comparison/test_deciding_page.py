"""The page about deciding shows what the command prints, and files that exist."""

import re
from pathlib import Path

from weft.study.comparison.scaling import QUANTITIES

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "deciding.md").read_text(encoding="utf-8")


def test_the_tables_are_the_golden_ones() -> None:
    shown = re.findall(r"\$ weft compare[^\n]*\n(.*?)```", PAGE, flags=re.DOTALL)
    for text, name in zip(shown, ("compare_qaoa", "compare_hybrid"), strict=True):
        assert text == (ROOT / "tests" / "golden" / f"{name}.txt").read_text(encoding="utf-8")


def test_every_quantity_is_explained() -> None:
    assert all(f"| `{name}` |" in PAGE for name in (*QUANTITIES, "size"))


def test_what_the_page_refers_to_exists() -> None:
    for path in re.findall(r"`((?:docs|examples)/[\w.]+)`|\((images/[\w.]+)\)", PAGE):
        name = path[0] or f"docs/{path[1]}"
        assert (ROOT / name).exists(), name
