"""The page that shows a newcomer around names files that exist, and leaves out no room."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
SOURCE = ROOT / "src" / "weft"


def test_every_file_that_the_page_names_exists() -> None:
    there = {path.name for path in SOURCE.rglob("*.py")}
    named = {Path(name).name for name in re.findall(r"`([\w/]+\.py)`", PAGE)}
    assert len(named) > 20
    assert named <= there


def test_every_room_is_on_the_page() -> None:
    rooms = [path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()]
    assert len(rooms) >= 8
    for room in rooms:
        assert f"**{room}/" in PAGE
