"""A chiral waveguide between two superconducting modules: checks, the fitted number, W fidelities, and a bus.

python benchmarks/chiral.py
"""

import math
from dataclasses import replace

import numpy as np

from weft.hardware.chiral import MIT_CHIRAL, MIT_CHIRAL_SOURCES, Passage, PulseFamily, link_on_bus
from weft.hardware.chiral.emitters import directionality
from weft.hardware.chiral.mit import PUBLISHED_ABSORPTION, PUBLISHED_W_FIDELITY
from weft.hardware.chiral.optimum import find_constant, find_optimum, find_square

BUS_M = np.arange(6.0)


def print_directionality():
    print("share of the photon that leaves to the chosen side")
    for error, reference in ((0.0, 1.0), (0.05, 0.9985), (0.10, 0.9938), (0.20, 0.9755)):
        fixed = directionality(error, coupler_error=1 - 1 / math.sin(math.pi / 2 * (1 + error)))
        print(
            f"    spacing error {error:4.0%}: {directionality(error):.4f} (reference {reference}), "
            f"with a coupler of −γ/2 all the same {fixed:.4f}"
        )


def print_transfers():
    """Everything in units of the emitters' decay, without loss."""
    passage = Passage(1.0, 1.0)
    print("\ntransfer without loss, equal emitters, window 12/γ unless stated")
    print("    (reference for the best constant couplings: .648, its window not stated)")
    family = PulseFamily(window_s=12.0, coupling_per_s=1.5, shift_per_s=0.0, knots=8)
    square, on_s = find_square(passage, family)
    print(f"    best constant couplings, on all the time      {find_constant(passage, family).efficiency:.4f}")
    for window in (20.0, 26.0):
        longer = replace(family, window_s=window, steps=240)
        print(
            f"    the same, window {window:.0f}/γ                        {find_constant(passage, longer).efficiency:.4f}"
        )
    print(f"    best constant couplings, stopped at {on_s:4.1f}/γ    {square.efficiency:.4f}")
    print(
        f"    best of 8 knots each                          {find_optimum(passage, family).efficiency:.4f} (reference: > .97)"
    )


def print_reproduction():
    print("\nthe link of Almanakly et al., component by component")
    for name, source in MIT_CHIRAL_SOURCES.items():
        print(f"    {name:18} {getattr(MIT_CHIRAL, name)!s:>9}  {source}")
    perfect = replace(MIT_CHIRAL, preparation_error=0.0)
    fitted = 1 - PUBLISHED_W_FIDELITY["right"][0] / perfect.w_fidelity("right")
    print(f"    fitted preparation_error {fitted:.4f}; the preset has {MIT_CHIRAL.preparation_error}")
    for direction, (value, error) in PUBLISHED_W_FIDELITY.items():
        print(
            f"    W fidelity, photon to the {direction:5}  {MIT_CHIRAL.w_fidelity(direction):.4f}   (published: {value} ± {error})"
        )
    print(
        f"    transfer of a whole photon       {perfect.transfer_efficiency:.4f}   (published: > {PUBLISHED_ABSORPTION})"
    )
    print(f"    pair fidelity                    {MIT_CHIRAL.pair.fidelity:.4f}")
    print_losses()


def print_losses():
    """What each imperfection costs if it is the only one."""
    print("    W fidelity if only one thing is imperfect:")
    alone = replace(MIT_CHIRAL, end_loss_db=0.0, loss_db_per_m=0.0, preparation_error=0.0)
    alone = replace(alone, emitter_t1_s=math.inf, data_t1_s=math.inf, data_t2_s=math.inf)
    for cause, names in (
        ("nothing but the window", ()),
        ("propagation", ("end_loss_db", "loss_db_per_m")),
        ("data qubits and emitters", ("emitter_t1_s", "data_t1_s", "data_t2_s")),
        ("preparation (fitted)", ("preparation_error",)),
    ):
        link = replace(alone, **{name: getattr(MIT_CHIRAL, name) for name in names})
        print(f"        {cause:27} {link.w_fidelity('right'):.4f}")


def print_bus():
    print("\nsix such modules a metre apart on one bus, photon from the first to …")
    for receiver in range(1, len(BUS_M)):
        link = link_on_bus(MIT_CHIRAL, BUS_M, 0, receiver)
        print(
            f"    module {receiver + 1}: transfer {link.transfer_efficiency:.4f}, pair fidelity {link.pair.fidelity:.4f}"
        )


def main():
    print_directionality()
    print_transfers()
    print_reproduction()
    print_bus()


if __name__ == "__main__":
    main()
