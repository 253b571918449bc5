"""Many small programs without pairs, each in a few shots, run as one program.

To set a simulation up costs about as much as a hundred shots of a small program. Nothing limits what goes on at once on a QPU, so
programs that take no pairs can stand side by side on qubits of their own: none disturbs another, and each has the noise and the
times that it has alone. Their rows follow one another, and each ends with resets, so that the state never holds two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from weft.errors import InvalidValueError
from weft.program import Op, Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy, schedule
from weft.simulator.backend import is_static
from weft.simulator.noise import noise_of
from weft.simulator.statevector import StateVector


class Ran(NamedTuple):
    """What a program gave.

    Attributes:
        bits (uint8 array, shape (shots, num_clbits)): of the circuit.
        makespans_s (float64 array, shape (shots,)): of each shot.
    """

    bits: NDArray[np.uint8]
    makespans_s: NDArray[np.float64]


def can_stand_side_by_side(program: Program) -> bool:
    """Whether a program takes no pairs and runs nothing again."""
    return not np.any((program.opcodes == Op.ENTANGLE) | (program.opcodes == Op.RETRY))


def simulate_side_by_side(
    programs: Sequence[Program], shots: int, seed: int, policy: Policy = AS_SOON_AS_POSSIBLE
) -> list[Ran]:
    """What programs give, each in so many shots.

    Args:
        programs: on one network, none of which takes pairs.
        shots: of each.
        seed: of all random numbers.
        policy: as `simulate` takes it.

    Raises:
        InvalidValueError: if one takes pairs.
        SimulationError: if a state gets too large.
    """
    if not all(map(can_stand_side_by_side, programs)):
        raise InvalidValueError("`programs` must take no pairs to stand side by side, but one does")
    merged = _merged(programs)
    timeline_seed, run_seed = np.random.SeedSequence(seed).spawn(2)
    timelines = schedule(merged, shots, timeline_seed, policy=policy)
    assert not is_static(merged)  # its resets see to that, so that bits are read as they are measured
    found = StateVector(dense=False).run(merged, noise_of(merged, policy), timelines, run_seed)
    assert found.bits is not None  # trajectories have outcomes
    answers, row, bit = [], 0, 0
    for program in programs:
        ends = timelines.end_s[row : row + len(program)]
        answers.append(Ran(found.bits[:, bit : bit + program.num_clbits], ends.max(axis=0, initial=0.0)))
        row, bit = row + len(program) + _num_data(program), bit + program.num_bits
    return answers


def _num_data(program: Program) -> int:
    return int(np.count_nonzero(~program.qubit_is_communication))


def _merged(programs: Sequence[Program]) -> Program:
    """One program of all rows, each followed by resets of its data qubits; all bits are the circuit's."""
    first_qubits = np.cumsum([0, *(program.num_qubits for program in programs)])
    first_bits = np.cumsum([0, *(program.num_bits for program in programs)])
    parts = [
        _moved(_with_resets(program), int(qubit), int(bit))
        for program, qubit, bit in zip(programs, first_qubits, first_bits, strict=False)
    ]
    reads = np.concatenate([np.diff(part.read_offsets) for part in parts])
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (
            *("qubit_qpus", "qubit_is_communication", "opcodes", "kinds", "qubits", "angles", "bits", "links"),
            *("read_bits", "read_roles"),
        )
    }
    names = tuple(f"{place}.{name}" for place, part in enumerate(parts) for name in part.qubit_names)
    return replace(
        parts[0],
        registers=(),
        num_clbits=int(first_bits[-1]),
        num_bits=int(first_bits[-1]),
        qubit_names=names,
        read_offsets=np.concatenate(([0], np.cumsum(reads))),
        **joined,
    )


def _moved(program: Program, first_qubit: int, first_bit: int) -> Program:
    """On later qubits and bits."""

    def later(places: NDArray[np.int32], first: int) -> NDArray[np.int32]:
        return np.where(places >= 0, places + first, places).astype(np.int32)

    return replace(
        program,
        qubits=later(program.qubits, first_qubit),
        bits=later(program.bits, first_bit),
        read_bits=later(program.read_bits, first_bit),
    )


def _with_resets(program: Program) -> Program:
    """With its data qubits reset at the end."""
    qubits = np.flatnonzero(~program.qubit_is_communication)
    count = len(qubits)
    none = np.full(count, -1, dtype=np.int32)
    added = {
        "opcodes": np.full(count, Op.RESET, dtype=np.uint8),
        "kinds": np.zeros(count, dtype=np.uint8),
        "qubits": np.column_stack((qubits, none)).astype(np.int32),
        "angles": np.zeros((count, 3)),
        "bits": none,
        "links": none,
    }
    columns: dict[str, Any] = {name: np.concatenate([getattr(program, name), more]) for name, more in added.items()}
    offsets = np.append(program.read_offsets, np.full(count, program.read_offsets[-1]))
    return replace(program, read_offsets=offsets, **columns)
