"""Dijkstra's algorithm from each sender, until its receivers have been reached."""

import numpy as np

from weft.program.jit import jit
from weft.scheduler.heap import pop, push


@jit
def route_lengths(offsets, neighbours, lengths, senders, receivers):
    """Lengths of shortest routes, shape (k,), from senders in ascending order to receivers; edges in CSR form."""
    count = len(offsets) - 1
    best, is_settled = np.full(count, np.inf), np.zeros(count, dtype=np.bool_)
    touched = np.empty(count, dtype=np.int64)
    times, items = np.empty(len(neighbours) + 1), np.empty(len(neighbours) + 1, dtype=np.int64)
    found = np.zeros(len(senders))
    low = 0
    while low < len(senders):
        high = low
        while high < len(senders) and senders[high] == senders[low]:
            high += 1
        best[senders[low]] = 0.0
        touched[0], reached = senders[low], 1
        size = push(times, items, 0, 0.0, senders[low])
        next_wanted = low
        while next_wanted < high:
            if is_settled[receivers[next_wanted]]:
                found[next_wanted] = best[receivers[next_wanted]]
                next_wanted += 1
                continue
            length, here, size = pop(times, items, size)
            if is_settled[here]:
                continue
            is_settled[here] = True
            for edge in range(offsets[here], offsets[here + 1]):
                there, further = neighbours[edge], length + lengths[edge]
                if further < best[there]:
                    if best[there] == np.inf:
                        touched[reached] = there
                        reached += 1
                    best[there] = further
                    size = push(times, items, size, further, there)
        for place in range(reached):
            best[touched[place]], is_settled[touched[place]] = np.inf, False
        low = high
    return found
