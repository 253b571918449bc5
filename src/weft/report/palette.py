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
