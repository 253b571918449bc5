"""Fits the one free number of the preset `oxford`: the coherence time T2 of its circuit qubits.

The rest of the preset is published, remembered or assumed, as `weft networks oxford` says number by number. T2 is chosen such that
the CZ gate teleported between the two modules, its inputs there from the start, has the average gate fidelity that Main et al.
measured, 86.2 %. Nothing is fitted to anything else, so what the preset says about Grover's search is a prediction.

Both circuit qubits wait the same time W for the Bell pair, so the fidelity for a definite W is a quadratic polynomial in
x = exp(−W/T2). Three definite waits give the polynomial; the mean of x and of x² over the geometric distribution of W is a closed
form. The result is checked against timelines sampled from that distribution.

Then the steps of accounting are printed for the CZ and for Grover's search, averaged over its four marked states.

    python benchmarks/fit_oxford.py
"""

import math
from dataclasses import replace

import numpy as np

import weft
from weft.circuit import CircuitBuilder
from weft.simulator import gate_fidelity

MEASURED = 0.862
"""Average gate fidelity of the teleported CZ: Main et al., Nature 638, 383 (2025)."""

TIMELINES = 20_000
GROVER_SHOTS = 20_000


def teleported_cz(network):
    builder = CircuitBuilder(2, name="cz")
    builder.gate("cz", 0, 1)
    return weft.compile(builder.build(), network)


def with_coherence_time(network, t2_s):
    return replace(network, qpus=tuple(replace(qpu, t2_s=t2_s) for qpu in network.qpus))


def mean_decay(link, rate_hz):
    """⟨exp(−rate·W)⟩ when W is attempt_s times a geometric number of attempts."""
    p, z = link.success_probability, math.exp(-rate_hz * link.attempt_s)
    return p * z / (1 - (1 - p) * z)


def cz_fidelity(network, t2_s):
    """Averaged over all waits."""
    link = network.links[0]
    decays, fidelities = [], []
    for wait_s in (0.0, 0.5 * t2_s, 2.0 * t2_s):
        certain = replace(link, attempt_s=wait_s, success_probability=1.0)
        definite = with_coherence_time(replace(network, links=(certain,)), t2_s)
        decays.append(math.exp(-wait_s / t2_s))
        fidelities.append(gate_fidelity(teleported_cz(definite), shots=1).average)
    square, linear, constant = np.polyfit(decays, fidelities, 2)
    return square * mean_decay(link, 2 / t2_s) + linear * mean_decay(link, 1 / t2_s) + constant


def fit(network):
    """The coherence time, by bisection: the longer it is, the higher the fidelity."""
    low, high = 0.01, 100.0
    while high / low > 1 + 1e-7:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if cz_fidelity(network, middle) < MEASURED else (low, middle)
    return low


def grover_by_stage(network):
    """Fidelity of Grover's search with causes switched on one after another, averaged over the marked states."""
    results = [
        weft.run(f"grover:2x{marked}", network, shots=GROVER_SHOTS, seed=seed, backend="density")
        for seed, marked in enumerate(("00", "01", "10", "11"))
    ]
    losses = np.mean([list(result.error_budget.values()) for result in results], axis=0)
    stderr = np.sqrt(np.sum([result.fidelity.stderr**2 for result in results])) / len(results)
    return 1 - np.concatenate(([0.0], np.cumsum(losses))), stderr


def main():
    network = weft.load_network("oxford")
    t2_s = fit(network)
    print(f"fitted t2_s                {t2_s:.4f} s")
    print(f"its teleported CZ          {cz_fidelity(network, t2_s):.5f}   (measured: {MEASURED})")
    sampled = gate_fidelity(teleported_cz(with_coherence_time(network, t2_s)), shots=TIMELINES)
    print(f"on {TIMELINES:,} timelines      {sampled.average:.5f} ± {sampled.stderr:.5f}")
    preset = network.qpus[0].t2_s
    print(f"the preset has t2_s        {preset} s, which gives {cz_fidelity(network, preset):.5f}")
    grover, stderr = grover_by_stage(network)
    print("\nwith the preset, causes added one after another:         CZ   Grover")
    cz = gate_fidelity(teleported_cz(network), shots=TIMELINES)
    for (cause, fidelity), success in zip(cz.average_by_stage, grover, strict=True):
        print(f"    {cause:45} {fidelity:9.4f} {success:8.4f}")
    print(f"    {'standard error of the last line':45} {cz.stderr:9.4f} {stderr:8.4f}")
    print(f"    {'published':45} {'.862(9)':>9} {'.71(1)':>8}")


if __name__ == "__main__":
    main()
