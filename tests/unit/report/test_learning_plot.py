"""The picture of learned pulses."""

from pathlib import Path

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.report.learning_plot import Transfer, plot_learning


def draw(path: Path) -> None:
    times = np.linspace(0, 6e-7, 50)
    transfer = Transfer(times, 1e6 * np.sin(times * 5e6) ** 2, times * 1e6, times * 1e12, times[::-1] * 1e12)
    plot_learning(
        path,
        rewards=np.linspace(0.1, 0.6, 20),
        efficiencies=np.linspace(0.1, 0.6, 60).reshape(3, 20),
        levels={"optimum": 0.65},
        transfers={"before": transfer, "after": transfer},
    )


def test_it_is_drawn_in_every_format(tmp_path: Path) -> None:
    for suffix in (".png", ".svg"):
        draw(tmp_path / f"learning{suffix}")
    assert (tmp_path / "learning.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "learning.svg").read_text()
    assert "<svg" in text


def test_the_same_picture_is_the_same_file(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="must end in one of"):
        draw(tmp_path / "learning.gif")
