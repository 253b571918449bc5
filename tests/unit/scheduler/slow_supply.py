"""Attempt by attempt: two slow players that share nothing with Weft's kernels, nor much with each other.

`play_in_order` walks the program's rows and hands out pairs in that order. `Event` simulation, `play_in_time`, puts every single
attempt, expiry and message on a heap and does what is due next.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter

import numpy as np

from unit.scheduler.slow_schedule import duration_s, latency_s
from weft.program import Op, Program
from weft.scheduler import Policy


class Structure:
    """Who waits for what, found by looking back row by row."""

    def __init__(self, program: Program) -> None:
        last: dict[int, int] = {}
        writers: dict[int, int] = {}
        self.before: list[list[int]] = []
        self.messages: list[list[tuple[int, float]]] = []
        self.consumer: dict[int, int] = {}
        here = program.qpus.tolist()
        for row in range(len(program)):
            qubits = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
            self.before.append([last[qubit] for qubit in qubits if qubit in last])
            bits = [writers[bit] for bit, _ in program.reads(row) if bit in writers]
            self.messages.append([(w, latency_s(program.network, here[w], here[row])) for w in bits])
            for before in self.before[row]:
                if program.opcodes[before] == Op.ENTANGLE:
                    self.consumer.setdefault(before, row)
            for qubit in qubits:
                last[qubit] = row
            if program.bits[row] >= 0:
                writers[int(program.bits[row])] = row
        self.pairs_of = {
            row: [pair for pair in self.before[row] if self.consumer.get(pair) == row] for row in range(len(program))
        }
        for pairs in self.pairs_of.values():
            pairs.sort()


class SlowLink:
    """One link in one shot; every attempt is tossed by itself. Distillation recurs as its definition does."""

    def __init__(self, link, channels, slots, odds, round_s, cutoff_s, rng) -> None:
        self.link, self.odds, self.round_s, self.cutoff_s, self.rng = link, odds, round_s, cutoff_s, rng
        self.free = [0.0] * channels
        self.fate: Counter[str] = Counter()
        self.store = [self._produce(0.0) for _ in range(slots)]

    def _distilled(self, time: float, rounds: int, count: Counter[str]) -> float:
        if rounds == 0:
            while True:
                time += self.link.attempt_s
                count["attempts"] += 1
                if self.rng.random() < self.link.success_probability:
                    count["generated"] += 1
                    return time
        while True:
            time = self._distilled(time, rounds - 1, count)
            time = self._distilled(time, rounds - 1, count) + self.round_s
            if self.rng.random() < self.odds[rounds - 1]:
                count["discarded"] += 1
                return time
            count["discarded"] += 2

    def _produce(self, earliest: float) -> tuple[float, float, Counter[str]]:
        channel = int(np.argmin(self.free))
        began, count = max(earliest, self.free[channel]), Counter()
        self.free[channel] = self._distilled(began, len(self.odds), count)
        return self.free[channel], began, count

    def settle(self, now: float) -> None:
        while self.store and now - min(self.store)[0] > self.cutoff_s:
            oldest = min(self.store, key=lambda entry: entry[0])
            self.store.remove(oldest)
            self.fate += oldest[2] + Counter(expired=1)
            self.store.append(self._produce(oldest[0] + self.cutoff_s))

    def take(self, request: float) -> tuple[float, float, float]:
        """When attempts or the request began, when the pair was made, and when it is handed over."""
        if not self.store:
            made, began, count = self._produce(request)
            self.fate += count
            return began, made, made
        self.settle(request)
        there = [entry for entry in self.store if entry[0] <= request]
        chosen = max(there, key=lambda e: e[0]) if there else min(self.store, key=lambda e: e[0])
        self.store.remove(chosen)
        self.fate += chosen[2]
        handed = max(request, chosen[0])
        self.store.append(self._produce(handed))
        return max(chosen[1], request), chosen[0], handed

    def close(self, makespan: float) -> Counter[str]:
        self.settle(makespan)
        for made, _, count in self.store:
            if made <= makespan:
                self.fate += count + Counter(held=1)
        return self.fate


def play_in_order(program: Program, policy: Policy, rooms, odds, round_s, rng):
    """One shot; returns starts, ends, when pairs were made (by row), and fates by link."""
    plan = Structure(program)
    cutoff = np.inf if policy.cutoff_s is None else policy.cutoff_s
    links = [
        SlowLink(link, int(rooms[k, 1] - rooms[k, 0]), int(rooms[k, 3] - rooms[k, 2]), odds[k], round_s[k], cutoff, rng)
        for k, link in enumerate(program.network.links)
    ]
    starts, ends, mades = {}, {}, {}

    def time_of(row: int, without: tuple[int, ...] = ()) -> float:
        times = [ends[before] for before in plan.before[row] if before not in without]
        return max([0.0, *times, *(ends[w] + latency for w, latency in plan.messages[row])])

    def take(rows: list[int], ready: float) -> None:
        for row in rows:
            link = links[program.links[row]]
            request = time_of(row)
            if policy.timing != "as_soon_as_possible":
                request = max(request, ready)
            starts[row], mades[row], ends[row] = link.take(request)
            link.fate["used"] += 1
        while True:
            start = max([ready, *(ends[row] for row in rows)])
            old = [row for row in rows if start - mades[row] > cutoff]
            if not old:
                break
            link = links[program.links[old[0]]]
            link.fate["expired"] += 1
            _, mades[old[0]], ends[old[0]] = link.take(mades[old[0]] + cutoff)
        if cutoff < np.inf:
            for row in rows:
                ends[row] = start

    looks_ahead = policy.timing != "as_soon_as_possible" or policy.cutoff_s is not None
    for row in range(len(program)):
        if program.opcodes[row] == Op.ENTANGLE:
            if not looks_ahead:
                take([row], 0.0)
            continue
        if looks_ahead and plan.pairs_of[row]:
            take(plan.pairs_of[row], time_of(row, tuple(plan.pairs_of[row])))
        starts[row] = time_of(row)
        ends[row] = starts[row] + duration_s(program, row)
    makespan = max(ends.values(), default=0.0)
    return starts, ends, mades, [link.close(makespan) for link in links]


class EventSimulation:
    """One shot under sharing by request, without distillation; every attempt is an event."""

    def __init__(self, program: Program, policy: Policy, rooms, rng) -> None:
        self.program, self.policy, self.rng = program, policy, rng
        self.plan = Structure(program)
        self.cutoff = np.inf if policy.cutoff_s is None else policy.cutoff_s
        self.heap: list = []
        self.number = itertools.count()
        self.starts, self.ends, self.mades = {}, {}, {}
        self.done: dict[int, float] = {}
        count = len(program.network.links)
        self.channels = [int(rooms[k, 1] - rooms[k, 0]) for k in range(count)]
        self.empty = [int(rooms[k, 3] - rooms[k, 2]) for k in range(count)]
        self.is_buffered = [slots > 0 for slots in self.empty]
        self.stored: list[list[float]] = [[] for _ in range(count)]
        self.queue: list[list[tuple[float, int]]] = [[] for _ in range(count)]
        self.fates = [Counter() for _ in range(count)]
        self.asked: set[int] = set()
        self.open = list(range(len(program)))
        self.news = False

    def at(self, time: float, rank: int, action, *details) -> None:
        heapq.heappush(self.heap, (time, rank, next(self.number), action, details))

    def run(self) -> None:
        self.look(0.0)
        while len(self.done) < len(self.program):
            self.step()
        while self.heap and self.heap[0][0] < max(self.ends.values(), default=0.0):
            self.step()
        for fate, stored in zip(self.fates, self.stored, strict=True):
            fate["held"] += len(stored)

    def step(self) -> None:
        """Everything that happens at one time happens before anybody looks; expiries come after that."""
        now, rank = self.heap[0][:2]
        while self.heap and self.heap[0][:2] == (now, rank):
            _, _, _, action, details = heapq.heappop(self.heap)
            self.news |= action(now, *details) is not False
        if self.news:
            self.look(now)

    def is_ready(self, row: int, now: float, without: tuple[int, ...] = ()) -> bool:
        return all(
            self.done.get(before, np.inf) <= now for before in self.plan.before[row] if before not in without
        ) and all(self.done.get(w, np.inf) + latency <= now for w, latency in self.plan.messages[row])

    def look(self, now: float) -> None:
        """Does all that can be done now, again and again until nothing changes; links look at requests last, in order of rows."""
        changed = True
        while changed:
            changed = False
            for row in self.open:
                act = self.request if self.program.opcodes[row] == Op.ENTANGLE else self.start
                changed |= act(row, now)
            self.open = [row for row in self.open if row not in self.starts and row not in self.asked]
            if changed:
                continue
            if self.heap and self.heap[0][:2] == (now, 0):
                return
            for link, queue in enumerate(self.queue):
                queue.sort()
                changed |= self.serve(link, now)
        self.news = False

    def request(self, row: int, now: float) -> bool:
        consumer = self.plan.consumer[row]
        pairs = tuple(self.plan.pairs_of[consumer])
        waits = self.policy.timing != "as_soon_as_possible" and not self.is_ready(consumer, now, pairs)
        if row in self.asked or waits or not self.is_ready(row, now):
            return False
        self.asked.add(row)
        self.fates[self.program.links[row]]["used"] += 1
        self.queue[self.program.links[row]].append((now, row))
        return True

    def start(self, row: int, now: float) -> bool:
        pairs = tuple(self.plan.pairs_of[row])
        if row in self.starts or not self.is_ready(row, now, pairs) or any(pair not in self.mades for pair in pairs):
            return False
        for pair in pairs:
            self.finish(now if self.cutoff < np.inf else self.ends[pair], pair)
        self.starts[row] = now
        self.at(now + duration_s(self.program, row), 0, self.finish, row)
        return True

    def finish(self, now: float, row: int) -> None:
        self.ends[row] = self.done[row] = now
        for later in range(row + 1, len(self.program)):
            for writer, latency in self.plan.messages[later]:
                if writer == row:
                    self.at(now + latency, 0, self.arrive)

    def arrive(self, _: float) -> None:
        """A bit is there; whoever waits for it will see."""

    def serve(self, link: int, now: float) -> bool:
        if self.is_buffered[link]:
            if self.queue[link] and self.stored[link]:
                newest = max(self.stored[link])
                self.stored[link].remove(newest)
                self.empty[link] += 1
                self.give(self.queue[link].pop(0)[1], newest, now)
                return True
            if self.channels[link] and self.empty[link]:
                self.channels[link] -= 1
                self.empty[link] -= 1
                self.attempt(now, link, -1)
                return True
        elif self.queue[link] and self.channels[link]:
            self.channels[link] -= 1
            row = self.queue[link].pop(0)[1]
            self.starts.setdefault(row, now)
            self.attempt(now, link, row)
            return True
        return False

    def attempt(self, now: float, link: int, row: int) -> None:
        self.at(now + self.program.network.links[link].attempt_s, 0, self.herald, link, row)

    def herald(self, now: float, link: int, row: int) -> bool:
        if self.rng.random() >= self.program.network.links[link].success_probability:
            self.attempt(now, link, row)
            return False
        self.channels[link] += 1
        self.fates[link]["generated"] += 1
        if row >= 0:
            self.give(row, now, now)
        else:
            self.stored[link].append(now)
            self.at(now + self.cutoff, 1, self.expire_stored, link, now)
        return True

    def expire_stored(self, _: float, link: int, made: float) -> None:
        if made in self.stored[link]:
            self.stored[link].remove(made)
            self.empty[link] += 1
            self.fates[link]["expired"] += 1

    def give(self, row: int, made: float, now: float) -> None:
        self.mades[row], self.ends[row] = made, now
        if self.cutoff < np.inf:
            self.at(made + self.cutoff, 1, self.expire_held, row, made)
        else:
            self.finish(now, row)

    def expire_held(self, now: float, row: int, made: float) -> None:
        if row not in self.done and self.mades.get(row) == made:
            del self.mades[row]
            link = self.program.links[row]
            self.fates[link]["expired"] += 1
            self.queue[link].append((now, row))
