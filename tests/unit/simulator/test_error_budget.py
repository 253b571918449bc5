"""The error budget: sums to what is lost, blames the right cause, and is not negative for depolarising noise."""

import numpy as np
import pytest
from noisy_cases import PAULI_NOISE, branching_probe, compiled, pair_of_qpus, unitary_probe

from weft.network import BellPair
from weft.simulator import CAUSES, simulate

WERNER = BellPair.werner(0.93)
BACKENDS = ("density", "stabilizer", "statevector")
TIMES = {
    key: value for key, value in PAULI_NOISE.items() if key.endswith("gate_s") or key in {"measurement_s", "reset_s"}
}
ONLY = {
    "bell_pairs": {"pair": WERNER, "hardware": TIMES},
    "local_gates": {"hardware": TIMES | {"one_qubit_gate_error": 0.01, "two_qubit_gate_error": 0.03}},
    "waiting": {"hardware": TIMES | {"t2_s": 0.2}},
    "measurement_and_feed_forward": {"hardware": TIMES | {"measurement_error": 0.03, "reset_error": 0.03}},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("build", [unitary_probe, branching_probe])
def test_contributions_sum_to_the_infidelity(build, backend):
    program = compiled(build(), pair_of_qpus((2, 1), pair=WERNER, hardware=PAULI_NOISE))
    result = simulate(program, shots=600, seed=1, backend=backend)
    assert tuple(result.error_budget) == CAUSES
    assert sum(result.error_budget.values()) == pytest.approx(1 - result.fidelity.value, abs=1e-12)
    assert result.fidelity.value < 0.99


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("build", [unitary_probe, branching_probe])
@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_alone_is_the_only_one_to_blame(cause, build, backend):
    program = compiled(build(), pair_of_qpus((2, 1), communication=1, **ONLY[cause]))
    result = simulate(program, shots=1500, seed=1, backend=backend)
    for name, contribution in result.error_budget.items():
        if name == cause:
            assert contribution > 0.001
        else:
            assert contribution == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_depolarising_noise_never_helps(backend):
    """Within six standard errors: false-alarm rate 1e-9 per contribution."""
    program = compiled(unitary_probe(), pair_of_qpus((2, 1), pair=WERNER, hardware=PAULI_NOISE))
    result = simulate(program, shots=2000, seed=1, backend=backend)
    for cause in CAUSES:
        assert result.error_budget[cause] > -6 * result.error_budget_stderr[cause] - 1e-12
        if cause in {"bell_pairs", "local_gates"}:
            assert result.error_budget[cause] > 0.01


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_noise_every_sampled_state_is_the_ideal_one(backend):
    program = compiled(unitary_probe(), pair_of_qpus((2, 1), communication=1))
    result = simulate(program, shots=300, seed=1, backend=backend)
    assert result.fidelity.value == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(result.overlap_sums, result.samples, rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_ideal_stage_is_exactly_ideal(backend):
    program = compiled(unitary_probe(), pair_of_qpus((2, 1), pair=WERNER, hardware=PAULI_NOISE))
    result = simulate(program, shots=300, seed=1, backend=backend)
    assert result.overlap_sums[0] == pytest.approx(result.samples, rel=1e-12)
