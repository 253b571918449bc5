"""Links and what they are made of, as tables for people and dictionaries for JSON."""

from __future__ import annotations

import math
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from weft.hardware.link_model import LinkModel, all_doubts
from weft.hardware.models import component_names, model_of, sources_of
from weft.hardware.scan import LinkNumbers, Scan
from weft.network import Link, Network, find_source, path_of_link
from weft.report.names import duration
from weft.report.plain_table import plain_table


def links_table(network: Network) -> Group:
    """Every link, and the components of those that are derived."""
    table = _table("link", "pairs per s", "attempt", "success", "pair fidelity", "length", "from")
    for link in network.links:
        derivation = network.derivations.get(link.name)
        rate = f"{1 / link.mean_wait_s:.4g}" if link.mean_wait_s else "any"
        source = derivation.model if derivation else "as given"
        fidelity, length = f"{link.delivered_pair.fidelity:.4g}", f"{link.length_m:g} m"
        table.add_row(
            link.name, rate, duration(link.attempt_s), f"{link.success_probability:.4g}", fidelity, length, source
        )
    parts: list[Table | Text] = [table]
    alike: dict[tuple[tuple[str, str, str], ...], list[Link]] = {}
    for position, link in enumerate(network.links):
        if link.name in network.derivations:
            alike.setdefault(_components(network, position, link), []).append(link)
    for rows, links in alike.items():
        names = ", ".join(link.name for link in links)
        derivation = network.derivations[links[0].name]
        parts += [Text(), _components_table(f"{names}: {derivation.model}", rows)]
        model = model_of(derivation)
        parts += [Text(f"{what}: {value:.4g}") for what, value in _figures(model).items()]
        parts += [Text(f"left out: {caveat}", style="dim") for caveat in model.caveats]
        parts += [Text(f"note: {names}: {doubt}", style="yellow") for doubt in all_doubts(model)]
    return Group(*parts)


def _components(network: Network, position: int, link: Link) -> tuple[tuple[str, str, str], ...]:
    """Name, value and source of each."""
    derivation, path = network.derivations[link.name], path_of_link(network, position)
    model = model_of(derivation)

    def source(name: str) -> str:
        if name in derivation.place:
            return "derived: from where its modules are on the bus"
        found = find_source(network, f"{path}.derived.{name}")
        default = sources_of(derivation.model).get(name, "the model's default")
        return found or ("" if name in derivation.components else default)

    return tuple((name, f"{getattr(model, name)}", source(name)) for name in component_names(derivation.model))


def _figures(model: LinkModel) -> dict[str, float]:
    """What else experiments publish of such a link, if its model knows."""
    return dict(getattr(model, "figures", {}))


def _components_table(title: str, rows: tuple[tuple[str, str, str], ...]) -> Table:
    table = _table("component", "value", "source")
    table.title, table.title_justify = title, "left"
    for row in rows:
        table.add_row(*row)
    return table


def scan_table(scan: Scan) -> Group:
    """A link at several values of a component."""
    table = _table(scan.component, "pairs per s", "attempt", "success", "pair fidelity")
    doubts: dict[str, list[str]] = {}
    for value, numbers in zip(scan.values, scan.numbers, strict=True):
        if numbers is None:
            table.add_row(f"{value:.6g}", *"––––")
            continue
        row = (f"{numbers.rate_hz:.6g}", duration(numbers.attempt_s), f"{numbers.success_probability:.6g}")
        fidelity = "–" if numbers.pair is None else f"{numbers.pair.fidelity:.6g}"
        table.add_row(f"{value:.6g}{' *' if numbers.doubts else ''}", *row, fidelity)
        for doubt in numbers.doubts:
            doubts.setdefault(doubt, []).append(f"{value:.6g}")
    head = f"link {scan.link} of {scan.network} ({scan.model}); {scan.component} is {scan.current:g}"
    notes = [f"* {doubt} (at {', '.join(values)})" for doubt, values in doubts.items()]
    notes += [f"– {refusal}" for refusal in scan.refusals]
    return Group(Text(head), Text(), table, *(Text(f"note: {note}", style="yellow") for note in notes))


def links_summary(network: Network) -> list[dict[str, Any]]:
    """Every link, ready for JSON."""
    return [
        {
            "link": link.name,
            "attempt_s": link.attempt_s,
            "success_probability": link.success_probability,
            "rate_hz": 1 / link.mean_wait_s if link.mean_wait_s else None,
            "fidelity": link.delivered_pair.fidelity,
            "bell_weights": list(link.delivered_pair.bell_weights),
            "density_matrix": {
                "real": link.delivered_pair.matrix.real.tolist(),
                "imag": link.delivered_pair.matrix.imag.tolist(),
            },
            "length_m": link.length_m,
            **_derivation_summary(network, link),
        }
        for link in network.links
    ]


def _derivation_summary(network: Network, link: Link) -> dict[str, Any]:
    derivation = network.derivations.get(link.name)
    if derivation is None:
        return {"model": None, "components": None, "figures": {}, "doubts": []}
    model = model_of(derivation)
    values = {name: getattr(model, name) for name in component_names(derivation.model)}
    plain = {name: None if isinstance(value, float) and math.isinf(value) else value for name, value in values.items()}
    return {
        "model": derivation.model,
        "components": plain,
        "figures": _figures(model),
        "doubts": list(all_doubts(model)),
    }


def scan_summary(scan: Scan) -> dict[str, Any]:
    """A scan, ready for JSON."""
    return {
        "network": scan.network,
        "link": scan.link,
        "model": scan.model,
        "component": scan.component,
        "current": scan.current,
        "refused": list(scan.refusals),
        "scan": [
            {"value": value, **_numbers(numbers)}
            for value, numbers in zip(scan.values, scan.numbers, strict=True)
            if numbers is not None
        ],
    }


def _numbers(numbers: LinkNumbers) -> dict[str, Any]:
    return {
        "attempt_s": numbers.attempt_s,
        "success_probability": numbers.success_probability,
        "rate_hz": numbers.rate_hz if math.isfinite(numbers.rate_hz) else None,
        "fidelity": None if numbers.pair is None else numbers.pair.fidelity,
        "bell_weights": None if numbers.pair is None else list(numbers.pair.bell_weights),
        "doubts": list(numbers.doubts),
    }


def _table(*headers: str) -> Table:
    table = plain_table()
    for header in headers:
        table.add_column(header, header_style="dim", no_wrap=header != "source", overflow="fold")
    return table
