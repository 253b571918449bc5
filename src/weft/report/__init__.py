"""What happened, to look at: pictures and traces of timelines."""

from weft.report.presence_plot import plot_presence
from weft.report.timeline_plot import plot_timeline
from weft.report.trace import write_trace

__all__ = ["plot_presence", "plot_timeline", "write_trace"]
