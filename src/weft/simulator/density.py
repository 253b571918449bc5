"""Exact density matrices, for small programs.

Measuring turns a qubit's diagonal into an axis for its bit, so every outcome is followed at once and nothing is sampled but the
timelines: what comes out is the exact distribution of outcomes for each of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.errors import SimulationError
from weft.program import Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy, Timelines, schedule
from weft.simulator.backend import MOST_SHOTS, STAGES, Batch, is_static, terminal_measurements
from weft.simulator.classical_fidelity import roots_of
from weft.simulator.density_run import DensityRun, peak_elements
from weft.simulator.density_state import Array, DensityState, Label, apply_matrix, overlap, turn_to_z
from weft.simulator.frames.retries import decision_refusal, reads_before
from weft.simulator.noise import Cause, Noise, noise_of

_MOST_ELEMENTS = 2**20  # of the state of all timelines together
_MOST_QUBITS = 10
_MOST_TIMELINES = 1024
_FEWEST_TIMELINES = 64  # fewer would leave errors that mean nothing


class Density:
    """The backend; see the module."""

    name = "density"
    exact = True
    most_shots = MOST_SHOTS

    def refusal(self, program: Program) -> str | None:
        """Why this backend cannot run a program; None if it can."""
        refusal = self._retry_refusal(program)
        if refusal is not None:
            return refusal
        size = peak_elements(program)
        if size > 4**_MOST_QUBITS:
            return (
                f"exact density matrices must have at most 4^{_MOST_QUBITS} elements, but this program needs {size:.2g}"
            )
        return None

    @staticmethod
    def _retry_refusal(program: Program) -> str | None:
        """Only what a block leaves once it succeeded is kept, which must not say anything about what was there before."""
        for retry in program.retries:
            if retry.bits and (retry.most_runs or reads_before(program, retry)):
                return (
                    f"instruction {retry.row} (retry): for exact density matrices, a block that depends on bits must run until it "
                    "succeeds, and read no bits from before it, but does not"
                )
        return decision_refusal(program)

    def batch_shots(self, program: Program) -> int:  # noqa: ARG002  # the same for all programs
        """How many shots it runs best at once."""
        return 8192

    def notes(self, noise: Noise) -> tuple[str, ...]:  # noqa: ARG002  # exact for all noise
        """Nothing: it is exact."""
        return ()

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:
        """Runs one shot per timeline; shots share timelines if there are many."""
        at_once = timelines_at_once(program)
        count = min(timelines.shots, _MOST_TIMELINES, max(at_once, _FEWEST_TIMELINES)) if noise.depends_on_time else 1
        static = is_static(program)
        overlaps = np.ones((STAGES, count))
        outcomes: list[Outcomes] = []
        ideal: DensityState | None = None
        for stage in range(STAGES):
            last = stage == STAGES - 1
            if stage and not last and not noise.adds(Cause(stage - 1)):
                overlaps[stage] = overlaps[stage - 1]
                if not static:
                    outcomes.append(outcomes[-1])
                continue
            here = count if stage > Cause.WAITING else 1
            parts = []
            for low in range(0, here, at_once):
                part = timelines.part(low, min(low + at_once, here))
                state = DensityRun(program, noise, part, part.shots, stage, hold_outputs=static).run()
                if static:
                    ideal = ideal or state
                    overlaps[stage, low : low + part.shots] = overlap(ideal, state)
                if last or not static:
                    parts.append(_read_out(program, noise, state) if static else _forget_qubits(program, state))
            if here < count:
                overlaps[stage] = overlaps[stage, 0]
            if parts:
                outcomes.append(Outcomes(parts[0].bits, np.concatenate([part.table for part in parts])))
        bits = outcomes[-1].sample(timelines.shots, program.num_clbits, np.random.default_rng(seed))
        if static:
            return Batch(bits, overlaps, None)
        tables = [outcome.table for outcome in outcomes]
        distributions = [outcome.weights(count, program.num_clbits) for outcome in outcomes]
        return Batch(bits, roots_of(tables, count), distributions)


def outcomes_with_pairs_only(program: Program, policy: Policy = AS_SOON_AS_POSSIBLE) -> Outcomes:
    """The exact distribution of a program's outcomes if nothing is imperfect but the pairs that links deliver.

    Args:
        program: to follow.
        policy: of the links.

    Raises:
        SimulationError: if the program is too large for density matrices.
    """
    refusal = Density().refusal(program)
    if refusal is not None:
        raise SimulationError(refusal)
    noise, timelines = noise_of(program, policy), schedule(program, 1, policy=policy)
    static = is_static(program)
    state = DensityRun(program, noise, timelines, 1, Cause.BELL_PAIRS + 1, hold_outputs=static).run()
    return _read_out(program, noise, state, perfectly=True) if static else _forget_qubits(program, state)


def timelines_at_once(program: Program) -> int:
    """How many timelines fit into the memory that one run may use."""
    return max(1, _MOST_ELEMENTS // int(peak_elements(program)))


@dataclass(frozen=True)
class Outcomes:
    """The distribution of the circuit's bits.

    Attributes:
        bits: those that a measurement may have written; the rest are 0.
        table (float array, shape (timelines, 2^bits)): the probability of each outcome, the first bit the most significant.
    """

    bits: list[int]
    table: NDArray[np.float64]

    def rows(self, indices: NDArray[np.int64], num_clbits: int) -> NDArray[np.uint8]:
        """The circuit's bits of the outcomes in some columns of the table, shape (indices, num_clbits)."""
        rows = np.zeros((len(indices), num_clbits), dtype=np.uint8)
        for place, bit in enumerate(reversed(self.bits)):
            rows[:, bit] = (indices >> place) & 1
        return rows

    def weights(self, total: float, num_clbits: int) -> dict[bytes, float]:
        """The mean over timelines as a dictionary whose values sum to `total`."""
        mean = self.table.mean(axis=0)
        likely = np.flatnonzero(mean > 1e-15)
        rows = self.rows(likely, num_clbits)
        return {row.tobytes(): total * float(mean[index]) for row, index in zip(rows, likely, strict=True)}

    def sample(self, shots: int, num_clbits: int, generator: np.random.Generator) -> NDArray[np.uint8]:
        """Draws one outcome per shot; shot s uses timeline s modulo their number."""
        count = len(self.table)
        cumulative = np.cumsum(self.table, axis=1)
        draws = generator.random(shots)
        indices = np.empty(shots, dtype=np.int64)
        for timeline in range(min(count, shots)):
            mine = slice(timeline, None, count)
            edges = cumulative[timeline]
            indices[mine] = np.searchsorted(edges, draws[mine] * edges[-1], side="right")
        return self.rows(np.minimum(indices, self.table.shape[1] - 1), num_clbits)


