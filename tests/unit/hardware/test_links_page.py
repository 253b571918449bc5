"""The page about links names every model, and its picture and three lines are those of the example."""

import re
from pathlib import Path

from weft.hardware.models import link_models

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "links.md").read_text(encoding="utf-8")


def test_every_model_is_on_the_page() -> None:
    table = PAGE.partition("## Models")[2]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, flags=re.MULTILINE)[1:] == list(link_models())


def test_the_three_lines_are_the_example() -> None:
    [lines] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(lines.splitlines()) == 3
    assert lines in (ROOT / "examples" / "better_detectors.py").read_text(encoding="utf-8")


def test_pictures_are_there() -> None:
    pictures = re.findall(r"\]\((images/\w+\.png)\)", PAGE)
    assert len(pictures) == 4
    assert all((ROOT / "docs" / picture).is_file() for picture in pictures)
