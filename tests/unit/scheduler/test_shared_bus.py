"""Links that share a medium wait for each other."""

import numpy as np
import pytest

from weft.network import QPU, Link, Network
from weft.program import Program, ProgramBuilder
from weft.scheduler import Policy, schedule
from weft.scheduler.score import lower


def bus_of(modules: int, *, channels: int = 1, p: float = 0.2, bus: str | None = "waveguide") -> Network:
    qpus = tuple(QPU(f"M{k}", 1, None) for k in range(modules))
    ends = [(f"M{i}", f"M{j}") for j in range(modules) for i in range(j)]
    links = tuple(Link(*end, attempt_s=1.0, success_probability=p, bus=bus, channels=channels) for end in ends)
    return Network("bus", qpus, links)


def a_pair_on_each_link(network: Network) -> Program:
    builder = ProgramBuilder(network)
    for link, ends in enumerate(network.link_ends.tolist()):
        qubits = [builder.add_qubit(f"{network.qpus[end].name}.c{link}", end, communication=True) for end in ends]
        builder.entangle(link, *qubits)
        for qubit in qubits:
            builder.measure(qubit, builder.new_bit())
    return builder.build()


def is_close(found: np.ndarray, expected: float) -> bool:
    """Within 5.5 standard errors: 4·10⁻⁸ for each comparison; seeds are fixed."""
    return abs(found.mean() - expected) < 5.5 * found.std() / np.sqrt(len(found))


@pytest.mark.parametrize("policy", [Policy(), Policy("just_in_time"), Policy(sharing="request")], ids=str)
def test_pairs_on_one_bus_come_one_after_the_other(policy: Policy) -> None:
    """Six links of p = 1/5: 30 attempts on a bus, one after the other; the slowest of six, 11.5, side by side."""
    shared = schedule(a_pair_on_each_link(bus_of(4)), 40_000, 1, policy=policy).makespan_s
    apart = schedule(a_pair_on_each_link(bus_of(4, bus=None)), 40_000, 1, policy=policy).makespan_s
    assert is_close(shared, 30.0)
    slowest = sum(1 - (1 - 0.8**t) ** 6 for t in range(1000))
    assert is_close(apart, slowest)


def test_prefetching_links_take_turns_on_the_bus() -> None:
    """Each gets its first pair before any gets its second."""
    found = schedule(a_pair_on_each_link(bus_of(4)), 40_000, 1, policy=Policy("prefetch", buffer_pairs=4))
    assert is_close(found.makespan_s, 30.0)


def test_two_directions_are_two_channels() -> None:
    """Of three links of p = 1/5, two begin at once, and the third when the first of them is done."""
    found = schedule(a_pair_on_each_link(bus_of(3, channels=2)), 40_000, 2).makespan_s
    rng = np.random.default_rng(0)
    a, b, c = rng.geometric(0.2, (3, 400_000))
    expected = np.maximum(np.maximum(a, b), np.minimum(a, b) + c)
    error = np.hypot(found.std() / 200, expected.std() / np.sqrt(400_000))
    assert abs(found.mean() - expected.mean()) < 5.5 * error


def test_transfers_on_a_bus_never_overlap() -> None:
    timelines = schedule(a_pair_on_each_link(bus_of(4)), 200, 3)
    rows = np.flatnonzero(timelines.program.links >= 0)
    order = np.argsort(timelines.start_s[rows], axis=0)
    start = np.take_along_axis(timelines.start_s[rows], order, axis=0)
    end = np.take_along_axis(timelines.end_s[rows], order, axis=0)
    assert np.all(start[1:] >= end[:-1])


def test_buses_do_not_disturb_other_links() -> None:
    """Two buses and a link of its own: three rooms."""
    network = bus_of(4)
    names = ("v", "v", "w", None, "w", "v")
    links = tuple(
        Link(link.a, link.b, attempt_s=1.0, channels=2 if name == "w" else 1, bus=name)
        for link, name in zip(network.links, names, strict=True)
    )
    mixed = Network("mixed", network.qpus, links)
    rooms = lower(a_pair_on_each_link(mixed), Policy()).rooms[:, :2]
    assert rooms.tolist() == [[0, 1], [0, 1], [1, 3], [3, 4], [1, 3], [0, 1]]
