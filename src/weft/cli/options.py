"""Arguments and options that several verbs share, so that they mean the same everywhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from weft.cli.choices import Effort, Objective, Sharing, Timing, TrustedNodes
from weft.errors import InvalidValueError

if TYPE_CHECKING:
    from rich.console import Console

    from weft.compiler import Compilation
    from weft.network import Network
    from weft.scheduler import Policy

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""
_PIPE_WIDTH = 140


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
TimingOption = Annotated[Timing, typer.Option("--policy", help="When links make pairs.")]
CutoffOption = Annotated[
    float | None, typer.Option("--cutoff", metavar="SECONDS", help="Make a pair again that would be older when used.")
]
BufferOption = Annotated[int, typer.Option("--buffer", help="How many pairs a link keeps with `--policy prefetch`.")]
SharingOption = Annotated[
    Sharing, typer.Option("--sharing", help="Grant a link in the order of the program, or by time of request.")
]
DistillationOption = Annotated[
    str | None,
    typer.Option(
        "--distillation", metavar="PROTOCOL:ROUNDS", help="Distil pairs before use: bbpssw or dejmps, such as dejmps:1."
    ),
]
TrustedNodesOption = Annotated[
    TrustedNodes, typer.Option("--trusted-nodes", help="Whether data may pass through trusted nodes.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]


def compile_as_asked(
    circuit: str,
    network: str,
    seed: int,
    effort: Effort,
    objective: Objective,
    approximation: float,
    trusted_nodes: TrustedNodes,
) -> Compilation:
    """What the options that `weft compile` and `weft run` share ask for."""
    from weft.circuit import load_circuit
    from weft.compiler import OBJECTIVES, compile_circuit
    from weft.hardware import load_network

    loaded = load_network(network)
    tell_doubts(loaded)
    return compile_circuit(
        load_circuit(circuit, seed=seed),
        loaded.without_trusted_nodes() if trusted_nodes == TrustedNodes.forbid else loaded,
        seed=seed,
        effort=effort.value,
        objective=OBJECTIVES[objective],
        approximation=approximation,
    )


def tell_doubts(network: Network) -> None:
    """Says on standard error where links were derived from components that their models are not made for."""
    if not network.derivations:
        return
    from weft.hardware.link_model import all_doubts
    from weft.hardware.models import model_of

    for name, derivation in network.derivations.items():
        for doubt in all_doubts(model_of(derivation)):
            sys.stderr.write(f"weft: note: link {name}: {doubt}\n")


def policy_as_asked(
    timing: Timing,
    cutoff_s: float | None,
    buffer_pairs: int,
    sharing: Sharing,
    distillation: str | None,
    trusted_nodes: TrustedNodes,
) -> Policy:
    """The policy of links that options ask for.

    Raises:
        InvalidValueError: if there is none such.
    """
    from weft.scheduler import Distillation, Policy

    distil = None
    if distillation is not None:
        protocol, _, rounds = distillation.partition(":")
        if not rounds.isdecimal():
            raise InvalidValueError(
                f"`--distillation` must be a protocol and its rounds, such as dejmps:1, but is {distillation!r}"
            )
        distil = Distillation(cast("Any", protocol), int(rounds))
    return Policy(
        timing=cast("Any", timing.value.replace("-", "_")),
        buffer_pairs=buffer_pairs,
        cutoff_s=cutoff_s,
        sharing=cast("Any", sharing.value),
        distillation=distil,
        trusted_nodes=cast("Any", trusted_nodes.value),
    )


def console() -> Console:
    """For tables on standard output; in a pipe, lines are long enough not to be broken."""
    from rich.console import Console

    plain = not sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=False, width=_PIPE_WIDTH if plain else None)


def print_json(value: Any) -> None:
    """Prints JSON on standard output, with nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


@contextmanager
def shots_progress() -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error if that is a terminal, told the shots done and those in all; nothing in a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    out = Console(stderr=True)
    if not out.is_terminal:
        yield None
        return
    columns = (TextColumn("shots"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("shots", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
