"""Shorthands: how many QPUs and links, what they are called, and what is refused before it is built."""

import math
import time

import pytest

from weft.errors import InvalidNetworkError
from weft.network import load_network
from weft.network.shorthand import qpu_name


def links_of(text: str) -> set[str]:
    return {link.name for link in load_network(text).links}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("all:1x9", set()),
        ("all:4x9", {"A-B", "A-C", "A-D", "B-C", "B-D", "C-D"}),
        ("line:1x2", set()),
        ("line:4x2", {"A-B", "B-C", "C-D"}),
        ("ring:1x3", set()),
        ("ring:2x3", {"A-B"}),
        ("ring:3x3", {"A-B", "B-C", "A-C"}),
        ("ring:4x3", {"A-B", "B-C", "C-D", "A-D"}),
        ("grid:1x1x5", set()),
        ("grid:1x3x5", {"A-B", "B-C"}),
        ("grid:3x1x5", {"A-B", "B-C"}),
        ("grid:2x3x5", {"A-B", "B-C", "D-E", "E-F", "A-D", "B-E", "C-F"}),
        ("star:1x5", set()),
        ("star:4x5", {"A-B", "A-C", "A-D"}),
    ],
)
def test_each_shape_has_its_links(text: str, links: set[str]) -> None:
    assert links_of(text) == links


@pytest.mark.parametrize("shape", ["all:7", "line:7", "ring:7", "ring:2", "ring:1", "grid:3x5", "grid:1x1", "star:7"])
def test_the_announced_count_is_the_count(shape: str) -> None:
    from weft.network.shorthand import _count, _parse_sizes

    kind = shape.partition(":")[0]
    sizes, data, communication = _parse_sizes(kind, shape + "x6+3")
    network = load_network(shape + "x6+3")
    assert _count(kind, sizes) == (len(network.qpus), len(network.links))
    assert {(qpu.data_qubits, qpu.communication_qubits) for qpu in network.qpus} == {(data, communication)} == {(6, 3)}


def test_names_continue_as_in_a_spreadsheet() -> None:
    assert [qpu_name(n) for n in (0, 25, 26, 27, 51, 52, 701, 702)] == ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]


def test_without_a_suffix_communication_qubits_are_unlimited() -> None:
    assert load_network("all:4x9").qpus[0].communication_qubits is None
    assert load_network("all:4x9+2").qpus[0].communication_qubits == 2


def test_the_default_hardware_is_the_documented_one() -> None:
    network = load_network("ring:4x8")
    qpu, link = network.qpus[2], network.links[1]
    assert (qpu.two_qubit_gate_error, qpu.t1_s, qpu.t2_s) == (1e-3, math.inf, 10)
    assert qpu.coherence(communication=True) == (math.inf, 10)
    assert link.mean_wait_s == pytest.approx(0.01)
    assert link.pair.fidelity == pytest.approx(0.97)
    assert link.pair.is_bell_diagonal
    assert link.classical_latency_s == pytest.approx(link.length_m / 2e8)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("all:4", "must have the form `all:KxD` or `all:KxD\\+M`"),
        ("grid:4x4", "must have the form `grid:RxCxD`"),
        ("all:4x9x2", "must have the form"),
        ("all:", "must have the form"),
        ("all:-1x3", "must have the form"),
        ("all:4x9+", "must have the form"),
        ("all: 4x9", "must have the form"),
        ("all:4x9\n", "must have the form"),
        ("all:٤x9", "must have the form"),
        ("all:" + "9" * 5000 + "x1", "must have the form"),
        ("all:0x9", "must be at least 1, but one is 0"),
        ("all:4x0", "must be at least 1, but one is 0"),
        ("line:20001x1", "at most 20,000 QPUs"),
        ("grid:999999999x999999999x1", "at most 20,000 QPUs"),
        ("line:2x500001", "at most 1,000,000 data qubits"),
        ("all:20000x1", "at most 2,000,000 links"),
    ],
)
def test_a_bad_shorthand_is_refused_at_once(text: str, reason: str) -> None:
    with pytest.raises(InvalidNetworkError, match=reason):
        load_network(text)


def test_a_line_of_ten_thousand_qpus_needs_no_dense_matrix() -> None:
    start = time.process_time()
    network = load_network("line:10000x1")
    assert "hops" not in vars(network)
    assert len(network.links) == 9999
    assert time.process_time() - start < 30  # the dense matrix would hold 10⁸ entries; this is a guard, not a benchmark
