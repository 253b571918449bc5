"""Running a circuit in pieces, and knitting what they give."""

from weft.study.cutting.cut import DEFAULT_SHOTS, Observable, cut
from weft.study.cutting.knitted import Expected, Knitted, QuasiDistribution
from weft.study.cutting.plan_cuts import Cutting, plan_cuts

__all__ = [
    "DEFAULT_SHOTS",
    "Cutting",
    "Expected",
    "Knitted",
    "Observable",
    "QuasiDistribution",
    "cut",
    "plan_cuts",
]
