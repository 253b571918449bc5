"""One spoilt pair in a program in which all else is perfect, played on the ordinary backends.

The network is made perfect, so that nothing else happens. After every pair, X acts twice on one of its halves: nothing, but two
rows of the program that noise may be given to. The noise is then a table for the second X after the pair that is asked about,
which makes Φ+ a Werner state; backends need not know that this is no fault of a gate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import CODES
from weft.network import QPU, BellPair, Link, Network
from weft.program import Op, Program
from weft.scheduler import Timelines
from weft.simulator import choose_backend
from weft.simulator.backend import Batch
from weft.simulator.gate_noise import NO_ERROR
from weft.simulator.gate_tables import GateTables
from weft.simulator.noise import noise_of

INFIDELITY = 0.75
"""Of the spoilt pair: half of a completely mixed state, which shows a loss in the fewest shots. The loss is in proportion to it."""

_CELLS = 2**23  # rows times shots
_SHOTS = 256


class Injections:
    """A program into which spoilt pairs are put one at a time.

    Args:
        program: without blocks that run again.
        seed: of the shots.

    Attributes:
        program: the same on a perfect network, with two rows more after each pair.
        pair_rows (int64 array, shape (ebits,)): its rows that take pairs, in order.
        backend: the name of the backend.
        is_exact: whether losses are followed as probabilities.
        shots: of each injection.
    """

    def __init__(self, program: Program, seed: int) -> None:
        self.program = _with_places(replace(program, network=perfect(program.network)))
        self.pair_rows = np.flatnonzero(self.program.opcodes == Op.ENTANGLE)
        self._backend = choose_backend(self.program)
        self.backend, self.is_exact = self._backend.name, self._backend.exact
        self.shots = 1 if self.is_exact else int(np.clip(_CELLS // max(len(self.program), 1), 16, _SHOTS))
        self._seed = seed
        self._noise = noise_of(self.program)
        never = np.zeros((len(self.program), self.shots))
        self._timelines = Timelines(self.program, never, never)  # times do not matter where nothing decays

    @property
    def seconds(self) -> float:
        """About how long one injection takes."""
        if self.backend == "statevector":
            gates = np.count_nonzero((self.program.opcodes == Op.GATE) & (self.program.qubits[:, 1] >= 0))
            qubits = int(np.count_nonzero(~self.program.qubit_is_communication))
            return float(gates * 2.0 ** min(qubits, 26) * 1e-9) + 1e-3
        return len(self.program) * self.shots * 1e-8 + 1e-3

    def loss(self, pair: int) -> tuple[float, float]:
        """The fidelity lost for each unit of infidelity of a pair, by its number: mean and standard error over shots."""
        overlaps = self._run(pair).overlaps[-1]
        error = 0.0 if len(overlaps) < 2 else float(overlaps.std(ddof=1) / np.sqrt(len(overlaps)))
        return float(1 - overlaps.mean()) / INFIDELITY, error / INFIDELITY

    def distance(self, pair: int) -> float:
        """By how much outcomes change for each unit of infidelity, as total variation distance; on exact backends only.

        For programs whose circuits measure or branch on their way.
        """
        ideal, *_, spoilt = self._distributions(pair)
        outcomes = ideal.keys() | spoilt.keys()
        return sum(abs(spoilt.get(each, 0.0) - ideal.get(each, 0.0)) for each in outcomes) / 2 / INFIDELITY

    def frequency(self, pair: int, is_usual: Callable[[bytes], bool]) -> float:
        """How often the outcome of such a program is not a usual one, if a pair is spoilt."""
        spoilt = self._distributions(pair)[-1]
        return sum(weight for outcome, weight in spoilt.items() if not is_usual(outcome))

    def _distributions(self, pair: int) -> list[dict[bytes, float]]:
        """The probability, or the frequency, of each outcome at each stage; nothing is wrong at the first, all at the last."""
        stages = self._run(pair).distributions
        assert stages is not None
        totals = [sum(stage.values()) for stage in stages]
        return [
            {outcome: weight / total for outcome, weight in stage.items()}
            for stage, total in zip(stages, totals, strict=True)
        ]

    def _run(self, pair: int) -> Batch:
        noise = replace(self._noise, gates=_table_for(int(self.pair_rows[pair]) + 2, len(self.program)))
        seed = np.random.SeedSequence(self._seed, spawn_key=(pair,))
        return self._backend.run(self.program, noise, self._timelines, seed)


def perfect(network: Network) -> Network:
    """A network of the same shape, in which nothing goes wrong and nothing takes time."""
    qpus = tuple(
        QPU(qpu.name, qpu.data_qubits, qpu.communication_qubits, qpu.coupling, trusted=qpu.trusted)
        for qpu in network.qpus
    )
    pair = BellPair.werner(1.0)
    links = tuple(Link(link.a, link.b, 0.0, pair=pair) for link in network.links)
    return Network(network.name, qpus, links)


def _with_places(program: Program) -> Program:
    """X twice on the second half of every pair."""
    pairs = np.flatnonzero(program.opcodes == Op.ENTANGLE)
    at = np.repeat(pairs + 1, 2)
    halves = np.column_stack((program.qubits[pairs, 1], np.full(len(pairs), -1)))
    counts = np.insert(np.diff(program.read_offsets), at, 0)
    return replace(
        program,
        opcodes=np.insert(program.opcodes, at, Op.GATE),
        kinds=np.insert(program.kinds, at, CODES["x"]),
        qubits=np.insert(program.qubits, at, np.repeat(halves, 2, axis=0), axis=0),
        angles=np.insert(program.angles, at, 0.0, axis=0),
        bits=np.insert(program.bits, at, -1),
        links=np.insert(program.links, at, -1),
        read_offsets=np.concatenate(([0], np.cumsum(counts))),
    )


def _table_for(row: int, rows: int) -> GateTables:
    """X, Y or Z after one row, equally likely."""
    table_of_row: NDArray[np.int64] = np.zeros(rows, dtype=np.int64)
    table_of_row[row] = 1
    weights = np.array([NO_ERROR, NO_ERROR], dtype=np.float64)
    weights[1, :4] = (1 - INFIDELITY, INFIDELITY / 3, INFIDELITY / 3, INFIDELITY / 3)
    return GateTables(table_of_row, np.zeros(2), np.zeros(2), weights, weights)
