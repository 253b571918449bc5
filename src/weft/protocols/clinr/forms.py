"""The three forms side by side: direct, CliNR on one QPU, CliNR over a ring of QPUs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.protocols.clinr.block_circuit import direct_operations
from weft.protocols.clinr.blocks import Block, Scheme, direct_faults, make_blocks
from weft.protocols.clinr.clifford_circuit import CliffordCircuit
from weft.protocols.clinr.course import Course, Ring, course
from weft.protocols.clinr.depth import CONVENTIONS, Convention, depth, stage_ends
from weft.protocols.clinr.engine import FaultSamples, sample
from weft.protocols.clinr.fault_kernel import sample_waiting
from weft.protocols.clinr.measures import Estimate, Measures, mean, proportion, residual_weights
from weft.protocols.clinr.noise import Noise


@dataclass(frozen=True, eq=False)
class Comparison:
    """Three forms of one circuit; of CliNR, one entry per number of checks.

    Attributes:
        direct: the circuit itself.
        one_qpu: with fewer checks first.
        distributed: with fewer checks first.
    """

    direct: Measures
    one_qpu: tuple[Measures, ...]
    distributed: tuple[Measures, ...]


def compare(
    circuit: CliffordCircuit,
    noise: Noise,
    scheme: Scheme | None = None,
    ring: Ring | None = None,
    *,
    shots: int = 100_000,
    convention: Convention = "serial",
    seed: int = 0,
) -> Comparison:
    """Measures the three forms, with all numbers of checks up to the scheme's.

    Args:
        circuit: C.
        noise: how often operations fail.
        scheme: how the circuit is cut and checked.
        ring: of the distributed form.
        shots: attempts at each block.
        convention: under which qubits wait, if there is idle noise; depth is given in all.
        seed: of checks and faults.
    """
    scheme, ring = scheme or Scheme(), ring or Ring()
    rng = np.random.default_rng((seed, 0))
    waits = convention if noise.idle > 0 else None
    blocks = make_blocks(circuit, scheme, waits=waits, seed=seed)
    attempts = [sample(block.faults, noise, shots, rng) for block in blocks]
    studies = [_Study(circuit, noise, scheme, (), blocks, attempts, convention, rng)] * 2
    if ring.resources == "split":
        blocks = make_blocks(circuit, scheme, split=True, waits=waits, seed=seed)
        attempts = [sample(block.faults, noise, shots, rng) for block in blocks]
        studies[1] = _Study(circuit, noise, scheme, scheme.pair_stages, blocks, attempts, convention, rng)
    forms = (_Form("one QPU", None), _Form("distributed", ring))
    one_qpu, distributed = (
        tuple(study.measures(form, study.injected(form, shots))) for study, form in zip(studies, forms, strict=True)
    )
    return Comparison(
        measure_direct(circuit, noise, shots=shots, convention=convention, seed=seed), one_qpu, distributed
    )


def measure_direct(
    circuit: CliffordCircuit, noise: Noise, *, shots: int = 100_000, convention: Convention = "serial", seed: int = 0
) -> Measures:
    """Measures the circuit done directly; arguments as for `compare`."""
    faults = direct_faults(circuit, waits=convention if noise.idle > 0 else None)
    residuals = sample(faults, noise, shots, np.random.default_rng((seed, 1))).residuals[0]
    return Measures(
        form="direct",
        checks=0,
        logical_error=_logical_error(residuals),
        residual_weights=residual_weights(residuals, circuit.num_qubits),
        acceptance=(),
        expected_gates=1.0,
        qubits_per_qpu=circuit.num_qubits,
        bell_pairs=0,
        depth={each: _exact(depth(direct_operations(circuit), each)) for each in CONVENTIONS},
    )


def direct_error(circuit: CliffordCircuit, noise: Noise) -> float:
    """How likely the direct circuit has a fault: 1 − (1 − p)ˢ (1 − p₁)ˢ¹ for s two-qubit and s₁ one-qubit gates.

    The logical error is smaller by the rare faults that cancel.
    """
    one_qubit_gates = len(circuit) - circuit.two_qubit_gates
    right: float = (1 - noise.two_qubit) ** circuit.two_qubit_gates * (1 - noise.one_qubit) ** one_qubit_gates
    return 1 - right


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    ring: Ring | None

    def qubits_per_qpu(self, num_qubits: int, ancillas: int) -> int:
        """A, B and the ancillas, and the data or what the links on either side hold.

        Of split blocks, a QPU has B of its own block and A of the next, and halves of both blocks' ancillas.
        """
        if self.ring is None:
            return 3 * num_qubits + ancillas
        own = 2 * num_qubits + ancillas * (2 if self.ring.resources == "split" else 1)
        return own + max(2 * self.ring.room(num_qubits), num_qubits)


@dataclass(frozen=True, eq=False)
class _Study:
    """Attempts at the blocks of a circuit, put together into whole computations; see `Scheme.pair_stages`."""

    circuit: CliffordCircuit
    noise: Noise
    scheme: Scheme
    pair_stages: tuple[int, ...]
    blocks: tuple[Block, ...]
    attempts: list[FaultSamples]
    convention: Convention
    rng: np.random.Generator

    def injected(self, form: _Form, shots: int) -> NDArray[np.uint64]:
        """What the faults of all injections leave (uint64 array, shape (shots, words))."""
        faults = [
            block.injection if form.ring is None or number == 0 else block.hop
            for number, block in enumerate(self.blocks)
        ]
        residuals = [sample(each, self.noise, shots, self.rng).residuals[0] for each in faults]
        return np.bitwise_xor.reduce(residuals)

    def measures(self, form: _Form, injected: NDArray[np.uint64]) -> list[Measures]:
        """Of one form, for each number of checks."""
        first = len(self.pair_stages)
        return [
            self._measures(form, injected, first + number, checks)
            for number, checks in enumerate(self.scheme.checks_by_stage)
        ]

    def _measures(self, form: _Form, injected: NDArray[np.uint64], stage: int, checks: int) -> Measures:
        """If blocks are accepted after a stage."""
        shots, n = len(injected), self.circuit.num_qubits
        accepted = [attempt.passing(stage) for attempt in self.attempts]
        courses = {each: self._course(form, stage, each, shots) for each in CONVENTIONS}
        residuals = self._residuals(stage, injected[: min(accepted)], courses[self.convention])
        return Measures(
            form=form.name,
            checks=checks,
            logical_error=_logical_error(residuals),
            residual_weights=residual_weights(residuals, n),
            acceptance=tuple(proportion(number, shots) for number in accepted),
            expected_gates=self._expected_gates(form, stage),
            qubits_per_qpu=form.qubits_per_qpu(n, self.scheme.verification.ancillas),
            bell_pairs=self._bell_pairs(form, stage),
            depth={each: mean(times.depths) for each, times in courses.items()},
        )

    def _residuals(self, stage: int, injected: NDArray[np.uint64], times: Course) -> NDArray[np.uint64]:
        """What is left on the output, from one accepted attempt at each block."""
        total = injected.copy()
        for attempt in self.attempts:
            total ^= attempt.accepted(stage)[: len(total)]
        if self.noise.idle > 0:
            planes = [plane for block in self.blocks for plane in (block.before, block.before)]
            planes.append(self.blocks[-1].after)
            for waits, plane in zip(times.waits, planes, strict=True):
                hazards = -np.log1p(-self.noise.after_waiting(waits[: len(total)]))
                sample_waiting(self.rng, hazards, np.ascontiguousarray(plane[..., 1:]), total)
        return total

    def _course(self, form: _Form, stage: int, convention: Convention, shots: int) -> Course:
        ends = np.array([stage_ends(block.operations, convention)[: stage + 1] for block in self.blocks])
        failing = np.array([self._failing(attempt, stage) for attempt in self.attempts])
        pairs = self._pairs_by_stage(stage)
        return course(ends, failing, pairs, self.circuit.num_qubits, form.ring, convention, shots, self.rng)

    def _pairs_by_stage(self, stage: int) -> NDArray[np.int64]:
        """Of a split block: n to begin with, and one for each check."""
        pairs = np.array([*self.pair_stages, *np.diff(self.scheme.checks_by_stage, prepend=0)])
        pairs[0] += self.circuit.num_qubits
        return pairs[: stage + 1].astype(np.int64)

    def _bell_pairs(self, form: _Form, stage: int) -> float:
        """On the average; those of failed attempts are lost."""
        if form.ring is None:
            return 0.0
        if form.ring.resources == "whole":
            return float(self.circuit.num_qubits * (len(self.blocks) - 1))
        used = np.cumsum(self._pairs_by_stage(stage)).astype(np.float64)
        return sum(_until_accepted(used, self._failing(attempt, stage)) for attempt in self.attempts[1:])

    @staticmethod
    def _failing(attempt: FaultSamples, stage: int) -> NDArray[np.float64]:
        """How likely an attempt fails in each stage or one before it."""
        return 1 - np.array([attempt.passing(each) for each in range(stage + 1)]) / len(attempt.passed)

    def _expected_gates(self, form: _Form, stage: int) -> float:
        """Two-qubit gates over s: failed attempts up to the stage that they fail, the accepted one, the injection."""
        gates = 0.0
        for number, (block, attempt) in enumerate(zip(self.blocks, self.attempts, strict=True)):
            hop = form.ring is not None and form.ring.resources == "whole" and number > 0
            done = stage_ends(block.operations, "serial")[: stage + 1]
            gates += _until_accepted(done, self._failing(attempt, stage))
            gates += self.circuit.num_qubits * (2 if hop else 1)
        return gates / self.circuit.two_qubit_gates


def _until_accepted(spent: NDArray[np.float64], failing: NDArray[np.float64]) -> float:
    """What all attempts spend on the average, if one that fails in a stage has spent `spent` of that stage."""
    fails_here = np.diff(failing, prepend=0.0)
    return float(spent[-1] + fails_here @ spent / (1 - failing[-1]))


def _logical_error(residuals: NDArray[np.uint64]) -> Estimate:
    return proportion(int(np.count_nonzero(np.any(residuals, axis=1))), len(residuals))


def _exact(value: float) -> Estimate:
    return Estimate(value, value, value)
