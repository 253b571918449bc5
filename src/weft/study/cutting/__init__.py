"""Running a circuit in pieces, and knitting what they give."""

from weft.study.cutting.cut_and_knit import DEFAULT_SHOTS, Observable, cut, where_to_cut
from weft.study.cutting.hybrid import Hybrid
from weft.study.cutting.knitted import Expected, Knitted, QuasiDistribution
from weft.study.cutting.plan_cuts import Cutting

__all__ = [
    "DEFAULT_SHOTS",
    "Cutting",
    "Expected",
    "Hybrid",
    "Knitted",
    "Observable",
    "QuasiDistribution",
    "cut",
    "where_to_cut",
]
