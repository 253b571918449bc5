"""What was published about two links, and what their components come to."""

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest

from weft.hardware.links import OXFORD_2020, OXFORD_2025
from weft.hardware.reproduction import MARKS, rate_hz
from weft.network import load_network

LINKS = pytest.mark.parametrize("reproduction", [OXFORD_2020, OXFORD_2025], ids=lambda one: one.name)


@LINKS
def test_every_component_names_its_source_and_no_other_does(reproduction):
    assert set(reproduction.sources) == {field.name for field in fields(reproduction.model)}
    for source in reproduction.sources.values():
        assert source.split(":")[0] in MARKS


@LINKS
def test_what_is_fitted_says_so_and_nothing_is_fitted_twice(reproduction):
    fitted = {name for name, source in reproduction.sources.items() if source.startswith("fitted:")}
    assert fitted == set(reproduction.fits)
    assert max(Counter(reproduction.fits.values()).values()) == 1
    assert set(reproduction.fits.values()) <= {one.quantity for one in reproduction.published}


@LINKS
def test_what_was_fitted_is_hit_and_turns_with_its_component(reproduction):
    published = {one.quantity: one for one in reproduction.published}
    for component, quantity in reproduction.fits.items():
        assert published[quantity].is_met_by(reproduction.model)
        other = replace(reproduction.model, **{component: 0.8 * getattr(reproduction.model, component)})
        assert not published[quantity].is_met_by(other)


def test_the_link_of_2025_resembles_its_tomography_but_for_an_imbalance():
    """Fidelity between the two states, and the one published number that the model cannot give: its populations are even."""
    measured = load_network("oxford").links[0].pair.matrix
    values, vectors = np.linalg.eigh(OXFORD_2025.model.pair.matrix)
    root = (vectors * np.sqrt(values)) @ vectors.conj().T
    fidelity = np.sqrt(np.clip(np.linalg.eigvalsh(root @ measured @ root), 0, None)).sum() ** 2
    assert fidelity > 0.99
    missed = [one.quantity for one in OXFORD_2025.published if not one.is_met_by(OXFORD_2025.model)]
    assert missed == ["population of 01 less that of 10 for Ψ+"]


def test_the_optics_of_2020_would_have_been_faster_than_the_link_of_2025():
    """The number that nothing was fitted to: cooling alone does not explain the lower rate."""
    timing = {
        name: getattr(OXFORD_2025.model, name) for name in ("length_m", "emission_cycle_s", "burst_s", "recooling_s")
    }
    predicted = rate_hz(replace(OXFORD_2020.model, **timing))
    assert 1.4 < predicted / 9.7 < 1.8
    assert OXFORD_2020.model.doubts() == OXFORD_2025.model.doubts() == ()
