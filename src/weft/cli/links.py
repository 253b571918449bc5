"""`weft links`: what links do, what they are made of, and what a better component would buy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weft.cli.options import JsonOption, console, print_json
from weft.errors import InvalidValueError
from weft.ranges import is_range, range_values

_MOST_VALUES = 10_000


def links_command(
    network: Annotated[str, typer.Argument(metavar="PRESET", help="Preset or YAML file; or a shorthand.")],
    scan: Annotated[
        str | None,
        typer.Option(
            "--scan", metavar="PARAMETER=LOW:HIGH:N[:log]", help="The link at N values of one of its components."
        ),
    ] = None,
    link: Annotated[str | None, typer.Option("--link", help="Which link to sweep, such as A-B.")] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw rate and fidelity over the component: .png, .svg or .pdf.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show the links of a network, or sweep a component of one."""
    from weft.hardware import load_network
    from weft.report.link_tables import links_summary, links_table, scan_summary, scan_table

    if scan is None:
        if plot is not None or link is not None:
            raise InvalidValueError(f"`--{'plot' if plot else 'link'}` must come with `--scan`, but comes alone")
        loaded = load_network(network)
        if json:
            print_json(links_summary(loaded))
        else:
            console().print(links_table(loaded))
        return
    from weft.hardware.scan import scan_link

    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    component, values = _values(scan)
    found = scan_link(network, component, values, link=link)
    if plot is not None:
        from weft.report.scan_plot import plot_scan

        plot_scan(found, plot)
    if json:
        print_json(scan_summary(found))
    else:
        console().print(scan_table(found))


def _values(text: str) -> tuple[str, list[float]]:
    """The component and the values of `NAME=LOW:HIGH:N`, or of `NAME=LOW:HIGH:N:log`.

    Raises:
        InvalidValueError: if the text is of another form.
    """
    name, _, rest = text.partition("=")
    if not name or not is_range(rest):
        raise InvalidValueError(
            f"`--scan` must be PARAMETER=LOW:HIGH:N, such as detector_efficiency=0.5:0.9:9, but is {text!r}"
        )
    return name.strip(), range_values(rest, "--scan", _MOST_VALUES)
