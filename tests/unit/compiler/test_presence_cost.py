"""The cost that the search minimises is the one that the module's formula gives."""

import numpy as np
import pytest

from unit.compiler.presences import alive, clifford_like, homes_fit, is_legal, planned, random_case, slow_cost
from unit.program.random_cases import network_of
from weft.circuit import CircuitBuilder
from weft.compiler.anneal import cost_of
from weft.compiler.presence import Presence
from weft.compiler.presence_kernel import fits, load_of


@pytest.mark.parametrize("block", range(30))
def test_cost_is_that_of_the_formula(block: int) -> None:
    """Ten random choices each, on every kind of network, with kept segments."""
    for seed in range(10 * block, 10 * block + 10):
        _, _, _, segments, layout, presence = random_case(seed)
        assert is_legal(segments, presence)
        assert cost_of(layout, presence) == slow_cost(segments, presence, layout.lengths)


def test_random_choices_keep_segments() -> None:
    """Otherwise the tests with them would say nothing about kept segments."""
    kept = sum(int(random_case(seed)[-1].kept.sum()) for seed in range(200))
    assert kept > 50


@pytest.mark.parametrize("block", range(10))
def test_what_fits_is_what_has_room_at_every_gate(block: int) -> None:
    """The kernel's time steps against a count gate by gate."""
    rng = np.random.default_rng(block)
    some = set()
    for seed in range(10 * block, 10 * block + 10):
        _, network, _, segments, layout, presence = random_case(seed)
        homes = rng.integers(0, len(network.qpus), len(segments)) if seed % 2 else presence.homes
        capacities = [qpu.data_qubits for qpu in network.qpus]
        fit = homes_fit(segments, homes, capacities)
        assert fits(layout, load_of(layout, homes)) == fit
        assert fit or seed % 2
        some.add(fit)
    assert some == {True, False}


def test_very_many_time_steps_are_drawn_together_on_the_safe_side() -> None:
    """With more than 2048, the kernel may see homes where they are no longer or not yet, but never overlooks one."""
    circuit, network = clifford_like(np.random.default_rng(0), 6, 9000), network_of("all", [2, 2, 2])
    _, segments, layout = planned(circuit, network)
    spans = alive(segments)
    moments = sorted({first for first, _ in spans})
    assert len(moments) > layout.steps == 2048
    assert np.all(layout.stops > layout.starts)
    assert layout.stops.max() == layout.steps
    order = np.argsort([first for first, _ in spans], kind="stable")
    assert np.all(np.diff(layout.starts[order]) >= 0)
    step_of = {moment: place * 2048 // len(moments) for place, moment in enumerate(moments)}
    for v, (first, last) in enumerate(spans):
        during = [step_of[moment] for moment in moments if first <= moment <= last]
        assert layout.starts[v] <= min(during)
        assert max(during) < layout.stops[v] or len(moments) != layout.steps


def test_by_hand() -> None:
    """Three gates along a line of three QPUs: a copy over two links, a meeting half-way, a move."""
    builder = CircuitBuilder(2)
    builder.gate("cz", 0, 1)
    builder.gate("h", 0)
    builder.gate("cz", 0, 1)
    _, segments, layout = planned(builder.build(), network_of("line", [1, 1, 1]))
    assert len(segments) == 3
    cost = lambda *sets: cost_of(
        layout, Presence(np.array(sets, dtype=np.uint64), np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.bool_))
    )
    assert cost(0b001, 0b001, 0b100) == 4
    assert cost(0b001, 0b001, 0b101) == 2
    assert cost(0b011, 0b011, 0b100) == 4
    assert cost(0b001, 0b100, 0b100) == 4
    assert cost(0b010, 0b010, 0b010) == 0
    assert cost(0b111, 0b111, 0b111) == 6
