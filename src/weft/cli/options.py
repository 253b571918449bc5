"""Arguments and options that several verbs share, so that they mean the same everywhere."""

from __future__ import annotations

import enum
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from weft.compiler import Compilation

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""
_PIPE_WIDTH = 140


class Effort(enum.StrEnum):
    """How long to search for few ebits."""

    fast = "fast"
    default = "default"
    best = "best"


class Objective(enum.StrEnum):
    """What to spend least of."""

    pairs = "pairs"
    duration = "duration"
    infidelity = "infidelity"


CircuitArgument = Annotated[
    str, typer.Argument(metavar="CIRCUIT", help="OpenQASM 2 or 3 file, or a generator such as qft:16 or adder:28.")
]
NetworkOption = Annotated[
    str, typer.Option("--network", "-n", help="Preset, YAML file, or shorthand such as all:4x9, ring:4x8+2.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", help="The same seed gives the same answer.")]
EffortOption = Annotated[Effort, typer.Option("--effort", help="How long to search for few ebits.")]
ObjectiveOption = Annotated[
    Objective,
    typer.Option("--objective", help="What to spend least of: pairs, the time links take, or the infidelity of pairs."),
]
ApproximationOption = Annotated[
    float,
    typer.Option(
        "--approximation", metavar="EPS", help="Drop rotations whose total effect is at most EPS in operator norm."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]


def compile_as_asked(
    circuit: str, network: str, seed: int, effort: Effort, objective: Objective, approximation: float
) -> Compilation:
    """What the options that `weft compile` and `weft run` share ask for."""
    from weft.circuit import load_circuit
    from weft.compiler import OBJECTIVES, compile_circuit
    from weft.network import load_network

    return compile_circuit(
        load_circuit(circuit, seed=seed),
        load_network(network),
        seed=seed,
        effort=effort.value,
        objective=OBJECTIVES[objective],
        approximation=approximation,
    )


def console() -> Console:
    """For tables on standard output; in a pipe, lines are long enough not to be broken."""
    from rich.console import Console

    plain = not sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=False, width=_PIPE_WIDTH if plain else None)


def print_json(value: Any) -> None:
    """Prints JSON on standard output, with nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
