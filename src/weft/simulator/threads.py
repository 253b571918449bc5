"""How many threads the work at hand may use: a run shares them out among its batches, and each batch uses what it got."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_here = threading.local()


def threads_here() -> int:
    """The threads that this thread may use, itself included; all cores unless somebody said otherwise."""
    return getattr(_here, "threads", None) or os.cpu_count() or 1


@contextmanager
def limited_to(threads: int) -> Iterator[None]:
    """Within it, this thread may use so many threads."""
    before = getattr(_here, "threads", None)
    _here.threads = threads
    try:
        yield
    finally:
        _here.threads = before
