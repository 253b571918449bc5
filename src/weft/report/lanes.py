"""Where the lanes of a detailed picture lie: QPUs in order, each followed by its links to later QPUs."""

from __future__ import annotations

from dataclasses import dataclass

from weft.report.names import logical_qubits, shorten
from weft.report.slices import Slices

_SPACE_BETWEEN_BANDS = 0.35


@dataclass(frozen=True)
class Band:
    """Neighbouring lanes that belong together.

    Attributes:
        label: the QPU's name; empty for links.
        low: where the band begins.
        high: where it ends.
    """

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class Lanes:
    """Lanes are one high; their centres grow downwards.

    Attributes:
        qubits: centre of each qubit's lane.
        channels: centre of the lane of each (link, channel) in use.
        labels: (centre, text, whether it is a link's) of each lane.
        bands: QPUs and groups of links.
        height: of all lanes together.
    """

    qubits: list[float]
    channels: dict[tuple[int, int], float]
    labels: list[tuple[float, str, bool]]
    bands: list[Band]
    height: float


def count_lanes(slices: Slices) -> int:
    """How many lanes there would be."""
    return slices.program.num_qubits + len(slices.used_channels)


def lay_lanes(slices: Slices) -> Lanes:
    """Gives every qubit and every link channel in use a lane."""
    program = slices.program
    network = program.network
    logical = logical_qubits(program)
    qubits = [0.0] * program.num_qubits
    channels: dict[tuple[int, int], float] = {}
    labels: list[tuple[float, str, bool]] = []
    bands: list[Band] = []
    y = 0.0
    for position, qpu in enumerate(network.qpus):
        mine = [q for q, owner in enumerate(program.qubit_qpus.tolist()) if owner == position]
        low = y
        for qubit in sorted(mine, key=lambda q: (bool(program.qubit_is_communication[q]), q)):
            qubits[qubit], y = y + 0.5, y + 1
            suffix = f" (q{logical[qubit]})" if logical[qubit] >= 0 else ""
            labels.append((qubits[qubit], shorten(program.qubit_names[qubit], 17 - len(suffix)) + suffix, False))
        y = _close_band(bands, qpu.name, low, y)
        low = y
        for link, channel in slices.used_channels:
            if network.link_ends[link].min() == position:
                channels[link, channel], y = y + 0.5, y + 1
                several = network.links[link].channels > 1
                suffix = f" channel {channel}" if several else ""
                text = shorten(network.links[link].name, 17 - len(suffix)) + suffix
                labels.append((channels[link, channel], text, True))
        y = _close_band(bands, "", low, y)
    return Lanes(qubits, channels, labels, bands, max(y - _SPACE_BETWEEN_BANDS, 1.0))


def _close_band(bands: list[Band], label: str, low: float, high: float) -> float:
    """Notes a band, unless it is empty, and returns where the next one begins."""
    if high == low:
        return low
    bands.append(Band(label, low, high))
    return high + _SPACE_BETWEEN_BANDS
