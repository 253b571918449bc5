"""Where to cut a circuit."""

from weft.compiler.cutting.find_cuts import FoundCuts, find_cuts

__all__ = ["FoundCuts", "find_cuts"]
