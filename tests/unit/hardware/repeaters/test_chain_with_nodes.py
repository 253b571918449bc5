"""A chain of repeaters as one link, and with its nodes in the network: the same numbers."""

import dataclasses
import math

import numpy as np
import pytest

import weft
from weft.errors import InvalidValueError
from weft.hardware import link_of
from weft.hardware.repeaters import RepeaterLink, waiting_time, with_nodes
from weft.network import QPU, Network

CHAIN = RepeaterLink(
    length_m=40_000, links=4, swap_success=0.5, coherence_s=math.inf, dephasing_s=0.02, arm_efficiency=0.6
)
A, B = QPU("A", 1, 2), QPU("B", 1, 2)


def ghz(network: Network, shots: int) -> weft.Result:
    """The wait for a pair is the makespan, and its fidelity that of the state: gates take no time and are perfect."""
    return weft.run("ghz:2", network, shots=shots, seed=3, backend="stabilizer")


@pytest.mark.parametrize("links", [2, 4])
def test_both_ways_to_write_a_chain_give_the_same_wait_and_state(links: int) -> None:
    """Where swaps may fail, so that programs wait. 5.5 standard errors: a false alarm of 4·10⁻⁸ for each of 8 comparisons."""
    chain = dataclasses.replace(CHAIN, links=links)
    link = dataclasses.replace(link_of(chain, "A", "B"), classical_latency_s=0.0)  # as if between nodes
    one_link = Network("one", (A, B), (link,))
    exact_s, exact_fidelity = one_link.links[0].mean_wait_s, chain.pair.fidelity
    assert exact_fidelity < 0.93
    for network in (one_link, with_nodes(chain, A, B)):
        found = ghz(network, 60_000)
        error = found.makespans_s.std() / math.sqrt(60_000)
        assert abs(found.makespans_s.mean() - exact_s) < 5.5 * error
        assert abs(found.fidelity.value - exact_fidelity) < 5.5 * found.fidelity.stderr


def test_programs_that_need_not_wait_do_better_with_nodes() -> None:
    """Swaps that never fail leave nothing to wait for: what A's own link delivers is used at once, and one half of it dephases.

    One link comes an attempt's multiple before the other, each way as often. If it is A's, half of it waits, else all of it does.
    5.5 standard errors: a false alarm of 4·10⁻⁸ for each of 2 comparisons.
    """
    chain = RepeaterLink(200e3, 2, coherence_s=math.inf, dephasing_s=0.5)
    p, dephasing = chain.chain.success_probability[0], chain.chain.dephasing_attempts
    phi_plus, phi_minus, *_ = chain.heralded_pair.bell_weights
    x, z = (phi_plus - phi_minus) ** 2, (2 * (phi_plus + phi_minus) - 1) ** 2

    def kept(attempts: float) -> float:
        left = (1 - p) * math.exp(-1 / attempts)
        return p / (2 - p) * left / (1 - left)

    whole, half = kept(dephasing), kept(2 * dephasing)
    once = p / (2 - p)
    both_wait, one_waits = ((1 + z + 2 * x * (once + sum(ways))) / 4 for ways in ((whole, whole), (half, whole)))
    assert chain.pair.fidelity == pytest.approx(both_wait, abs=1e-6)
    found = ghz(with_nodes(chain, A, B), 60_000).fidelity
    assert abs(found.value - one_waits) < 5.5 * found.stderr
    assert found.value > both_wait + 5.5 * found.stderr
    waits = ghz(with_nodes(dataclasses.replace(chain, swap_success=0.999), A, B), 60_000).fidelity
    assert abs(waits.value - both_wait) < 5.5 * waits.stderr


def test_only_the_nodes_know_the_whole_distribution() -> None:
    """Two links: never done in one attempt by luck alone as often as a geometric wait would have it."""
    chain = dataclasses.replace(CHAIN, links=2)
    waits = ghz(with_nodes(chain, A, B), 60_000).makespans_s / chain.attempt_s
    exact = waiting_time(chain.chain)
    at_most = lambda attempts: np.mean(waits < attempts + 0.5)
    for attempts in (2, 5, 10, 20):
        expected = exact.probability[: attempts + 1].sum()
        assert abs(at_most(attempts) - expected) < 5.5 * math.sqrt(expected * (1 - expected) / 60_000)
    geometric = 1 - (1 - 1 / exact.mean_attempts) ** 2
    assert abs(at_most(2) - geometric) > 0.005


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": "as_soon_as_possible"}, "must be nested and swap alone"),
        ({"steps": "dejmps swap swap"}, "must be nested and swap alone"),
        ({"target_fidelity": 0.8}, "must be nested and swap alone"),
        ({"coherence_s": 1.0}, "`coherence_s` must be infinite"),
    ],
)
def test_what_nodes_cannot_do_is_refused(change: dict, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        with_nodes(dataclasses.replace(CHAIN, **change), A, B)
