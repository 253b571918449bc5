"""Program × network → Timelines: when everything happens, sampled, one timeline per shot."""

from weft.scheduler.schedule import schedule
from weft.scheduler.timelines import Timelines

__all__ = ["Timelines", "schedule"]
