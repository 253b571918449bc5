"""One shot as a Chrome trace, for Perfetto (https://ui.perfetto.dev) and its kin.

The format is Google's "Trace Event Format". Each QPU is a process and each of its qubits a thread; each channel of a
link is a thread of the process `links`. Times are in microseconds, rounded to the nanosecond that viewers keep.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from weft.files import write_file
from weft.program import Op
from weft.report import names
from weft.report.slices import Slices, slice_shot
from weft.scheduler import Timelines

Event = dict[str, Any]


def write_trace(timelines: Timelines, path: str | Path, *, shot: int = 0) -> None:
    """Writes one shot as a Chrome trace (JSON), which Perfetto opens.

    Args:
        timelines: sampled by the scheduler.
        path: of the file to write; what was there is replaced.
        shot: which timeline.

    Raises:
        InvalidValueError: if there is no such shot, or the file cannot be written.
    """
    slices = slice_shot(timelines, shot)
    program = slices.program
    trace = {
        "displayTimeUnit": "ms",
        "otherData": {
            "circuit": program.circuit_name,
            "network": program.network.name,
            "program": program.id,
            "shot": shot,
            "makespan_s": slices.makespan_s,
            "ebits": program.ebits,
        },
        "traceEvents": _Tracer(slices).events(),
    }
    write_file(path, (json.dumps(trace, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


class _Tracer:
    """Numbers processes and threads (no number twice, because some viewers mix them up), and makes events."""

    def __init__(self, slices: Slices) -> None:
        self.slices = slices
        self.program = program = slices.program
        qpus = len(program.network.qpus)
        self.links_pid = qpus + 1
        self.first_tid = qpus + 2
        self.pids = [int(qpu) + 1 for qpu in program.qubit_qpus.tolist()]
        used = slices.used_channels
        self.channel_tid = {key: self.first_tid + program.num_qubits + place for place, key in enumerate(used)}
        self.bit_names = names.bit_names(program)
        self.logical = names.logical_qubits(program)
        self.start_ns = [round(time * 1e9) for time in slices.start_s.tolist()]
        self.end_ns = [round(time * 1e9) for time in slices.end_s.tolist()]
        self.qubits = [[q for q in pair if q >= 0] for pair in program.qubits.tolist()]

    def events(self) -> list[Event]:
        """Metadata first; then, stably, by time."""
        timed = [*self.waits(), *self.flows(), *self.instructions()]
        timed.sort(key=lambda event: event["ts"])
        return [*self.metadata(), *timed]

    def metadata(self) -> Iterator[Event]:
        network = self.program.network
        present = set(self.pids)
        for pid, qpu in enumerate(network.qpus, start=1):
            if pid in present:
                yield from _process(pid, f"QPU {qpu.name}")
        if self.channel_tid:
            yield from _process(self.links_pid, "links")
        for qubit, name in enumerate(self.program.qubit_names):
            yield from _thread(self.pids[qubit], self.first_tid + qubit, name, self.lane_order(qubit))
        for place, ((link, channel), tid) in enumerate(self.channel_tid.items()):
            several = network.links[link].channels > 1
            name = network.links[link].name + (f" channel {channel}" if several else "")
            yield from _thread(self.links_pid, tid, name, place)

    def lane_order(self, qubit: int) -> int:
        """Data qubits above communication qubits."""
        return qubit + self.program.num_qubits * int(self.program.qubit_is_communication[qubit])

    def waits(self) -> Iterator[Event]:
        gaps, communication = self.slices.gaps, self.program.qubit_is_communication.tolist()
        for qubit, row, since in zip(gaps.qubits.tolist(), gaps.rows.tolist(), gaps.start_s.tolist(), strict=True):
            begin = round(since * 1e9)
            if begin < self.start_ns[row]:
                name = "hold" if communication[qubit] else "wait"
                args = {"for_row": row, "qubits": [self.program.qubit_names[qubit]]}
                yield self.slice(self.place(qubit), name, name, begin, self.start_ns[row], args)

    def instructions(self) -> Iterator[Event]:
        for row, opcode in enumerate(self.program.opcodes.tolist()):
            name, args = names.instruction_name(self.slices, row), self.args(row)
            places = [self.place(qubit) for qubit in self.qubits[row]]
            category = Op(opcode).name.lower()
            if opcode in {Op.CORRECT, Op.RETRY}:
                yield self.instant(places[0], name, category, self.start_ns[row], args)
                continue
            if opcode == Op.ENTANGLE:
                key = (int(self.program.links[row]), int(self.slices.channels[row]))
                yield self.slice_of(row, (self.links_pid, self.channel_tid[key]), name, category, args)
                name, category = f"await pair {self.program.network.links[key[0]].name}", "await"
            for place in places:
                yield self.slice_of(row, place, name, category, args)

    def args(self, row: int) -> Event:
        program = self.program
        args: Event = {"row": row, "qubits": [program.qubit_names[qubit] for qubit in self.qubits[row]]}
        logical = [self.logical[qubit] for qubit in self.qubits[row] if self.logical[qubit] >= 0]
        if logical:
            args["logical_qubits"] = logical
        if program.bits[row] >= 0:
            args["bits"] = [self.bit_names[program.bits[row]]]
        if text := names.condition(program, row, self.bit_names):
            args["condition"] = text
        if program.opcodes[row] == Op.ENTANGLE:
            args["channel"] = int(self.slices.channels[row])
            if self.slices.shows_attempts:
                args["attempts"] = int(self.slices.attempts[row])
        return args

    def flows(self) -> Iterator[Event]:
        """A start lies in the last nanosecond of its measurement; a finish just before its reader, to bind to it."""
        messages = self.slices.messages
        columns = (messages.bits.tolist(), messages.writers.tolist(), messages.readers.tolist())
        for number, (bit, writer, reader) in enumerate(zip(*columns, strict=True)):
            sent = max(self.start_ns[writer], self.end_ns[writer] - 1)
            for phase, row, time in (("s", writer, sent), ("f", reader, self.start_ns[reader])):
                pid, tid = self.place(self.qubits[row][0])
                yield {"ph": phase, "id": number, "name": self.bit_names[bit], "cat": "message"} | {
                    "pid": pid, "tid": tid, "ts": time / 1000
                }  # fmt: skip

    def place(self, qubit: int) -> tuple[int, int]:
        return self.pids[qubit], self.first_tid + qubit

    def slice_of(self, row: int, place: tuple[int, int], name: str, category: str, args: Event) -> Event:
        return self.slice(place, name, category, self.start_ns[row], self.end_ns[row], args)

    @staticmethod
    def slice(place: tuple[int, int], name: str, category: str, begin: int, end: int, args: Event) -> Event:
        head = {"ph": "X", "name": name, "cat": category, "pid": place[0], "tid": place[1]}
        return head | {"ts": begin / 1000, "dur": (end - begin) / 1000, "args": args}

    @staticmethod
    def instant(place: tuple[int, int], name: str, category: str, time: int, args: Event) -> Event:
        head = {"ph": "i", "s": "t", "name": name, "cat": category, "pid": place[0], "tid": place[1]}
        return head | {"ts": time / 1000, "args": args}


def _process(pid: int, name: str) -> Iterable[Event]:
    yield {"ph": "M", "name": "process_name", "pid": pid, "args": {"name": name}}
    yield {"ph": "M", "name": "process_sort_index", "pid": pid, "args": {"sort_index": pid}}


def _thread(pid: int, tid: int, name: str, order: int) -> Iterable[Event]:
    yield {"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": name}}
    yield {"ph": "M", "name": "thread_sort_index", "pid": pid, "tid": tid, "args": {"sort_index": order}}
