"""Program × policy → Timelines: when everything happens, sampled, one timeline per shot."""

from weft.scheduler.block import Block
from weft.scheduler.distillation import Distillation
from weft.scheduler.player import Player
from weft.scheduler.policies import AS_SOON_AS_POSSIBLE, Policy
from weft.scheduler.retrying import Lanes
from weft.scheduler.schedule import play_and_store, schedule
from weft.scheduler.stored_times import StoredTimes
from weft.scheduler.supply import Supply
from weft.scheduler.timelines import Timelines

__all__ = [
    "AS_SOON_AS_POSSIBLE",
    "Block",
    "Distillation",
    "Lanes",
    "Player",
    "Policy",
    "StoredTimes",
    "Supply",
    "Timelines",
    "play_and_store",
    "schedule",
]
