"""Physics of devices → the numbers that a QPU or a Link carries."""

from weft.hardware.link_model import LinkModel

__all__ = ["LinkModel"]
