"""What happened, to look at: pictures and traces of timelines."""

from weft.report.timeline_plot import plot_timeline
from weft.report.trace import write_trace

__all__ = ["plot_timeline", "write_trace"]
