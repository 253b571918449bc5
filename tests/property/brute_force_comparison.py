"""What `weft compare` says, worked out by brute force.

It shares the compiler, the search for cuts and `schedule` with Weft, and nothing else: it follows every qubit of a program in time,
has its own closed form for every error, its own way to scale hardware, and random numbers of its own.
"""

import math
from contextlib import suppress
from dataclasses import replace

import numpy as np

from weft.circuit import Circuit
from weft.circuit.gates import MEASURE
from weft.compiler import compile_circuit
from weft.errors import WeftError
from weft.network import BellPair, Network
from weft.program import Op, Program
from weft.protocols.cutting.cuts import Cut
from weft.scheduler import Timelines, schedule
from weft.study.comparison import Crossover, Mean
from weft.study.comparison.contenders import InPieces, Term
from weft.study.comparison.counterparts import classical_links_only, one_big_qpu
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.knitted import QuasiDistribution
from weft.study.cutting.plan_cuts import Cutting

SEEDS = 10**6
"""Where its random numbers begin; Weft's are smaller."""


def no_error_of(program: Program, timelines: Timelines) -> np.ndarray:
    """The probability that nothing goes wrong on each timeline, instruction by instruction. Pairs are Werner pairs.

    A depolarising channel of infidelity e strikes with 3e/2 on one qubit and 5e/4 on two. The twirl of T1 and T2 leaves a qubit
    alone with (1 + e^(−t/T1) + 2 e^(−t/T2))/4.
    """
    fine, since = np.ones(timelines.shots), dict[int, np.ndarray]()
    qpus = program.network.qpus
    for row, op in enumerate(program.opcodes.tolist()):
        operands = [qubit for qubit in program.qubits[row].tolist() if qubit >= 0]
        here = qpus[program.qubit_qpus[operands[0]]]
        fresh = op in (Op.ENTANGLE, Op.RESET) and bool(program.qubit_is_communication[operands[0]])
        for qubit in operands:
            if qubit in since and not fresh:
                t1_s, t2_s = qpus[program.qubit_qpus[qubit]].coherence(communication=False)
                idle_s = np.maximum(timelines.start_s[row] - since[qubit], 0)
                fine *= (1 + np.exp(-idle_s / t1_s) + 2 * np.exp(-idle_s / t2_s)) / 4
            since[qubit] = timelines.end_s[row]
        if op == Op.GATE:
            fine *= 1 - (1.5 * here.one_qubit_gate_error, 1.25 * here.two_qubit_gate_error)[len(operands) - 1]
        elif op == Op.ENTANGLE:
            fine *= program.network.links[program.links[row]].pair.fidelity
        elif op in (Op.MEASURE, Op.RESET):
            fine *= 1 - (here.measurement_error if op == Op.MEASURE else here.reset_error)
    return fine


def scaled_by_hand(network: Network, quantity: str, factor: float) -> Network:
    """A Werner pair that is mixed with a perfect or a fully mixed pair is a Werner pair."""
    links, qpus = network.links, network.qpus
    if quantity == "rate":
        links = tuple(replace(link, attempt_s=link.attempt_s / factor) for link in links)
    elif quantity == "fidelity":
        worst = [1 - min((1 - link.pair.fidelity) * factor, 0.74) for link in links]
        links = tuple(replace(link, pair=BellPair.werner(value)) for link, value in zip(links, worst, strict=True))
    elif quantity == "t2":
        qpus = tuple(replace(qpu, t1_s=qpu.t1_s * factor, t2_s=qpu.t2_s * factor) for qpu in qpus)
    else:
        one = [min(qpu.one_qubit_gate_error * factor, 0.5) for qpu in qpus]
        two = [min(qpu.two_qubit_gate_error * factor, 0.75) for qpu in qpus]
        errors = zip(qpus, one, two, strict=True)
        qpus = tuple(replace(qpu, one_qubit_gate_error=a, two_qubit_gate_error=b) for qpu, a, b in errors)
    return replace(network, links=links, qpus=qpus)


