"""Buses, trusted nodes and derived links in network files."""

import dataclasses

import pytest

import weft
from weft.errors import InvalidNetworkError
from weft.network import QPU, Derivation, Link, Network, dump_network
from weft.network import load_network as load_without_models
from weft.network.yaml_file import parse_network
from weft.program import Program

_QPUS = """
name: bench
qpus:
  A: {data_qubits: 2, communication_qubits: 2}
  B: {data_qubits: 2, communication_qubits: 2}
  C: {data_qubits: 2, communication_qubits: 2}
"""
_BUS = """
buses:
  - name: waveguide
    modules: [A, B, C]
    positions_m: [0, 0.1, 0.3]
    attempt_s: 1e-6
    success_probability: 0.5
    fidelity: 0.9
    channels: 2
"""
_IONS = """
links:
  - between: [A, B]
    derived: {model: trapped-ions, detector_efficiency: 0.8}
  - {between: [B, C], attempt_s: 1e-6, success_probability: 0.5, fidelity: 0.9, length_m: 1}
"""


def test_a_bus_is_a_link_between_every_two_modules() -> None:
    network = parse_network(_QPUS + _BUS, "bench")
    assert [link.name for link in network.links] == ["A-B", "A-C", "B-C"]
    assert {(link.bus, link.channels) for link in network.links} == {("waveguide", 2)}
    assert [link.length_m for link in network.links] == pytest.approx([0.1, 0.3, 0.2])
    assert network.links[1].classical_latency_s == pytest.approx(0.3 / 2e8)


def test_a_bus_survives_writing() -> None:
    network = parse_network(_QPUS + _BUS, "bench")
    assert parse_network(dump_network(network), "again").id == network.id
    program = weft.compile("qft:6", network)
    assert Program.from_bytes(program.to_bytes()).network.links[0].bus == "waveguide"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[0, 0.1, 0.3]", "[0, 0.1]"), r"bench: buses.0.positions_m \(line 11\): must hold a position for each of 3"),
        (("[0, 0.1, 0.3]", "[0, 0.4, 0.3]"), "each beyond the last"),
        (("[A, B, C]", "[A, D, C]"), "there is no `D`"),
        (("[A, B, C]", "[A, B, A]"), "two different QPUs|several"),
        (("name: waveguide", "name: ''"), "must be a name of 1 to 64 printable"),
        (("modules: [A, B, C]", "modules: [A]"), "must have 2 entries"),
        (("fidelity: 0.9", "fidelty: 0.9"), "did you mean `fidelity`"),
    ],
)
def test_a_wrong_bus_is_refused_with_its_place(change: tuple[str, str], message: str) -> None:
    with pytest.raises(InvalidNetworkError, match=message):
        parse_network(_QPUS + _BUS.replace(*change), "bench")


def test_links_of_one_bus_have_the_same_channels() -> None:
    qpus = tuple(QPU(name, 1) for name in "ABC")
    links = (Link("A", "B", 1.0, bus="w", channels=1), Link("B", "C", 1.0, bus="w", channels=2))
    with pytest.raises(
        InvalidNetworkError, match="`channels` must be the same on all links of bus `w`, but is 2 and 1"
    ):
        Network("n", qpus, links)


def test_a_derived_link_follows_from_its_components() -> None:
    seen = []

    def derive(derivation: Derivation) -> dict:
        seen.append(derivation)
        return {"attempt_s": 1e-6, "success_probability": 1e-4, "length_m": 3.0}

    network = parse_network(_QPUS + _IONS, "bench", derive)
    assert seen == [Derivation("trapped-ions", {"detector_efficiency": 0.8})]
    assert network.links[0].length_m == 3.0
    assert dict(network.derivations) == {"A-B": seen[0]}
    assert not parse_network(dump_network(network), "again").derivations
    assert parse_network(dump_network(network), "again").id == network.id


def test_a_derived_bus_gives_each_link_its_place() -> None:
    places = []

    def derive(derivation: Derivation) -> dict:
        places.append(dict(derivation.place))
        return {"attempt_s": 1e-6}

    text = _BUS.replace("attempt_s: 1e-6", "derived: {model: m}").replace("    success_probability: 0.5\n", "")
    parse_network(_QPUS + text.replace("    fidelity: 0.9\n", ""), "bench", derive)
    assert [place["modules_passed"] for place in places] == [0, 1, 0]
    assert [place["length_m"] for place in places] == pytest.approx([0.1, 0.3, 0.2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("0.8}", "0.8}\n    fidelity: 0.9"), r"links.0.fidelity \(line \d+\): must not be given beside `derived`"),
        (("0.8}", "0.8, lens: 1}"), r"derived.lens .* must be a component of model `trapped-ions`, but is none"),
        (("0.8}", "1.8}"), r"links.0.derived.detector_efficiency \(line \d+\): must lie in \[0, 1\], but is 1.8"),
        (("trapped-ions", "trapped-ion"), "did you mean `trapped-ions`"),
        (("model: trapped-ions, ", ""), "must name a model of the device"),
        (("0.8}", "[1]}"), "must be"),
    ],
)
def test_a_wrong_derivation_is_refused(change: tuple[str, str], message: str, tmp_path) -> None:
    path = tmp_path / "bench.yaml"
    path.write_text(_QPUS + _IONS.replace(*change))
    with pytest.raises(InvalidNetworkError, match=message):
        weft.load_network(path)


