"""What memory cutoffs do for a chain of repeaters: a table, and a picture over distance.

    python benchmarks/repeaters.py [--plot FILE]

Eight links of fibre, swapped level by level: `arm_efficiency` .7, `pair_fidelity` .99. Memories lose their coherence within 50
ms; a pair takes about as long. Without cutoffs the pairs of a long chain are not entangled; with cutoffs chosen for a fidelity
they are, at a lower rate. All figures are computed, none are sampled. The picture shows secret bits per attempt, with cutoffs
chosen for them, beside one long link and the repeaterless bound −log₂(1 − η) (Pirandola, Laurenza, Ottaviani, Banchi, Nature
Communications 8, 15043 (2017)).
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from weft.errors import InvalidValueError
from weft.hardware.physics.fibre import transmission
from weft.hardware.repeaters import RepeaterChain, RepeaterLink, best_cutoffs, mean_wait, waiting_time
from weft.hardware.repeaters.correlations import correlations_of, secret_fraction
from weft.report.repeater_plot import DistanceCurve, plot_over_distance

COMPONENTS = {"links": 8, "arm_efficiency": 0.7, "pair_fidelity": 0.99, "coherence_s": 0.05}
TARGET = 0.8


def checks():
    """Figures that everyone knows."""
    for links, known in ((2, 29.474), (4, 84.818)):
        start = time.process_time()
        mean = waiting_time(RepeaterChain.equal(links, 0.1, swap_success=0.5)).mean_attempts
        cost_s = time.process_time() - start
        print(
            f"{links} links, p = .1, q = .5: {mean:.6f} attempts on average (known: {known}), in {cost_s * 1e3:.1f} ms"
        )


def table():
    print(f"\n{'km':>4}  {'without cutoffs':^22}  {'with cutoffs for F ≥ ' + str(TARGET):^22}")
    print(f"{'':>4}  {'fidelity':>10} {'pairs/s':>11}  {'fidelity':>10} {'pairs/s':>11}  cutoffs (attempts)")
    for distance_km in (100, 200, 300, 400):
        link = RepeaterLink(distance_km * 1e3, **COMPONENTS)
        row = f"{distance_km:>4}  {link.pair.fidelity:>10.4f} {link.success_probability / link.attempt_s:>11.3g}"
        try:
            cutoffs = best_cutoffs(link.chain, TARGET)
        except InvalidValueError:
            print(f"{row}  none that were tried do", flush=True)
            continue
        mean, correlations = mean_wait(replace(link.chain, cutoffs=cutoffs))
        print(f"{row}  {correlations.sum() / 4:>10.4f} {1 / (mean * link.attempt_s):>11.3g}  {cutoffs}", flush=True)


def secret_bits(chain):
    mean, correlations = mean_wait(chain)
    return secret_fraction(correlations) / mean, correlations.sum() / 4


def with_best_cutoffs(chain):
    try:
        return replace(chain, cutoffs=best_cutoffs(chain))
    except InvalidValueError:
        return chain


def plot(path):
    distances = np.arange(25e3, 450e3, 25e3)
    chains = [RepeaterLink(float(distance), **COMPONENTS).chain for distance in distances]
    direct = [RepeaterLink(float(distance), **(COMPONENTS | {"links": 1})).chain for distance in distances]
    without = np.array([secret_bits(chain) for chain in chains]).T
    kept = np.array([secret_bits(with_best_cutoffs(chain)) for chain in chains]).T
    single = np.array([_single(chain) for chain in direct]).T
    bound = np.array([-math.log2(1 - transmission(float(distance))) for distance in distances])
    curves = [
        DistanceCurve("8 links, no cutoffs", distances, *without),
        DistanceCurve("8 links, best cutoffs", distances, *kept),
        DistanceCurve("one link", distances, *single),
        DistanceCurve("repeaterless bound", distances, bound, is_bound=True),
    ]
    plot_over_distance(curves, path, title="Cutoffs turn a useless chain into a working one (memories of 50 ms)")


def _single(chain):
    """One link needs no distribution."""
    pair = chain.pairs[0]
    return secret_fraction(correlations_of(pair)) * chain.success_probability[0], pair.fidelity


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path, help="also draw the picture")
    options = parser.parse_args()
    checks()
    table()
    if options.plot:
        plot(options.plot)
