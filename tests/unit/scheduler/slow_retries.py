"""Programs of nested blocks that may run again, at random, and an interpreter that plays them shot by shot.

It shares with the engine what decides chance (attempts of each pair, odds of each run), so that times must be equal.
"""

from __future__ import annotations

import random

import numba
import numpy as np

from weft.network import QPU, Link, Network
from weft.program import Op, Pauli, Program, ProgramBuilder, Retry
from weft.scheduler import Block, Lanes, StoredTimes
from weft.scheduler.latency import latencies_s
from weft.scheduler.retrying import _PURPOSE, _RUN_BITS
from weft.scheduler.sampling import attempts, mix, scale_of, stream, uniform_array


@numba.njit
def drawn_attempts(key, counter, shot_key, scale):
    return attempts(mix(stream(key, counter) + shot_key), scale)


def fake_parity(row: int, run: int, shot: int) -> int:
    """What bits are, as far as times are concerned."""
    return ((row * 1000003 + run * 7919 + shot * 104729) * 2654435761 & 0xFFFFFFFF) >> 13 & 1


class FakeOutcomes(StoredTimes):
    """A stage whose parities are made up; `retries` must be set."""

    retries: tuple[Retry, ...]

    def parity(self, lanes: Lanes, retry: Retry) -> np.ndarray:
        shots = lanes.block.shots
        places = np.arange(shots) if lanes.places is None else lanes.places
        runs = lanes.block.runs[self.retries.index(retry), :shots]
        pairs = zip(runs.tolist(), places.tolist(), strict=True)
        return np.array([fake_parity(retry.row, run, place) for run, place in pairs], dtype=np.uint8)


