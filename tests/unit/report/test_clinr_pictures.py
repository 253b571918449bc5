"""What stands in the pictures and tables of Clifford noise reduction."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from weft.errors import InvalidValueError
from weft.protocols.clinr import Comparison, Measures, Ring, Scheme, Verification
from weft.protocols.clinr.depth import CONVENTIONS
from weft.protocols.clinr.measures import Estimate
from weft.protocols.clinr.search import Candidate
from weft.report.clinr_map_plot import Panel, plot_clinr_map
from weft.report.clinr_plot import plot_clinr
from weft.report.clinr_search_table import clinr_search_summary, clinr_search_table
from weft.report.clinr_tables import clinr_sizes_table


def measures(form: str, error: float, depth: float) -> Measures:
    exact, length = Estimate(error, error, error), Estimate(depth, depth, depth)
    depths = dict.fromkeys(CONVENTIONS, length)
    return Measures(form, 3, exact, np.zeros(1, dtype=np.int64), (), 1.0, 7, 4.0, depths)


def comparison(direct: tuple[float, float], distributed: tuple[float, float]) -> Comparison:
    return Comparison(
        measures("direct", *direct), (measures("one QPU", 0.05, 1000),), (measures("distributed", *distributed),)
    )


SIZES = {20: comparison((0.2, 100), (0.4, 70)), 40: comparison((0.6, 400), (0.4, 200))}


def text_of(renderable: object) -> str:
    out = io.StringIO()
    Console(file=out, width=200).print(renderable)
    return out.getvalue()


def test_a_crossing_is_marked_where_it_is(tmp_path: Path) -> None:
    """Errors .2 and .6 against .4: they meet half way from 20 to 40. Depths 100 and 300 against 200: half way from 1 to 2."""
    times = {1.0: comparison((0.5, 200), (0.3, 100)), 2.0: comparison((0.5, 200), (0.3, 300))}
    plot_clinr(times, "serial", tmp_path / "both.svg", sizes=SIZES)
    drawn = (tmp_path / "both.svg").read_text()
    assert "<!--  1.5 -->" in drawn
    assert "<!--  30 -->" in drawn
    plot_clinr(times, "serial", tmp_path / "times.svg")
    assert "<!--  30 -->" not in (tmp_path / "times.svg").read_text()


def test_a_map_says_in_each_cell_what_holds(tmp_path: Path) -> None:
    panel = Panel("somewhere", "rows", ("1", "2"), "columns", ("3", "4"), (("", "D"), ("DQ", "DQB")))
    plot_clinr_map([panel] * 5, tmp_path / "map.svg")
    drawn = (tmp_path / "map.svg").read_text()
    assert drawn.count("<!-- somewhere -->") == 5
    assert all(words in drawn for words in ("beats direct", "beats one QPU", "beats both at once", "neither"))
    assert [drawn.count(f"<!-- {letters} -->") for letters in ("D", "DQ", "B")] == [5, 5, 5]


def test_a_map_must_have_a_panel_and_a_file_that_can_be_drawn(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="`panels` must hold at least 1 map"):
        plot_clinr_map([], tmp_path / "map.svg")
    with pytest.raises(InvalidValueError, match="must end in one of"):
        plot_clinr_map([Panel("a", "b", ("1",), "c", ("2",), (("",),))], tmp_path / "map.txt")


def test_sizes_are_a_line_each_and_say_who_wins() -> None:
    lines = text_of(clinr_sizes_table(SIZES, 5.0, "serial")).splitlines()
    assert lines[1].split() == ["20", "0.2000", "0.0500", "0.4000", "100", "1,000", "70"]
    assert lines[2].split() == ["40", "0.6000", "0.0500", "0.4000", "400", "1,000", "200", "beats", "direct"]
    assert "3 checks, τ=5" in lines[3]


def test_the_best_ways_are_told_in_words_and_for_programs() -> None:
    scheme = Scheme(2, 3, "generators", Verification("interleaved", 3), pair_checks=4)
    best = [
        Candidate(None, None, measures("direct", 0.5, 100)),
        Candidate(scheme, Ring(resources="split", injection="any order"), measures("distributed", 0.1, 200)),
    ]
    lines = text_of(clinr_search_table(best, "both", 9, "serial")).splitlines()
    assert lines[1].split() == ["direct", "0.5000", "100"]
    words = "distributed, split 2 3 4 generators interleaved, 3 ancillas any order 0.1000 200"
    assert lines[2].split() == words.split()
    assert "of 9 tried" in lines[3]
    found = clinr_search_summary(best, "both", 9, "serial")
    assert "blocks" not in found["best"][0]
    assert found["best"][1]["layout"] == "interleaved"
    assert found["best"][1]["resources"] == "split"
