"""Where to cut a circuit, and what to cut rather than teleport."""

from weft.compiler.cutting.find_cuts import FoundCuts, find_cuts
from weft.compiler.cutting.mixture import Mixture, Option, choose_mixture

__all__ = ["FoundCuts", "Mixture", "Option", "choose_mixture", "find_cuts"]
