"""`weft clinr`: a Clifford circuit direct, with noise reduction on one QPU, and over several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from weft.cli.choices import Convention, Goal, Injection, Resources, Strategy
from weft.cli.options import CircuitArgument, JsonOption, SeedOption, console, print_json
from weft.errors import InvalidValueError

if TYPE_CHECKING:
    from weft.protocols.clinr import CliffordCircuit, Comparison, Noise, Ring
    from weft.protocols.clinr.search import Candidate

_MOST_TIMES = 50
_SEARCHED_BLOCKS = (2, 4, 8)
_SEARCHED_CHECKS = (0, 1, 2, 3, 4, 6, 8)
_MOST_SHOTS_OF_SEARCH = 20_000


def clinr_command(
    circuit: CircuitArgument,
    qpus: Annotated[int, typer.Option("--qpus", help="How many QPUs are in the ring.")] = 4,
    tau: Annotated[
        str, typer.Option("--tau", metavar="T|LOW:HIGH", help="Gate times that a link takes to make a Bell pair.")
    ] = "5",
    blocks: Annotated[int, typer.Option("--blocks", help="How many blocks the circuit is cut into.")] = 4,
    checks: Annotated[int, typer.Option("--checks", help="At most so many stabilizers are measured per block.")] = 3,
    strategy: Annotated[Strategy, typer.Option("--strategy", help="Which stabilizers.")] = Strategy.uniform,
    ancillas: Annotated[
        int, typer.Option("--ancillas", help="Ancillas per block: 1 in sequence, more for interleaved checks.")
    ] = 1,
    cat: Annotated[bool, typer.Option("--cat", help="Ancillas share each check as a cat state instead.")] = False,
    pair_checks: Annotated[
        int, typer.Option("--pair-checks", help="Of blocks split over a link, checks of the bare pairs before.")
    ] = 0,
    error: Annotated[float, typer.Option("--error", metavar="P", help="Of two-qubit gates and the rest.")] = 1e-4,
    pair_error: Annotated[
        float | None, typer.Option("--pair-error", metavar="EPS", help="Infidelity of Bell pairs; P by default.")
    ] = None,
    measurement_error: Annotated[
        float | None, typer.Option("--measurement-error", help="Of preparation and measurement; P by default.")
    ] = None,
    idle_error: Annotated[float, typer.Option("--idle-error", help="Of a qubit that waits for one gate time.")] = 0.0,
    convention: Annotated[Convention, typer.Option("--convention", help="How depth is counted.")] = Convention.serial,
    injection: Annotated[Injection, typer.Option("--injection", help="How blocks are joined.")] = Injection.in_order,
    resources: Annotated[
        Resources, typer.Option("--resources", help="Blocks whole on a QPU, or split over a link.")
    ] = Resources.whole,
    buffer: Annotated[
        int | None, typer.Option("--buffer", help="Pairs that a link can keep; one for each qubit by default.")
    ] = None,
    sizes: Annotated[
        str | None,
        typer.Option(
            "--sizes", metavar="LOW:HIGH:STEP", help="Also random circuits of these n, their gates growing as n²."
        ),
    ] = None,
    search: Annotated[
        Goal | None,
        typer.Option(
            "--search",
            help="Find blocks, checks and injection instead: the lowest error that is no deeper than the direct circuit, the "
            "lowest depth with no higher error, or all that nothing else beats on both.",
        ),
    ] = None,
    shots: Annotated[int, typer.Option("--shots", help="Attempts at each block.")] = 100_000,
    seed: SeedOption = 0,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", help="Draw error and depth over the pair time, and over n with --sizes: .png, .svg or .pdf."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare a Clifford circuit direct, with noise reduction on one QPU, and over a ring of QPUs."""
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    from weft.circuit import load_circuit
    from weft.protocols.clinr import Noise, Ring, Scheme, Verification, clifford_from_circuit, compare
    from weft.report.clinr_tables import clinr_sizes_table, clinr_summary, clinr_table

    clifford = clifford_from_circuit(load_circuit(circuit, seed=seed or 0))
    others = {} if measurement_error is None else dict.fromkeys(("preparation", "measurement"), measurement_error)
    noise = Noise.uniform(error, pair=error if pair_error is None else pair_error, idle=idle_error, **others)
    times, counted = _pair_times(tau), cast("Any", convention.value)
    rings = {
        each: Ring(qpus, each, buffer, cast("Any", injection.value.replace("-", " ")), cast("Any", resources.value))
        for each in times
    }
    if search is not None:
        if plot is not None or sizes is not None or len(times) > 1:
            raise InvalidValueError("`--search` must be for one `--tau`, without `--sizes` and `--plot`, but is not")
        _show_search(
            clifford, noise, rings[times[0]], search, checks, min(shots, _MOST_SHOTS_OF_SEARCH), counted, seed, json
        )
        return
    layout = "cat" if cat else "interleaved" if ancillas > 1 else "sequence"
    scheme = Scheme(
        blocks, checks, cast("Any", strategy.value), Verification(cast("Any", layout), ancillas), pair_checks
    )
    settings = {"shots": shots, "convention": counted, "seed": seed or 0}
    found = {each: compare(clifford, noise, scheme, ring, **settings) for each, ring in rings.items()}
    by_size: dict[int, Comparison] = {
        each.num_qubits: compare(each, noise, scheme, rings[times[0]], **settings)
        for each in _circuits_by_size(clifford, sizes, seed or 0)
    }
    if plot is not None:
        from weft.report.clinr_plot import plot_clinr

        plot_clinr(found, counted, plot, sizes=by_size)
    if json:
        print_json(clinr_summary(found, counted, sizes=by_size))
        return
    console().print(clinr_table(found, counted))
    if by_size:
        console().print()
        console().print(clinr_sizes_table(by_size, times[0], counted))


