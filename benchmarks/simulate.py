"""How fast programs are played and simulated, against targets and peers. Prints a table.

    python benchmarks/simulate.py [--quick] [--json FILE]
    python benchmarks/simulate.py --plot FILE

CPU seconds of one core, the best of a few runs, after kernels are compiled and programs are planned. Stim and Qiskit Aer run in
the same process on the same circuits: Stim without time (constant noise), Aer on the circuit before it was distributed. `--quick`
takes fewer rows and shots, and leaves the state vector out; its figures are rougher. `--plot` only draws how cost grows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import frames_speed
import schedule_speed
import statevector_speed

import weft
from weft.scheduler import Player, Policy, schedule
from weft.scheduler.chains import Chain, wait_for_chain


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        work: what was done.
        value: how fast it was.
        unit: of the value and of the targets.
        reach: what it should be.
        stretch: what would be excellent.
        peer: how fast another tool is, in the same unit; None where none was run.
        smaller_is_better: for times.
    """

    work: str
    value: float
    unit: str
    reach: float
    stretch: float
    peer: float | None = None
    smaller_is_better: bool = False

    @property
    def verdict(self) -> str:
        """Which target is met."""
        sign = -1 if self.smaller_is_better else 1
        if sign * self.value >= sign * self.stretch:
            return "stretch"
        return "reach" if sign * self.value >= sign * self.reach else "missed"


def timelines(quick: bool) -> Iterator[Figure]:
    """Playing alone."""
    rows, shots, repeats = (100_000 if quick else 1_000_000), 100, 3
    program = schedule_speed.random_program(schedule_speed.torus(3, 4, 16, 2), rows, 0.1, 1)
    seconds = schedule_speed.best_cpu_s(lambda: schedule(program, shots, 1), repeats)
    share = 1_000_000 / len(program)
    yield Figure("timelines, 10⁶ instructions × 100 shots, times stored", seconds * share, "s", 2, 0.5, None, True)
    seconds = schedule_speed.best_cpu_s(lambda: weft.simulate(program, seed=1, backend="estimate", workers=1), 2)
    yield Figure("estimate, 10⁶ instructions, 64 timelines", seconds * share, "s", 10, 2, None, True)
    roomy = schedule_speed.random_program(schedule_speed.torus(3, 4, 16, 16), rows, 0.1, 1)
    player = Player(roomy, Policy("prefetch", cutoff_s=1e-4))
    seconds = schedule_speed.best_cpu_s(lambda: schedule_speed.stream(player, shots), repeats)
    yield Figure("the same with buffers and cutoff", len(roomy) * shots / seconds, "op-shots/s", 4e7, 1e8)
    large = schedule_speed.random_program(schedule_speed.torus(50, 50, 2, 2), rows, 0.1, 1)
    wide = Player(large)
    seconds = schedule_speed.best_cpu_s(lambda: schedule_speed.stream(wide, 2 * wide.width), repeats)
    yield Figure("10,000 qubits, 5,000 links", len(large) * 2 * wide.width / seconds, "op-shots/s", 8e7, 2e8)


def frames(quick: bool) -> Iterator[Figure]:
    """Clifford programs, and Stim on the same circuits."""
    for name, program, shots, reach, stretch in (
        ("teleported CNOT, all noise, all timing", frames_speed.teleported_cnot(), 2**16, 1e7, 3e7),
        (
            "Clifford, 100 qubits, 10⁴ gates, 2,000 remote",
            frames_speed.clifford_100(),
            2**9 if quick else 2**11,
            1e4,
            2e4,
        ),
    ):
        found = frames_speed.measure(program, shots, shots, 3 if quick else 7)
        yield Figure(name, found["weft"], "shots/s", reach, stretch, found["stim, constant noise"])

    shots = 2**20 if quick else 2**22
    found = shots / seconds_of(frames_speed.teleported_cnot(), shots)
    yield Figure("teleported CNOT, the whole of weft.simulate, with counts", found, "shots/s", 1e7, 3e7)


