"""What is written can be read, to the last bit."""

from itertools import pairwise

import numpy as np
import pytest

from weft.errors import InvalidNetworkError
from weft.network import QPU, BellPair, Link, Network, dump_network, load_network, yaml_dump
from weft.network.yaml_file import parse_network


def copy(network: Network) -> Network:
    return parse_network(dump_network(network), "copy")


@pytest.mark.parametrize("text", ["all:1x9", "all:4x9+2", "line:30x1", "ring:5x2", "grid:3x3x2", "star:4x1"])
def test_a_shorthand_survives(text: str) -> None:
    network = load_network(text)
    assert copy(network) == network
    assert copy(network).id == network.id
    assert copy(network).sources == network.sources


def test_twenty_equal_qpus_are_written_once() -> None:
    text = dump_network(load_network("line:20x7"))
    assert text.count("data_qubits: 7") == 1
    assert text.count("fidelity:") == 1


def test_every_kind_of_value_survives() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    noise = noise @ noise.conj().T
    pairs = [
        BellPair.werner(1 / 3),
        BellPair.bell_diagonal((0.7, 0.1, 0.2, 0)),
        BellPair.from_density_matrix(noise / np.trace(noise)),
    ]
    names = ["NO", "1e6", "0x1", "a: b", "- x", "null", "é", "~"]
    qpus = [
        QPU(name, position, coupling=() if position else None, t1_s=1 / 3, t2_s=0.1)
        for position, name in enumerate(names)
    ]
    qpus[3] = QPU("a: b", 3, 2, ((0, 1), (1, 2)), communication_t1_s=7.0, communication_t2_s=1e-300)
    links = [Link(a, b, 1e-7, 1 / 7, pairs[i % 3], i + 1) for i, (a, b) in enumerate(pairwise(names))]
    network = Network("# odd: 'one'", tuple(qpus), tuple(links), "yes", {"qpus.NO.t1_s": 'assumed: "x" # y'})
    assert copy(network) == network
    assert copy(network).id == network.id
    assert copy(network).sources == network.sources


def test_a_pair_outside_the_frame_is_refused_because_reading_would_turn_it() -> None:
    psi = np.zeros((4, 4), dtype=complex)
    psi[1:3, 1:3] = 0.5
    network = Network(
        "x", (QPU("A", 1), QPU("B", 1)), (Link("A", "B", 1.0, pair=BellPair(tuple(map(tuple, psi.tolist())))),)
    )
    with pytest.raises(InvalidNetworkError, match="frame in which"):
        dump_network(network)


def test_what_could_not_be_read_again_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_dump, "MAX_BYTES", 2**17)
    with pytest.raises(InvalidNetworkError, match="would be longer"):
        dump_network(load_network("line:10000x1"))
