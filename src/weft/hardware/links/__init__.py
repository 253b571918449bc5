"""Models of links, one a file, and published links as they tell them. Chiral waveguides and repeaters have rooms of their own."""

from weft.hardware.links.fibre import FibreLink
from weft.hardware.links.free_space import FreeSpaceLink
from weft.hardware.links.microwave import MicrowaveLink
from weft.hardware.links.oxford import OXFORD_2020, OXFORD_2025
from weft.hardware.links.satellite import SatelliteLink
from weft.hardware.links.transducer import TransducerLink
from weft.hardware.links.trapped_ions import TrappedIonLink

__all__ = [
    "OXFORD_2020",
    "OXFORD_2025",
    "FibreLink",
    "FreeSpaceLink",
    "MicrowaveLink",
    "SatelliteLink",
    "TransducerLink",
    "TrappedIonLink",
]
