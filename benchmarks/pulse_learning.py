"""Learns pulses from sampled absorption alone, and compares with pulses that are not shaped and with the optimum of the model.

The link is that of the preset before the receiver is tuned: emitters of unequal linewidths, detuned, and a waveguide that loses
a third of the photons. Needs the extra `[learn]`.

    python benchmarks/pulse_learning.py [--seeds N] [--shots N] [--plot FILE]
"""

import argparse
import math
from dataclasses import replace

import numpy as np

from weft.hardware.chiral import (
    MIT_PULSES,
    MIT_UNTUNED,
    find_constant,
    find_optimum,
    find_square,
    learn,
    share_excitation,
)
from weft.hardware.chiral.environment import PulseEnvironment
from weft.hardware.chiral.pulse_family import PulseFamily, shifted
from weft.report.learning_plot import Transfer, plot_learning

PASSAGE = MIT_UNTUNED.passage()
REPETITION_S = 100e-6
"""Assumed: five T1 of 20 µs."""


def follow(family, choice):
    pulses = family.pulses(choice)
    amplitudes = shifted(PASSAGE, pulses).amplitudes(pulses.sender, pulses.receiver, pulses.step_s)
    return Transfer(
        times_s=pulses.step_s * np.arange(len(amplitudes)),
        photon_per_s=PASSAGE.sender_decay_per_s * np.abs(amplitudes[:, 1]) ** 2,
        received=np.abs(amplitudes[:, 3]) ** 2,
        sender_hz=pulses.sender / math.tau,
        receiver_hz=pulses.receiver / math.tau,
    )


def by_master_equation(family, choice):
    """The same pulses on both modules with everything in them, dephasing too."""
    pulses, modules = family.pulses(choice), MIT_UNTUNED.modules()
    modules = replace(modules, detuning_per_s=modules.detuning_per_s + pulses.shift_per_s)
    return share_excitation(modules, "right", pulses.sender, pulses.receiver, pulses.step_s).delivered


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--shots", type=int, default=100)
    parser.add_argument("--plot")
    given = parser.parse_args()

    def environment():
        return PulseEnvironment(PASSAGE, MIT_PULSES, shots=given.shots)

    optimum, constant = find_optimum(PASSAGE, MIT_PULSES, starts=16), find_constant(PASSAGE, MIT_PULSES)
    square, on_s = find_square(PASSAGE, MIT_PULSES)
    flat = PulseFamily(MIT_PULSES.window_s, MIT_PULSES.coupling_per_s, MIT_PULSES.shift_per_s, knots=1)
    print(f"propagation                                          {PASSAGE.transmission:.4f}")
    print(
        f"half the strongest couplings, no shift               {MIT_PULSES.efficiency(PASSAGE, np.zeros(MIT_PULSES.size)):.4f}"
    )
    print(f"best constant couplings and shift, whole window      {constant.efficiency:.4f}")
    print(f"best square pulses and shift, switched off at {on_s * 1e9:3.0f} ns {square.efficiency:.4f}")
    print(f"optimum of the family, by gradient on the model      {optimum.efficiency:.4f}")

    learned = [learn(environment(), seed=seed) for seed in range(given.seeds)]
    shots = learned[0].episodes * given.shots
    print(f"\nlearned from {shots:,} shots each, {shots * REPETITION_S:.0f} s at one per {REPETITION_S * 1e6:.0f} µs")
    print("seed   absorption   of the optimum   with dephasing, by the master equation")
    efficiencies = [MIT_PULSES.efficiency(PASSAGE, found.action) for found in learned]
    for seed, (found, efficiency) in enumerate(zip(learned, efficiencies, strict=True)):
        full = by_master_equation(MIT_PULSES, found.action)
        print(f"{seed:4}   {efficiency:.4f}       {efficiency / optimum.efficiency:.4f}           {full:.4f}")
    print(f"least  {min(efficiencies):.4f}       {min(efficiencies) / optimum.efficiency:.4f}")
    print(f"mean   {np.mean(efficiencies):.4f}       {np.mean(efficiencies) / optimum.efficiency:.4f}")

    print("\nstopped earlier        shots   least    mean")
    for updates in (10, 40):
        fewer = [learn(environment(), updates=updates, seed=seed) for seed in range(given.seeds)]
        ends = [MIT_PULSES.efficiency(PASSAGE, found.action) for found in fewer]
        print(f"{updates:4} updates {fewer[0].episodes * given.shots:15,}   {min(ends):.4f}   {np.mean(ends):.4f}")

    if given.plot:
        policies = [[MIT_PULSES.efficiency(PASSAGE, action) for action in found.actions] for found in learned]
        plot_learning(
            given.plot,
            rewards=learned[0].rewards,
            efficiencies=np.array(policies),
            levels={
                "optimum on the model": optimum.efficiency,
                "best constant couplings": constant.efficiency,
            },
            transfers={
                "before: best constant couplings": follow(flat, constant.choice),
                "after: learned, seed 0": follow(MIT_PULSES, learned[0].action),
            },
        )


if __name__ == "__main__":
    main()