class BruteForce:
    """Ways to run a circuit on a network, to be played on any hardware; refused ones are left out, and hybrid links, whose numbers
    `tests/unit/study/comparison/test_hybrid_way.py` holds against what running their terms gives."""

    def __init__(self, circuit: Circuit, network: Network, seed: int, *, timelines: int) -> None:
        self.timelines = timelines
        branches = len(circuit.condition_bits) > 0  # then there is no one state before the final readings
        self.terms: dict[str, list[Term]] = {}
        self.overhead = {"quantum_links": 1.0, "one_qpu": 1.0}
        self.right: dict[str, float] = {}
        for kind, place in (("quantum_links", network), ("one_qpu", one_big_qpu(network, circuit.num_qubits))):
            program = compile_circuit(circuit, place, seed=seed, effort="fast").program
            self.terms[kind] = [Term(1.0, 1.0, (program,), ((),))]
            self.right[kind] = 1.0 if branches else right_in(program)
        with suppress(WeftError):
            pieces = InPieces.of(circuit, classical_links_only(network), seed=seed, effort="fast")
            self.right["classical_links"] = 1.0 if branches else right_in_pieces(pieces.cutting)
            self.terms["classical_links"] = list(pieces.terms)
            self.overhead["classical_links"] = math.prod(map(gamma_of, Experiment(pieces.cutting).cuts)) ** 2

    def measure(self, kind: str, quantity: str, factor: float, measure: str, shots: int) -> Mean:
        """As `docs/deciding.md` defines it."""
        no_error, shot_s = self.played(kind, quantity, factor)
        overhead, pieces = self.overhead[kind], len(self.terms[kind][0].programs)
        if measure == "fidelity":
            return Mean(*(number / self.right[kind] for number in no_error))
        if measure == "total_s":
            return Mean(overhead * shot_s.value, overhead * shot_s.stderr)
        bias = 1 - no_error.value
        error = math.sqrt(bias**2 + overhead * pieces / shots)
        return Mean(error, bias / error * no_error.stderr)

    def played(self, kind: str, quantity: str, factor: float) -> tuple[Mean, Mean]:
        """No error in a shot of every piece, and how long the piece lasts that is the slowest on average."""
        fine, lasts, spreads = [], [], []
        one = {program.id: program for term in self.terms[kind] for program in term.programs}
        found = {name: self._program(program, quantity, factor) for name, program in one.items()}
        for term in self.terms[kind]:
            here = [found[program.id] for program in term.programs]
            signs = math.prod(map(signs_in, term.programs, term.sign_bits))
            fine.append(math.prod(no_error.value for no_error, _ in here) * signs)
            lasts.append([shot_s.value for _, shot_s in here])
            spreads.append((here[0][0].stderr, here[0][1].stderr))
        weights, shares = np.array([(term.weight, term.share) for term in self.terms[kind]]).T
        slowest = float((weights @ np.array(lasts)).max())
        noise = spreads[0] if kind != "classical_links" else (0.0, 0.0)
        return Mean(float(shares @ fine), noise[0]), Mean(slowest, noise[1])

    def _program(self, program: Program, quantity: str, factor: float) -> tuple[Mean, Mean]:
        there = replace(program, network=scaled_by_hand(program.network, quantity, factor))
        timelines = schedule(there, self.timelines if there.network.links else 64, SEEDS)
        return mean_of(no_error_of(there, timelines)), mean_of(timelines.makespan_s)

    def gap(self, one: Crossover, factor: float, shots: int, target: float | None) -> Mean:
        """How far quantum links are ahead."""
        ours = self.measure("quantum_links", one.quantity, factor, one.measure, shots)
        theirs = Mean(target or 0.0, 0.0)
        if one.rival != "target":
            theirs = self.measure(one.rival, one.quantity, factor, one.measure, shots)
        spread = math.hypot(ours.stderr, theirs.stderr)
        return Mean((ours.value - theirs.value) * (1 if one.measure == "fidelity" else -1), spread)


def right_in(program: Program) -> float:
    """The probability that a program reads all bits of its circuit right, none of which it reads on its way."""
    rows = np.flatnonzero((program.opcodes == Op.MEASURE) & (program.bits < program.num_clbits))
    return math.prod(1 - program.network.qpus[program.qpus[row]].measurement_error for row in rows)


def right_in_pieces(cutting: Cutting) -> float:
    """The same for a cut circuit, whose plan says where each qubit ends. Every island is one QPU."""
    [*places] = cutting.plan.pieces[cutting.bare.opcodes == MEASURE, 0]
    return math.prod(1 - cutting.network.qpus[cutting.network.islands[place][0]].measurement_error for place in places)


def signs_in(program: Program, signs: tuple[int, ...]) -> float:
    """How much less a term keeps than if wrong signs, each of which takes away what a right one adds, left nothing."""
    less = 1.0
    for row in np.flatnonzero(program.opcodes == Op.MEASURE).tolist():
        if signs.count(int(program.bits[row])) % 2:
            wrong = program.network.qpus[program.qpus[row]].measurement_error
            less *= 1 - wrong / (1 - wrong)
    return less


def before_readings(outcomes: QuasiDistribution, wrong: float) -> dict[str, float]:
    """What a distribution over bits, each of which is read wrong with the same probability, was before it was read."""
    width = len(outcomes.keys()[0])
    read = np.zeros((2,) * width)
    for key, value in zip(outcomes.keys(), outcomes.values.tolist(), strict=True):
        read[tuple(map(int, key))] = value
    undone = np.linalg.inv([[1 - wrong, wrong], [wrong, 1 - wrong]])
    for bit in range(width):
        read = np.moveaxis(np.tensordot(undone, read, axes=(1, bit)), 0, bit)
    return {"".join(map(str, key)): float(value) for key, value in np.ndenumerate(read)}


def gamma_of(cut: Cut) -> float:
    """Σ|coefficients| over operations; of what one end may have measured, only one thing happens, so the costliest counts."""
    found: dict[int, float] = {}
    for (operation, _), row in zip(cut.entries, np.abs(cut.coefficients), strict=True):
        found[operation] = max(found.get(operation, 0.0), float(row.sum()))
    return sum(found.values())


def mean_of(samples: np.ndarray) -> Mean:
    return Mean(float(samples.mean()), float(samples.std(ddof=1)) / math.sqrt(len(samples)))
