"""How long bits travel: shortest routes from the QPUs that send, no further than to those that listen.

A network of 10,000 QPUs has 10⁸ pairs of them; a program needs few of these, most of them neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from weft.network import Network
from weft.scheduler.latency_kernel import route_lengths


def latencies_s(network: Network, senders: NDArray[np.int64], receivers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Travel time of a bit along the fastest route of classical channels, for each sender and its receiver.

    Args:
        network: whose channels are used.
        senders (int64 array, shape (k,)): positions of QPUs.
        receivers (int64 array, shape (k,)): positions of QPUs.

    Returns:
        float64 array, shape (k,), in seconds.
    """
    count = len(network.qpus)
    routes, where = np.unique(senders * count + receivers, return_inverse=True)
    ends = network.link_ends
    heads, tails = ends.T.reshape(-1), ends[:, ::-1].T.reshape(-1)
    order = np.argsort(heads, kind="stable")
    offsets = np.searchsorted(heads[order], np.arange(count + 1))
    lengths = np.tile(np.array([link.classical_latency_s for link in network.links]), 2)
    found = route_lengths(offsets, tails[order], lengths[order], routes // count, routes % count)
    return np.asarray(found)[where]
