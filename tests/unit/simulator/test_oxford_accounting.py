"""The published two-module experiment, step by step: physics.md, section 1. These figures are a contract."""

from dataclasses import replace

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.simulator import gate_fidelity, simulate

OXFORD = weft.load_network("oxford")
MARKED = ("00", "01", "10", "11")


def one_gate(name):
    builder = CircuitBuilder(2, name=name)
    builder.gate(name, 0, 1)
    return weft.compile(builder.build(), OXFORD)


@pytest.fixture(scope="module")
def cz():
    """On 2,000 timelines; its standard error is .0014, so that ±.005 is 3.5 of them, for a seed that is fixed."""
    return gate_fidelity(one_gate("cz"))


@pytest.fixture(scope="module")
def searches():
    return [simulate(weft.compile(f"grover:2x{marked}", OXFORD), shots=4000, seed=1) for marked in MARKED]


def test_teleported_cz_step_by_step(cz):
    steps = dict(cz.average_by_stage)
    assert steps["ideal"] == pytest.approx(1, abs=1e-12)
    assert steps["bell_pairs"] == pytest.approx(0.975, abs=0.002)
    assert steps["local_gates"] == pytest.approx(0.936, abs=0.002)
    assert steps["waiting"] == pytest.approx(0.862, abs=0.005)
    assert cz.average == steps["measurement_and_feed_forward"] == pytest.approx(steps["waiting"], abs=1e-12)


def test_the_fitted_coherence_time():
    """Without sampling: the fidelity is a quadratic polynomial in e^{−W/T2}, whose means over the geometric W are closed forms."""
    link = OXFORD.links[0]
    [t2_s] = {qpu.t2_s for qpu in OXFORD.qpus}
    builder = CircuitBuilder(2)
    builder.gate("cz", 0, 1)
    decays, fidelities = [], []
    for wait_s in (0.0, 0.3, 0.9, 2.0):
        definite = replace(OXFORD, links=(replace(link, attempt_s=wait_s, success_probability=1.0),))
        decays.append(np.exp(-wait_s / t2_s))
        fidelities.append(gate_fidelity(weft.compile(builder.build(), definite), shots=1).average)
    coefficients, residual, *_ = np.polyfit(decays, fidelities, 2, full=True)
    assert residual[0] < 1e-20
    rate = np.array([2.0, 1.0, 0.0]) / t2_s
    p, z = link.success_probability, np.exp(-rate * link.attempt_s)
    assert coefficients @ (p * z / (1 - (1 - p) * z)) == pytest.approx(0.862, abs=0.0005)


@pytest.mark.slow
def test_the_fitted_coherence_time_on_many_timelines():
    """Four standard errors; false-alarm rate 6e-5 for one fixed seed."""
    found = gate_fidelity(one_gate("cz"), shots=60_000, seed=7)
    assert found.stderr < 3e-4
    assert abs(found.average - 0.862) < 0.0005 + 4 * found.stderr


def test_grover_step_by_step(searches):
    """The state fidelity, averaged over marked strings, falls as the success does, for the ideal state is one string."""
    pairs = np.mean([search.error_budget["bell_pairs"] for search in searches])
    gates = np.mean([search.error_budget["local_gates"] for search in searches])
    assert 1 - pairs == pytest.approx(0.940, abs=0.002)
    assert 1 - pairs - gates == pytest.approx(0.862, abs=0.002)


def test_grover_finds_the_marked_string_in_71_percent(searches):
    """From counts: 16,000 shots, standard error .0036; ±.02 is 5.6 of them, false-alarm rate 2e-8."""
    successes = [search.counts[marked] / search.shots for search, marked in zip(searches, MARKED, strict=True)]
    assert np.mean(successes) == pytest.approx(0.71, abs=0.02)


def test_grover_takes_two_pairs_and_two_waits(searches):
    """Two geometric waits of mean 103 ms; six standard errors, false-alarm rate 2e-9."""
    makespans = np.concatenate([search.makespans_s for search in searches])
    assert {search.ebits for search in searches} == {2}
    local = 2e-3  # gates, measurements and messages
    error = np.sqrt(2) / 9.7 / np.sqrt(len(makespans))
    assert -6 * error < makespans.mean() - 2 / 9.7 < 6 * error + local


@pytest.mark.parametrize(("gate", "ebits"), [("cz", 1), ("iswap", 2), ("swap", 3)])
def test_how_many_teleported_cz_a_gate_takes(gate, ebits):
    assert one_gate(gate).ebits == ebits
