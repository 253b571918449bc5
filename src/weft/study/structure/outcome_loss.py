"""What a spoilt pair does to the outcomes of a circuit that measures on its way.

Such a circuit has no one ideal state to lose, but it has a distribution of outcomes, p. A pair that a Pauli P strikes gives another
one, r(P); a Werner pair of infidelity ε gives (1 − ε) p + ε r, with r the mean of r(X), r(Y) and r(Z), exactly. The distance of
the two, ½ Σ |(1 − ε) p + ε r − p| = ε · ½ Σ |r − p|, is in proportion to ε. So what a pair costs for each unit of its infidelity
is the total variation distance ½ Σ |r − p|: by so much, times ε, can the probability of any event change, and that of some event
does. (The classical fidelity (Σ √(p q))² is of no use here: where p is nowhere 0 it is lost to second order only.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class OutcomeLoss:
    """What one pair costs, as predicted.

    Attributes:
        by_pauli: the total variation distance that X, Y and Z on the pair would make.
        predicted: that of a Werner pair for each unit of its infidelity; at most the mean of these, because what they do may
            cancel.
        is_usual: whether such a pair makes an outcome, its bits as bytes, less likely or as likely; all others are the event that
            tells the most.
        told: how likely this event is on perfect devices.
    """

    by_pauli: tuple[float, float, float]
    predicted: float
    is_usual: Callable[[bytes], bool]
    told: float
