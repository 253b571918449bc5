"""Expected errors by cause and place, against a loop over places, and against the infidelity of a weakly noisy machine."""

import numpy as np
import pytest
from noisy_cases import (
    DECOUPLED,
    GATE_KINDS,
    GENERAL,
    NOT_PAULI,
    SIDE_EFFECTS,
    TOMOGRAPHY,
    compiled,
    dynamic_circuit,
    make_network,
)

from weft.circuit import CircuitBuilder
from weft.network import BellPair
from weft.program import Op
from weft.scheduler import schedule
from weft.simulator import gate_fidelity
from weft.simulator.noise import Cause, noise_of
from weft.simulator.strengths import strengths

LINE = [(0, 1), (1, 2)]


def test_every_error_is_counted_where_it_happens():
    network = make_network(
        LINE, (1, 1, 1), communication=2, pair=TOMOGRAPHY, hardware=DECOUPLED | GATE_KINDS | NOT_PAULI | {"t1_s": 0.5},
        attempt_s=0.01, success=0.2, **SIDE_EFFECTS,
    )  # fmt: skip
    program = compiled(dynamic_circuit(5, 3, 4, GENERAL), network)
    noise, timelines = noise_of(program), schedule(program, 7, 1)
    qpus, links = {cause: np.zeros(3) for cause in Cause}, {cause: np.zeros(2) for cause in Cause}
    for row, opcode in enumerate(program.opcodes.tolist()):
        owner, link = program.qpus[row], program.links[row]
        if opcode == Op.ENTANGLE:
            links[Cause.BELL_PAIRS][link] += 1 - noise.pairs[link].fidelity
            for strike in noise.crosstalk.at(row):
                flips = noise.crosstalk.mean_flips(timelines, np.array([strike]))
                links[Cause.WAITING][link] += ((1 - np.exp(-2 * flips)) / 2).mean()
        qpus[Cause.LOCAL_GATES][owner] += 1 - noise.gates.twirled[noise.gates.table_of_row[row], 0]
        qpus[Cause.MEASUREMENT_AND_FEED_FORWARD][owner] += noise.flip_probability[row]
        for operand, qubit in enumerate(program.qubits[row].tolist()):
            if noise.waits[row, operand]:
                idle = noise.idle_s(timelines, row, operand)[None]
                (x,), (z,) = noise.idling.hazards(np.array([qubit]), idle, relaxation=True)
                nothing = (1 + np.exp(-4 * x) + 2 * np.exp(-2 * (x + z))) / 4
                qpus[Cause.WAITING][program.qubit_qpus[qubit]] += (1 - nothing).mean()
    found = strengths(noise, program, timelines)
    assert list(found) == list(Cause)
    assert len(noise.crosstalk.rows) > 0
    for cause in Cause:
        assert found[cause][0] == pytest.approx(qpus[cause], abs=1e-12)
        assert found[cause][1] == pytest.approx(links[cause], abs=1e-12)


def test_they_add_up_to_the_process_infidelity_of_a_teleported_gate():
    """Where every error shows. What is left is of second order: errors that meet others."""
    weak = {"two_qubit_pauli_errors": {"ZI": 0.0005}, "t2_s": 5.0, "communication_t2_s": np.inf}
    network = make_network(
        [(0, 1)], (1, 1), pair=BellPair.werner(0.998), hardware=weak, attempt_s=0.002, success=0.5,
        crosstalk_flip_probability=0.0005, timing_jitter_s=0.001, photon_lifetime_s=1.0,
    )  # fmt: skip
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    program = compiled(builder, network)
    noise, timelines = noise_of(program, inputs_wait=True), schedule(program, 300, 1)
    found = strengths(noise, program, timelines)
    sums = [float(places.sum() + links.sum()) for places, links in found.values()]
    assert min(sums[:3]) > 0.0005
    spoilt = 1 - gate_fidelity(program, shots=300, seed=1).process
    assert sum(sums) - sum(sums) ** 2 < spoilt < sum(sums)
