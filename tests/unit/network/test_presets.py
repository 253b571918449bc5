"""Every number in a preset names its source."""

from collections.abc import Iterator

import pytest
import yaml

from weft.hardware import load_network
from weft.network import dump_network, preset_names
from weft.network.presets import read_preset

MARKS = ("published:", "remembered:", "derived:", "assumed:", "fitted:")


def numbers_in(value: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Paths of all leaves that are numbers; PyYAML takes `1e-6` for text, hence the detour over float."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers_in(inner, (*path, str(key)))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from numbers_in(inner, (*path, str(position)))
    else:
        try:
            float(value)
        except (TypeError, ValueError):
            return
        yield ".".join(path)


def raw(name: str) -> dict:
    return yaml.safe_load(read_preset(name))


@pytest.mark.parametrize("name", preset_names())
def test_every_number_has_a_source(name: str) -> None:
    data = raw(name)
    sources = data.pop("sources")
    paths = list(numbers_in(data))
    assert len(paths) > 10
    covers = lambda path: any(path == source or path.startswith(source + ".") for source in sources)
    assert [path for path in paths if not covers(path)] == []
    used = lambda source: any(path == source or path.startswith(source + ".") for path in paths)
    assert [source for source in sources if not used(source)] == []


@pytest.mark.parametrize("name", preset_names())
def test_every_source_says_how_far_to_trust_it(name: str) -> None:
    for text in raw(name)["sources"].values():
        assert text.startswith(MARKS)
        assert len(text.split(maxsplit=1)) == 2


DESIGNS = {"chiral-bus": 6, "ion-modules": 4}


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_two_modules_or_a_design_under_its_own_name(name: str) -> None:
    network = load_network(name)
    count = DESIGNS.get(name, 2)
    assert network.name == name
    assert network.description
    assert network.platform
    assert "".join(qpu.name for qpu in network.qpus) == "ABCDEF"[:count]
    assert len(network.links) == count * (count - 1) // 2


# Fidelity and rate as physics.md lists them, typed in again.
PUBLISHED = {
    "oxford": (0.9695, 9.7),
    "oxford-derived": (0.9689, 9.7),
    "oxford-2020": (0.94, 182),
    "oxford-2020-derived": (0.94, 182),
    "duke-2024": (0.94, 250),
    "innsbruck-repeater": (0.72, 9.2),
    "delft-2018": (0.5, 39),
    "munich-2022": (0.622, 0.01),
    "harvard-2024": (0.69, 1),
    "duke-time-bin": (0.97, 35),  # the rates of this and the next two are assumed
    "yale-2025": (0.92, 10_000),
    "psiquantum-2025": (0.9972, 1000),
    "mit-chiral": (0.621, 9930),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_links_have_their_published_fidelity_and_rate(name: str) -> None:
    [link] = load_network(name).links
    fidelity, rate = PUBLISHED[name]
    assert link.pair.fidelity == pytest.approx(fidelity, abs=5e-4)
    assert 1 / link.mean_wait_s == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize("name", [name for name in preset_names() if name not in {"satellite", "repeater-chain"}])
def test_no_herald_arrives_faster_than_light(name: str) -> None:
    """An attempt lasts at least until a photon went to the middle and its herald came back.

    A satellite's attempts overlap, and those of a chain are made on each of its links; their models say so.
    """
    for link in load_network(name).links:
        assert link.attempt_s >= 0.999 * link.length_m / 3e8
        assert link.length_m / 3.01e8 <= link.classical_latency_s <= link.length_m / 1.9e8


@pytest.mark.parametrize("name", preset_names())
def test_presets_survive_writing_and_reading(name: str, tmp_path) -> None:
    network = load_network(name)
    file = tmp_path / "copy.yaml"
    file.write_text(dump_network(network), encoding="utf-8")
    assert load_network(file) == network
    assert load_network(file).id == network.id
    assert load_network(file).sources == network.sources


def test_oxford_is_the_published_experiment() -> None:
    network = load_network("oxford")
    assert [qpu.two_qubit_gate_error for qpu in network.qpus] == [0.024, 0.02]
    assert network.links[0].mean_wait_s == pytest.approx(0.103, abs=1e-3)
    assert not network.links[0].pair.is_bell_diagonal
    assert network.sources["qpus.A.t2_s"].startswith("fitted:")
