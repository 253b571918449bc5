"""Pictures of where qubits live: lanes hold what the program does, and there is a picture of every size of program."""

from pathlib import Path

import numpy as np
import pytest

from unit.program.handmade import A_C, B_C, CASES, A, Hand, moved_home, third_qpu
from unit.report.conftest import make_network, make_qft
from unit.report.test_timeline_plot import png_size
from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.errors import InvalidValueError
from weft.network import QPU, Link, Network
from weft.program import Program, ProgramBuilder
from weft.program.whereabouts import find_whereabouts
from weft.report import palette, plot_presence
from weft.report.presence import MOST_COLUMNS, guest_intervals, lay_presence, paint
from weft.report.presence_overview import draw_presence_overview
from weft.report.presence_picture import draw_presence
from weft.scheduler import Timelines


def compiled(qubits: int, qpus: int, data: int) -> Program:
    return compile_circuit(make_qft(qubits), make_network(qpus, data), effort="fast").program


def test_lanes_show_a_home_that_moves() -> None:
    """From A to B, where the copy that becomes its home is a guest until row 8 drops the original; then q2 is a guest of A."""
    program, _ = moved_home()
    found = find_whereabouts(program, 3)
    lanes = lay_presence(found)
    assert lanes.order == [0, 1, 2]
    assert [(band.label, band.low, band.high) for band in lanes.bands] == [("A", 0, 1), ("B", 1, 2), ("C", 2, 3)]
    assert lanes.homes.qpus.shape == (3, len(program))
    assert lanes.homes.qpus[0].tolist() == [0] * 9 + [1] * (len(program) - 9)
    copies = lanes.copies.qpus[: lanes.slots]
    assert np.flatnonzero((copies >= 0).any(axis=0)).tolist() == [6, 7, 8, 9, 10]
    assert set(copies[copies >= 0].tolist()) == {1}
    assert (lanes.homes.qpus[1] == 1).all()
    assert (lanes.homes.qpus[2] == 2).all()
    assert set(lanes.copies.qpus[2 * lanes.slots :].ravel().tolist()) == {-1, 0}


@pytest.mark.parametrize("name", CASES)
def test_every_row_of_every_qubit_is_somewhere(name: str) -> None:
    program, _ = CASES[name]()
    lanes = lay_presence(find_whereabouts(program, 3))
    copies = lanes.copies.qpus.reshape(3, lanes.slots, -1)
    assert ((lanes.homes.qpus >= 0) | (copies >= 0).any(axis=1)).all()


def test_copies_of_one_qubit_at_the_same_time_have_slots_of_their_own() -> None:
    program, _ = CASES["joint_cx"]()
    found = find_whereabouts(program, 3)
    lanes = lay_presence(found)
    shown = (lanes.copies.qpus >= 0).sum()
    assert shown == (guest_intervals(found)[:, 3] - guest_intervals(found)[:, 2]).sum()


def test_marks_are_where_pairs_are_taken() -> None:
    program, _ = third_qpu()
    lanes = lay_presence(find_whereabouts(program, 3))
    assert lanes.marks.tolist() == [[3.5, 0], [7.5, 1]]


def test_a_cell_shows_what_fills_most_of_it_and_hides_nothing() -> None:
    intervals = np.array([[0, 0, 70], [1, 70, 100], [2, 250, 251], [3, 399, 400]])
    cells = paint(intervals, np.array([0, 0, 0, 1]), 2, 400, 4)
    assert cells.qpus.tolist() == [[0, -1, 2, -1], [-1, -1, -1, 3]]
    assert cells.strength[0, 0] == 1
    assert 0 < cells.strength[0, 2] < 1
    assert cells.strength[0, 1] == 0


def test_a_large_program_has_no_more_columns_than_can_be_seen(large: Timelines) -> None:
    lanes = lay_presence(find_whereabouts(large.program, 40))
    assert lanes.homes.qpus.shape == (40, MOST_COLUMNS)
    assert 0 < len(lanes.marks) <= 100 * 40


def test_marks_that_would_make_a_line_are_left_out() -> None:
    hand = Hand()
    for _ in range(500):
        hand.copy(A, A_C, B_C)
        hand.drop(B_C, A)
    found = find_whereabouts(hand.build(), 3)
    assert len(lay_presence(found).marks) == 0
    assert "too many Bell pairs to mark" in draw_presence(found).axes[0].get_xlabel()


