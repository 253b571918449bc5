"""How well a compiled program does what its circuit says, averaged over all inputs: gate and process fidelity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from weft.errors import InvalidValueError, SimulationError
from weft.program import Program
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy, schedule
from weft.simulator.backend import STAGES, is_static
from weft.simulator.density_run import DensityRun, peak_elements
from weft.simulator.density_state import DensityState, overlap
from weft.simulator.noise import CAUSES, Cause, noise_of

_MOST_QUBITS = 3
_ROUNDING = 1e-6
_MOST_ELEMENTS = 4**10  # of a state
_ELEMENTS_AT_ONCE = 2**20  # of the states of some timelines together


@dataclass(frozen=True)
class GateFidelity:
    """The fidelity of a compiled circuit, as a gate.

    Attributes:
        average: ⟨ψ|U†E(ψ)U|ψ⟩ averaged over all pure inputs ψ: (d F_process + 1)/(d + 1), with d = 2^qubits.
        process: entanglement fidelity of the channel with the ideal unitary.
        stderr: standard error of `average`, from the sampled timelines.
        average_by_stage: `average` with causes switched on one after another: (name of the cause added, value).
    """

    average: float
    process: float
    stderr: float
    average_by_stage: tuple[tuple[str, float], ...]


def gate_fidelity(
    program: Program, *, shots: int = 4000, seed: int = 0, policy: Policy = AS_SOON_AS_POSSIBLE
) -> GateFidelity:
    """The average gate fidelity and the process fidelity of a compiled circuit of up to 3 qubits.

    The channel acts on one half of maximally entangled pairs; inputs are there from time 0, so they wait for the first
    Bell pair. Final measurements are left out.

    Args:
        program: of a unitary circuit.
        shots: how many timelines to average over.
        seed: the same seed gives the same value.
        policy: of the links.

    Raises:
        SimulationError: if the circuit has more than 3 qubits, measures or branches on its way, or needs too many communication
            qubits at once.

    Source:
        Horodecki, Horodecki, Horodecki, Phys. Rev. A 60, 1888 (1999): F_avg = (d F_process + 1)/(d + 1).
    """
    data = np.flatnonzero(~program.qubit_is_communication).tolist()
    if len(data) > _MOST_QUBITS or not is_static(program):
        raise SimulationError(
            f"the gate fidelity must be that of a unitary circuit on at most {_MOST_QUBITS} qubits, but this program has "
            f"{len(data)} data qubits{'' if is_static(program) else ' and measures or branches on its way'}"
        )
    if shots < 1:
        raise InvalidValueError(f"`shots` must be at least 1, but is {shots}")
    size = peak_elements(program) * 4 ** len(data)
    if size > _MOST_ELEMENTS:
        raise SimulationError(
            f"the density matrix must have at most {_MOST_ELEMENTS:,} elements, but this program needs {size:.2g}"
        )
    at_once = max(1, int(_ELEMENTS_AT_ONCE // size))
    noise = noise_of(program, policy, inputs_wait=True)
    timelines = schedule(program, shots, seed, policy=policy)
    dimension = 2 ** len(data)
    process = np.ones((STAGES, shots))
    ideal: DensityState | None = None
    for stage in range(STAGES):
        if stage and not noise.adds(Cause(stage - 1)):
            process[stage] = process[stage - 1]
            continue
        count = shots if stage > Cause.WAITING and noise.depends_on_time else 1
        for low in range(0, count, at_once):
            chosen = min(at_once, count - low)
            initial = _entangled_inputs(data, program.num_qubits, chosen)
            part = timelines.part(low, low + chosen)
            state = DensityRun(program, noise, part, chosen, stage, hold_outputs=True, initial=initial).run()
            ideal = ideal or state
            process[stage, low : low + chosen] = overlap(ideal, state)
            if process[0, 0] < 1 - _ROUNDING:
                raise SimulationError(
                    "the gate fidelity must be that of a program whose data qubits are all inputs, but this one moves a qubit to "
                    "an empty one"
                )
        if count == 1:
            process[stage] = process[stage, 0]
    average = (dimension * process + 1) / (dimension + 1)
    by_stage = tuple(zip(("ideal", *CAUSES), average.mean(axis=1).tolist(), strict=True))
    return GateFidelity(
        average=float(average[-1].mean()),
        process=float(process[-1].mean()),
        stderr=float(average[-1].std(ddof=1) / np.sqrt(shots)) if shots > 1 else float("nan"),
        average_by_stage=by_stage,
    )


def _entangled_inputs(data: list[int], first_reference: int, timelines: int) -> DensityState:
    """Each data qubit in Φ+ with a reference qubit that nothing acts on."""
    phi_plus = np.zeros((4, 4))
    phi_plus[np.ix_([0, 3], [0, 3])] = 0.5
    state = DensityState(timelines)
    for position, qubit in enumerate(data):
        state.add([qubit, first_reference + position], phi_plus)
    return state
