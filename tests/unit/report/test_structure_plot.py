"""The picture of a structure shows its cuts, its bounds and its fragile moments."""

from pathlib import Path

import pytest

from weft.errors import InvalidValueError
from weft.report.structure_plot import plot_structure
from weft.report.structure_summary import structure_summary
from weft.study.structure import inspect


@pytest.mark.parametrize(
    ("circuit", "network"),
    [("qft:6", "all:2x3"), ("ghz:12", "line:12x1"), ("qft:30", None), ("ghz:1", None), ("ghz:4", "line:2x4")],
)
def test_every_kind_of_structure_can_be_drawn_and_written(circuit: str, network: str | None, tmp_path: Path) -> None:
    found = inspect(circuit, network, seed=1)
    plot_structure(found, tmp_path / "a.png")
    plot_structure(found, tmp_path / "a.svg")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert structure_summary(found)["notes"] == list(found.notes)


def test_the_same_structure_gives_the_same_picture(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        plot_structure(inspect("qft:6", "all:2x3", seed=1), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="must end in one of"):
        plot_structure(inspect("ghz:2"), tmp_path / "a.txt")
