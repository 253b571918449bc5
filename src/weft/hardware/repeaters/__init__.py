"""Chains of repeaters: exact waiting times and states, cutoffs, and chains that stand as one link."""

from weft.hardware.repeaters.chain import RepeaterChain
from weft.hardware.repeaters.cutoffs import best_cutoffs
from weft.hardware.repeaters.link import RepeaterLink
from weft.hardware.repeaters.nodes import with_nodes
from weft.hardware.repeaters.waiting_time import WaitingTime, mean_wait, waiting_time

__all__ = [
    "RepeaterChain",
    "RepeaterLink",
    "WaitingTime",
    "best_cutoffs",
    "mean_wait",
    "waiting_time",
    "with_nodes",
]
