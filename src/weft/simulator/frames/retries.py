"""Frames in step with time, for programs whose blocks run again depending on what they measured.

Which shots run a block again is decided by their frames, with all causes of error on; the planes of the error budget follow them.
In a run for some shots all frames of the block's qubits move, for they stand 64 to a word, and those of the other shots are put
back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.errors import SimulationError
from weft.program import Program, Retry
from weft.scheduler import Block, Lanes, Player, Policy, StoredTimes, Timelines, play_and_store
from weft.simulator.frames.clifford import clifford_gate, gate_kinds
from weft.simulator.frames.kernel import FrameState, begin_block, frame_state, play_frames
from weft.simulator.frames.noise import FrameNoise, frame_noise
from weft.simulator.frames.plan import IF_ONE, FramePlan, frame_refusal, plan_blocks, plan_frames
from weft.simulator.noise import Noise

_CHUNK = 64  # rows whose idle times are kept at once
_NO_TIMES = np.empty((0, 0))
_WORD = 64


def depends_on_bits(program: Program) -> bool:
    """Whether a block runs again depending on what it measured."""
    return any(retry.bits for retry in program.retries)


class FrameStage:
    """Plays rows and carries frames through them, in all shots of a block of shots or in some.

    Args:
        times: where rows are played.
        plan: of the program.
        noise: of it.
        state: new frames, as wide as the block.
    """

    def __init__(self, times: StoredTimes, plan: FramePlan, noise: FrameNoise, state: FrameState) -> None:
        self.times, self.plan, self.noise, self.state = times, plan, noise, state
        self.width = len(state.budgets)

    def play(self, lanes: Lanes, low: int, high: int) -> None:
        """Plays rows [low, high)."""
        before = None if lanes.places is None else self._held(low, high)
        for first in range(low, high, _CHUNK):
            last = min(first + _CHUNK, high)
            play_frames(self.plan, self.noise, self.state, first, last, self._idle(lanes, first, last))
        if before is not None and lanes.places is not None:
            self._put_back(before, lanes.places)

    def _idle(self, lanes: Lanes, low: int, high: int) -> NDArray[np.float32]:
        idle = np.zeros((high - low, 2, self.width), dtype=np.float32)
        if lanes.places is None:
            self.times.play(lanes, low, high, idle)
            return idle
        part = np.zeros((high - low, 2, lanes.block.shots), dtype=np.float32)
        self.times.play(lanes, low, high, part)
        idle[:, :, lanes.places] = part
        return idle

    def _held(self, low: int, high: int) -> list[tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint64]]]:
        """What the qubits and the bits of some rows hold: the array, which of its rows, and those."""
        qubits, bits = np.unique(self.plan.qubits[low:high]), np.unique(self.plan.bits[low:high])
        qubits, bits = qubits[qubits >= 0], bits[bits >= 0]
        state = self.state
        return [
            (array, which, array[which]) for array, which in ((state.x, qubits), (state.z, qubits), (state.flips, bits))
        ]

    def _put_back(
        self, before: list[tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.uint64]]], places: NDArray[np.int64]
    ) -> None:
        """Undoes what happened to all shots but those in `places`."""
        moved = np.zeros(self.width, dtype=np.uint8)
        moved[places] = 1
        words = np.packbits(moved, bitorder="little").view("<u8").astype(np.uint64)
        mask = np.tile(words, self.noise.planes)
        for array, which, held in before:
            array[which] = (array[which] & mask) | (held & ~mask)

    def parity(self, lanes: Lanes, retry: Retry) -> NDArray[np.uint8]:
        """Of the bits that a `retry` reads; in the reference run it is as wanted, unless the plan says otherwise."""
        words = self.width // _WORD
        flips = np.bitwise_xor.reduce(self.state.flips[list(retry.bits), -words:], axis=0)
        all_shots = np.unpackbits(flips.astype("<u8").view(np.uint8), bitorder="little")
        places = np.arange(lanes.block.shots) if lanes.places is None else lanes.places
        wrong = self.plan.conditions[retry.row] == IF_ONE
        return all_shots[places] ^ np.uint8(retry.wanted ^ wrong)


def new_frames(player: Player, noise: Noise) -> FrameState:
    """Frames for the blocks of shots of a player, which come one after the other."""
    plan, hazards = _prepared(player.program, noise)
    return frame_state(player.program.num_qubits, plan.num_bits, hazards.planes, player.width // _WORD)


def frame_stage(
    player: Player,
    noise: Noise,
    block: Block,
    state: FrameState,
    keys: NDArray[Any],
    index: int,
    times: StoredTimes | None = None,
) -> FrameStage:
    """A stage for a new block of shots.

    Args:
        player: of the program.
        noise: of the program, under the player's policy.
        block: that is new.
        state: of the player, which begins anew.
        keys: of the frames' random numbers.
        index: of the block among all.
        times: where times are kept, if they are.
    """
    plan, hazards = _prepared(player.program, noise)
    begin_block(state, keys, index, hazards.planes, block.shots)
    kept = StoredTimes(player.score, _NO_TIMES, _NO_TIMES, _NO_TIMES, 0) if times is None else times
    return FrameStage(kept, plan, hazards, state)


@lru_cache(maxsize=4)
def _prepared(program: Program, noise: Noise) -> tuple[FramePlan, FrameNoise]:
    """What frames need: of the whole program if they can follow it, else of the blocks alone, for nothing else decides."""
    hazards = frame_noise(program, noise)
    if frame_refusal(program) is None:
        return plan_frames(program)[0], hazards
    only = _rows_that_decide(program)
    return plan_blocks(program, only), hazards._replace(waits=hazards.waits * only, hazard=hazards.hazard * only)


def decision_refusal(program: Program) -> str | None:
    """Why frames cannot tell which blocks of a program run again; None if they can."""
    if not depends_on_bits(program) or frame_refusal(program) is None:
        return None
    for retry in program.retries:
        block = slice(retry.start, retry.row)
        if retry.bits and (reads_before(program, retry) or np.any(program.is_conditional[block])):
            return (
                f"instruction {retry.row} (retry): in a program that is not Clifford, a block that may run again must neither have "
                "conditions nor read what was measured before it, but does"
            )
    kinds, rows, which = gate_kinds(program)
    good = np.array([clifford_gate(*kind) is not None for kind in kinds], dtype=np.bool_)[which]
    if np.all(good | ~_rows_that_decide(program)[rows]):
        return None
    return "blocks that may run again depending on what they measured must have Clifford gates only, but one has others"


def reads_before(program: Program, retry: Retry) -> bool:
    """Whether a block, or what decides about it, reads a bit that the block does not write."""
    read = program.read_bits[program.read_offsets[retry.start] : program.read_offsets[retry.row + 1]]
    return not np.all(np.isin(read, program.bits[retry.start : retry.row]))


def _rows_that_decide(program: Program) -> NDArray[np.bool_]:
    """Rows in blocks that may run again depending on what they measured, shape (n,)."""
    inside = np.zeros(len(program), dtype=np.bool_)
    for retry in program.retries:
        if retry.bits:
            inside[retry.start : retry.row + 1] = True
    return inside


def play_timelines(
    program: Program, noise: Noise, shots: int, seed: np.random.SeedSequence, policy: Policy
) -> Timelines:
    """Timelines of a program of which blocks run again depending on what they measured; see `weft.scheduler.schedule`.

    Raises:
        SimulationError: if frames cannot tell what blocks measure.
        SchedulingError: as `schedule` does.
    """
    refusal = decision_refusal(program)
    if refusal is not None:
        raise SimulationError(refusal)
    player = Player(program, policy)
    timeline_seed, frame_seed = seed.spawn(2)
    keys = frame_seed.generate_state(2, np.uint64)
    state = new_frames(player, noise)

    def stage_of(times: StoredTimes, block: Block, number: int) -> FrameStage:
        return frame_stage(player, noise, block, state, keys, number, times)

    return play_and_store(player, shots, timeline_seed, stage_of)
