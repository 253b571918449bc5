"""`weft sweep`: many runs, from a file that says what varies, over a store that keeps what is done."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weft.cli.choices import Engines
from weft.cli.options import INTERRUPTED, JsonOption, console, print_json
from weft.errors import InvalidValueError
from weft.interrupts import heard

if TYPE_CHECKING:
    from weft.study import Engine
    from weft.study.run import Progress


def sweep_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file that says what varies.")],
    engine: Annotated[
        Engines, typer.Option("--engine", help="Processes of this machine, or a Ray cluster.")
    ] = Engines.local,
    address: Annotated[
        str | None, typer.Option("--address", help="Of a running Ray cluster; without it, Ray starts here.")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes; one per core by default.")] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="Where outcomes are kept; FILE with .results by default."),
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run tasks again that failed before.")] = False,
    merge: Annotated[
        list[Path] | None,
        typer.Option("--merge", metavar="DIR", help="Take over what another store knows; may be repeated."),
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw what was measured: .png, .svg or .pdf.")] = None,
    json: JsonOption = False,
) -> None:
    """Run every combination of what a file says may vary."""
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)
    if address is not None and engine != Engines.ray:
        raise InvalidValueError("`--address` must come with `--engine ray`, but comes alone")
    from weft.study import Store, load_sweep, run

    sweep, chosen = load_sweep(file), _engine(engine, address, workers)
    done = [0, len(sweep)]
    with _damage_as_notes(), _progress(done) as progress:
        kept = Store(file.with_suffix(".results") if store is None else store)
        for other in merge or []:
            typer.echo(f"{kept.merge(other):,} tasks taken over from {other}", err=True)
        try:
            found = run(sweep, store=kept, engine=chosen, retry_failed=retry_failed, progress=progress)
        except KeyboardInterrupt:
            heard()
            typer.echo(
                f"interrupted after {done[0]:,} of {done[1]:,} tasks; the same command goes on from there", err=True
            )
            sys.exit(INTERRUPTED)
    from weft.report.sweep_tables import sweep_summary, sweep_table

    if json:
        print_json(sweep_summary(found))
    else:
        console().print(sweep_table(found))
    if plot is not None and len(found.failures) < len(set(found.tasks)):
        from weft.report.sweep_plot import plot_sweep

        plot_sweep(found, plot)
    if found.failures:
        first = next(iter(found.failures.values()))
        typer.echo(
            f"{len(found.failures):,} of {done[1]:,} tasks failed, the first with: {first}; --retry-failed runs them again",
            err=True,
        )
        raise typer.Exit(1)


def _engine(engine: Engines, address: str | None, workers: int | None) -> Engine:
    from weft.study import LocalEngine, RayEngine

    return RayEngine(address, workers) if engine == Engines.ray else LocalEngine(workers)


@contextmanager
def _damage_as_notes() -> Iterator[None]:
    """Says on standard error what a store has lost."""
    from weft.study import DamagedStoreWarning

    with warnings.catch_warnings():
        show = warnings.showwarning

        def tell(message: Warning | str, *where: Any) -> None:
            if isinstance(message, DamagedStoreWarning):
                typer.echo(f"note: {message}", err=True)
            else:
                show(message, *where)

        warnings.simplefilter("always", DamagedStoreWarning)
        warnings.showwarning = tell  # type: ignore[assignment]  # where it was is passed on as it comes
        yield


@contextmanager
def _progress(done: list[int]) -> Iterator[Progress]:
    """Keeps count of tasks done and of all, and draws a bar on standard error if that is a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (TextColumn("tasks"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("tasks", total=None)

        def tell(finished: int, of: int) -> None:
            done[:] = finished, of
            bar.update(task, completed=finished, total=of)

        yield tell
