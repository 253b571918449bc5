"""What waiting does to one qubit, in closed form, and as numbers of Paulis."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kraus_interpreter import PAULIS, damping_operators
from noisy_cases import compiled, exact, pair_of_qpus

from weft.circuit import CircuitBuilder
from weft.network import QPU, Network
from weft.program.builder import ProgramBuilder
from weft.scheduler import schedule
from weft.simulator.gate_noise import twirl
from weft.simulator.idling import idling_of
from weft.simulator.noise import noise_of


def idling(**hardware):
    """Of one data qubit."""
    builder = ProgramBuilder(Network("n", (QPU("A", 1, **hardware),), ()))
    builder.reset(builder.add_qubit("A.0", 0))
    return idling_of(builder.build())


GAUSSIAN = {"dephasing": "gaussian", "t2_s": 0.7}


def test_gaussian_dephasing_within_one_wait():
    times = np.array([0.0, 0.1, 0.7, 3.0])
    phi, pulses = idling(**GAUSSIAN).exponents(0, times)
    assert np.exp(-phi) == pytest.approx(np.exp(-((times / 0.7) ** 2)))
    assert not pulses.any()


def test_n_echoes_make_t2_longer_by_n_to_the_two_thirds():
    """de Lange et al. 2010: after n intervals coherence is exp(−(t/T2(n))³) with T2(n) = T2 n^{2/3}."""
    interval = 0.05
    waiting = idling(**GAUSSIAN, decoupling_interval_s=interval)
    n = np.array([1, 2, 8, 100])
    phi, _ = waiting.exponents(0, n * interval)
    assert phi == pytest.approx((n * interval / (0.7 * n ** (2 / 3))) ** 3)
    short = np.array([0.0, 0.01, 0.0499])
    assert waiting.exponents(0, short)[0] == pytest.approx((short / 0.7) ** 2)
    [rate] = waiting.decoupled_rate_hz
    assert rate == pytest.approx(interval**2 / 0.7**3)


def test_every_pulse_costs_a_gate_error_and_short_waits_have_none():
    error, interval = 0.01, 0.05
    waiting = idling(**GAUSSIAN, decoupling_interval_s=interval, one_qubit_gate_error=error)
    _, pulses = waiting.exponents(0, np.array([0.049, 0.05, 0.1, 0.5]))
    # depolarising of average infidelity e leaves 1 − 2e of the Bloch vector
    assert np.exp(-pulses) == pytest.approx((1 - 2 * error) ** np.array([0, 1, 2, 10]))


def test_decoupling_helps_the_longer_the_wait():
    free, held = idling(**GAUSSIAN), idling(**GAUSSIAN, decoupling_interval_s=0.05)
    times = np.linspace(0.05, 5, 50)
    assert (held.exponents(0, times)[0] < free.exponents(0, times)[0]).all()


def test_communication_qubits_without_a_t2_get_no_pulses():
    network = pair_of_qpus(hardware=GAUSSIAN | {"decoupling_interval_s": 0.1, "communication_t2_s": np.inf})
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    program = compiled(builder, network)
    waiting = idling_of(program)
    assert np.array_equal(np.isinf(waiting.interval_s), program.qubit_is_communication)
    assert np.array_equal(~waiting.is_noisy, program.qubit_is_communication)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.floats(0, 5), st.sampled_from([np.inf, 0.4, 2.0]), st.sampled_from(["plain", "gaussian", "decoupled"]))
def test_poisson_numbers_of_paulis_are_the_twirled_channel(time, t1, kind):
    """Exactly: the product of Poisson numbers of Paulis against the twirl of Kraus operators."""
    hardware = {
        "plain": {"t2_s": 0.5},
        "gaussian": GAUSSIAN,
        "decoupled": GAUSSIAN | {"decoupling_interval_s": 0.1, "one_qubit_gate_error": 0.03},
    }[kind]
    waiting = idling(t1_s=t1, **hardware)
    idle = np.array([time])
    phi, pulses = waiting.exponents(0, idle)
    flip, mixing = (1 - np.exp(-phi[0])) / 2, 1 - np.exp(-pulses[0])
    dephasing = [np.sqrt(1 - flip) * PAULIS[0], np.sqrt(flip) * PAULIS[3]]
    depolarising = [np.sqrt(mixing / 4) * p for p in PAULIS.values()]
    depolarising[0] = np.sqrt(1 - 3 * mixing / 4) * PAULIS[0]
    for relaxation in (False, True):
        relaxed = damping_operators(1 - np.exp(-time / t1) if relaxation else 0.0)
        kraus = [c @ b @ a for c in depolarising for b in dephasing for a in relaxed]
        ((x,),), ((z,),) = waiting.hazards(np.array([0]), idle[None], relaxation=relaxation)
        odd = [(1 - np.exp(-2 * mean)) / 2 for mean in (x, x, z)]
        found = np.zeros(4)
        for bits in np.ndindex(2, 2, 2):
            pauli = (1 * bits[0]) ^ (2 * bits[1]) ^ (3 * bits[2])
            found[pauli] += np.prod([p if bit else 1 - p for bit, p in zip(bits, odd, strict=True)])
        assert found == pytest.approx(twirl(np.array(kraus))[:4], abs=1e-12)


@pytest.mark.parametrize("interval", [None, 0.05])
def test_a_ramsey_measurement_beside_a_link(interval):
    """|+⟩ waits one attempt for its neighbour's gate: found again with (1 + e^{−φ} (1 − 2e)ⁿ)/2, n pulses being made."""
    wait, error = 0.5, 0.01
    builder = CircuitBuilder(3)
    builder.add_register("c", 1)
    builder.gate("h", 2)
    builder.gate("cx", 0, 1)  # takes a pair, for which qubit 2 waits
    builder.gate("cz", 1, 2)  # qubit 1 is in |0⟩
    builder.gate("h", 2)
    builder.measure(2, 0)
    hardware = GAUSSIAN | {"communication_t2_s": np.inf, "decoupling_interval_s": interval}
    network = pair_of_qpus((1, 2), hardware=hardware | {"one_qubit_gate_error": error}, attempt_s=wait, success=1.0)
    program = compiled(builder, network)
    noise = noise_of(program)
    pulses_only = replace(noise, gates=replace(noise.gates, table_of_row=np.zeros(len(program), dtype=np.int64)))
    _, tables, _ = exact(program, schedule(program, 1), pulses_only)
    coherence = np.exp(-((wait / 0.7) ** 2))
    if interval:
        coherence = np.exp(-wait * interval**2 / 0.7**3) * (1 - 2 * error) ** (wait / interval)
    assert tables[-1][0][0] == pytest.approx((1 + coherence) / 2)
