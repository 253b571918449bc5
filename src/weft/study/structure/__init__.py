"""The structure of a computation: entanglement across cuts, fragile moments, the critical path, and what more QPUs can gain."""

from weft.study.structure.boundary import BlockLaw, Scaling
from weft.study.structure.critical_path import CriticalPath, Share, Step
from weft.study.structure.cuts import Blocks, Cut
from weft.study.structure.entropies import CutEntropy, Entropies
from weft.study.structure.fragility import FragilePair, Fragility
from weft.study.structure.inspection import Structure, inspect
from weft.study.structure.speedup import Gain, Limits, Speedup

__all__ = [
    "BlockLaw",
    "Blocks",
    "CriticalPath",
    "Cut",
    "CutEntropy",
    "Entropies",
    "FragilePair",
    "Fragility",
    "Gain",
    "Limits",
    "Scaling",
    "Share",
    "Speedup",
    "Step",
    "Structure",
    "inspect",
]
