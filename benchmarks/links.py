"""Published links, derived from their components.

For each link: the components with their sources, what the model makes of them beside what was published, and what each fitted
component comes to if it is fitted again. Then, for Oxford 2025, how far the derived density matrix is from the measured one, and
what the components of 2020 would have predicted.

    python benchmarks/links.py
"""

from dataclasses import fields, replace

import numpy as np
from scipy.optimize import brentq

import weft
from weft.hardware.links import OXFORD_2020, OXFORD_2025
from weft.hardware.reproduction import Reproduction

REPRODUCTIONS = (OXFORD_2020, OXFORD_2025)


def print_components(reproduction: Reproduction) -> None:
    for field in fields(reproduction.model):
        value = getattr(reproduction.model, field.name)
        shown = f"{value:g}" if isinstance(value, float) else value
        print(f"  {field.name:24} {shown:>13}   {reproduction.sources[field.name]}")
    for doubt in reproduction.model.doubts():
        print(f"  in doubt: {doubt}")


def print_outputs(reproduction: Reproduction) -> None:
    print(f"  {'':42} {'derived':>11}  published")
    fitted = set(reproduction.fits.values())
    for one in reproduction.published:
        verdict = "hit" if one.is_met_by(reproduction.model) else "MISS"
        how = "by a fit" if one.quantity in fitted else "nothing was fitted to it"
        derived = one.derive(reproduction.model)
        print(f"  {one.quantity:42} {derived:11.5g}  {one.value:g} ± {one.error:g}  {verdict}, {how}")


def print_fits(reproduction: Reproduction) -> None:
    published = {one.quantity: one for one in reproduction.published}
    for component, quantity in reproduction.fits.items():
        stored = getattr(reproduction.model, component)
        found = fit_again(reproduction, component, published[quantity])
        print(f"  fitted {component} to {quantity}: {found:.5g}, stored as {stored:g}")


def fit_again(reproduction, component, published):
    def miss(value):
        return published.derive(replace(reproduction.model, **{component: value})) - published.value

    stored = getattr(reproduction.model, component)
    return brentq(miss, 0.8 * stored, min(1.0, 1.2 * stored))


def state_fidelity(a, b):
    """Uhlmann's, squared: (tr √(√a b √a))²."""
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.conj().T
    return float(np.sum(np.sqrt(np.clip(np.linalg.eigvalsh(root @ b @ root), 0, None))) ** 2)


def print_tomography() -> None:
    measured = weft.load_network("oxford").links[0].pair.matrix
    derived = OXFORD_2025.model.pair.matrix
    print("Oxford 2025: density matrix in the frame of Φ+, magnitudes: measured | derived")
    for left, right in zip(np.abs(measured), np.abs(derived), strict=True):
        print("  " + " ".join(f"{x:.3f}" for x in left) + "  |  " + " ".join(f"{x:.3f}" for x in right))
    distance = np.abs(np.linalg.eigvalsh(measured - derived)).sum() / 2
    print(f"  fidelity between the two {state_fidelity(measured, derived):.4f}, trace distance {distance:.4f}")
    print(f"  fidelity with Φ+: measured {measured[[0, 3]][:, [0, 3]].sum().real / 2:.4f}, derived", end=" ")
    print(f"{OXFORD_2025.model.pair.fidelity:.4f}")


def print_prediction() -> None:
    """What 2020's optics and ions say about 2025, given only how attempts were timed then: nothing is fitted to 2025."""
    new = OXFORD_2025.model
    timing = {name: getattr(new, name) for name in ("length_m", "emission_cycle_s", "burst_s", "recooling_s")}
    model = replace(OXFORD_2020.model, **timing)
    print("Oxford 2025 as 2020's components with 2025's timing predict it, nothing fitted to 2025")
    for one in OXFORD_2025.published:
        verdict = "hit" if one.is_met_by(model) else "MISS"
        print(f"  {one.quantity:42} {one.derive(model):11.5g}  {one.value:g} ± {one.error:g}  {verdict}")


def main() -> None:
    for reproduction in REPRODUCTIONS:
        print(reproduction.name)
        print_components(reproduction)
        print_outputs(reproduction)
        print_fits(reproduction)
        print()
    print_tomography()
    print()
    print_prediction()


if __name__ == "__main__":
    main()