def _show_search(
    clifford: CliffordCircuit, noise: Noise, ring: Ring, goal: Goal, checks: int, shots: int, convention: Any,
    seed: int | None, json: bool,
) -> None:  # fmt: skip
    from weft.protocols.clinr.search import find_candidates
    from weft.report.clinr_search_table import clinr_search_summary, clinr_search_table

    found = find_candidates(
        clifford,
        noise,
        ring,
        blocks=[number for number in _SEARCHED_BLOCKS if number <= clifford.two_qubit_gates],
        checks=[number for number in _SEARCHED_CHECKS if number <= checks],
        shots=shots,
        convention=convention,
        seed=seed or 0,
    )
    chosen = (_best(found, goal, convention), goal.value, len(found), convention)
    if json:
        print_json(clinr_search_summary(*chosen))
    else:
        console().print(clinr_search_table(*chosen))


def _best(found: list[Candidate], goal: Goal, convention: Any) -> list[Candidate]:
    from weft.protocols.clinr.search import best_candidate, undominated

    if goal is Goal.both:
        return undominated(found, convention)
    direct = next(each.measures for each in found if each.scheme is None)
    if goal is Goal.error:
        best = best_candidate(found, convention, depth_at_most=direct.depth[convention].value)
    else:
        best = best_candidate(found, convention, error_at_most=direct.logical_error.value)
    return [] if best is None else [best]


def _circuits_by_size(clifford: CliffordCircuit, text: str | None, seed: int) -> list[CliffordCircuit]:
    """Random circuits of the sizes of `LOW:HIGH:STEP`, with as many gates over n² as the circuit has.

    Raises:
        InvalidValueError: if the text is of another form.
    """
    from weft.protocols.clinr import random_clifford_circuit

    if text is None:
        return []
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        parts = ["0", "0", "0"]
    low, high, step = map(int, parts)
    if not (2 <= low <= high and step >= 1 and (high - low) // step < _MOST_TIMES):
        raise InvalidValueError(
            f"`--sizes` must be LOW:HIGH:STEP with 2 ≤ LOW ≤ HIGH and at most {_MOST_TIMES} sizes, but is {text!r}"
        )
    density = clifford.two_qubit_gates / clifford.num_qubits**2
    return [random_clifford_circuit(n, round(density * n**2), seed) for n in range(low, high + 1, step)]


def _pair_times(text: str) -> list[float]:
    """The times of `T`, or of `LOW:HIGH` in steps of 1.

    Raises:
        InvalidValueError: if the text is of another form.
    """
    low, _, high = text.partition(":")
    try:
        first, last = float(low), float(high or low)
    except ValueError:
        first, last = 0.0, -1.0
    if not 0 <= first <= last or last - first >= _MOST_TIMES:
        raise InvalidValueError(
            f"`--tau` must be a time ≥ 0, or LOW:HIGH with at most {_MOST_TIMES} steps of 1 between, but is {text!r}"
        )
    return [first + step for step in range(int(last - first) + 1)]
