"""What to compute on: QPUs, links, networks."""

from weft.network.bell_pair import BellPair
from weft.network.network import QPU, Link, Network

__all__ = ["QPU", "BellPair", "Link", "Network"]