def _read_out(program: Program, noise: Noise, state: DensityState, *, perfectly: bool = False) -> Outcomes:
    """What the final measurements of the data qubits find, some of which are wrong unless they are made perfectly."""
    array, labels = state.array, list(state.labels)
    wrong: dict[int, float] = {}
    held: dict[int, int] = {}
    for row in np.flatnonzero(terminal_measurements(program)).tolist():
        qubit, bit = int(program.qubits[row, 0]), int(program.bits[row])
        turn = turn_to_z(program.kinds[row])
        if turn is not None:
            rows, columns = 1 + labels.index(("row", qubit)), 1 + labels.index(("column", qubit))
            array = apply_matrix(apply_matrix(array, turn, [rows]), turn.conj(), [columns])
        held[qubit], wrong[bit] = bit, 0.0 if perfectly else noise.flip_probability[row]
    for qubit in [which for kind, which in labels if kind == "row"]:
        rows, columns = 1 + labels.index(("row", qubit)), 1 + labels.index(("column", qubit))
        array = np.diagonal(array, axis1=rows, axis2=columns)  # the new axis is last
        labels = [label for label in labels if label not in {("row", qubit), ("column", qubit)}]
        if qubit in held:
            labels.append(("bit", held[qubit]))
        else:
            array = array.sum(axis=-1)
    array = array.real.copy()
    for place, (_, bit) in enumerate(labels):
        by_bit = np.moveaxis(array, 1 + place, 0)
        by_bit[...] = (1 - wrong[bit]) * by_bit + wrong[bit] * by_bit[::-1]
    return _outcomes(labels, array)


def _forget_qubits(program: Program, state: DensityState) -> Outcomes:
    """What the circuit's bits hold when nothing else is looked at."""
    for qubit in [which for kind, which in state.labels if kind == "row"]:
        state.trace_out(qubit)
    for bit in [which for kind, which in state.labels if kind == "bit" and which >= program.num_clbits]:
        state.forget_bit(bit)
    return _outcomes(state.labels, state.array.real)


def _outcomes(labels: list[Label], array: Array) -> Outcomes:
    """Flattens the axes of bits; rounding can leave a probability a little below 0."""
    return Outcomes([bit for _, bit in labels], np.clip(array.reshape(len(array), -1), 0, None))
