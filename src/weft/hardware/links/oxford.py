"""The trapped-ion links of Oxford, derived from components: that of 2020 and that of 2025.

Neither paper's set of components is at hand in full, so most of what cannot be derived is remembered or assumed, and says so. One
component is fitted per published number, never more: what a fit hits is no evidence for the model. What is evidence, for or
against, is whether fitted values are believable, and the published numbers that nothing was fitted to; `benchmarks/links.py`
prints both.
"""

from __future__ import annotations

from types import MappingProxyType

from weft.hardware.link_model import LinkModel
from weft.hardware.links.trapped_ions import TrappedIonLink
from weft.hardware.reproduction import Published, Reproduction, fidelity, rate_hz, success_probability

_STEPHENSON = "Stephenson et al., Phys. Rev. Lett. 124, 110501 (2020)"
_MAIN = "Main et al., Nature 638, 383 (2025)"

_SOURCES_2020 = {
    "herald": f"published: two photons, entangled with their ions in polarisation, {_STEPHENSON}",
    "length_m": f"published: the link is 4 m long, {_STEPHENSON}; taken for the length of the fibre",
    "analyser_position": "assumed: in the middle",
    "loss_db_per_km": "assumed: order of magnitude for single-mode fibre at 422 nm; costs 2 % per arm of 2 m",
    "excitation_probability": "assumed: a nearly perfect π pulse of picoseconds",
    "branching_ratio": (
        "published: decay of the 5p 2P1/2 level of Sr+ to its ground level, .9453(7), Likforman et al., arXiv 1511.07686; the rest "
        "goes to 4d 2D3/2"
    ),
    "collection_efficiency": (
        "derived: part of the sphere that a lens of numerical aperture 0.6 sees, (1 − √(1 − 0.6²))/2; the aperture is remembered"
    ),
    "fibre_coupling": f"fitted: such that an attempt succeeds with the published probability of 2.18e-4, {_STEPHENSON}",
    "detector_efficiency": "assumed: a good photodiode or photomultiplier for single photons at 422 nm",
    "dark_count_hz": "assumed: order of magnitude, stray light included; makes 0.1 % of the heralds",
    "detection_window_s": "assumed: four lifetimes, which keep 98 % of a photon",
    "photon_lifetime_s": "remembered: of the 5p 2P1/2 level of Sr+, 7.39 ns",
    "timing_jitter_s": "assumed: none; both ions are excited by one laser pulse",
    "detuning_hz": "assumed: none; both ions see the same magnetic field",
    "mode_overlap": (
        f"fitted: such that the pair has the published fidelity of .940, {_STEPHENSON}; lumps every loss of interference"
    ),
    "ion_photon_bit_error": "assumed: half of the error of a remembered ion-photon fidelity of .979",
    "ion_photon_phase_error": "assumed: half of the error of a remembered ion-photon fidelity of .979",
    "bright_population": "assumed: small; without effect on a double click",
    "phase_noise_rad": "assumed: none; without effect on a double click",
    "state_preparation_s": "assumed: the part of an attempt that pumping takes; only the sum of 1 µs matters",
    "emission_cycle_s": "remembered: attempts follow each other at 1 MHz within a burst; the sum with state_preparation_s is 1 µs",
    "burst_s": "assumed: order of magnitude; only its ratio to recooling_s matters",
    "recooling_s": f"fitted: such that pairs come at the published rate of 182 per second, {_STEPHENSON}",
    "memory_t2_s": "assumed: order of magnitude; the herald is back after 20 ns",
    "transfer_error": "derived: none, since the pair was measured on the ions that emitted the photons",
    "transfer_s": "derived: none, since the pair was measured on the ions that emitted the photons",
}

OXFORD_2020 = Reproduction(
    name="Oxford 2020",
    model=TrappedIonLink(),  # its defaults are this link
    sources=MappingProxyType(_SOURCES_2020),
    published=(
        Published("success probability", 2.18e-4, 5e-7, _STEPHENSON, success_probability),
        Published("rate, per second", 182.0, 0.5, _STEPHENSON, rate_hz),
        Published("fidelity", 0.940, 0.005, _STEPHENSON, fidelity),
    ),
    fits=MappingProxyType(
        {"fibre_coupling": "success probability", "recooling_s": "rate, per second", "mode_overlap": "fidelity"}
    ),
)
"""Two modules 4 m apart, one Sr+ ion each."""


def _bit_error(model: LinkModel) -> float:
    """Populations of 01 and 10 in the frame of Φ+."""
    return float((model.pair.matrix[1, 1] + model.pair.matrix[2, 2]).real)


def _imbalance(model: LinkModel) -> float:
    """Population of 00 less that of 11 in the frame of Φ+."""
    return float((model.pair.matrix[0, 0] - model.pair.matrix[3, 3]).real)


_TOMOGRAPHY = f"{_MAIN}, tomography to Ψ+, rounded to three digits"

_SOURCES_2025 = _SOURCES_2020 | {
    "herald": f"published: two photons, entangled with their ions in polarisation, {_MAIN}",
    "length_m": f"published: the modules are about 2 m apart, {_MAIN}; taken for the length of the fibre",
    "fibre_coupling": f"fitted: such that pairs come at the published rate of 9.7 per second, {_MAIN}",
    "mode_overlap": (
        f"fitted: such that the pair has the published fidelity of .9689, {_MAIN}; lumps every error that dephases, that of ion "
        "and photon included"
    ),
    "ion_photon_bit_error": f"fitted: such that 00 and 11 have the population .012 that they have in the tomography to Ψ+, {_MAIN}",
    "ion_photon_phase_error": "assumed: none of its own, lumped into mode_overlap, since a pair cannot tell them apart",
    "emission_cycle_s": "remembered: an attempt takes 1168 ns; the sum with state_preparation_s is that",
    "burst_s": "remembered: 200 µs of attempts between coolings",
    "recooling_s": "remembered: 2.254 ms of sympathetic cooling after each burst",
    "transfer_error": "derived: none, since the published pair is that of the network ions",
    "transfer_s": "derived: none, since the published pair is that of the network ions",
}

OXFORD_2025 = Reproduction(
    name="Oxford 2025",
    model=TrappedIonLink(
        length_m=2.0,
        fibre_coupling=0.2646,
        mode_overlap=0.9621,
        ion_photon_bit_error=0.00568,
        ion_photon_phase_error=0.0,
        emission_cycle_s=7.68e-7,
        burst_s=2e-4,
        recooling_s=2.254e-3,
    ),
    sources=MappingProxyType(_SOURCES_2025),
    published=(
        Published("rate, per second", 9.7, 0.05, _MAIN, rate_hz),
        Published("fidelity", 0.9689, 0.0008, _MAIN, fidelity),
        Published("population of 00 and 11 for Ψ+", 0.012, 0.001, _TOMOGRAPHY, _bit_error),
        Published("population of 01 less that of 10 for Ψ+", 0.029, 0.001, _TOMOGRAPHY, _imbalance),
    ),
    fits=MappingProxyType(
        {
            "fibre_coupling": "rate, per second",
            "mode_overlap": "fidelity",
            "ion_photon_bit_error": "population of 00 and 11 for Ψ+",
        }
    ),
)
"""Two modules 2 m apart; in each a Sr+ ion for the network and a Ca+ ion for the circuit."""
