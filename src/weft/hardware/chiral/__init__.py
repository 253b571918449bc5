"""A chiral waveguide that joins superconducting modules, and the shaping of the photons that it carries.

`weft.hardware.chiral.environment` needs the extra `[learn]` and is imported by its own name.
"""

from weft.hardware.chiral.learner import Learned, learn
from weft.hardware.chiral.link import ChiralWaveguideLink, link_on_bus
from weft.hardware.chiral.mit import MIT_CHIRAL, MIT_CHIRAL_SOURCES, MIT_PULSES, MIT_UNTUNED
from weft.hardware.chiral.modules import TwoModules
from weft.hardware.chiral.optimum import find_constant, find_optimum, find_square
from weft.hardware.chiral.passage import Passage
from weft.hardware.chiral.pulse_family import PulseFamily
from weft.hardware.chiral.sharing import SharedExcitation, share_excitation

__all__ = [
    "MIT_CHIRAL",
    "MIT_CHIRAL_SOURCES",
    "MIT_PULSES",
    "MIT_UNTUNED",
    "ChiralWaveguideLink",
    "Learned",
    "Passage",
    "PulseFamily",
    "SharedExcitation",
    "TwoModules",
    "find_constant",
    "find_optimum",
    "find_square",
    "learn",
    "link_on_bus",
    "share_excitation",
]
