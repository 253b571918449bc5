"""`weft inspect`: the structure of a computation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weft.cli.options import CircuitArgument, JsonOption, SeedOption, console, print_json, tell_doubts


def inspect_command(
    circuit: CircuitArgument,
    network: Annotated[
        str | None,
        typer.Option("--network", "-n", help="Preset, YAML file, or shorthand; two halves of the qubits by default."),
    ] = None,
    seed: SeedOption = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw entropies and fragile moments: .png, .svg or .pdf.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Look at the structure of a computation: entanglement across cuts, fragile moments, critical path, speed-up."""
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    from weft.hardware import load_network
    from weft.study.structure import inspect

    loaded = None if network is None else load_network(network)
    if loaded is not None:
        tell_doubts(loaded)
    found = inspect(circuit, loaded, seed=seed or 0)
    if plot is not None:
        from weft.report.structure_plot import plot_structure

        plot_structure(found, plot)
    if json:
        from weft.report.structure_summary import structure_summary

        print_json(structure_summary(found))
        return
    from weft.report.structure_tables import structure_tables

    console().print(structure_tables(found))