def test_components_change_what_is_derived_and_nothing_else(tmp_path) -> None:
    path = tmp_path / "bench.yaml"
    path.write_text(_QPUS + _IONS)
    plain, better = weft.load_network(path), weft.load_network(path, components={"detector_efficiency": 0.9})
    assert better.links[0].mean_wait_s < plain.links[0].mean_wait_s
    assert better.links[1] == plain.links[1]
    for components, message in [
        ({"lens": 1}, "must be a component of a link of `bench`"),
        ({"detector_efficiency": 2}, "lie in"),
    ]:
        with pytest.raises(InvalidNetworkError, match=message):
            weft.load_network(path, components=components)


def test_components_need_something_to_change() -> None:
    with pytest.raises(InvalidNetworkError, match="must be derived to have components"):
        weft.load_network("oxford", components={"detector_efficiency": 0.9})
    with pytest.raises(InvalidNetworkError, match="must come with a preset or a file"):
        weft.load_network(weft.load_network("oxford"), components={"detector_efficiency": 0.9})


def test_who_does_not_know_models_says_so() -> None:
    with pytest.raises(InvalidNetworkError, match=r"must be loaded by `weft.load_network`"):
        load_without_models("oxford-derived")


def line(**middle: object) -> Network:
    """Two ends with data and a node between them."""
    qpus = (QPU("A", 2, 2, t2_s=1.0), QPU("T", 0, 2, t2_s=1.0, **middle), QPU("B", 2, 2, t2_s=1.0))
    links = tuple(Link(*ends, attempt_s=1e-5, success_probability=0.5) for ends in (("A", "T"), ("T", "B")))
    return Network("line", qpus, links)


def test_data_pass_a_trusted_node_one_link_at_a_time_and_results_say_so() -> None:
    program = weft.compile("ghz:4", line(trusted=True), seed=1)
    swapped = weft.compile("ghz:4", line(), seed=1)
    assert program.ebits == swapped.ebits == 2
    assert len(program) != len(swapped)
    result = weft.simulate(program, shots=50, seed=1)
    assert result.notes == ("data pass through trusted nodes: T; who runs these can read them",)
    assert not weft.simulate(swapped, shots=50, seed=1).notes


def test_a_policy_can_forbid_trusted_nodes() -> None:
    network = line(trusted=True)
    forbids = weft.Policy(trusted_nodes="forbid")
    with pytest.raises(weft.WeftError, match=r"here T, but is forbid"):
        weft.simulate(weft.compile("ghz:4", network), shots=10, seed=1, policy=forbids)
    with pytest.raises(InvalidNetworkError, match="without trusted nodes, every QPU must be reachable"):
        weft.run("ghz:4", network, shots=10, seed=1, policy=forbids)
    way_around = dataclasses.replace(network, links=(*network.links, Link("A", "B", attempt_s=1e-3)))
    result = weft.run("ghz:4", way_around, shots=10, seed=1, policy=forbids)
    assert not result.notes
    assert result.supply.used.tolist() == [10]


def test_a_trusted_node_computes_nothing() -> None:
    with pytest.raises(InvalidNetworkError, match="`data_qubits` must be 0 where `trusted` is true"):
        QPU("T", 1, trusted=True)


def test_a_link_takes_from_the_defaults_what_it_is_not_made_of(tmp_path) -> None:
    path = tmp_path / "bench.yaml"
    defaults = "defaults: {link: {derived: {model: trapped-ions, detector_efficiency: 0.5, length_m: 9}}}"
    links = "links: [{between: [A, B]}, {between: [B, C], derived: {detector_efficiency: 0.9}}]"
    path.write_text(f"{_QPUS}{defaults}\n{links}\n")
    network = weft.load_network(path)
    better = network.derivations["B-C"]
    assert better.components == {"detector_efficiency": 0.9, "length_m": 9}
    assert network.links[1].mean_wait_s < network.links[0].mean_wait_s


@pytest.mark.parametrize("components", [{"length_m": 3}, {"modules_passed": 0}])
def test_where_modules_are_on_a_bus_cannot_be_overridden(components) -> None:
    with pytest.raises(InvalidNetworkError, match="follows from where modules are on their bus"):
        weft.load_network("chiral-bus", components=components)


def test_a_bus_has_at_most_a_channel_in_each_direction() -> None:
    with pytest.raises(
        InvalidNetworkError, match=r"buses.0.channels .* must be 1, or 2 for one transfer in each direction"
    ):
        parse_network(_QPUS + _BUS.replace("channels: 2", "channels: 3"), "bench")
