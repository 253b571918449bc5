"""Kernels: what a Pauli at each place of a circuit flips, found by going back from its end; and sampling of those that happen.

A set of observables is a few words of 64 bits: bit i stands for observable i. For each qubit, one set says which observables an
X here and now would flip and one says which a Z would. A gate mixes these sets as it mixes Paulis, so that one pass from the
end to the beginning serves all observables and all faults.
"""

from __future__ import annotations

import numba
import numpy as np

from weft.protocols.clinr.operations import IDLE, MEASURE_X, MEASURE_Z, PAIR, PREPARE_X, PREPARE_Z

_EMPTY = np.uint64(0)


@numba.njit(cache=True, nogil=True)
def pull_back(kinds, qubits, readings, actions, flipped, planes, effects):
    """Goes back through operations.

    Args:
        kinds (uint8 array, shape (operations,)): of `Operations`, as are the next two.
        qubits (int32 array, shape (operations, 2)): operands.
        readings (int32 array, shape (operations,)): which row of `flipped` belongs to a measurement.
        actions (uint8 array, shape (gates, 4, 4)): of `pauli_actions`.
        flipped (uint64 array, shape (readings, words)): the observables that a wrong bit of each reading flips.
        planes (uint64 array, shape (qubits, 2, words)): what X and Z on each qubit flip, at the end; becomes that of the beginning.
        effects (uint64 array, shape (operations, 4, words)): receives what X and Z on the first operand, then on the second, flip
            right after each operation; of preparations and measurements, the first entry is what their fault flips.
    """
    words = planes.shape[2]
    old = np.empty((4, words), dtype=np.uint64)
    for row in range(len(kinds) - 1, -1, -1):
        kind, first, second = kinds[row], qubits[row, 0], qubits[row, 1]
        if kind in {MEASURE_Z, MEASURE_X}:
            error = 0 if kind == MEASURE_Z else 1
            effects[row, 0] = flipped[readings[row]]
            planes[first, error] = flipped[readings[row]]
            planes[first, 1 - error] = _EMPTY
        elif kind in {PREPARE_Z, PREPARE_X}:
            effects[row, 0] = planes[first, 0 if kind == PREPARE_Z else 1]
            planes[first] = _EMPTY
        elif kind in {PAIR, IDLE}:
            effects[row, 0:2] = planes[first]
            if kind == PAIR:
                planes[first] = _EMPTY
                planes[second] = _EMPTY
        else:
            size = 2 if second < 0 else 4
            old[0:2] = planes[first]
            if size == 4:
                old[2:4] = planes[second]
            effects[row, :size] = old[:size]
            for before in range(size):
                qubit = first if before < 2 else second
                planes[qubit, before % 2] = _EMPTY
                for after in range(size):
                    if actions[kind, after, before]:
                        planes[qubit, before % 2] ^= old[after]


@numba.njit(cache=True, nogil=True)
def sample_faults(rng, hazards, ways, effects, stage_ends, stage_checks, passed, residuals):
    """Draws shots; faults are the points of a Poisson process that runs through the operations' hazards.

    More than one point in an operation counts once, so that each fails with its own probability, independently, and the cost is
    that of the faults that happen. A shot ends at the first stage whose checks are flipped.

    Args:
        rng: a NumPy generator.
        hazards (float64 array, shape (operations,)): running sum of −log(1 − probability).
        ways (int64 array, shape (operations,)): how many Paulis a fault may be.
        effects (uint64 array, shape (operations, 4, words)): of `pull_back`; word 0 holds the checks.
        stage_ends (float64 array, shape (stages,)): the running sum at the end of each stage.
        stage_checks (uint64 array, shape (stages,)): the checks that each stage measures, as bits of word 0.
        passed (int32 array, shape (shots,)): receives how many stages were passed.
        residuals (uint64 array, shape (stages, shots, words − 1)): receives the observables flipped after each stage that was
            passed.
    """
    words = effects.shape[2]
    flips = np.empty(words, dtype=np.uint64)
    for shot in range(len(passed)):
        flips[:] = _EMPTY
        time = rng.standard_exponential()
        passed[shot] = len(stage_ends)
        for stage in range(len(stage_ends)):
            while time < stage_ends[stage]:
                row = np.searchsorted(hazards, time, side="right")
                _strike(rng, ways[row], effects[row], flips)
                time = hazards[row] + rng.standard_exponential()
            if flips[0] & stage_checks[stage]:
                passed[shot] = stage
                break
            residuals[stage, shot] = flips[1:]


@numba.njit(cache=True, nogil=True)
def _strike(rng, ways, effect, flips):
    """One of the Paulis, as the bits of a number from 1 on."""
    pauli = 1 + rng.integers(0, ways)
    for bit in range(4):
        if (pauli >> bit) & 1:
            for word in range(len(flips)):
                flips[word] ^= effect[bit, word]


@numba.njit(cache=True, nogil=True)
def sample_waiting(rng, hazards, planes, residuals):
    """Adds the faults of qubits that wait together, each shot for a time of its own.

    Args:
        rng: a NumPy generator.
        hazards (float64 array, shape (shots,)): −log(1 − probability) of a fault of one qubit.
        planes (uint64 array, shape (qubits, 2, words)): what X and Z on each flip.
        residuals (uint64 array, shape (shots, words)): to which flips are added.
    """
    for shot in range(len(hazards)):
        if hazards[shot] <= 0:
            continue
        time = rng.standard_exponential()
        while time < hazards[shot] * len(planes):
            qubit = min(int(time / hazards[shot]), len(planes) - 1)
            _strike(rng, 3, planes[qubit], residuals[shot])
            time = (qubit + 1) * hazards[shot] + rng.standard_exponential()
