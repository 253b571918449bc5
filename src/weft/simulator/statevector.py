"""State-vector trajectories: one pure state per shot, dense or sparse.

Pauli faults are drawn in advance. A shot that no fault strikes ends in the ideal state, which is computed once, and a stage of
the error budget that adds no fault changes nothing; so the work is in proportion to the shots that something happened to.

Where all noise is Pauli noise and the program is a circuit on data qubits but for teleportations, the state is *dense*: all
amplitudes of the data qubits alone (`dense/tracing_out.py`), and shots share what they have in common (`dense/trajectory_tree.py`).

Otherwise it is *sparse*: all qubits, but only amplitudes that are not zero. Relaxation is followed by quantum jumps, and a pair
that is no mixture of Bell states by drawing one of its eigenstates; with either of these every shot is simulated, because even
without an event the state differs from the ideal one. A program that stays within a few of many amplitudes is run sparse, too.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.circuit.gates import Matrix, matrix_of
from weft.errors import SimulationError
from weft.program import Op, Program
from weft.scheduler import Timelines
from weft.simulator.backend import MOST_SHOTS, STAGES, Batch, is_static, terminal_measurements
from weft.simulator.classical_fidelity import sampled_batch
from weft.simulator.dense.shots import DensePlan, run_dense
from weft.simulator.dense.tracing_out import kept_rows, trace_out
from weft.simulator.faults import READOUT, Faults, draw_faults
from weft.simulator.frames.retries import depends_on_bits
from weft.simulator.noise import PAIRS, RELAXATION, Cause, Noise, noise_of
from weft.simulator.sparse_state import squared_overlap
from weft.simulator.threads import threads_here
from weft.simulator.trajectory import run_trajectory, sample_outputs

MOST_AMPLITUDES = 2**23
"""Of a sparse state."""

_SMALL_PROGRAM = 300  # rows; its plan takes less than a megabyte
_MOST_WIRES = 26  # of a dense state: half a gigabyte each, and a few of them
_MOST_GATES = 2**16  # whose coefficients fill 128 MB
_SMALL_STATE = 12  # qubits; up to here a dense state is always quick
_MOST_SPARSE = 2**18  # amplitudes in a search for a sparse ideal state
_DENSITY_OF_SPARSE = 64  # a sparse amplitude costs that many times more than a dense one

_Played = tuple[NDArray[Any], NDArray[Any], NDArray[np.uint8]]

_PHI_PLUS = np.array([1, 0, 0, 1]) / np.sqrt(2)


@dataclass(frozen=True)
class _Tables:
    """What the kernel reads beside the program's columns.

    Attributes:
        matrices (complex array, shape (kinds, 4, 4)): of the distinct gates; one-qubit gates in the upper left corner.
        matrix_of_row (int64 array, shape (n,)).
        skipped (bool array, shape (n,)): final measurements, which are read off at the end.
        pair_weights (float array, shape (links, 4)): eigenvalues of each link's pair.
        pair_vectors (complex array, shape (links, 4, 4)): its eigenvectors as rows; for a mixture of Bell states just Φ+, for
            the rest is a Pauli fault.
        always (bool array, shape (STAGES,)): whether a stage changes every shot.
    """

    matrices: NDArray[np.complex128]
    matrix_of_row: NDArray[np.int64]
    skipped: NDArray[np.bool_]
    pair_weights: NDArray[np.float64]
    pair_vectors: NDArray[np.complex128]
    always: NDArray[np.bool_]


@lru_cache(maxsize=4)
def _tables(program: Program, noise: Noise) -> _Tables:
    """The same for every batch of a run."""
    matrices, index = [np.eye(4, dtype=np.complex128)], {}
    rows = np.zeros(len(program), dtype=np.int64)
    for row in np.flatnonzero(program.opcodes == Op.GATE).tolist():
        key = (int(program.kinds[row]), tuple(program.angles[row].tolist()))
        if key not in index:
            index[key] = len(matrices)
            matrices.append(_padded(matrix_of(*key)))
        rows[row] = index[key]
    count = len(noise.pairs)
    weights, vectors = np.zeros((count, 4)), np.zeros((count, 4, 4), dtype=np.complex128)
    for link in noise.used_links:
        pair = noise.pairs[link]
        if pair.is_bell_diagonal:
            weights[link, 0], vectors[link, 0] = 1.0, _PHI_PLUS
        else:
            values, columns = np.linalg.eigh(pair.matrix)
            weights[link], vectors[link] = np.clip(values, 0, None), columns.T
    always = np.zeros(STAGES, dtype=np.bool_)
    always[Cause.BELL_PAIRS + 1] = any(not noise.pairs[link].is_bell_diagonal for link in noise.used_links)
    always[Cause.WAITING + 1] = bool(np.any(np.isfinite(noise.t1_s)))
    skipped = terminal_measurements(program) if is_static(program) else np.zeros(len(program), dtype=np.bool_)
    return _Tables(np.array(matrices), rows, skipped, weights, vectors, always)


def _padded(matrix: Matrix) -> Matrix:
    padded = np.zeros((4, 4), dtype=np.complex128)
    padded[: len(matrix), : len(matrix)] = matrix
    return padded


def _damping(program: Program, noise: Noise, timelines: Timelines) -> NDArray[np.float64]:
    """Probability that each operand relaxed while it waited for each row, shape (shots, n, 2); empty if nothing relaxes."""
    if np.all(np.isinf(noise.t1_s)):
        return np.zeros((0, 0, 2))
    damping = np.zeros((timelines.shots, len(program), 2))
    waits = np.argwhere(noise.waits)
    t1_s = noise.t1_s[program.qubits[waits[:, 0], waits[:, 1]]]
    waits, t1_s = waits[np.isfinite(t1_s)], t1_s[np.isfinite(t1_s)]
    damping[:, waits[:, 0], waits[:, 1]] = -np.expm1(-noise.idle_of(timelines, waits) / t1_s[:, None]).T
    return damping


def _dense_plan(program: Program) -> DensePlan | None:
    """How a program runs on a dense state; None if it cannot, or is better off on a sparse one."""
    return _plan_of_small(program) if len(program) <= _SMALL_PROGRAM else _plan_of_large(program)


@lru_cache(maxsize=1024)  # pieces of a cut circuit are many, and come again
def _plan_of_small(program: Program) -> DensePlan | None:
    return _made_plan(program)


@lru_cache(maxsize=4)
def _plan_of_large(program: Program) -> DensePlan | None:
    return _made_plan(program)


def _made_plan(program: Program) -> DensePlan | None:
    data_qubits = int(np.count_nonzero(~program.qubit_is_communication))
    circuit = trace_out(program, min(data_qubits + int(np.count_nonzero(kept_rows(program))), _MOST_WIRES))
    if circuit is None or (circuit.wires > _SMALL_STATE and _stays_sparse(program, circuit.wires)):
        return None
    plan = DensePlan(circuit)
    return plan if len(plan.fused) <= _MOST_GATES else None


def _no_faults() -> Faults:
    """Of one shot."""
    nothing, codes = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    return Faults(np.zeros(2, dtype=np.int64), nothing, codes, nothing, codes, codes)


def _stays_sparse(program: Program, wires: int) -> bool:
    """Whether the ideal state never has but a small part of all amplitudes."""
    noise = noise_of(program)
    shots = _Shots(program, _tables(program, noise), _no_faults(), np.zeros((0, 0, 2)), 0, static=is_static(program))
    return shots.played(0, 0, min(2**wires // _DENSITY_OF_SPARSE, _MOST_SPARSE)) is not None


@dataclass(frozen=True)
class StateVector:
    """The backend; see the module.

    Attributes:
        dense: whether dense states are used where they can be. To see how takes milliseconds, which few shots do not repay.
    """

    dense: bool = True
    name = "statevector"
    exact = False
    most_shots = MOST_SHOTS

    def refusal(self, program: Program) -> str | None:
        """Why this backend cannot run a program; None if it can, as far as is known before: not how large the state gets."""
        if depends_on_bits(program):
            return (
                "the statevector backend must have blocks that run again only where a swap failed, but one depends on what it "
                "measured"
            )
        return None

    def batch_shots(self, program: Program) -> int:
        """How many shots it runs best at once."""
        noise = noise_of(program) if self.dense else None
        plan = _dense_plan(program) if noise is not None and noise.is_pauli else None
        if noise is not None and plan is not None:
            # Many, because shots share what they have in common; fewer where each takes long.
            most = 8192 if noise.is_absent else 1024
            return int(np.clip(min(2**23 // max(len(program), 1), 2**30 >> plan.circuit.wires), 16, most))
        # Small, so that progress shows and an interruption is heeded.
        data_qubits = int(np.count_nonzero(~program.qubit_is_communication))
        return int(np.clip(min(2**21 // max(len(program), 1), 2**22 >> min(data_qubits, 22)), 16, 128))

    def notes(self, noise: Noise) -> tuple[str, ...]:
        """Says so if the noise of gates was twirled; all else is exact."""
        return noise.twirl_notes(exact={RELAXATION, PAIRS})

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:
        """Runs one shot per timeline."""
        static = is_static(program)
        tables = _tables(program, noise)
        faults = draw_faults(program, noise, timelines, np.random.default_rng(seed), twirl=False)
        key = int(seed.generate_state(2, np.uint64)[1])
        plan = _dense_plan(program) if self.dense and not np.any(tables.always) else None
        if plan is not None:
            return run_dense(program, plan, faults, timelines.shots, key)
        shots = _Shots(program, tables, faults, _damping(program, noise, timelines), key, static=static)
        return shots.run_static(timelines.shots) if static else shots.run_dynamic(timelines.shots)


class _Shots:
    def __init__(
        self,
        program: Program,
        tables: _Tables,
        faults: Faults,
        damping: NDArray[np.float64],
        key: int,
        *,
        static: bool,
    ) -> None:
        self.program = program
        self.tables = tables
        self.faults = faults
        self.damping = damping
        self.key = key
        self.static = static
        rows = np.flatnonzero(tables.skipped)
        self.outputs = np.column_stack((program.qubits[rows, 0], program.bits[rows], rows)).astype(np.int64)
        self.bases = program.kinds[rows].astype(np.int64)
        # A wrong reading of a final measurement does not change the state.
        changes_state = (faults.when != READOUT) | ~tables.skipped[faults.row]
        self.first_stage = np.where(changes_state, faults.cause.astype(np.int64) + 1, STAGES)

    def trajectory(self, shot: int, stage: int) -> _Played:
        """The final keys, amplitudes and bits of a shot with the causes of a stage."""
        played = self.played(shot, stage, MOST_AMPLITUDES)
        if played is None:
            raise SimulationError(
                f"the state of `{self.program.circuit_name}` must have at most {MOST_AMPLITUDES:,} amplitudes that are not zero, "
                "but has more; only the stabilizer backend, for Clifford circuits, goes further"
            )
        return played

    def played(self, shot: int, stage: int, most_amplitudes: int) -> _Played | None:
        """The same; None if the state outgrows `most_amplitudes`."""
        program, tables, faults = self.program, self.tables, self.faults
        low, high = faults.offsets[shot], faults.offsets[shot + 1]
        keys, amplitudes, bits = run_trajectory(
            program.opcodes, program.kinds, program.qubits, program.bits, program.links,
            program.read_offsets, program.read_bits, program.read_roles,
            tables.matrices, tables.matrix_of_row, tables.skipped, tables.pair_weights, tables.pair_vectors,
            faults.row[low:high], faults.when[low:high], faults.qubit[low:high],
            faults.pauli[low:high], faults.cause[low:high],
            program.qubit_is_communication,
            self.damping[shot] if self.damping.size else np.zeros((0, 2)),
            stage, np.uint64(self.key), shot, program.num_qubits, program.num_bits, most_amplitudes,
        )  # fmt: skip
        return (keys, amplitudes, bits) if len(keys) else None

    def stages_of(self, shot: int) -> list[bool]:
        """For each stage, whether it changes anything in this shot compared with the stage before."""
        low, high = self.faults.offsets[shot], self.faults.offsets[shot + 1]
        adds = set(self.first_stage[low:high].tolist())
        return [bool(self.tables.always[stage]) or stage in adds for stage in range(STAGES)]

    def run_static(self, shots: int) -> Batch:
        ideal_keys, ideal_amplitudes, _ = self.trajectory(0, 0)
        overlaps = np.ones((STAGES, shots))
        bits = np.zeros((shots, self.program.num_clbits), dtype=np.uint8)

        def run(shot: int) -> None:
            keys, amplitudes = ideal_keys, ideal_amplitudes
            for stage, changes in enumerate(self.stages_of(shot)):
                if stage and changes:
                    keys, amplitudes, _ = self.trajectory(shot, stage)
                    overlaps[stage, shot] = squared_overlap(keys, amplitudes, ideal_keys, ideal_amplitudes)
                elif stage:
                    overlaps[stage, shot] = overlaps[stage - 1, shot]
            sample_outputs(keys, amplitudes, self.outputs, self.bases, np.uint64(self.key), shot, bits[shot])

        _for_all(run, shots)
        self.flip_readouts(bits)
        return Batch(bits, overlaps, None)

    def flip_readouts(self, bits: NDArray[np.uint8]) -> None:
        """Applies the wrong readings of final measurements."""
        faults = self.faults
        chosen = np.flatnonzero((faults.when == READOUT) & self.tables.skipped[faults.row])
        shots = np.searchsorted(faults.offsets, chosen, side="right") - 1
        np.bitwise_xor.at(bits, (shots, self.program.bits[faults.row[chosen]]), 1)

    def run_dynamic(self, shots: int) -> Batch:
        outcomes = np.zeros((STAGES, shots, self.program.num_clbits), dtype=np.uint8)

        def run(shot: int) -> None:
            for stage, changes in enumerate(self.stages_of(shot)):
                if changes or stage == 0:
                    outcomes[stage, shot] = self.trajectory(shot, stage)[2][: self.program.num_clbits]
                else:
                    outcomes[stage, shot] = outcomes[stage - 1, shot]

        _for_all(run, shots)
        return sampled_batch(list(outcomes))


def _for_all(run: Any, shots: int) -> None:
    """Runs every shot, on the threads at hand: kernels release the interpreter, and each shot has its own random numbers."""
    run(0)  # compiles the kernels once, before threads would all do it
    with ThreadPoolExecutor(max_workers=threads_here()) as pool:
        try:
            for _ in pool.map(partial(_run_some, run), _blocks(1, shots)):
                pass
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _run_some(run: Any, block: range) -> None:
    for shot in block:
        run(shot)


def _blocks(low: int, high: int) -> list[range]:
    size = 8
    return [range(start, min(start + size, high)) for start in range(low, high, size)]
