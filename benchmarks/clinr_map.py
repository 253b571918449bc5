"""Where distributed Clifford noise reduction wins: maps over noise, circuits, links and checks.

    python benchmarks/clinr_map.py [pairs] [circuits] [links] [checks] [--fine] [--plot FOLDER] [--qubits N] [--shots N]

Random circuits of n qubits and s two-qubit gates, cut into four blocks over four QPUs; p for gates, preparation and measurement, ε
for pairs. In each cell, whether some scheme makes the distributed form win on logical error and depth at once, with intervals of
95 % that do not meet, in each of two independent samples:

    D  against the direct circuit      Q  against one QPU with as many checks      B  against both, with the same checks

Schemes are one to six uniform checks in sequence, and eight interleaved generators; of blocks split over a link also each with four
checks of the bare pairs before. Blocks are joined in any order unless it is said otherwise.

    pairs     ε/p against idle noise per gate time over p; s = n², s p = 0.72, τ_e = 5
    circuits  s/n² against s p, the faults expected in the direct circuit; for ε = p and ε = 0.01; whole or split; τ_e = 5
    links     τ_e against the buffer of a link in pairs, for both injections; s = n², s p = 0.72, ε = p
    checks    strategy and layout of checks against p_m/p; s = n², s p = 0.72, ε = p
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from weft.errors import InvalidValueError
from weft.protocols.clinr.blocks import Scheme
from weft.protocols.clinr.clifford_circuit import random_clifford_circuit
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.forms import compare
from weft.protocols.clinr.measures import beats
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.verification import Verification
from weft.report.clinr_map_plot import Panel, plot_clinr_map

SCHEMES = (Scheme(checks=6), Scheme(checks=8, strategy="generators", verification=Verification("interleaved", 8)))
LAYOUTS = {
    "uniform, in sequence": Scheme(checks=6),
    "generators, in sequence": Scheme(checks=6, strategy="generators"),
    "uniform, 8 interleaved": Scheme(checks=8, verification=Verification("interleaved", 8)),
    "generators, 8 interleaved": SCHEMES[1],
    "uniform, cat of 8": Scheme(checks=6, verification=Verification("cat", 8)),
}
CONVENTIONS = {"serial": "one gate at a time", "layers": "parallel layers"}
EXPECTED_FAULTS = 0.72


def letters(comparison, convention, pair_checks):
    """Which of D, Q and B hold, and for which number of checks."""
    one_qpu = {measures.checks: measures for measures in comparison.one_qpu}
    found = set()
    for distributed in comparison.distributed[1:]:
        same_checks = one_qpu.get(distributed.checks + pair_checks)
        over_direct = beats(distributed, comparison.direct, convention)
        over_one_qpu = same_checks is not None and beats(distributed, same_checks, convention)
        held = (("D", over_direct), ("Q", over_one_qpu), ("B", over_direct and over_one_qpu))
        found.update((convention, letter, distributed.checks) for letter, holds in held if holds)
    return found


def verdicts(circuit, noise, ring, schemes, shots):
    """The letters by convention; each win must hold in two samples that are independent, because many are tried."""
    found = {convention: set() for convention in CONVENTIONS}
    early = (0, 4) if ring.resources == "split" else (0,)
    rounds = [(convention,) for convention in CONVENTIONS] if noise.idle > 0 else [tuple(CONVENTIONS)]
    for conventions in rounds:
        for scheme in (replace(scheme, pair_checks=number) for scheme in schemes for number in early):

            def wins(seed, conventions=conventions, scheme=scheme):
                settings = {"shots": shots, "convention": conventions[0], "seed": seed}
                try:
                    comparison = compare(circuit, noise, scheme, ring, **settings)
                except InvalidValueError:  # no attempt passed
                    return set()
                return set().union(*(letters(comparison, each, scheme.pair_checks) for each in conventions))

            first = wins(0)
            if any(letter not in found[convention] for convention, letter, _ in first):
                for convention, letter, _ in first & wins(1):
                    found[convention].add(letter)
    return {each: "".join(letter for letter in "DQB" if letter in held) for each, held in found.items()}


def panels(titles, row_axis, column_axis, cell):
    """One panel for each title, from a function that gives the letters by title of a row and a column."""
    (rows_name, rows), (columns_name, columns) = row_axis, column_axis
    found = [[cell(row, column) for column in columns] for row in rows]
    return [
        Panel(
            title,
            rows_name,
            tuple(f"{row:g}" if isinstance(row, int | float) else row for row in rows),
            columns_name,
            tuple(f"{column:g}" for column in columns),
            tuple(tuple(each[title] for each in line) for line in found),
        )
        for title in titles
    ]


def named(found, words):
    return {f"{CONVENTIONS[convention]}, {words}": held for convention, held in found.items()}


def titles_of(*words):
    return [f"{convention}, {each}" for convention in CONVENTIONS.values() for each in words]


def square(qubits):
    return random_clifford_circuit(qubits, qubits**2, seed=1), EXPECTED_FAULTS / qubits**2


def map_of_pairs(qubits, shots, fine):
    circuit, p = square(qubits)
    ratios = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100) if fine else (0.01, 0.1, 1, 10, 50)
    idles = (0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2) if fine else (0, 1e-4, 1e-3, 1e-2)

    def cell(idle, ratio):
        noise, held = Noise.uniform(p, pair=ratio * p, idle=idle * p), {}
        for resources in ("whole", "split"):
            ring = Ring(resources=resources, injection="any order")
            held |= named(verdicts(circuit, noise, ring, SCHEMES, shots), resources)
        return held

    return panels(titles_of("whole", "split"), ("idle noise per gate time / p", idles), ("ε / p", ratios), cell)


def map_of_circuits(qubits, shots, fine):
    sizes = (0.3, 1, 3, 10, 30) if fine else (0.5, 2, 8)
    faults = (0.1, 0.2, 0.5, 1, 2, 5, 10) if fine else (0.2, 0.7, 2, 6)

    def cell(size, expected):
        circuit, held = random_clifford_circuit(qubits, round(size * qubits**2), seed=1), {}
        p = expected / circuit.two_qubit_gates
        for words, pair in (("ε = p", p), ("ε = 0.01", 0.01)):
            for resources in ("whole", "split"):
                ring = Ring(resources=resources, injection="any order")
                found = verdicts(circuit, Noise.uniform(p, pair=pair), ring, SCHEMES, shots)
                held |= named(found, f"{resources}, {words}")
        return held

    words = [f"{resources}, {words}" for words in ("ε = p", "ε = 0.01") for resources in ("whole", "split")]
    return panels(titles_of(*words), ("s / n²", sizes), ("s p", faults), cell)


def map_of_links(qubits, shots, fine):
    circuit, p = square(qubits)
    times = (0.5, 1, 2, 3, 5, 7, 10, 20, 50, 100) if fine else (1, 2, 5, 10, 20, 50)
    buffers = [max(1, round(qubits * share)) for share in ((0.05, 0.1, 0.2, 0.5, 1, 2) if fine else (0.05, 0.25, 1))]

    def cell(buffer, pair_time):
        held = {}
        for injection in ("in order", "any order"):
            ring = Ring(pair_time=pair_time, buffer=buffer, injection=injection)
            held |= named(verdicts(circuit, Noise.uniform(p), ring, SCHEMES, shots), injection)
        return held

    return panels(titles_of("in order", "any order"), ("pairs in a buffer", buffers), ("τ_e", times), cell)


def map_of_checks(qubits, shots, fine):
    circuit, p = square(qubits)
    ratios = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100) if fine else (0.1, 1, 10, 30)

    def cell(layout, ratio):
        noise = Noise.uniform(p, preparation=ratio * p, measurement=ratio * p)
        return named(verdicts(circuit, noise, Ring(injection="any order"), (LAYOUTS[layout],), shots), "whole")

    return panels(titles_of("whole"), ("checks", list(LAYOUTS)), ("p_m / p", ratios), cell)


MAPS = {"pairs": map_of_pairs, "circuits": map_of_circuits, "links": map_of_links, "checks": map_of_checks}


def show(panel):
    wide = max(len(panel.rows_name), *(len(row) for row in panel.rows))
    print(f"\n{panel.title}\n{panel.rows_name:>{wide}}   {panel.columns_name}")
    print(f"{'':>{wide}}   " + " ".join(f"{column:>5}" for column in panel.columns))
    for row, held in zip(panel.rows, panel.cells, strict=True):
        print(f"{row:>{wide}}   " + " ".join(f"{each or '·':>5}" for each in held))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("maps", nargs="*", choices=[*MAPS, []], metavar="MAP", help="all by default")
    parser.add_argument("--fine", action="store_true")
    parser.add_argument("--plot", type=Path, metavar="FOLDER", help="draw clinr_map_MAP_N.png there")
    parser.add_argument("--qubits", type=int, default=40)
    parser.add_argument("--shots", type=int, default=4_000)
    chosen = parser.parse_args()
    for name in chosen.maps or MAPS:
        started = time.process_time()
        found = MAPS[name](chosen.qubits, chosen.shots, chosen.fine)
        print(f"\n{name}: n = {chosen.qubits}, {time.process_time() - started:.0f} s of CPU time", flush=True)
        for panel in found:
            show(panel)
        if chosen.plot is not None:
            plot_clinr_map(found, chosen.plot / f"clinr_map_{name}_{chosen.qubits}.png")


if __name__ == "__main__":
    main()
