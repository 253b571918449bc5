"""The page about networks says what the code does."""

import re
from pathlib import Path

import pytest

from weft.network import load_network, preset_names
from weft.network.defaults import LINK_DEFAULTS, PAIR_FIDELITY, QPU_DEFAULTS
from weft.network.shorthand import FORMS
from weft.network.yaml_file import parse_network
from weft.network.yaml_schema import LinkKeys, NetworkKeys, QPUKeys

PAGE = (Path(__file__).parents[3] / "docs" / "networks.md").read_text(encoding="utf-8")


def test_the_example_is_a_network_with_what_its_comments_say() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    network = parse_network(example, "docs/networks.md")
    left, middle, right = network.qpus
    assert (left.data_qubits, middle.data_qubits, right.data_qubits) == (4, 8, 4)
    assert middle.communication_qubits is None
    assert (right.t2_s, right.communication_t2_s, left.t2_s) == (0.9, 0.1, 1.5)
    first, second = network.links
    assert first.success_probability == pytest.approx(200e-6)
    assert first.classical_latency_s == pytest.approx(1e-7)
    assert second.pair.fidelity == pytest.approx(0.93)
    assert second.channels == 2


def test_the_quoted_error_is_the_real_one() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    broken = example.replace("    t2_s: 0.9\n", "    t1_s: 0.1\n    t2_s: 0.9\n")
    with pytest.raises(ValueError, match="at most twice") as caught:
        parse_network(broken, "laboratory.yaml")
    assert f"\n    {caught.value}\n" in PAGE


@pytest.mark.parametrize("model", [NetworkKeys, QPUKeys, LinkKeys])
def test_every_key_is_on_the_page(model: type) -> None:
    assert [key for key in model.model_fields if f"`{key}`" not in PAGE and f"`{key}:" not in PAGE] == []


@pytest.mark.parametrize(("key", "value"), [*QPU_DEFAULTS.items(), *LINK_DEFAULTS.items(), ("fidelity", PAIR_FIDELITY)])
def test_the_default_hardware_is_on_the_page(key: str, value: float) -> None:
    [written] = re.findall(rf"\| `{key}` \| ([0-9.e-]+|infinite)[ ,|]", PAGE.partition("## Files")[0])
    assert float(written.replace("infinite", "inf")) == value


def test_shorthands_and_presets_are_on_the_page() -> None:
    assert all(f"`{form}`" in PAGE for form in FORMS.values())
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE.partition("## Presets")[2], flags=re.MULTILINE)
    assert tuple(sorted(rows)) == preset_names()


def test_the_default_numbers_are_those_of_a_shorthand() -> None:
    network = load_network("all:2x1")
    assert {key: getattr(network.qpus[0], key) for key in QPU_DEFAULTS} == QPU_DEFAULTS
    assert {key: getattr(network.links[0], key) for key in LINK_DEFAULTS} == LINK_DEFAULTS
