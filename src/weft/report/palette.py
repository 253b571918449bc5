"""Colours, from the palette of Okabe and Ito, which colour-blind readers can tell apart.

Source: M. Okabe and K. Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/.
"""

INK = "#222222"
QUIET_INK = "#6B6B6B"
WIRE = "#D4D4D4"
BANDS = ("#F4F7FA", "#FAF7F2")

ONE_QUBIT_GATE = "#0072B2"
TWO_QUBIT_GATE = "#009E73"
MEASUREMENT = "#D55E00"
RESET = "#444444"
CORRECTION = "#B0478B"  # reddish purple, darker, because it is drawn thin
ENTANGLE = "#E69F00"
ENTANGLE_LIGHT = "#FBE7BF"
HOLD = "#F7CF7D"
WAIT = "#C9CDD2"
MESSAGE = "#56B4E9"

ATTEMPT_EDGE = "#EBC373"
ATTEMPT_HATCH = "/////"
MESSAGE_DASHES = (0, (3.5, 1.5))
AWAIT_DOTS = (0, (1, 2))

QPUS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#8C8C8C")
"""Of QPUs by position; `qpu_colours` goes on from here."""
_SHADES = (1.0, 0.62, 1.5)  # below 1 darker, above 1 lighter


def qpu_colours(count: int) -> list[tuple[int, int, int]]:
    """Red, green and blue from 0 to 255 of each QPU; beyond 8 in darker and lighter shades, and beyond 24 they repeat."""
    colours = []
    for position in range(count):
        colour = QPUS[position % len(QPUS)]
        shade = _SHADES[position // len(QPUS) % len(_SHADES)]
        parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        red, green, blue = (round(part * shade if shade <= 1 else 255 - (255 - part) * (2 - shade)) for part in parts)
        colours.append((red, green, blue))
    return colours