@pytest.mark.parametrize(("qubits", "qpus", "data"), [(2, 2, 1), (8, 4, 2), (30, 10, 3), (130, 3, 44)])
def test_programs_of_every_size_have_a_picture(qubits: int, qpus: int, data: int, tmp_path: Path) -> None:
    path = tmp_path / "presence.png"
    plot_presence(compiled(qubits, qpus, data), path, num_logical=qubits)
    width, height = png_size(path)
    assert width == 2100
    assert 200 < height < 4000


def test_long_programs_have_pictures_of_both_kinds(large: Timelines, tmp_path: Path) -> None:
    plot_presence(large.program, tmp_path / "large.png", num_logical=40)
    assert png_size(tmp_path / "large.png")[1] < 3000
    assert len(draw_presence_overview(find_whereabouts(large.program, 40)).axes) == 1


@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<?xml"), (".pdf", b"%PDF-"), (".PNG", b"\x89PNG")])
def test_the_ending_decides_the_format(tmp_path: Path, suffix: str, start: bytes) -> None:
    program, _ = moved_home()
    plot_presence(program, str(tmp_path / f"presence{suffix}"), num_logical=3)
    assert (tmp_path / f"presence{suffix}").read_bytes().startswith(start)


def test_a_picture_is_the_same_each_time(tmp_path: Path) -> None:
    program, _ = moved_home()
    for name in ("one.png", "two.png"):
        plot_presence(program, tmp_path / name, num_logical=3)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_title_and_key_give_the_numbers() -> None:
    program, _ = moved_home()
    figure = draw_presence(find_whereabouts(program, 3))
    assert figure.texts[0].get_text() == "program on all"
    assert figure.texts[1].get_text().startswith("2 ebits  ·  2 copies  ·  1 move  ·  0 gates away from home")
    legend, key = figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["A: 2 ebits", "B: 1 ebit", "C: 1 ebit"]
    assert [text.get_text() for text in legend.get_texts()][-1] == "takes Bell pairs"


def test_the_legend_is_silent_on_what_is_not_there() -> None:
    program = ProgramBuilder(Network("one", (QPU("A", 1),), ()))
    program.gate("h", program.add_qubit("A.d0", 0))
    legend, _ = draw_presence(find_whereabouts(program.build(), 1)).legends
    assert len(legend.get_texts()) == 1


@pytest.mark.parametrize("num_logical", [0, 1])
def test_a_program_without_instructions_has_a_picture(num_logical: int, tmp_path: Path) -> None:
    builder = ProgramBuilder(make_network(2, 1))
    builder.add_qubit("A.d0", 0)
    plot_presence(builder.build(), tmp_path / "empty.png", num_logical=num_logical)
    assert len(draw_presence_overview(find_whereabouts(builder.build(), num_logical)).axes) == 1
    png_size(tmp_path / "empty.png")


def test_names_with_markup_or_rare_letters_are_only_names(tmp_path: Path) -> None:
    qpus = (QPU("$A_{", 1, None), QPU("网" * 30, 1, None))
    network = Network("$x^{2$ 网络 " + "long " * 30, qpus, (Link(qpus[0].name, qpus[1].name, 1e-6, 0.1),))
    builder = CircuitBuilder(2, name="$y")
    builder.gate("cx", 0, 1)
    plot_presence(compile_circuit(builder.build(), network).program, tmp_path / "names.png", num_logical=2)
    png_size(tmp_path / "names.png")


def test_many_qpus_share_a_key_that_names_the_busiest() -> None:
    _, key = draw_presence(find_whereabouts(compiled(30, 30, 1), 30)).legends
    texts = [text.get_text() for text in key.get_texts()]
    assert len(texts) == 25
    assert texts[-1] == "and 6 more, colours repeat"


def test_colours_of_24_qpus_differ() -> None:
    colours = palette.qpu_colours(25)
    assert len(set(colours[:24])) == 24
    assert colours[24] == colours[0] == (0x00, 0x72, 0xB2)
    assert all(0 <= part <= 255 for colour in colours for part in colour)


@pytest.mark.parametrize("name", ["p.gif", "p", "nowhere/p.png"])
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    program, _ = moved_home()
    with pytest.raises(InvalidValueError, match="`path` must"):
        plot_presence(program, tmp_path / name, num_logical=3)
    assert list(tmp_path.iterdir()) == []
