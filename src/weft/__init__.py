"""Weft turns a network of quantum processors into one computer."""

from weft._version import __version__

__all__ = ["__version__"]
