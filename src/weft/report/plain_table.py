"""Tables as the command line prints them: without lines, names and headers dim."""

from __future__ import annotations

from rich.table import Table

_SPACED = (0, 2, 0, 0)


def plain_table(*headers: str, left: int | None = None) -> Table:
    """A table to add rows to.

    Args:
        headers: of columns that are never broken; others may be added.
        left: how many of them stand on the left of their columns, as words do; the rest on the right, as numbers do. None for all.
    """
    table = Table(box=None, pad_edge=False, padding=_SPACED)
    for place, header in enumerate(headers):
        on_left = left is None or place < left
        table.add_column(header, header_style="dim", no_wrap=True, justify="left" if on_left else "right")
    return table


def named_rows(*rows: tuple[str, str]) -> Table:
    """Names with a text for each, which may take several lines; rows may be added."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=_SPACED)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
