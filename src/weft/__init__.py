"""Weft turns a network of quantum processors into one computer.

import weft

circuit = weft.load_circuit("adder.qasm")
network = weft.load_network("oxford")
program = weft.compile(circuit, network, seed=1)
result = weft.simulate(program, shots=10_000, seed=1)
result = weft.run(circuit, network, shots=10_000, seed=1)  # both steps
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from weft._version import __version__

if TYPE_CHECKING:
    from weft import study
    from weft.circuit import Circuit, CircuitBuilder, load_circuit
    from weft.errors import WeftError
    from weft.hardware import load_network
    from weft.network import QPU, BellPair, ClassicalLink, Link, Network
    from weft.program import Program, ProgramBuilder
    from weft.scheduler import Distillation, Policy, schedule
    from weft.simulator import Result, gate_fidelity, simulate
    from weft.study.comparison.compare import compare
    from weft.study.cutting import cut, where_to_cut
    from weft.study.structure import inspect
    from weft.words import compile, run  # noqa: A004  # the word users expect; nothing here needs the builtin

__all__ = [
    "QPU",
    "BellPair",
    "Circuit",
    "CircuitBuilder",
    "ClassicalLink",
    "Distillation",
    "Link",
    "Network",
    "Policy",
    "Program",
    "ProgramBuilder",
    "Result",
    "WeftError",
    "__version__",
    "compare",
    "compile",
    "cut",
    "gate_fidelity",
    "inspect",
    "load_circuit",
    "load_network",
    "run",
    "schedule",
    "simulate",
    "study",
    "where_to_cut",
]

_ROOMS = {
    "weft.circuit": ("Circuit", "CircuitBuilder", "load_circuit"),
    "weft.errors": ("WeftError",),
    "weft.hardware": ("load_network",),
    "weft.network": ("QPU", "BellPair", "ClassicalLink", "Link", "Network"),
    "weft.program": ("Program", "ProgramBuilder"),
    "weft.scheduler": ("Distillation", "Policy", "schedule"),
    "weft.simulator": ("Result", "gate_fidelity", "simulate"),
    "weft.study.comparison": ("compare",),
    "weft.study.structure": ("inspect",),
    "weft.study.cutting": ("cut", "where_to_cut"),
    "weft.words": ("compile", "run"),
}
_WHOLE_ROOMS = ("study",)
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first asked for, so that `import weft` stays quick."""
    if name in _WHOLE_ROOMS:
        return import_module(f"weft.{name}")
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'weft' has no attribute {name!r}")
    value = getattr(import_module(_ROOM_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
