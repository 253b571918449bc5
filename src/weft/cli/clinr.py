"""`weft clinr`: a Clifford circuit direct, with noise reduction on one QPU, and over several."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from weft.cli.options import CircuitArgument, JsonOption, SeedOption, console, print_json
from weft.errors import InvalidValueError

if TYPE_CHECKING:
    from weft.protocols.clinr import Comparison

_MOST_TIMES = 50


class Convention(enum.StrEnum):
    """How depth is counted."""

    serial = "serial"
    layers = "layers"
    overlapped = "overlapped"


class Strategy(enum.StrEnum):
    """Which stabilizers are checked."""

    uniform = "uniform"
    generators = "generators"


class Injection(enum.StrEnum):
    """How blocks are joined."""

    in_order = "in-order"
    any_order = "any-order"


class Resources(enum.StrEnum):
    """Where resource states are made."""

    whole = "whole"
    over_link = "split"


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
    error: Annotated[float, typer.Option("--error", metavar="P", help="Of two-qubit gates and the rest.")] = 1e-4,
    pair_error: Annotated[
        float | None, typer.Option("--pair-error", metavar="EPS", help="Infidelity of Bell pairs; P by default.")
    ] = None,
    idle_error: Annotated[float, typer.Option("--idle-error", help="Of a qubit that waits for one gate time.")] = 0.0,
    convention: Annotated[Convention, typer.Option("--convention", help="How depth is counted.")] = Convention.serial,
    injection: Annotated[Injection, typer.Option("--injection", help="How blocks are joined.")] = Injection.in_order,
    resources: Annotated[
        Resources, typer.Option("--resources", help="Blocks whole on a QPU, or split over a link.")
    ] = Resources.whole,
    shots: Annotated[int, typer.Option("--shots", help="Attempts at each block.")] = 100_000,
    seed: SeedOption = 0,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw error and depth over the pair time: .png, .svg or .pdf.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare a Clifford circuit direct, with noise reduction on one QPU, and over a ring of QPUs."""
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    from weft.circuit import load_circuit
    from weft.protocols.clinr import Noise, Ring, Scheme, Verification, clifford_from_circuit, compare

    clifford = clifford_from_circuit(load_circuit(circuit, seed=seed or 0))
    noise = Noise.uniform(error, pair=error if pair_error is None else pair_error, idle=idle_error)
    verification = Verification("interleaved" if ancillas > 1 else "sequence", ancillas)
    scheme = Scheme(blocks, checks, cast("Any", strategy.value), verification)
    found: dict[float, Comparison] = {}
    for pair_time in _pair_times(tau):
        ring = Ring(qpus, pair_time, None, cast("Any", injection.value.replace("-", " ")), cast("Any", resources.value))
        found[pair_time] = compare(
            clifford, noise, scheme, ring, shots=shots, convention=cast("Any", convention.value), seed=seed or 0
        )
    from weft.report.clinr_tables import clinr_summary, clinr_table

    if plot is not None:
        from weft.report.clinr_plot import plot_clinr

        plot_clinr(found, cast("Any", convention.value), plot)
    if json:
        print_json(clinr_summary(found, cast("Any", convention.value)))
    else:
        console().print(clinr_table(found, cast("Any", convention.value)))


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
