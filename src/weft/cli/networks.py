"""`weft networks`: what there is to run on."""

from __future__ import annotations

from typing import Annotated

import typer

from weft.cli.options import JsonOption, console, print_json


def networks_command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Preset, YAML file or shorthand to show.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the networks that Weft knows, or show one with the source of every number."""
    from weft.hardware import load_network
    from weft.network import describe, preset_names

    if name is None:
        networks = [load_network(preset) for preset in preset_names()]
        if json:
            print_json([describe(network) for network in networks])
            return
        from weft.report.tables import networks_table

        out = console()
        out.print(networks_table(networks))
        out.print(
            "\nshorthands: all:KxD  line:KxD  ring:KxD  grid:RxCxD  star:KxD   K QPUs (grid: R×C) of D data qubits,"
        )
        out.print("            with +M for at most M communication qubits per QPU, as in all:4x9+2; or a YAML file")
        return
    network = load_network(name)
    if json:
        from weft.report.summary import network_summary

        print_json(network_summary(network))
        return
    from weft.report.tables import network_table

    console().print(network_table(network))
