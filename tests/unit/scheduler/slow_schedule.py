"""A slow scheduler that shares nothing with Weft's, and the rules that any schedule keeps."""

from __future__ import annotations

import heapq

import numpy as np

from weft.circuit.gates import GATES
from weft.network import Network
from weft.program import Op, Program


def latency_s(network: Network, source: int, target: int) -> float:
    """Travel time of a bit along the fastest way (Dijkstra)."""
    names = [qpu.name for qpu in network.qpus]
    best = {source: 0.0}
    queue = [(0.0, source)]
    while queue:
        time, here = heapq.heappop(queue)
        if time > best[here]:
            continue
        for link in network.links:
            if names[here] in {link.a, link.b}:
                there = names.index(link.b if names[here] == link.a else link.a)
                later = time + link.classical_latency_s
                if later < best.get(there, np.inf):
                    best[there] = later
                    heapq.heappush(queue, (later, there))
    return best[target]


def duration_s(program: Program, row: int) -> float:
    qpu = program.network.qpus[program.qubit_qpus[program.qubits[row, 0]]]
    match program.opcodes[row]:
        case Op.GATE:
            return qpu.one_qubit_gate_s if GATES[program.kinds[row]].qubits == 1 else qpu.two_qubit_gate_s
        case Op.MEASURE:
            return qpu.measurement_s
        case Op.RESET:
            return qpu.reset_s
    return 0.0


def slow_schedule(program: Program, waits_s: dict[int, float]) -> tuple[list[float], list[float]]:
    """Starts and ends of one shot, given how long each `entangle` takes."""
    free = dict.fromkeys(range(program.num_qubits), 0.0)
    bits: dict[int, tuple[float, int]] = {}
    channels = {link: [0.0] * program.network.links[link].channels for link in range(len(program.network.links))}
    starts, ends = [], []
    for row in range(len(program)):
        qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        qpu = int(program.qubit_qpus[qubits[0]])
        ready = [free[qubit] for qubit in qubits]
        for bit, _ in program.reads(row):
            if bit in bits:
                time, writer = bits[bit]
                ready.append(time + latency_s(program.network, writer, qpu))
        if program.opcodes[row] == Op.ENTANGLE:
            queue = channels[int(program.links[row])]
            start = max(*ready, heapq.heappop(queue))
            end = start + waits_s[row]
            heapq.heappush(queue, end)
        else:
            start = max(ready)
            end = start + duration_s(program, row)
        for qubit in qubits:
            free[qubit] = end
        if program.opcodes[row] == Op.MEASURE:
            bits[int(program.bits[row])] = (end, qpu)
        starts.append(start)
        ends.append(end)
    return starts, ends


def check_rules(program: Program, start_s: np.ndarray, end_s: np.ndarray) -> None:
    """One shot: nothing overlaps on a qubit, nothing starts before its bits are there, and no link gives too many at once."""
    assert np.all(start_s >= 0)
    assert np.all(end_s >= start_s)
    busy: dict[int, float] = {}
    written: dict[int, int] = {}
    for row in range(len(program)):
        for qubit in program.qubits[row].tolist():
            if qubit >= 0:
                assert start_s[row] >= busy.get(qubit, 0.0)
                busy[qubit] = end_s[row]
        here = int(program.qubit_qpus[program.qubits[row, 0]])
        for bit, _ in program.reads(row):
            if bit in written:
                writer = written[bit]
                there = int(program.qubit_qpus[program.qubits[writer, 0]])
                assert start_s[row] >= end_s[writer] + latency_s(program.network, there, here) * (1 - 1e-12)
        if program.opcodes[row] == Op.MEASURE:
            written[int(program.bits[row])] = row
    for position, link in enumerate(program.network.links):
        rows = np.flatnonzero((program.opcodes == Op.ENTANGLE) & (program.links == position) & (end_s > start_s))
        for row in rows:
            at_once = (start_s[rows] <= start_s[row]) & (end_s[rows] > start_s[row])
            assert at_once.sum() <= link.channels
