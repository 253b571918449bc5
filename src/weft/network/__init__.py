"""What to compute on: QPUs, links, networks."""

from weft.network.bell_pair import BellPair
from weft.network.derivation import Derivation
from weft.network.describe import describe, find_source, path_of_link
from weft.network.devices import keys_of
from weft.network.load import dump_network, load_network, preset_names
from weft.network.network import QPU, ClassicalLink, Link, Network

__all__ = [
    "QPU",
    "BellPair",
    "ClassicalLink",
    "Derivation",
    "Link",
    "Network",
    "describe",
    "dump_network",
    "find_source",
    "keys_of",
    "load_network",
    "path_of_link",
    "preset_names",
]
