"""A network is connected, unambiguous, and knows its distances; its id is what its numbers are."""

import dataclasses
import pickle
from itertools import pairwise

import numpy as np
import pytest

from weft.errors import InvalidNetworkError
from weft.network import QPU, BellPair, Link, Network, load_network


def chain(names: str, **link: float) -> Network:
    links = tuple(Link(a, b, 1.0, **link) for a, b in pairwise(names))
    return Network("chain", tuple(QPU(name, 1) for name in names), links)


def distances_by_relaxation(network: Network, weights: list[float]) -> np.ndarray:
    """Floyd and Warshall, sharing no code with the network's own."""
    count = len(network.qpus)
    best = np.full((count, count), np.inf)
    np.fill_diagonal(best, 0)
    for link, weight in zip(network.links, weights, strict=True):
        a, b = network.index[link.a], network.index[link.b]
        best[a, b] = best[b, a] = weight
    for middle in range(count):
        best = np.minimum(best, best[:, [middle]] + best[[middle], :])
    return best


@pytest.mark.parametrize("text", ["all:1x2", "all:5x1", "line:6x1", "ring:7x1", "grid:3x4x1", "star:6x1"])
def test_hops_and_latency_match_brute_force(text: str) -> None:
    network = load_network(text)
    rng = np.random.default_rng(3)
    latencies = rng.uniform(1, 3, size=len(network.links)).tolist()
    links = [dataclasses.replace(link, classical_latency_s=s) for link, s in zip(network.links, latencies, strict=True)]
    network = Network("uneven", network.qpus, tuple(links))
    np.testing.assert_array_equal(network.hops, distances_by_relaxation(network, [1] * len(links)))
    np.testing.assert_allclose(network.classical_latency_s, distances_by_relaxation(network, latencies))


def test_link_index_knows_both_directions() -> None:
    network = chain("ABC")
    assert network.link_index == {(0, 1): 0, (1, 0): 0, (1, 2): 1, (2, 1): 1}


@pytest.mark.parametrize(
    ("qpus", "links", "text"),
    [
        ("", [], "at least 1 QPU"),
        ("AA", [], "two are called `A`"),
        ("AB", [], "`B` cannot be reached from `A`"),
        ("ABCD", ["AB", "CD"], "`C`, `D` cannot be reached"),
        ("ABCDEFGH", [], "and others cannot be reached"),
        ("AB", ["AC"], "there is no `C`"),
        ("AB", ["AB", "BA"], "share at most one link"),
    ],
)
def test_a_network_that_contradicts_itself_is_refused(qpus: str, links: list[str], text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        Network("bad", tuple(QPU(name, 1) for name in qpus), tuple(Link(a, b, 1.0) for a, b in links))


def test_hyphens_must_not_make_two_links_look_alike() -> None:
    names = ("A", "B-C", "A-B", "C")
    ends = [("A", "B-C"), ("A-B", "C"), ("A", "C")]
    with pytest.raises(InvalidNetworkError, match="hyphens"):
        Network("bad", tuple(QPU(name, 1) for name in names), tuple(Link(a, b, 1.0) for a, b in ends))


@pytest.mark.parametrize("name", ["", "a\nb", "\0", "x" * 201, None])
def test_a_name_that_cannot_be_printed_is_refused(name: object) -> None:
    with pytest.raises(InvalidNetworkError, match="name of a network must be"):
        Network(name, (QPU("A", 1),), ())


def test_the_id_follows_the_numbers_and_not_the_name() -> None:
    network = chain("ABC")
    assert dataclasses.replace(network, name="other", description="x").id == network.id
    assert chain("ABD").id != network.id
    assert chain("ABC", length_m=1).id != network.id
    assert chain("ABC", pair=BellPair.werner(0.9)).id != network.id
    pairs = [BellPair.werner(0.9), BellPair.werner(0.8)]
    first, second = (
        Network("x", network.qpus, (Link("A", "B", 1.0, pair=one), Link("B", "C", 1.0, pair=other)))
        for one, other in (pairs, pairs[::-1])
    )
    assert first.id != second.id


def test_networks_survive_pickling_so_that_processes_can_share_them() -> None:
    network = load_network("oxford")
    again = pickle.loads(pickle.dumps(network))
    assert again == network
    assert again.id == network.id
    assert hash(again) == hash(network)
