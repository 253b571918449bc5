"""Presets whose links are derived hold the components that the models' reproductions have."""

import pytest

import weft
from weft.hardware.chiral import MIT_CHIRAL
from weft.hardware.links import OXFORD_2020, OXFORD_2025
from weft.hardware.models import component_names, link_models, model_of
from weft.network import preset_names


@pytest.mark.parametrize(
    ("name", "reproduction"), [("oxford-derived", OXFORD_2025), ("oxford-2020-derived", OXFORD_2020)]
)
def test_a_preset_is_its_reproduction(name: str, reproduction) -> None:
    network = weft.load_network(name)
    (derivation,) = network.derivations.values()
    assert model_of(derivation) == reproduction.model
    assert set(derivation.components) == set(component_names(derivation.model))
    for component, source in reproduction.sources.items():
        if not isinstance(derivation.components[component], str):
            assert network.sources[f"links.0.derived.{component}"] == source


def test_measured_and_derived_oxford_agree() -> None:
    measured, derived = (weft.load_network(name).links[0] for name in ("oxford", "oxford-derived"))
    assert 1 / derived.mean_wait_s == pytest.approx(1 / measured.mean_wait_s, rel=0.01)
    assert derived.pair.fidelity == pytest.approx(measured.pair.fidelity, abs=0.001)


def test_mit_is_its_reproduction() -> None:
    (derivation,) = weft.load_network("mit-chiral").derivations.values()
    assert model_of(derivation) == MIT_CHIRAL


@pytest.mark.parametrize("name", preset_names())
def test_designs_have_defaults_where_nobody_says_otherwise(name: str) -> None:
    """What a preset says of a component that its model knows a source for is that source."""
    network = weft.load_network(name)
    for position, link in enumerate(network.links):
        if link.name in network.derivations:
            model = model_of(network.derivations[link.name])
            for component, source in getattr(model, "sources", {}).items():
                if getattr(model, component) == getattr(type(model), component, None) and "assumed" not in source:
                    assert network.sources[f"links.{position}.derived.{component}"] == source


def test_every_model_says_its_kind() -> None:
    assert all(model.kind == kind for kind, model in link_models().items())


def test_experiments_are_within_what_their_models_are_valid_for() -> None:
    for name in ("oxford-derived", "oxford-2020-derived", "mit-chiral", "ion-modules"):
        for derivation in weft.load_network(name).derivations.values():
            assert model_of(derivation).doubts() == ()
