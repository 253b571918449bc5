"""The critical path: the chain of instructions, each of which waited for the one before, that ends with the last one.

What it is made of is where the time goes: making it shorter is the only way to be done sooner. In a program on a network it
differs from shot to shot, because pairs take as long as they take; so shares are means over timelines, with their standard
errors.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from weft.circuit.gates import GATES
from weft.program import Op, Program
from weft.study.structure.replay import Replay, standard_error

GATES_OF_ONE, GATES_OF_TWO = "one-qubit gates", "two-qubit gates"
MEASUREMENTS, RESETS, LATENCY = "measurements", "resets", "classical latency"
_MOST_STEPS = 5


@dataclass(frozen=True)
class Share:
    """A part of the critical path.

    Attributes:
        resource: one of the names in this module, or `pairs on A-B`.
        seconds: mean over timelines.
        stderr_s: its standard error; None from one timeline, 0 where nothing is left to chance.
        share: of the mean makespan.
    """

    resource: str
    seconds: float
    stderr_s: float | None
    share: float


@dataclass(frozen=True)
class Step:
    """An instruction that is often on the critical path.

    Attributes:
        row: of the program.
        what: such as `pair on A-B` or `cx A.d0 A.c1`.
        frequency: in what part of the timelines it is.
        seconds: that it takes when it is, in the mean.
    """

    row: int
    what: str
    frequency: float
    seconds: float


@dataclass(frozen=True)
class CriticalPath:
    """Where the time goes.

    Attributes:
        makespan_s: mean over timelines.
        stderr_s: its standard error; None from one timeline, 0 where nothing is left to chance.
        timelines: how many.
        steps: instructions on the path, in the mean.
        two_qubit_gates: of them on two qubits, in the mean.
        shares: that add up to the makespan, the largest first.
        longest: the steps that take the most time, in the mean over all timelines.
    """

    makespan_s: float
    stderr_s: float | None
    timelines: int
    steps: float
    two_qubit_gates: float
    shares: tuple[Share, ...]
    longest: tuple[Step, ...]


def critical_path(played: Replay) -> CriticalPath:
    """Follows what was waited for back from the last instruction to end, in every timeline."""
    program, shots = played.program, played.end_s.shape[1]
    resources = [resource_of(program, row) for row in range(len(program))]
    spent: dict[str, np.ndarray] = {}
    visits: Counter[int] = Counter()
    seconds: dict[int, float] = defaultdict(float)
    for shot in range(shots):
        for row, lasts_s, travels_s in _chain(played, shot):
            spent.setdefault(resources[row], np.zeros(shots))[shot] += lasts_s
            spent.setdefault(LATENCY, np.zeros(shots))[shot] += travels_s
            visits[row] += 1
            seconds[row] += lasts_s
    makespans = played.makespan_s
    mean = float(makespans.mean())
    shares = [
        Share(name, float(each.mean()), standard_error(each), float(each.mean()) / mean if mean else 0.0)
        for name, each in spent.items()
        if np.any(each > 0)
    ]
    two = sum(count for row, count in visits.items() if resources[row] == GATES_OF_TWO)
    return CriticalPath(
        makespan_s=mean,
        stderr_s=standard_error(makespans),
        timelines=shots,
        steps=visits.total() / shots,
        two_qubit_gates=two / shots,
        shares=tuple(sorted(shares, key=lambda share: (-share.seconds, share.resource))),
        longest=tuple(
            Step(row, describe(program, row), visits[row] / shots, total / visits[row])
            for row, total in sorted(seconds.items(), key=lambda item: (-item[1], item[0]))[:_MOST_STEPS]
            if total > 0
        ),
    )


def _chain(played: Replay, shot: int) -> list[tuple[int, float, float]]:
    """Rows of the path, backwards: how long each lasts, and how long the bit travelled that it waited for last."""
    if not len(played.program):
        return []
    row, chain = int(played.end_s[:, shot].argmax()), []
    while row >= 0:
        start, end = float(played.start_s[row, shot]), float(played.end_s[row, shot])
        before = int(played.waited_for[row, shot])
        travelled = start - float(played.end_s[before, shot]) if before >= 0 else start
        chain.append((row, end - start, travelled))
        row = before
    return chain


def resource_of(program: Program, row: int) -> str:
    """What an instruction takes time of."""
    opcode = program.opcodes[row]
    if opcode == Op.ENTANGLE:
        return f"pairs on {program.network.links[program.links[row]].name}"
    if opcode == Op.GATE:
        return GATES_OF_ONE if program.qubits[row, 1] < 0 else GATES_OF_TWO
    return MEASUREMENTS if opcode == Op.MEASURE else RESETS if opcode == Op.RESET else LATENCY


def describe(program: Program, row: int) -> str:
    """An instruction in a few words."""
    opcode = program.opcodes[row]
    if opcode == Op.ENTANGLE:
        return f"pair on {program.network.links[program.links[row]].name}"
    name = GATES[program.kinds[row]].name if opcode == Op.GATE else Op(opcode).name.lower()
    return " ".join((name, *(program.qubit_names[qubit] for qubit in program.qubits[row].tolist() if qubit >= 0)))
