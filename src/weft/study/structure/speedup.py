"""What several QPUs gain over one, and what they could gain at most.

Two conventions, because hardware differs: *one at a time*, where a QPU does one two-qubit gate at a time (as on one chain of
ions) and all else in parallel, and *in parallel*, where it does everything at once that acts on different qubits. The one big QPU
has the same hardware as the QPU with the most data qubits, enough of them, and no coupling map; gates are done in the order of
the circuit.

With W the time that the one big QPU takes one at a time and C the one it takes in parallel (the critical path), s = C/W is taken
as the serial fraction. Without communication,

* no schedule is done before the critical path is, so that no number of QPUs gains more than W/C;
* Amdahl's law says 1/(s + (1 − s)/k) (G. M. Amdahl, AFIPS 30, 483 (1967));
* Gustafson's law, s + k(1 − s), is about another question: how much more work of the parallel kind k QPUs do in the time that the
  circuit takes on one (J. L. Gustafson, Commun. ACM 31, 532 (1988)). It is no promise for this circuit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from weft.circuit import Circuit
from weft.compiler import compile_circuit
from weft.network import Network
from weft.program import Program
from weft.study.comparison.counterparts import one_big_qpu
from weft.study.structure.replay import Replay, replay, standard_error


@dataclass(frozen=True)
class Gain:
    """The time on one big QPU over the time on the network, under one convention.

    Attributes:
        convention: `one at a time` or `in parallel`.
        one_qpu_s: makespan on the one big QPU, which nothing is left to chance in.
        network_s: mean makespan on the network.
        network_stderr_s: its standard error; None from one timeline.
        speedup: the first over the second.
        stderr: its standard error, to first order; None from one timeline.
    """

    convention: str
    one_qpu_s: float
    network_s: float
    network_stderr_s: float | None
    speedup: float
    stderr: float | None


@dataclass(frozen=True)
class Limits:
    """Without communication.

    Attributes:
        serial_fraction: s = C/W, the critical path over all the work of one big QPU.
        mean_width: W/C, how many QPUs the circuit could keep busy in the mean.
        amdahl: 1/(s + (1 − s)/k).
        gustafson: s + k(1 − s), for a problem that grows with k.
    """

    serial_fraction: float
    mean_width: float
    amdahl: float
    gustafson: float


@dataclass(frozen=True)
class Speedup:
    """Limits and what was simulated.

    Attributes:
        qpus: that hold qubits of the circuit at the start; k.
        limits: without communication.
        gains: as simulated, with communication, one for each convention.
    """

    qpus: int
    limits: Limits
    gains: tuple[Gain, ...]


def program_on_one(circuit: Circuit, network: Network) -> Program:
    """The circuit as it runs on one big QPU."""
    return compile_circuit(circuit, one_big_qpu(network, circuit.num_qubits), effort="fast").program


def limits_of(work_s: float, critical_s: float, qpus: int) -> Limits:
    """The laws for k QPUs; a circuit that takes no time is all serial."""
    serial = critical_s / work_s if work_s > 0 else 1.0
    return Limits(serial, 1 / serial, 1 / (serial + (1 - serial) / qpus), serial + qpus * (1 - serial))


def speedup(one: Program, many: Program, qpus: int, seed: int, played: Sequence[Replay]) -> Speedup:
    """Compares one big QPU with a network.

    Args:
        one: the program on the one big QPU.
        many: the program on the network, without blocks that run again.
        qpus: how many of its QPUs hold qubits at the start.
        seed: of the timelines.
        played: timelines of the two programs in parallel.
    """
    alone, network = played
    serial_alone, serial_network = (replay(each, seed, one_at_a_time=True) for each in (one, many))
    limits = limits_of(float(serial_alone.makespan_s[0]), float(alone.makespan_s[0]), qpus)
    gains = (_gain("one at a time", serial_alone, serial_network), _gain("in parallel", alone, network))
    return Speedup(qpus, limits, gains)


def _gain(convention: str, alone: Replay, network: Replay) -> Gain:
    times = network.makespan_s
    one_s, mean_s = float(alone.makespan_s[0]), float(times.mean())
    ratio = one_s / mean_s if mean_s > 0 else 1.0
    error = standard_error(times)
    relative = None if error is None or mean_s == 0 else ratio * error / mean_s
    return Gain(convention, one_s, mean_s, error, ratio, relative)
