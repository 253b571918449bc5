"""Whether to distribute a circuit: ways to run it side by side, a verdict, and where the verdict turns."""

from weft.study.comparison.compare import Comparison, compare
from weft.study.comparison.crossover import Crossover
from weft.study.comparison.means import Mean
from weft.study.comparison.verdict import Verdict
from weft.study.comparison.ways import PRECISION, Way

__all__ = ["PRECISION", "Comparison", "Crossover", "Mean", "Verdict", "Way", "compare"]