def state_vectors() -> Iterator[Figure]:
    """How many times faster than Aer: its best settings on the undistributed circuit, with as many errors a shot."""
    for errors, ratio in statevector_speed.ratios([2.0, 0.15], qubits=20, depth=20, shots=1000, aer_shots=10):
        reach, stretch = (4, 10) if errors > 1 else (20, 70)
        yield Figure(f"20 qubits, depth 20, {errors:g} errors a shot", ratio, "times Aer", reach, stretch, 1.0)


def chains(quick: bool) -> Iterator[Figure]:
    """End-to-end pairs over 5 nodes: 4 links at p = .1."""
    pairs = 100_000 if quick else 1_000_000
    for order, success, reach, stretch in (("nested", 0.5, 1e6, 3e6), ("as_soon_as_possible", 1.0, 1e7, 4e7)):
        chain = Chain((1e-3,) * 4, (0.1,) * 4, success)
        seconds = schedule_speed.best_cpu_s(
            lambda chain=chain, order=order: wait_for_chain(chain, pairs, 1, order=order), 3
        )
        words = order.replace("_", " ")
        yield Figure(f"pairs over 5 nodes, swaps {success}, {words}", pairs / seconds, "pairs/s", reach, stretch)


def start() -> Iterator[Figure]:
    """A small run of the command line in a new process, kernels cached; user and system time."""
    command = [sys.executable, "-m", "weft", "run", "ghz:6", "-n", "all:2x3", "--seed", "1", "--json"]
    code = (
        "import resource, subprocess; "
        f"subprocess.run({command!r}, check=True, stdout=subprocess.DEVNULL); "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime)"
    )
    seconds = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(4)
    ]
    yield Figure("second start of the command line", min(seconds[1:]), "s", 2, 1, None, True)


def plot_growth(path: Path) -> None:
    """Draws CPU seconds against shots, and against instructions, of `weft.simulate` on Pauli frames."""
    from matplotlib.figure import Figure as Picture
    from matplotlib.ticker import NullFormatter

    picture = Picture(figsize=(9, 3.6), layout="constrained")
    left, right = picture.subplots(1, 2)
    small = frames_speed.clifford_100(1000, 200)
    shots = [2**k for k in range(11, 18)]
    left.loglog(shots, [seconds_of(small, count) for count in shots], "o-")
    left.set(xlabel="shots", ylabel="CPU seconds", title=f"{len(small):,} instructions")
    programs = [frames_speed.clifford_100(gates, gates // 5) for gates in (500, 1000, 2000, 4000, 8000, 16000)]
    right.loglog([len(program) for program in programs], [seconds_of(program, 2**12) for program in programs], "o-")
    right.set(xlabel="instructions", title="4,096 shots")
    for axes, (low, high) in ((left, (shots[0], shots[-1])), (right, (len(programs[0]), len(programs[-1])))):
        last = axes.lines[0].get_ydata()[-1]
        axes.loglog([low, high], [last * low / high, last], ":", color="grey", label="linear")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.legend()
    picture.savefig(path, dpi=120)


def seconds_of(program: weft.Program, shots: int) -> float:
    """CPU seconds of a simulation, the best of three."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        weft.simulate(program, shots=shots, seed=1, backend="stabilizer", workers=1)
        seconds.append(time.process_time() - began)
    return min(seconds)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="only draw")
    options = parser.parse_args()
    if options.plot:
        plot_growth(options.plot)
        return
    figures = []
    print(f"{'work':58} {'measured':>10} {'reach':>8} {'stretch':>8} {'peer':>9}  unit        met")
    for part in (start(), chains(options.quick), frames(options.quick), timelines(options.quick)):
        figures += show(part)
    if not options.quick:
        figures += show(state_vectors())
    if options.json:
        rows = [{**asdict(figure), "met": figure.verdict} for figure in figures]
        options.json.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def show(figures: Iterator[Figure]) -> list[Figure]:
    """Prints each as it comes."""
    shown = []
    for figure in figures:
        peer = "" if figure.peer is None else f"{figure.peer:.3g}"
        print(
            f"{figure.work:58} {figure.value:10.3g} {figure.reach:8.3g} {figure.stretch:8.3g} {peer:>9}  "
            f"{figure.unit:11} {figure.verdict}",
            flush=True,
        )
        shown.append(figure)
    return shown


if __name__ == "__main__":
    main()
