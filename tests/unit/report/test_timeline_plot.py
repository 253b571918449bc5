"""Pictures are real pictures of the right kind, and the axes behind them keep the order of what happens."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.errors import InvalidValueError
from weft.network import QPU, Link, Network
from weft.program import Op, ProgramBuilder
from weft.report import names, plot_timeline
from weft.report.detailed_picture import draw_detailed
from weft.report.lanes import count_lanes, lay_lanes
from weft.report.overview_lanes import lay_overview
from weft.report.slices import slice_shot
from weft.report.time_axis import stretched, to_scale
from weft.scheduler import Timelines, schedule


def png_size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert content.rstrip().endswith(b"IEND\xaeB`\x82")
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def test_every_shot_has_a_picture(timelines: Timelines, tmp_path: Path) -> None:
    path = tmp_path / "shot.png"
    plot_timeline(timelines, path)
    width, height = png_size(path)
    assert 1000 < width < 6000
    assert 200 < height < 6000
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize(("suffix", "start"), [(".svg", b"<?xml"), (".pdf", b"%PDF-"), (".PNG", b"\x89PNG")])
def test_the_ending_decides_the_format(small: Timelines, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"shot{suffix}"
    plot_timeline(small, str(path), shot=1)
    assert path.read_bytes().startswith(start)


def test_a_large_program_is_drawn_by_qpu_and_link(large: Timelines, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    plot_timeline(large, path)
    width, height = png_size(path)
    assert width < 3000
    assert height < 3000
    labels = [lane.label for lane in lay_overview(slice_shot(large, 0)).lanes]
    assert labels[:4] == ["A data", "A comm.", "B data", "B comm."]
    assert labels[-6:] == ["A-B", "A-C", "A-D", "B-C", "B-D", "C-D"]


def test_fractions_of_an_overview_come_to_the_time_that_was_spent(timelines: Timelines) -> None:
    """Independent: per lane, qubit-seconds by adding up rows, no bins."""
    slices = slice_shot(timelines, 0)
    program = timelines.program
    overview = lay_overview(slices)
    lanes = {lane.label: lane for lane in overview.lanes}
    seconds = np.where(program.opcodes == Op.ENTANGLE, 0.0, slices.end_s - slices.start_s)
    for position, qpu in enumerate(program.network.qpus):
        data = (program.qubit_qpus == position) & ~program.qubit_is_communication
        on_data = ((program.qubits >= 0) & data[program.qubits]).sum(axis=1)
        layers = lanes[f"{qpu.name} data"].layers
        busy = layers[0][1].mean() * slices.makespan_s * data.sum()
        assert busy == pytest.approx((on_data * seconds).sum())
        assert np.all(sum(fraction for _, fraction in layers) <= 1 + 1e-6)


def test_most_links_share_a_lane_when_there_are_too_many() -> None:
    qpus = tuple(QPU(f"N{number}", 1, None, measurement_s=1e-4) for number in range(40))
    network = Network("star", qpus, tuple(Link("N0", qpu.name, 1e-5) for qpu in qpus[1:]))
    builder = CircuitBuilder(40)
    builder.gate("h", 0)
    for qubit in range(1, 40):
        builder.gate("cx", 0, qubit)
    program = compile_circuit(builder.build(), network, effort="fast").program
    lanes = lay_overview(slice_shot(schedule(program, 1), 0)).lanes
    assert len(lanes) < 50
    assert any(lane.label.endswith("more links") for lane in lanes)
    assert any(lane.label.endswith("more QPUs data") for lane in lanes)
    ebits = [lane.note for lane in lanes if "ebit" in lane.note]
    assert sum(int(note.split()[0]) for note in ebits) == program.ebits


def test_the_stretched_axis_keeps_order_and_simultaneity(timelines: Timelines) -> None:
    slices = slice_shot(timelines, 0)
    axis = stretched(slices, 3.0, 1.3)
    times = np.concatenate((slices.start_s, slices.end_s))
    places = np.concatenate((axis.start, axis.end))
    order = np.lexsort((places, times))
    later = np.diff(times[order]) > slices.makespan_s * 1e-9
    assert np.all(np.diff(places[order])[later] > 0)
    assert np.all(axis.end > axis.start)
    assert axis.length == pytest.approx(places.max())


def test_the_stretched_axis_shows_what_depends_on_what_even_if_nothing_takes_time(timelines: Timelines) -> None:
    axis = stretched(slice_shot(timelines, 0), 3.0, 1.3)
    last: dict[int, float] = {}
    for row, operands in enumerate(timelines.program.qubits.tolist()):
        for qubit in (operand for operand in operands if operand >= 0):
            assert axis.start[row] >= last.get(qubit, 0.0) - 1e-9
            last[qubit] = axis.end[row]


def test_ticks_of_the_stretched_axis_tell_true_times_and_keep_their_distance(small: Timelines) -> None:
    slices = slice_shot(small, 0)
    ticks = stretched(slices, 3.0, 1.3).ticks
    assert ticks is not None
    places, labels = [place for place, _ in ticks], [float(text) for _, text in ticks]
    assert labels == sorted(labels)
    assert labels[-1] == pytest.approx(slices.makespan_s * 1e3, rel=0.01)
    assert np.all(np.diff(places) >= 3.0)


def test_the_true_axis_says_when_it_draws_instructions_wider_than_they_are(small: Timelines) -> None:
    slices = slice_shot(small, 0)
    assert to_scale(slices, 0.5).label.endswith("ms are drawn that wide")
    assert to_scale(slices, 1e-9).label == "time (ms), to scale"


def test_lanes_are_qpus_in_order_with_data_before_communication_qubits(small: Timelines) -> None:
    slices = slice_shot(small, 0)
    lanes = lay_lanes(slices)
    texts = [text for _, text, _ in sorted(lanes.labels)]
    assert [text.split(" (")[0] for text in texts] == [
        *("A.d0", "A.d1", "A.c0", "A.c1", "A-B"),
        *("B.d0", "B.d1", "B.c0", "B.c1"),
    ]
    assert sorted(text[-3:-1] for text in texts if "(q" in text) == ["q0", "q1", "q2", "q3"]
    assert len(texts) == count_lanes(slices)
    assert [band.label for band in lanes.bands] == ["A", "", "B"]


def test_title_and_legend_say_what_is_shown(small: Timelines) -> None:
    figure = draw_detailed(slice_shot(small, 0))
    texts = [text.get_text() for text in figure.texts]
    assert texts[0] == "feed forward on test"
    assert "2 ebits" in texts[1]
    [legend] = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    assert {"one-qubit gate", "reset", "conditional", "correction", "data qubit waits", "classical bit"} <= set(shown)


def test_the_legend_is_silent_on_what_is_not_there() -> None:
    program = ProgramBuilder(Network("one", (QPU("A", 1),), ()), num_clbits=1)
    program.measure(program.add_qubit("A.d0", 0), 0)
    figure = draw_detailed(slice_shot(schedule(program.build(), 1), 0))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["measurement"]


def test_names_with_markup_or_rare_letters_are_only_names(tmp_path: Path) -> None:
    name = "$x^{2$ \\frac 网络 " + "long " * 30
    qpus = (QPU("$A_{", 1, None), QPU("网" * 30, 1, None))
    network = Network(name, qpus, (Link(qpus[0].name, qpus[1].name, 1e-6, 0.1),))
    builder = CircuitBuilder(2, name=name)
    builder.gate("cx", 0, 1)
    timelines = schedule(compile_circuit(builder.build(), network).program, 1)
    plot_timeline(timelines, tmp_path / "names.png")
    assert png_size(tmp_path / "names.png")[0] < 6000


def test_a_program_without_instructions_has_a_picture(small: Timelines, tmp_path: Path) -> None:
    empty = schedule(ProgramBuilder(small.program.network).build(), 1)
    plot_timeline(empty, tmp_path / "empty.png")
    png_size(tmp_path / "empty.png")


@pytest.mark.parametrize("name", ["shot.gif", "shot", "shot.png.txt"])
def test_another_ending_is_refused_with_those_that_may_be(small: Timelines, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValueError, match=r"`path` must end in one of \.png, \.svg, \.pdf, but is"):
        plot_timeline(small, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_refused(small: Timelines, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match=r"`path` must be a file that can be written, but .*: no folder"):
        plot_timeline(small, tmp_path / "nowhere" / "shot.png")


@pytest.mark.parametrize(
    ("time_s", "text"), [(0.0, "0 s"), (2.5e-10, "0.25 ns"), (5e-5, "50 µs"), (0.103, "103 ms"), (7200.0, "7,200 s")]
)
def test_durations_read_as_people_write_them(time_s: float, text: str) -> None:
    assert names.duration(time_s) == text


def test_importing_the_room_does_not_import_matplotlib() -> None:
    code = "import sys, weft.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
