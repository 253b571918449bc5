"""Program × policy → Timelines: when everything happens, sampled, one timeline per shot."""

from weft.scheduler.distillation import Distillation
from weft.scheduler.player import Player
from weft.scheduler.policies import AS_SOON_AS_POSSIBLE, Policy
from weft.scheduler.schedule import schedule
from weft.scheduler.supply import Supply
from weft.scheduler.timelines import Timelines

__all__ = ["AS_SOON_AS_POSSIBLE", "Distillation", "Player", "Policy", "Supply", "Timelines", "schedule"]
