"""`weft run`: compile, then simulate, and say what came out."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from weft.cli.choices import Effort, Objective, Sharing, Timing, TrustedNodes
from weft.cli.options import (
    INTERRUPTED,
    ApproximationOption,
    BufferOption,
    CircuitArgument,
    CutoffOption,
    DistillationOption,
    EffortOption,
    JsonOption,
    NetworkOption,
    ObjectiveOption,
    SeedOption,
    SharingOption,
    TimingOption,
    TrustedNodesOption,
    compile_as_asked,
    console,
    policy_as_asked,
    print_json,
    shots_progress,
)
from weft.errors import InvalidValueError
from weft.files import check_writable


def run_command(
    circuit: CircuitArgument,
    network: NetworkOption,
    shots: Annotated[int, typer.Option("--shots", help="How many times to run the program.")] = 1000,
    seed: SeedOption = None,
    backend: Annotated[
        str, typer.Option("--backend", help="auto, density, stabilizer, statevector or estimate.")
    ] = "auto",
    effort: EffortOption = Effort.default,
    objective: ObjectiveOption = Objective.pairs,
    approximation: ApproximationOption = 0.0,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the timeline of one shot: .png, .svg or .pdf.")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option("--trace", help="Write one shot as Chrome trace events, for Perfetto.")
    ] = None,
    policy: TimingOption = Timing.as_soon_as_possible,
    cutoff: CutoffOption = None,
    buffer: BufferOption = 4,
    sharing: SharingOption = Sharing.program,
    distillation: DistillationOption = None,
    trusted_nodes: TrustedNodesOption = TrustedNodes.allow,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Threads; all cores by default. The result does not depend on it.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="Keep in FILE what is done, and go on from it if it is there. Needs --seed."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run a circuit on a network: counts, fidelity, duration, Bell pairs, and what spoils it."""
    if shots < 1:  # before anything is compiled
        raise InvalidValueError(f"`--shots` must be at least 1, but is {shots}")
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    if trace is not None:
        check_writable(trace)
    from weft.simulator import Interrupted, simulate

    if checkpoint is not None:
        if seed is None:
            raise InvalidValueError("`--seed` must be given with `--checkpoint`, so that what goes on is the same run")
        check_writable(checkpoint)
    links = policy_as_asked(policy, cutoff, buffer, sharing, distillation, trusted_nodes)
    # One number stands for the whole run, so that it can be repeated from what is printed.
    seed = secrets.randbelow(2**31) if seed is None else seed
    compilation = compile_as_asked(circuit, network, seed, effort, objective, approximation, trusted_nodes)
    program = compilation.program
    interrupted = False
    with shots_progress() as progress:
        try:
            result = simulate(
                program,
                shots=shots,
                seed=seed,
                backend=backend,
                policy=links,
                workers=workers,
                checkpoint=checkpoint,
                progress=None if progress is None else partial(_tell, progress, shots),
            )
        except Interrupted as stopped:
            if stopped.result is None:
                raise
            result, interrupted = stopped.result, True
    if plot is not None or trace is not None:
        from weft.report import plot_timeline, write_trace
        from weft.scheduler import schedule

        timelines = schedule(program, 1, seed, policy=links)
        if plot is not None:
            plot_timeline(timelines, plot)
        if trace is not None:
            write_trace(timelines, trace)
    if json:
        from weft.report.summary import run_summary

        print_json(run_summary(compilation, result))
        _leave_if(interrupted, result.shots, shots)
        return
    from weft.report.tables import compilation_table, result_table

    out = console()
    out.print(compilation_table(compilation))
    out.print()
    out.print(result_table(result, program.network))
    _leave_if(interrupted, result.shots, shots)


def _leave_if(interrupted: bool, done: int, shots: int) -> None:
    """Says on standard error that a result is only a part of what was asked for."""
    if interrupted:
        typer.echo(f"interrupted after {done:,} of {shots:,} shots; this is what they gave", err=True)
        sys.exit(INTERRUPTED)


def _tell(progress: Callable[[int, int], None], shots: int, done: int) -> None:
    progress(done, shots)
