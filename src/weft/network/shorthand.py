"""Networks in one word: `all:4x9` is four QPUs of nine data qubits each, every two of them linked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

from weft.errors import InvalidNetworkError
from weft.network.bell_pair import BellPair
from weft.network.defaults import PAIR_FIDELITY, default_classical_link, default_link, default_qpu
from weft.network.limits import check_size
from weft.network.network import Network
from weft.network.wording import shorten

FORMS = {
    "all": "all:KxD",
    "line": "line:KxD",
    "ring": "ring:KxD",
    "grid": "grid:RxCxD",
    "star": "star:KxD",
    "apart": "apart:KxD",
    "classical": "classical:KxD",
}
"""Form of each shorthand: K QPUs (grid: R×C), D data qubits in each; `+M` behind it limits communication qubits."""
_WITHOUT_ENTANGLEMENT = ("apart", "classical")

_EXPLANATION = "K QPUs or R × C, D data qubits in each, M communication qubits in each"


def is_shorthand(text: str) -> bool:
    """Whether the text starts as a shorthand does; whether it is a good one only `parse_shorthand` tells."""
    return text.partition(":")[0] in FORMS and ":" in text


def parse_shorthand(text: str) -> Network:
    """The network that a shorthand stands for.

    Args:
        text: `all:KxD`, `line:KxD`, `ring:KxD`, `grid:RxCxD` or `star:KxD` (the first QPU is the hub), each with an
            optional `+M`. QPUs are called A to Z, AA, AB and so on; a grid's are in rows. `apart:KxD` has classical links
            only, between every two QPUs, and too slow for qubits to wait for them; `classical:KxD` has some that are not.

    Raises:
        InvalidNetworkError: the text has another form, or the network would be too large.
    """
    kind = text.partition(":")[0]
    sizes, data, communication = _parse_sizes(kind, text)
    count, links = _count(kind, sizes)
    check_size(count, count * data, links)
    names = [qpu_name(position) for position in range(count)]
    pair = BellPair.werner(PAIR_FIDELITY)
    ends = [(names[a], names[b]) for a, b in _TOPOLOGIES[kind](sizes)]
    classical = kind in _WITHOUT_ENTANGLEMENT
    return Network(
        name=text,
        qpus=tuple(default_qpu(name, data, communication) for name in names),
        links=() if classical else tuple(default_link(a, b, pair) for a, b in ends),
        classical_links=tuple(default_classical_link(a, b, real_time=kind == "classical") for a, b in ends)
        if classical
        else (),
        description=_describe(kind, sizes, data, communication),
        sources={"qpus": _SOURCE, "links": _SOURCE},
    )


def qpu_name(position: int) -> str:
    """Spreadsheet style: A to Z for 0 to 25, then AA, AB and so on."""
    name = ""
    position += 1
    while position:
        position, letter = divmod(position - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


_SOURCE = "assumed: Weft's default hardware, round numbers near what trapped-ion laboratories report"


def _parse_sizes(kind: str, text: str) -> tuple[list[int], int, int | None]:
    """K (or R, C), D and M."""
    form = FORMS[kind]
    # Nine digits are above every limit, and keep Python from reading integers of any length.
    pattern = kind + ":" + "x".join([r"([0-9]{1,9})"] * (form.count("x") + 1)) + r"(?:\+([0-9]{1,9}))?"
    match = re.fullmatch(pattern, text)
    if match is None:
        raise InvalidNetworkError(
            f"a shorthand must have the form `{form}` or `{form}+M` ({_EXPLANATION}; up to 9 digits in a number), "
            f"but is `{shorten(text)}`"
        )
    *sizes, data = (int(group) for group in match.groups()[:-1])
    if min(*sizes, data) < 1:
        raise InvalidNetworkError(f"`{text}`: every number in `{form}` must be at least 1, but one is 0")
    return sizes, data, None if match.groups()[-1] is None else int(match.groups()[-1])


def _count(kind: str, sizes: list[int]) -> tuple[int, int]:
    """Numbers of QPUs and of links, without making them."""
    if kind == "grid":
        rows, columns = sizes
        return rows * columns, rows * (columns - 1) + columns * (rows - 1)
    count = sizes[0]
    every = count * (count - 1) // 2
    links = {"all": every, "apart": every, "classical": every, "ring": count if count > 2 else count - 1}
    return count, links.get(kind, count - 1)


def _ring(sizes: list[int]) -> Iterator[tuple[int, int]]:
    yield from _line(sizes)
    if sizes[0] > 2:
        yield 0, sizes[0] - 1


def _line(sizes: list[int]) -> Iterator[tuple[int, int]]:
    return ((position, position + 1) for position in range(sizes[0] - 1))


def _grid(sizes: list[int]) -> Iterator[tuple[int, int]]:
    rows, columns = sizes
    for position in range(rows * columns):
        if position % columns < columns - 1:
            yield position, position + 1
        if position < (rows - 1) * columns:
            yield position, position + columns


_TOPOLOGIES: dict[str, Callable[[list[int]], Iterator[tuple[int, int]]]] = {
    "all": lambda sizes: combinations(range(sizes[0]), 2),
    "line": _line,
    "ring": _ring,
    "grid": _grid,
    "star": lambda sizes: ((0, position) for position in range(1, sizes[0])),
    "apart": lambda sizes: combinations(range(sizes[0]), 2),
    "classical": lambda sizes: combinations(range(sizes[0]), 2),
}


def _describe(kind: str, sizes: list[int], data: int, communication: int | None) -> str:
    shapes = {
        "all": "every two of them linked",
        "line": "in a line",
        "ring": "in a ring",
        "grid": f"in a grid of {sizes[0]} × {sizes[-1]}",
        "star": "in a star around the first",
        "apart": "that share no entanglement and run apart",
        "classical": "joined by classical links only",
    }
    count, _ = _count(kind, sizes)
    qpus = "1 QPU" if count == 1 else f"{count} QPUs {shapes[kind]}"
    limit = "unlimited communication qubits" if communication is None else _many(communication, "communication qubit")
    return f"{qpus}; {_many(data, 'data qubit')} and {limit} in each; default hardware"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
