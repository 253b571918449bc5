"""Curves over distance become a picture; a curve that is zero somewhere is drawn where it is not."""

from pathlib import Path

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.report.repeater_plot import DistanceCurve, plot_over_distance

DISTANCE = np.linspace(1e4, 1e5, 4)
CURVES = [
    DistanceCurve("chain", DISTANCE, np.array([0.1, 0.01, 0.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.6])),
    DistanceCurve("bound", DISTANCE, np.array([1.0, 0.1, 0.01, 0.001]), is_bound=True),
]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_are_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"picture.{ending}"
    plot_over_distance(CURVES, path, title="A chain")
    assert path.stat().st_size > 2000


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="must end in"):
        plot_over_distance(CURVES, tmp_path / "picture.txt", title="A chain")
