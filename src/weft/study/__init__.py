"""Many runs: sweeps as tables of tasks, engines that run them, and stores that keep what they gave.

Rooms of their own: `cutting/` runs a circuit in pieces, `structure/` looks at it before any run.
"""

from weft.study.engine import Engine
from weft.study.local_engine import LocalEngine
from weft.study.outcome import Outcome
from weft.study.ray_engine import RayEngine
from weft.study.row_files import DamagedStoreWarning
from weft.study.run import run
from weft.study.store import Store
from weft.study.sweep import Sweep
from weft.study.sweep_file import load_sweep
from weft.study.table import Table
from weft.study.task import Task

__all__ = [
    "DamagedStoreWarning",
    "Engine",
    "LocalEngine",
    "Outcome",
    "RayEngine",
    "Store",
    "Sweep",
    "Table",
    "Task",
    "load_sweep",
    "run",
]
