"""Physics of devices → the numbers that a QPU or a Link carries."""

from weft.hardware.link_model import LinkModel, link_of
from weft.hardware.load import load_network

__all__ = ["LinkModel", "link_of", "load_network"]
