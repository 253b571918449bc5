"""The kernel that plays a program: instructions outside, shots inside, so that the inner loops run over contiguous memory."""

from __future__ import annotations

import numba


@numba.njit(cache=True, nogil=True)
def play(
    qubits, bits, duration_s, wait_rows, waits, link_channels, links, read_offsets, read_bits, read_latency_s,
    qubit_free, bit_ready, channel_free, start, end,
):  # fmt: skip
    """Plays a program: writes `start` and `end`, shape (n, shots), given how long each pair takes."""
    rows, shots = start.shape
    for row in range(rows):
        first, second = qubits[row, 0], qubits[row, 1]
        for shot in range(shots):
            time = qubit_free[first, shot]
            if second >= 0:
                time = max(time, qubit_free[second, shot])
            start[row, shot] = time
        for entry in range(read_offsets[row], read_offsets[row + 1]):
            bit, latency = read_bits[entry], read_latency_s[entry]
            for shot in range(shots):
                start[row, shot] = max(start[row, shot], bit_ready[bit, shot] + latency)
        wait = wait_rows[row]
        if wait >= 0:
            low, high = link_channels[links[row]], link_channels[links[row] + 1]
            for shot in range(shots):
                channel = low
                for other in range(low + 1, high):
                    if channel_free[other, shot] < channel_free[channel, shot]:
                        channel = other
                start[row, shot] = max(start[row, shot], channel_free[channel, shot])
                end[row, shot] = start[row, shot] + waits[wait, shot]
                channel_free[channel, shot] = end[row, shot]
        else:
            for shot in range(shots):
                end[row, shot] = start[row, shot] + duration_s[row]
        for shot in range(shots):
            qubit_free[first, shot] = end[row, shot]
            if second >= 0:
                qubit_free[second, shot] = end[row, shot]
            if bits[row] >= 0:
                bit_ready[bits[row], shot] = end[row, shot]
