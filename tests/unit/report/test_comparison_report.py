"""Tables and pictures of comparisons show every way, also those that cannot be run."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from weft.errors import InvalidValueError
from weft.report.comparison_plot import plot_comparison
from weft.report.comparison_tables import comparison_summary, comparison_table, lasting
from weft.study.comparison import Comparison, Mean, compare


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare("qaoa:4x1", "line:2x2", seed=1, effort="fast", crossover="rate", target_fidelity=0.9)


def printed(found: Comparison) -> str:
    console = Console(width=140)
    with console.capture() as shown:
        console.print(comparison_table(found))
    return shown.get()


def test_a_way_that_cannot_be_run_says_why() -> None:
    text = printed(compare("qaoa:4x1", "apart:2x2", seed=1, effort="fast"))
    assert "cannot be run" in text
    assert "must be joined by quantum links" in text


def test_every_way_has_a_column_and_the_target_a_row(found: Comparison) -> None:
    text = printed(found)
    header = next(line for line in text.splitlines() if line.startswith("line:2x2"))
    assert all(name in header for name in ("one big QPU", "quantum links", "hybrid links", "classical links (cut)"))
    assert next(line for line in text.splitlines() if line.startswith("reaches 0.9")).split()[2:] == [
        "yes",
        "yes",
        "yes",
        "yes",
    ]


def test_the_definition_of_the_fidelity_is_in_both_forms(found: Comparison) -> None:
    assert "state fidelity" in printed(found)
    ways = json.loads(json.dumps(comparison_summary(found), allow_nan=False))["ways"]
    assert [way["way"] for way in ways] == ["one_qpu", "quantum_links", "hybrid", "classical_links"]
    for way in ways[2:]:
        assert "no error strikes in a shot of all pieces before the final measurements" in way["fidelity"]["definition"]
        assert f"fidelity of sums over terms: {way['fidelity']['definition'][:60]}" in printed(found)


def test_what_takes_endless_shots_is_left_out_of_a_picture(found: Comparison, tmp_path: Path) -> None:
    endless = [Mean(math.inf, math.nan)] * 2
    curves = [replace(one, theirs=(*one.theirs[:-2], *endless)) for one in found.crossovers]
    plot_comparison(replace(found, crossovers=tuple(curves)), tmp_path / "compared.png")
    assert (tmp_path / "compared.png").stat().st_size > 10_000


def test_long_times_are_in_years() -> None:
    assert lasting(3.2e9) == "101 years"
    assert lasting(0.012) == "12 ms"


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_picture_is_drawn(found: Comparison, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"compared.{ending}"
    plot_comparison(found, path)
    assert path.stat().st_size > 10_000
    with pytest.raises(InvalidValueError, match="must end in"):
        plot_comparison(found, tmp_path / "compared.txt")