class _Maker:
    """Writes a random program."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        count = chance.randint(2, 4)
        qpus = tuple(
            QPU(
                f"Q{k}", 3, 4, one_qubit_gate_s=chance.choice([0, 0.1]), measurement_s=chance.choice([0.1, 2.0, 0.7]),
                reset_s=chance.choice([0, 0.05]),
            )
            for k in range(count)
        )  # fmt: skip
        links = tuple(
            Link(
                f"Q{chance.randrange(k)}", f"Q{k}", attempt_s=chance.choice([1.0, 0.3]),
                success_probability=chance.choice([1.0, 0.4]), classical_latency_s=chance.choice([0, 0.25, 3.0]),
                channels=chance.choice([1, 2]),
            )
            for k in range(1, count)
        )  # fmt: skip
        self.builder = ProgramBuilder(Network("random", qpus, links))
        self.data = [self.builder.add_qubit(f"Q{k}.d{j}", k) for k in range(count) for j in range(3)]
        self.halves = [
            [self.builder.add_qubit(f"Q{k}.c{j}", k, communication=True) for j in range(4)] for k in range(count)
        ]
        self.full: set[int] = set()
        self.known: list[int] = []

    def program(self) -> Program:
        for _ in range(self.chance.randint(1, 4)):
            self.known += self.body(0, set(self.data))
        for qubit in sorted(self.full):
            self.builder.measure(qubit, self.builder.new_bit())
        return self.builder.build()

    def body(self, depth: int, used: set[int]) -> list[int]:
        """Some instructions on fresh qubits, or those in `used`; returns the bits that they write."""
        written: list[int] = []
        for _ in range(self.chance.randint(2, 5)):
            drawn = self.chance.random()
            if drawn < 0.3:
                self.entangle(used)
            elif drawn < 0.45:
                written += self.measure(used)
            elif drawn < 0.6:
                qubit = self.chance.choice(self.data)
                self.builder.gate("h", qubit) if qubit in used else self.builder.reset(qubit)
                used.add(qubit)
            elif drawn < 0.75:
                self.correct(used, written)
            elif depth < 3:
                written += self.block(depth, used)
        return written

    def entangle(self, used: set[int]) -> None:
        link = self.chance.randrange(len(self.builder.network.links))
        ends = self.builder.network.link_ends[link].tolist()
        free = [[qubit for qubit in self.halves[end] if qubit not in self.full] for end in ends]
        if all(free):
            qubits = [self.chance.choice(choice) for choice in free]
            self.builder.entangle(link, *qubits)
            self.full.update(qubits)
            used.update(qubits)

    def measure(self, used: set[int]) -> list[int]:
        able = [qubit for qubit in sorted(used) if qubit in self.full or qubit in self.data]
        if not able:
            return []
        qubit = self.chance.choice(able)
        self.builder.measure(qubit, bit := self.builder.new_bit())
        self.full.discard(qubit)
        return [bit]

    def correct(self, used: set[int], written: list[int]) -> None:
        able = [qubit for qubit in sorted(used) if qubit in self.full or qubit in self.data]
        bits = written + self.known
        if able and bits:
            self.builder.correct(Pauli.X, self.chance.choice(able), self.chance.sample(bits, min(len(bits), 2)))

    def block(self, depth: int, used: set[int]) -> list[int]:
        start, inside = len(self.builder), set[int]()
        written = self.body(depth + 1, inside)
        if len(self.builder) == start:
            return written
        for _ in range(self.chance.choice([1, 1, 2])):
            bits = [self.chance.choice(written)] if written and self.chance.random() < 0.6 else []
            if bits and self.known and self.chance.random() < 0.3:
                bits.append(self.chance.choice(self.known))
            self.builder.retry(
                self.chance.choice(sorted(inside)), start, bits, wanted=self.chance.randint(0, 1),
                odds=self.chance.choice([1.0, 0.8] if bits else [0.5, 0.8]), most_runs=self.chance.choice([0, 0, 3]),
            )  # fmt: skip
        used |= inside
        return written


def random_blocks(seed: int) -> Program:
    """A program with blocks in blocks, corrections by bits from anywhere, and several retries to one start."""
    return _Maker(random.Random(seed)).program()


class SlowShot:
    """One shot of a program, instruction by instruction."""

    def __init__(self, program: Program, block: Block, shot: int) -> None:
        self.program, self.block, self.shot = program, block, shot
        self.key = np.uint64(mix(block.key ^ _PURPOSE))
        qubits, links = program.num_qubits, program.network.links
        self.free, self.news = [0.0] * qubits, [0.0] * qubits
        self.bits: dict[int, tuple[float, int]] = {}  # when and where each was written
        self.decided: dict[int, list[tuple[float, int]]] = {}  # when and where blocks that wrote it were found good
        self.draws, self.channels = [0] * len(links), [[0.0] * link.channels for link in links]
        self.runs = [0] * len(program.retries)
        self.start, self.end = np.zeros(len(program)), np.zeros(len(program))
        self.retries = {retry.row: (number, retry) for number, retry in enumerate(program.retries)}

    def latency_s(self, source: int, target: int) -> float:
        if source == target:
            return 0.0
        return float(latencies_s(self.program.network, np.array([source]), np.array([target]))[0])

    def play(self, low: int, high: int) -> None:
        for row in range(low, high):
            self.play_row(row)
            if row in self.retries:
                self.until_good(row)

    def play_row(self, row: int) -> None:
        program = self.program
        operands = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        if program.opcodes[row] == Op.ENTANGLE:
            self.entangle(row, operands)
            return
        qpu = int(program.qubit_qpus[operands[0]])
        time = max(max(self.free[qubit], self.news[qubit]) for qubit in operands)
        for bit, _ in program.reads(row):
            for when, where in [*([self.bits[bit]] if bit in self.bits else []), *self.decided.get(bit, [])]:
                time = max(time, when + self.latency_s(where, qpu))
        self.start[row], self.end[row] = time, time + self.duration_s(row, qpu)
        for qubit in operands:
            self.free[qubit], self.news[qubit] = self.end[row], 0.0
        if program.bits[row] >= 0:
            self.bits[int(program.bits[row])] = (self.end[row], qpu)
            self.decided[int(program.bits[row])] = []

    def duration_s(self, row: int, qpu: int) -> float:
        device = self.program.network.qpus[qpu]
        durations = {Op.GATE: device.one_qubit_gate_s, Op.MEASURE: device.measurement_s, Op.RESET: device.reset_s}
        return durations.get(Op(self.program.opcodes[row]), 0.0)

    def entangle(self, row: int, operands: list[int]) -> None:
        number = int(self.program.links[row])
        link, channels, count = self.program.network.links[number], self.channels[number], len(self.draws)
        tried = drawn_attempts(
            self.block.key, self.draws[number] * count + number, self.block.shot_keys[self.shot],
            scale_of(link.success_probability),
        )  # fmt: skip
        self.draws[number] += 1
        channel = channels.index(min(channels))
        began = max(*(self.free[qubit] for qubit in operands), channels[channel])
        channels[channel] = self.end[row] = began + tried * link.attempt_s
        self.start[row] = began
        for qubit in operands:
            self.free[qubit], self.news[qubit] = self.end[row], 0.0

    def until_good(self, row: int) -> None:
        number, retry = self.retries[row]
        where = int(self.program.qpus[row])
        inside = [qubit for qubit in np.unique(self.program.qubits[retry.start : row]).tolist() if qubit >= 0]
        runs = 1
        while self.fails(number, retry) and runs != retry.most_runs:
            for qubit in inside:
                heard = self.start[row] + self.latency_s(where, int(self.program.qubit_qpus[qubit]))
                self.free[qubit], self.news[qubit] = max(self.free[qubit], heard), 0.0
            self.play(retry.start, row)
            self.play_row(row)
            runs += 1
        for qubit in inside:
            later = [use for use in range(row + 1, len(self.program)) if qubit in self.program.qubits[use]]
            if later and self.program.opcodes[later[0]] != Op.ENTANGLE:
                heard = self.start[row] + self.latency_s(where, int(self.program.qubit_qpus[qubit]))
                self.news[qubit] = max(self.news[qubit], heard)
        for bit in set(self.program.bits[retry.start : row].tolist()) - {-1}:
            self.decided.setdefault(bit, []).append((self.start[row], where))

    def fails(self, number: int, retry: Retry) -> bool:
        drawn, run = np.empty(1), self.runs[number]
        keys = self.block.shot_keys[self.shot : self.shot + 1]
        uniform_array(self.key, np.array([(number << _RUN_BITS) + run]), keys, drawn)
        self.runs[number] += 1
        wrong = bool(retry.bits) and fake_parity(retry.row, run, self.shot) != retry.wanted
        return bool(drawn[0] > retry.odds) or wrong
