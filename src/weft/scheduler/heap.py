"""A binary heap of (time, item) in two arrays, for kernels; equal times come in the order of their items."""

from weft.program.jit import jit


@jit
def push(times, items, size, time, item):
    """Adds an entry and returns the new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if times[parent] < time or (times[parent] == time and items[parent] <= item):
            break
        times[place], items[place] = times[parent], items[parent]
        place = parent
    times[place], items[place] = time, item
    return size + 1


@jit
def pop(times, items, size):
    """Takes the least entry out and returns its time, its item and the new size."""
    time, item = times[0], items[0]
    size -= 1
    last_time, last_item = times[size], items[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            times[right] < times[child] or (times[right] == times[child] and items[right] < items[child])
        ):
            child = right
        if last_time < times[child] or (last_time == times[child] and last_item <= items[child]):
            break
        times[place], items[place] = times[child], items[child]
        place = child
    times[place], items[place] = last_time, last_item
    return time, item, size
