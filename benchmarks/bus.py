"""A bus against a chain: modules along one chiral waveguide, or joined from neighbour to neighbour.

    python benchmarks/bus.py [--plot FILE]

Both are made of the same modules and waveguide. On the bus a photon passes the modules on its way and loses something at each; in
the chain every hop has a pair of its own, with the loss of both its ends, and they are joined by swaps with the modules' gates.
The components are better than those of `mit-chiral`, or neither would be of any use; they are assumed.

First: fidelity of a two-qubit GHZ state whose qubits are so many modules apart, and the loss at each module that makes both
equal. Second: how long a QFT over all modules takes, where the bus does one transfer at a time.
"""

import argparse
import dataclasses
from pathlib import Path

from scipy.optimize import brentq

import weft
from weft.hardware import link_of
from weft.hardware.chiral import MIT_CHIRAL
from weft.network import QPU, Network
from weft.scheduler import schedule

BETTER = dataclasses.replace(
    MIT_CHIRAL, linewidth_b_hz=3.2e6, end_loss_db=0.1, preparation_error=0.005, data_t1_s=1e-4, data_t2_s=1e-4, emitter_t1_s=1e-4,
    preparation_s=1e-6, loss_db_per_m=0.01,
)  # fmt: skip
PASSING_LOSS_DB = (0.1, 0.3, 0.5)
MODULE = {
    "one_qubit_gate_s": 3e-8, "two_qubit_gate_s": 1e-7, "measurement_s": 5e-7, "reset_s": 5e-7, "one_qubit_gate_error": 2e-4,
    "two_qubit_gate_error": 5e-3, "measurement_error": 5e-3, "t1_s": 1e-4, "t2_s": 1e-4,
}  # fmt: skip
FARTHEST = 10
QFT_MODULES = (2, 3, 4, 6, 8)


def modules(count, *, only_ends):
    return tuple(QPU(f"M{k}", 0 if only_ends and 0 < k < count - 1 else 1, 4, **MODULE) for k in range(count))


def chain(count, *, only_ends=False):
    links = tuple(link_of(BETTER, f"M{k}", f"M{k + 1}") for k in range(count - 1))
    return Network("chain", modules(count, only_ends=only_ends), links)


def bus(count, passing_loss_db, *, only_ends=False):
    links = tuple(
        link_of(
            dataclasses.replace(BETTER, length_m=float(j - i), modules_passed=j - i - 1, passing_loss_db=passing_loss_db),
            f"M{i}", f"M{j}", bus="waveguide",
        )
        for j in range(count) for i in range(j)
    )  # fmt: skip
    return Network("bus", modules(count, only_ends=only_ends), links)


def ghz_fidelity(network):
    return weft.run("ghz:2", network, shots=1, seed=1, backend="density").fidelity.value


def crossing_db(hops, chain_fidelity):
    """What a module on the way may lose before the chain is as good."""
    return brentq(lambda loss: ghz_fidelity(bus(hops + 1, loss, only_ends=True)) - chain_fidelity, 0.0, 3.0, xtol=1e-3)


def fidelities():
    apart = list(range(1, FARTHEST + 1))
    table = {"chain": [fidelity_of_chain(hops) for hops in apart]}
    for loss in PASSING_LOSS_DB:
        table[f"bus, {loss:g} dB at each module"] = [
            ghz_fidelity(bus(hops + 1, loss, only_ends=True)) for hops in apart
        ]
    return apart, table


def fidelity_of_chain(hops):
    """Beyond three hops the exact density matrix no longer fits; 50,000 frames are good to .002."""
    network = chain(hops + 1, only_ends=True)
    if hops <= 3:
        return ghz_fidelity(network)
    return weft.run("ghz:2", network, shots=50_000, seed=1, backend="stabilizer").fidelity.value


def makespans():
    rows = []
    for count in QFT_MODULES:
        times = []
        for network in (chain(count), bus(count, 0.1)):
            program = weft.compile(f"qft:{count}", network, seed=1)
            times.append((float(schedule(program, 64, 1).makespan_s.mean()), program.ebits))
        rows.append((count, *times))
    return rows


def draw(path, apart, table, crossings, rows):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 4.4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for name, values in table.items():
        left.plot(apart, values, "k-o" if name == "chain" else "-s", label=name, markersize=4)
    left.set_xlabel("modules apart")
    left.set_ylabel("fidelity of a GHZ pair")
    left.legend(fontsize=8)
    middle.plot(apart[1:], crossings, "-o", color="tab:green")
    middle.fill_between(apart[1:], 0, crossings, alpha=0.12, color="tab:green")
    middle.text(0.5, 0.35, "bus better", transform=middle.transAxes, ha="center")
    middle.text(0.5, 0.93, "chain better", transform=middle.transAxes, ha="center")
    middle.set_xlabel("modules apart")
    middle.set_ylabel("loss at each module on the way, dB")
    middle.set_ylim(0, 1.3 * max(crossings))
    counts = [row[0] for row in rows]
    right.plot(counts, [row[1][0] * 1e6 for row in rows], "k-o", label="chain")
    right.plot(counts, [row[2][0] * 1e6 for row in rows], "-s", label="bus, one transfer at a time")
    right.set_xlabel("modules")
    right.set_ylabel("makespan of a QFT over all, µs")
    right.legend(fontsize=8)
    for axes in (left, middle, right):
        axes.grid(visible=True, linewidth=0.4)
    left.set_ylim(bottom=0.5)
    right.set_ylim(bottom=0)
    figure.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path)
    plot = parser.parse_args().plot
    apart, table = fidelities()
    print("fidelity of a GHZ pair".ljust(32), *(f"{hops:>6}" for hops in apart), " modules apart")
    for name, values in table.items():
        print(name.ljust(32), *(f"{value:6.3f}" for value in values))
    crossings = [crossing_db(hops, table["chain"][hops - 1]) for hops in apart[1:]]
    print("equal at a loss, in dB, of".ljust(32), " " * 6, *(f"{loss:6.3f}" for loss in crossings))
    print("\nQFT over all modules     chain: makespan, ebits    bus: makespan, ebits")
    rows = makespans()
    for count, (slow, spent), (shared, direct) in rows:
        print(f"{count:>3} modules{slow * 1e6:>22.1f} µs {spent:>5}{shared * 1e6:>18.1f} µs {direct:>5}")
    if plot is not None:
        draw(plot, apart, table, crossings, rows)


if __name__ == "__main__":
    main()
