"""`weft compare`: one big QPU, quantum links, hybrid links and cutting side by side for a circuit, and which is worth it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from weft.cli.choices import Effort, Quantity
from weft.cli.options import (
    CircuitArgument,
    EffortOption,
    JsonOption,
    SeedOption,
    console,
    print_json,
    tell_doubts,
)


def compare_command(
    circuit: CircuitArgument,
    networks: Annotated[
        str,
        typer.Option("--networks", "-n", metavar="A,B,C", help="Presets, YAML files or shorthands, apart by commas."),
    ],
    shots: Annotated[int, typer.Option("--shots", help="Of each simulation, and of the error that is printed.")] = 1000,
    seed: SeedOption = None,
    target_fidelity: Annotated[
        float | None, typer.Option("--target-fidelity", metavar="F", help="Say which ways reach it.")
    ] = None,
    crossover: Annotated[
        list[Quantity] | None,
        typer.Option("--crossover", help="Where another way draws level as this is scaled; may be repeated."),
    ] = None,
    effort: EffortOption = Effort.default,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the ways and crossovers: .png, .svg or .pdf.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare one big QPU, quantum, hybrid and classical links for a circuit, and say whether to distribute it."""
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    from weft.hardware import load_network
    from weft.study.comparison import compare

    loaded = [load_network(name.strip()) for name in networks.split(",") if name.strip()]
    for network in loaded:
        tell_doubts(network)
    with _progress() as progress:
        found = compare(
            circuit,
            loaded,
            shots=shots,
            seed=secrets.randbelow(2**31) if seed is None else seed,
            target_fidelity=target_fidelity,
            crossover=[one.value for one in crossover or []],
            effort=effort.value,
            progress=progress,
        )
    if plot is not None:
        from weft.report.comparison_plot import plot_comparison

        plot_comparison(found, plot)
    from weft.report.comparison_tables import comparison_summary, comparison_table

    if json:
        print_json(comparison_summary(found))
    else:
        console().print(comparison_table(found))


@contextmanager
def _progress() -> Iterator[Callable[[str], None] | None]:
    """What is done next, on standard error if that is a terminal; nothing in a pipe."""
    from rich.console import Console

    out = Console(stderr=True)
    if not out.is_terminal:
        yield None
        return
    with out.status("compare") as status:
        yield status.update
