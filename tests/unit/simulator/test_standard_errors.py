"""Standard errors are honest: over many small runs, (estimate − truth)/error has mean 0 and variance 1.

With n runs the variance of z has a standard error of about √(2/n); bounds below are six of these, and six of 1/√n for the mean, so
the false-alarm rate is about 1e-8 for each, for fixed seeds.
"""

import numpy as np
import pytest
from noisy_cases import (
    bernstein,
    branching_probe,
    compiled,
    exact,
    outcome_index,
    pair_of_qpus,
    tiled_timelines,
    unitary_probe,
)

from weft.circuit import CircuitBuilder
from weft.network import BellPair
from weft.scheduler import schedule
from weft.simulator import simulate
from weft.simulator.classical_fidelity import classical_fidelity
from weft.simulator.density import Density
from weft.simulator.noise import noise_of

RUNS = 200
NOISE = {"one_qubit_gate_error": 0.01, "two_qubit_gate_error": 0.05, "measurement_error": 0.05}
NETWORK = pair_of_qpus((2, 1), communication=1, pair=BellPair.bell_diagonal([0.8, 0.1, 0.06, 0.04]), hardware=NOISE)
DEPHASING = pair_of_qpus((2, 1), communication=1, hardware={"t2_s": 0.02, "communication_t2_s": 0.1})


def assert_honest(estimates, errors, truth, *, bias=0.0):
    z = (np.array(estimates) - truth) / np.array(errors)
    assert abs(z.mean()) < 6 / np.sqrt(len(z)) + bias
    assert abs(z.var() - 1) < 6 * np.sqrt(2 / len(z))


@pytest.mark.parametrize("backend", ["stabilizer", "statevector"])
def test_sampled_state_fidelity(backend):
    program = compiled(unitary_probe(), NETWORK)
    truth = simulate(program, shots=2, seed=0, backend="density")
    assert truth.fidelity.stderr == pytest.approx(0, abs=1e-9)
    runs = [simulate(program, shots=150, seed=seed, backend=backend) for seed in range(RUNS)]
    assert_honest([run.fidelity.value for run in runs], [run.fidelity.stderr for run in runs], truth.fidelity.value)
    assert_honest(
        [run.error_budget["local_gates"] for run in runs],
        [run.error_budget_stderr["local_gates"] for run in runs],
        truth.error_budget["local_gates"],
    )


@pytest.mark.parametrize("build", [unitary_probe, branching_probe])
def test_timelines_of_the_density_backend(build):
    """The only thing it samples; for a circuit that branches, the error is that of the classical fidelity (delta method)."""
    program = compiled(build(), DEPHASING)
    few = schedule(program, 4000, 12345)
    overlaps, tables, _ = exact(program, few)
    if overlaps is not None:
        truth = overlaps[-1].mean()
    else:
        means = [{bytes([k]): p for k, p in enumerate(table.mean(axis=0))} for table in (tables[-1], tables[0])]
        truth = classical_fidelity(*means)
    runs = [simulate(program, shots=40, seed=seed, backend="density") for seed in range(RUNS)]
    # six of the errors that the reference has itself, a tenth of those of a run
    assert_honest([run.fidelity.value for run in runs], [run.fidelity.stderr for run in runs], truth, bias=0.6)


@pytest.mark.parametrize("backend", ["stabilizer", "statevector"])
def test_sampled_classical_fidelity(backend):
    """Plugging sampled distributions into the fidelity biases it by about outcomes/shots, which `bias` allows for."""
    builder = CircuitBuilder(2)
    builder.add_register("c", 1)
    builder.measure(0, 0)
    builder.gate("x", 1, condition=[(0, 1)])
    builder.gate("cx", 0, 1)
    builder.measure(1, 0)
    program = compiled(builder, pair_of_qpus(pair=BellPair.werner(0.7), hardware=NOISE))
    truth = simulate(program, shots=2, seed=0, backend="density").fidelity.value
    runs = [simulate(program, shots=300, seed=seed, backend=backend) for seed in range(RUNS)]
    assert_honest([run.fidelity.value for run in runs], [run.fidelity.stderr for run in runs], truth, bias=0.2)


def test_shots_that_share_timelines(monkeypatch):
    """Room for 16 timelines, 400 shots: unbiased, and the error is that of 16 timelines."""
    program = compiled(unitary_probe(), DEPHASING)
    monkeypatch.setattr("weft.simulator.density._MOST_TIMELINES", 16)
    runs = [simulate(program, shots=400, seed=seed, backend="density") for seed in range(RUNS)]
    assert {run.samples for run in runs} == {16}
    truth = exact(program, schedule(program, 4000, 999))[0][-1].mean()
    values = np.array([run.fidelity.value for run in runs])
    assert abs(values.mean() - truth) < 6 * values.std() * np.sqrt(1 / RUNS + 16 / 4000)
    errors = np.array([run.fidelity.stderr for run in runs])
    assert np.sqrt((errors**2).mean()) == pytest.approx(values.std(), rel=6 * np.sqrt(1 / 2 / RUNS) + 0.1)
    # outcomes are drawn from all 16 timelines alike: false-alarm rate 1e-8 by Bernstein's inequality
    few, many = tiled_timelines(program, 16, 400, 3)
    _, tables, bits = exact(program, few)
    found = Density().run(program, noise_of(program), many, np.random.SeedSequence(1))
    counts = np.bincount(outcome_index(found.bits, bits), minlength=tables[-1].shape[1])
    for outcome, p in enumerate(tables[-1].T):
        assert abs(counts[outcome] - 25 * p.sum()) < bernstein(25 * float((p * (1 - p)).sum()), 1e-9)


def test_samples_of_a_branching_circuit_are_its_timelines(monkeypatch):
    program = compiled(branching_probe(), DEPHASING)
    monkeypatch.setattr("weft.simulator.density._MOST_TIMELINES", 16)
    result = simulate(program, shots=400, seed=1, backend="density")
    assert result.samples == 16
    monkeypatch.setattr("weft.simulator.density._MOST_TIMELINES", 400)
    assert simulate(program, shots=400, seed=1, backend="density").fidelity.stderr < result.fidelity.stderr / 2
