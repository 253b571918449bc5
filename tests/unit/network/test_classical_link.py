"""Networks that are islands of entanglement with classical links between them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weft
from weft.errors import InvalidNetworkError, InvalidProgramError
from weft.network import QPU, ClassicalLink, Link, Network, dump_network, find_source
from weft.report.summary import network_summary

FILE = """
name: mixed
defaults:
  qpu: {data_qubits: 4, t2_s: 1.0}
  link: {attempt_s: 1e-5, success_probability: 0.1, fidelity: 0.97, length_m: 20}
qpus: {A: {}, B: {}, C: {}}
links:
  - {between: [B, C], kind: classical, real_time: true}
  - {between: [A, B]}
sources:
  links.0.classical_latency_s: the post
  links.1.attempt_s: a laboratory
"""


def mixed(tmp_path, text=FILE):
    path = tmp_path / "mixed.yaml"
    path.write_text(text)
    return weft.load_network(path)


def network(*classical, quantum=(("A", "B"),), names="ABC", **qpu):
    qpus = tuple(QPU(name, 4, **qpu) for name in names)
    return Network("n", qpus, tuple(Link(a, b, 1e-5) for a, b in quantum), classical_links=classical)


def test_a_file_tells_the_two_kinds_apart_and_keeps_each_source(tmp_path) -> None:
    found = mixed(tmp_path)
    assert [link.name for link in found.links] == ["A-B"]
    assert found.classical_links == (ClassicalLink("B", "C", 1e-7, real_time=True),)
    assert found.islands == ((0, 1), (2,))
    assert find_source(found, "links.0.attempt_s") == "a laboratory"
    assert find_source(found, "classical_links.0.classical_latency_s") == "the post"
    assert network_summary(found)["islands"] == [["A", "B"], ["C"]]


def test_what_is_written_is_read_again(tmp_path) -> None:
    found = mixed(tmp_path)
    again = mixed(tmp_path, dump_network(found))
    assert again.id == found.id
    assert dict(again.sources) == dict(found.sources)


def test_an_island_is_a_network_of_its_own(tmp_path) -> None:
    found = mixed(tmp_path)
    assert [qpu.name for qpu in found.island(0).qpus] == ["A", "B"]
    assert found.island(0).links == found.links
    assert found.island(1).links == ()
    whole = network(quantum=(("A", "B"), ("B", "C")))
    assert whole.island(0) is whole


def test_identity_knows_classical_links_and_old_identities_stay() -> None:
    apart = [network(ClassicalLink("B", "C", latency, quick)) for latency in (0.0, 1e-3) for quick in (False, True)]
    assert len({one.id for one in apart}) == 4
    assert weft.load_network("ring:4x8").id.startswith(RING_ID)


RING_ID = "ba864a5944099253"


@pytest.mark.parametrize(
    ("links", "text"),
    [
        ([ClassicalLink("A", "B"), ClassicalLink("B", "C")], "but quantum links join these"),
        ([ClassicalLink("B", "C"), ClassicalLink("C", "B")], "at most one link"),
        ([ClassicalLink("B", "D")], "there is no `D`"),
        ([], "`C` cannot be reached"),
        ([ClassicalLink("B", "C", 2.0, real_time=True)], "bits take 2 s and T2 is 1 s"),
    ],
)
def test_what_contradicts_is_refused(links, text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        network(*links, t2_s=1.0)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("kind: classical", "kind: post", "links.0.kind.*must be quantum or classical"),
        ("real_time: true", "fidelity: 0.9", "links.0.fidelity.*must not be given where `kind` is classical"),
        ("{between: [A, B]}", "{between: [A, B], real_time: true}", "must be given only where `kind` is classical"),
        ("real_time: true", "classical_latency_s: -1", "must be finite and ≥ 0"),
    ],
)
def test_files_are_refused_by_place(tmp_path, old: str, new: str, text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        mixed(tmp_path, FILE.replace(old, new))


@pytest.mark.parametrize(("text", "quick"), [("apart:3x4", False), ("classical:3x4", True)])
def test_shorthands(text: str, quick: bool) -> None:
    found = weft.load_network(text)
    assert len(found.classical_links) == 3
    assert all(link.real_time is quick for link in found.classical_links)
    assert found.islands == ((0,), (1,), (2,))


def test_programs_and_the_compiler_refuse_classical_links() -> None:
    found = weft.load_network("apart:2x4")
    with pytest.raises(InvalidNetworkError, match=r"weft cut"):
        weft.compile(weft.load_circuit("ghz:4"), found)
    builder = weft.ProgramBuilder(found)
    with pytest.raises(InvalidProgramError, match="one island"):
        builder.build()


@given(st.integers(1, 4), st.integers(1, 3), st.booleans())
def test_islands_are_a_partition(islands: int, size: int, quick: bool) -> None:
    names = [[f"{i}q{j}" for j in range(size)] for i in range(islands)]
    quantum = [(group[at], group[at + 1]) for group in names for at in range(size - 1)]
    classical = [ClassicalLink(a[-1], b[0], 0.0, quick) for a, b in pairwise(names)]
    found = network(*classical, quantum=quantum, names=[name for group in names for name in group])
    assert len(found.islands) == islands
    assert sorted(place for group in found.islands for place in group) == list(range(len(found.qpus)))
