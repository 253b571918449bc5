"""Clifford programs of any size, on Pauli frames.

One ideal run says what the bits are and which state comes out; every shot is that run times a Pauli, its frame. Frames are packed
64 shots to a word, and noise strikes them in proportion to how long each qubit waited in that very shot. Noise that is no mixture
of Paulis is twirled into one, and the result says so.

The fidelity of a shot with the ideal stabilizer state is 1 if its frame commutes with every stabilizer and 0 if not; the mean over
shots is the fidelity of the mixture.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from weft.program import Program
from weft.scheduler import Player, Timelines
from weft.simulator.backend import MOST_SHOTS, STAGES, Batch, Streamed, is_static
from weft.simulator.classical_fidelity import sampled_batch
from weft.simulator.frames.blocks import simulate_block, simulate_stored
from weft.simulator.frames.kernel import frame_state
from weft.simulator.frames.noise import frame_noise, planes_of_stages
from weft.simulator.frames.plan import frame_refusal, plan_frames
from weft.simulator.frames.readout import read_bits, read_overlaps
from weft.simulator.frames.retries import frame_stage
from weft.simulator.noise import Noise

_BLOCK = 512  # shots
_NO_TIMES = np.empty((0, 0))


class Stabilizer:
    """The backend; see the module."""

    name = "stabilizer"
    exact = False
    most_shots = MOST_SHOTS

    def refusal(self, program: Program) -> str | None:
        """Why this backend cannot run a program; None if it can."""
        return frame_refusal(program)

    def batch_shots(self, program: Program) -> int:
        """How many shots it runs best at once."""
        shots = int(np.clip(2**24 // max(len(program), program.num_clbits, 1), 64, 2**16))
        return shots // _BLOCK * _BLOCK or shots // 64 * 64

    def notes(self, noise: Noise) -> tuple[str, ...]:
        """Says so if noise was twirled."""
        return noise.twirl_notes()

    def run(self, program: Program, noise: Noise, timelines: Timelines, seed: np.random.SeedSequence) -> Batch:
        """Runs one shot per timeline."""
        plan, readout = plan_frames(program)
        hazards = frame_noise(program, noise)
        bits, overlaps = _outputs(program, hazards.planes, timelines.shots)
        width = min(_BLOCK, max(timelines.shots, 1) + 63) // 64
        simulate_stored(
            plan, hazards, readout, timelines.start_s, timelines.end_s, timelines.made_s, timelines.pair_of_row,
            noise.previous, seed.generate_state(2, np.uint64), program.num_qubits, width, bits, overlaps,
        )  # fmt: skip
        return _batch(program, noise, bits, overlaps)

    def run_streamed(
        self,
        player: Player,
        noise: Noise,
        shots: int,
        timeline_seed: np.random.SeedSequence,
        run_seed: np.random.SeedSequence,
    ) -> Streamed | None:
        """Plays and runs a program in one go, without storing times; not if attempts strike qubits nearby."""
        if len(noise.crosstalk.rows):
            return None
        program = player.program
        plan, readout = plan_frames(program)
        hazards, keys = frame_noise(program, noise), run_seed.generate_state(2, np.uint64)
        bits, overlaps = _outputs(program, hazards.planes, shots)
        state = frame_state(program.num_qubits, plan.num_bits, hazards.planes, player.width // 64)
        makespans_s, supplies, low = np.zeros(shots), [], 0
        for index, block in enumerate(player.blocks(shots, timeline_seed)):
            if player.retryings:
                stage = frame_stage(player, noise, block, state, keys, index)
                player.play_on(stage, block)
                read_bits(readout, stage.state, hazards.planes, low, bits)
                read_overlaps(readout, stage.state, hazards.planes, low, overlaps)
            else:
                simulate_block(
                    plan, hazards, readout, player.score, block, state, keys, index, low, _NO_TIMES, bits, overlaps
                )
            ends_s = player.finish(block)
            makespans_s[low : low + block.shots] = ends_s
            supplies.append(player.supply(block, ends_s))
            low += block.shots
        return Streamed(_batch(program, noise, bits, overlaps), makespans_s, reduce(add, supplies))


def _outputs(program: Program, planes: int, shots: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Room for the bits of the last plane, or of all if outcomes are all there is to compare; and for overlaps."""
    shown = 1 if is_static(program) else planes
    return np.zeros((shown, shots, program.num_clbits), dtype=np.uint8), np.ones((planes, shots))


def _batch(program: Program, noise: Noise, bits: NDArray[np.uint8], overlaps: NDArray[np.float64]) -> Batch:
    plane_of_stage = planes_of_stages(noise)
    if is_static(program):
        return Batch(bits[-1], overlaps if len(overlaps) == STAGES else overlaps[plane_of_stage], None)
    return sampled_batch([bits[plane] for plane in plane_of_stage])
