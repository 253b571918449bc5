"""The master equation of both modules: directions, the limit of one excitation, and the W state."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.hardware.chiral import TwoModules, share_excitation
from weft.hardware.chiral.cascade import SITES, build_cascade
from weft.hardware.chiral.emitters import directional_state, directionality, emission, exchange, spacing_phase
from weft.hardware.chiral.excitation_space import list_states, lowering_operators
from weft.hardware.chiral.master_equation import evolve
from weft.hardware.chiral.photon_shapes import catching_pulse, emitting_pulse
from weft.hardware.chiral.sharing import w_fidelity

LOSSY = TwoModules(1.0, 1.6, 0.7, 0.2, 0.03, 0.02)


def secant_pulses(modules: TwoModules, direction: str, share: float, half_window: float = 10.0, steps: int = 400):
    passage = modules.passage(direction)
    times = np.linspace(-half_window, half_window, steps + 1)
    band = min(passage.sender_decay_per_s, passage.receiver_decay_per_s)
    sender = emitting_pulse(times, band, passage.sender_decay_per_s, share)
    return sender, catching_pulse(times, band, passage.receiver_decay_per_s), times[1] - times[0]


@pytest.mark.parametrize(("error", "share"), [(0, 1), (0.05, 0.9985), (0.10, 0.9938), (0.20, 0.9755)])
def test_directionality_falls_with_the_spacing_error_as_known(error: float, share: float) -> None:
    assert directionality(error) == pytest.approx(share, abs=5e-5)
    assert directionality(-error) == pytest.approx(directionality(error), abs=1e-12)


@given(st.floats(min_value=-0.9, max_value=0.9))
def test_directionality_has_its_closed_form_while_the_coupler_is_right(error: float) -> None:
    assert directionality(error) == pytest.approx((1 + math.cos(math.pi / 2 * error)) / 2, abs=1e-9)


def test_uncancelled_exchange_spoils_the_direction() -> None:
    """Against the emission integrated in time."""
    first, second = lowering_operators(2, 1)
    phase = spacing_phase(0.1)
    right, left = (emission(first, second, 1.0, phase, way) for way in ("right", "left"))
    slope = -0.4j * exchange(first, second, 1.0, phase) - (right.conj().T @ right + left.conj().T @ left) / 2
    state, shares = np.append(0, directional_state("right")), np.zeros(2)
    values, vectors = np.linalg.eig(slope)
    times = np.linspace(0, 60, 60_001)
    paths = vectors @ (np.exp(np.outer(values, times)) * np.linalg.solve(vectors, state)[:, None])
    shares = [np.trapezoid(np.sum(np.abs(out @ paths) ** 2, axis=0), times) for out in (right, left)]
    assert sum(shares) == pytest.approx(1, abs=1e-6)
    assert directionality(0.1, coupler_error=0.4) == pytest.approx(shares[0], abs=1e-6)


@given(st.floats(min_value=0, max_value=2 * math.pi))
def test_the_exchange_is_what_two_emitters_do_to_each_other_by_either_direction(phase: float) -> None:
    """The series product of single emitters, one direction after the other."""
    first, second = lowering_operators(2, 2)
    half, turn = math.sqrt(0.5), np.exp(1j * phase)
    right = (half * second).conj().T @ (half * turn * first) / 2j
    left = (half * first).conj().T @ (half * turn * second) / 2j
    total = right + right.conj().T + left + left.conj().T
    assert total == pytest.approx(exchange(first, second, 1.0, phase), abs=1e-12)


def test_lowering_operators_are_those_of_the_full_space() -> None:
    """With as many excitations as sites nothing is left out: products of σ on each site, up to the order of states."""
    order = [sum(1 << site for site in state) for state in list_states(3, 3)]
    for site, lower in enumerate(lowering_operators(3, 3)):
        factors = [np.array([[0, 1], [0, 0]]) if other == site else np.eye(2) for other in reversed(range(3))]
        full = np.kron(np.kron(factors[0], factors[1]), factors[2])
        assert np.array_equal(lower, full[np.ix_(order, order)])


@pytest.mark.parametrize("direction", ["right", "left"])
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_the_master_equation_of_one_excitation_is_the_closed_equations(direction: str, share: float) -> None:
    sender, receiver, step = secant_pulses(LOSSY, direction, share)
    d1, _, _, d2 = LOSSY.passage(direction).amplitudes(sender, receiver, step)[-1]
    found = share_excitation(LOSSY, direction, sender, receiver, step)
    expected = (abs(d1) ** 2, abs(d2) ** 2, abs(d1 * d2))
    assert (found.kept, found.delivered, found.coherence) == pytest.approx(expected, abs=1e-6)


def test_states_with_more_excitations_than_there_are_change_nothing() -> None:
    modules = replace(LOSSY, data_dephasing_per_s=0.05, spacing_error=0.1, coupler_error=0.2)
    pulses = secant_pulses(modules, "left", 0.5, steps=100)
    one, two = (share_excitation(modules, "left", *pulses, excitations=most) for most in (1, 2))
    assert (two.kept, two.delivered, two.coherence) == pytest.approx(
        (one.kept, one.delivered, one.coherence), abs=1e-12
    )


def test_two_photons_that_leave_one_module_stay_a_state() -> None:
    """Both data qubits of the sender excited: emitters saturate, both directions carry light, and ρ stays a density matrix."""
    modules = replace(LOSSY, data_dephasing_per_s=0.05)
    states = list_states(SITES, 2)
    rho = np.zeros((len(states), len(states)), dtype=complex)
    rho[states.index((0, 1)), states.index((0, 1))] = 1
    pulses = secant_pulses(modules, "right", 0.9, steps=200)
    rho = evolve(build_cascade(modules, "right", excitations=2), rho, *pulses)
    assert np.trace(rho) == pytest.approx(1, abs=1e-9)
    assert rho == pytest.approx(rho.conj().T, abs=1e-12)
    assert np.linalg.eigvalsh(rho)[0] > -1e-9


@given(st.floats(min_value=0.01, max_value=1.0))
def test_half_a_photon_makes_the_w_state_that_its_losses_allow(transmission: float) -> None:
    modules = TwoModules(1.0, 1.0, transmission)
    found = share_excitation(modules, "right", *secant_pulses(modules, "right", 0.5, half_window=15, steps=300))
    assert found.w_fidelity == pytest.approx(w_fidelity(transmission), abs=5e-5)


def test_the_formula_of_the_w_state_holds_for_lost_coherence() -> None:
    """A sender that waits loses phase against the receiver and within itself; V is what is left between the modules."""
    modules = TwoModules(1.0, 1.0, 0.6)
    found = share_excitation(modules, "right", *secant_pulses(modules, "right", 0.5, half_window=15, steps=300))
    waited = found.after_sender_waits(2.0, 0.0, 0.1)
    visibility, within = math.exp(-0.2), (1 + math.exp(-0.4)) / 2
    expected = w_fidelity(0.6, visibility) - 0.5 * (1 - within) / 2
    assert waited.w_fidelity == pytest.approx(expected, abs=5e-5)


def test_waiting_is_what_the_master_equation_does_to_idle_modules() -> None:
    """Both modules wait there; here the sender alone, so only what it keeps is compared."""
    modules = TwoModules(1.0, 1.0, data_loss_per_s=0.05, data_dephasing_per_s=0.07)
    idle = np.zeros(41)
    found = share_excitation(modules, "right", idle, idle, 0.1)
    start = share_excitation(modules, "right", idle[:2], idle[:2], 1e-9)
    assert found.kept == pytest.approx(start.after_sender_waits(4.0, 0.05, 0.07).kept, abs=1e-8)


def test_a_wrongly_spaced_receiver_catches_less_and_dephasing_costs_coherence() -> None:
    pulses = secant_pulses(TwoModules(1.0, 1.0), "right", 0.5)
    fidelities = [
        share_excitation(TwoModules(1.0, 1.0, **change), "right", *pulses).w_fidelity
        for change in ({}, {"spacing_error": 0.1}, {"spacing_error": 0.2}, {"data_dephasing_per_s": 0.1})
    ]
    assert fidelities[0] > 0.999
    assert fidelities[0] > fidelities[1] > fidelities[2]
    assert fidelities[3] < 0.7


def test_the_logical_pair_is_a_state_with_the_w_fidelity() -> None:
    found = share_excitation(LOSSY, "right", *secant_pulses(LOSSY, "right", 0.5))
    rho = found.density_matrix
    assert np.trace(rho) == pytest.approx(1)
    assert np.linalg.eigvalsh(rho)[0] >= -1e-8
    psi = np.array([0, 1, 1, 0]) / math.sqrt(2)
    assert (psi @ rho @ psi).real == pytest.approx(found.w_fidelity)


def test_a_sender_looks_at_its_receiver_from_the_other_side() -> None:
    """Where the right module's emitters are higher, a photon from there finds the left module's lower."""
    right, left = (LOSSY.passage(direction) for direction in ("right", "left"))
    assert (right.sender_decay_per_s, right.receiver_decay_per_s, right.detuning_per_s) == (1.0, 1.6, 0.2)
    assert (left.sender_decay_per_s, left.receiver_decay_per_s, left.detuning_per_s) == (1.6, 1.0, -0.2)


def test_only_two_directions_exist() -> None:
    with pytest.raises(InvalidValueError, match="`direction` must be right or left, but is `up`"):
        LOSSY.passage("up")
