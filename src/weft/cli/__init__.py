"""The command line: one file per verb, heavy imports inside the verb."""

from weft.cli.main import main

__all__ = ["main"]
