"""`weft cut`: run a circuit in pieces on QPUs that share no entanglement, and knit what they give."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated, Any, cast

import typer

from weft.cli.choices import Effort, Pairs
from weft.cli.options import (
    CircuitArgument,
    EffortOption,
    JsonOption,
    NetworkOption,
    SeedOption,
    console,
    print_json,
    shots_progress,
)
from weft.errors import InvalidValueError

_BUDGET = 10_000_000
"""Shots that a precision may take unless told otherwise: some minutes."""


def cut_command(
    circuit: CircuitArgument,
    network: NetworkOption,
    observable: Annotated[
        list[str] | None,
        typer.Option("--observable", metavar="PAULIS", help="Such as ZZII, qubit 0 rightmost; may be given again."),
    ] = None,
    distribution: Annotated[
        bool, typer.Option("--distribution", help="Estimate every outcome; this is done without --observable.")
    ] = False,
    shots: Annotated[
        int | None, typer.Option("--shots", help="Runs of pieces, all together; 100000 by default.")
    ] = None,
    precision: Annotated[
        float | None, typer.Option("--precision", metavar="P", help="Instead: the standard error not to exceed.")
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget",
            metavar="N",
            help="Refuse a precision that takes more shots; 10 million by default, a billion if only pairs are repaired.",
        ),
    ] = None,
    pairs: Annotated[
        Pairs, typer.Option("--pairs", help="On quantum links: use pairs as they are, or undo their noise by sampling.")
    ] = Pairs.as_they_are,
    most_ebits: Annotated[
        int | None,
        typer.Option("--most-ebits", metavar="N", help="On quantum links: cut gates to take no more in a shot."),
    ] = None,
    most_seconds: Annotated[
        float | None,
        typer.Option(
            "--most-seconds", metavar="T", help="On quantum links: cut gates where that saves time for --precision."
        ),
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Perfect machines, every outcome followed, no shots.")] = False,
    terms: Annotated[
        bool, typer.Option("--terms", help="Draw a term for every shot, also where every circuit could run.")
    ] = False,
    seed: SeedOption = None,
    effort: EffortOption = Effort.default,
    workers: Annotated[int, typer.Option("--workers", help="Circuits that run side by side.")] = 1,
    json: JsonOption = False,
) -> None:
    """Cut a circuit so that its pieces run on QPUs that share no entanglement: what comes out, and at what overhead."""
    if observable and distribution:
        raise InvalidValueError("only one of `--observable` and `--distribution` must be given, but both are")
    from weft.hardware import load_network
    from weft.study.cutting import cut

    where = load_network(network)
    decided = most_ebits is not None or most_seconds is not None  # else shots would decide what is cut
    if budget is None and (where.classical_links or decided):
        budget = max(_BUDGET, shots or 0)
    seed = secrets.randbelow(2**31) if seed is None else seed
    with shots_progress() as progress:
        knitted = cut(
            circuit,
            where,
            observables=observable or None,
            shots=shots,
            precision=precision,
            most_shots=budget,
            pairs=cast("Any", pairs.value.replace("-", " ")),
            most_ebits=most_ebits,
            most_seconds=most_seconds,
            exact=exact,
            sampling="terms" if terms else "auto",
            seed=seed,
            effort=effort.value,
            workers=workers,
            progress=progress,
        )
    for note in knitted.notes:
        sys.stderr.write(f"weft: note: {note}\n")
    from weft.report.cut_tables import cut_summary, cut_table

    if json:
        print_json(cut_summary(knitted))
    else:
        console().print(cut_table(knitted))
