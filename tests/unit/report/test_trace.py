"""A trace is well formed, and says what the timelines say."""

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from weft.errors import InvalidValueError
from weft.program import Op, ProgramBuilder
from weft.report import write_trace
from weft.report.slices import slice_shot
from weft.scheduler import Timelines, schedule

Event = dict[str, Any]


def trace_of(timelines: Timelines, folder: Path) -> list[Event]:
    path = folder / "trace.json"
    write_trace(timelines, path)
    trace = json.loads(path.read_text(encoding="utf-8"))
    assert trace["displayTimeUnit"] == "ms"
    return trace["traceEvents"]


def test_every_event_has_what_its_phase_needs_and_lives_on_a_declared_thread(
    timelines: Timelines, tmp_path: Path
) -> None:
    events = trace_of(timelines, tmp_path)
    declared = {(event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
    processes = {event["pid"] for event in events if event["name"] == "process_name"}
    tids = [tid for _, tid in declared]
    assert len(set(tids) | processes) == len(tids) + len(processes)
    for event in events:
        if event["ph"] == "M":
            continue
        assert event["ph"] in {"X", "i", "s", "f"}
        assert (event["pid"], event["tid"]) in declared
        assert event["pid"] in processes
        assert event["ts"] >= 0
        assert event["ph"] != "X" or event["dur"] >= 0
        assert event["ph"] != "i" or event["s"] == "t"


def test_slices_on_one_thread_never_overlap(timelines: Timelines, tmp_path: Path) -> None:
    threads = defaultdict(list)
    for event in trace_of(timelines, tmp_path):
        if event["ph"] == "X":
            begin, length = round(event["ts"] * 1000), round(event["dur"] * 1000)
            threads[event["tid"]].append((begin, begin + length))
    for slices in threads.values():
        slices.sort()
        assert all(after[0] >= before[1] for before, after in pairwise(slices))


def test_every_instruction_is_there_once_on_each_of_its_qubits(timelines: Timelines, tmp_path: Path) -> None:
    program = timelines.program
    names = {}
    found = defaultdict(list)
    for event in trace_of(timelines, tmp_path):
        if event["name"] == "thread_name":
            names[event["tid"]] = event["args"]["name"]
        elif "row" in event.get("args", {}) and event["cat"] != "entangle":
            found[event["args"]["row"]].append(names[event["tid"]])
    expected = [[program.qubit_names[q] for q in operands if q >= 0] for operands in program.qubits.tolist()]
    assert [found[row] for row in range(len(program))] == expected


def test_each_pair_is_one_slice_on_a_link_with_its_attempts(timelines: Timelines, tmp_path: Path) -> None:
    pairs = [event for event in trace_of(timelines, tmp_path) if event.get("cat") == "entangle"]
    rows = np.flatnonzero(timelines.program.opcodes == Op.ENTANGLE)
    assert sorted(event["args"]["row"] for event in pairs) == rows.tolist()
    for event in pairs:
        row = event["args"]["row"]
        length = timelines.end_s[row, 0] - timelines.start_s[row, 0]
        assert event["dur"] == pytest.approx(length * 1e6, abs=2e-3)
        assert event["args"]["attempts"] == 0 or f"({event['args']['attempts']:,} attempt" in event["name"]


def test_waits_are_the_gaps_of_data_qubits_and_holds_those_of_communication_qubits(
    timelines: Timelines, tmp_path: Path
) -> None:
    events = trace_of(timelines, tmp_path)
    gaps = slice_shot(timelines, 0).gaps
    is_hold = timelines.program.qubit_is_communication[gaps.qubits]
    for name, chosen in (("wait", ~is_hold), ("hold", is_hold)):
        total = sum(event["dur"] for event in events if event.get("cat") == name)
        expected = 1e6 * (gaps.end_s - gaps.start_s)[chosen].sum()
        assert total == pytest.approx(expected, abs=2e-3 * len(gaps.rows) + 1e-9)


def test_each_message_begins_in_its_measurement_and_ends_at_its_reader(timelines: Timelines, tmp_path: Path) -> None:
    events = trace_of(timelines, tmp_path)
    messages = slice_shot(timelines, 0).messages
    begins = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert begins.keys() == ends.keys() == set(range(len(messages.bits)))
    by_row = {event["args"]["row"]: event for event in events if event["ph"] in "Xi" and "row" in event["args"]}
    for number, (writer, reader) in enumerate(zip(messages.writers.tolist(), messages.readers.tolist(), strict=True)):
        begin, end, source, target = begins[number], ends[number], by_row[writer], by_row[reader]
        assert source["ts"] <= begin["ts"] <= source["ts"] + source["dur"]
        assert begin["tid"] == source["tid"]
        assert end["ts"] == target["ts"]
        assert end["pid"] == target["pid"] != begin["pid"]
        assert (begin["name"], begin["cat"]) == (end["name"], end["cat"])


def test_names_and_arguments_say_what_happens(small: Timelines, tmp_path: Path) -> None:
    events = trace_of(small, tmp_path)
    names = {event["name"] for event in events}
    assert {"QPU A", "QPU B", "links"} == {e["args"]["name"] for e in events if e["name"] == "process_name"}
    assert {"h", "cx", "cz", "x", "reset", "measure Z", "measure X", "correct X", "correct Z", "wait", "hold"} <= names
    assert any(name.startswith("entangle A-B (") for name in names)
    conditions = {event["args"].get("condition") for event in events if event["name"] == "cz"}
    assert "c[0] = 1 and c[1] = 0" in conditions
    assert {event["args"]["condition"] for event in events if event["ph"] == "i"} >= {"m0 = 1", "m1 = 1"}
    assert all("logical_qubits" in event["args"] for event in events if event["name"] == "reset")


def test_the_same_shot_gives_the_same_bytes_and_another_shot_others(small: Timelines, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.json", "b.json", "c.json")]
    for path, shot in zip(paths, (0, 0, 1), strict=True):
        write_trace(small, path, shot=shot)
    assert paths[0].read_bytes() == paths[1].read_bytes() != paths[2].read_bytes()


def test_a_program_without_instructions_has_an_empty_trace(small: Timelines, tmp_path: Path) -> None:
    empty = schedule(ProgramBuilder(small.program.network).build(), 1)
    assert trace_of(empty, tmp_path) == []


def test_a_place_that_cannot_be_written_is_refused(small: Timelines, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match=r"`path` must be a file that can be written, but .*: No such file"):
        write_trace(small, tmp_path / "nowhere" / "trace.json")
    with pytest.raises(InvalidValueError, match="directory"):
        write_trace(small, tmp_path)
