"""Where the command line starts, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from weft._version import __version__
from weft.cli.clinr import clinr_command
from weft.cli.compare import compare_command
from weft.cli.compile import compile_command
from weft.cli.cut import cut_command
from weft.cli.inspect import inspect_command
from weft.cli.links import links_command
from weft.cli.networks import networks_command
from weft.cli.options import INTERRUPTED
from weft.cli.run import run_command
from weft.cli.sweep import sweep_command
from weft.errors import WeftError
from weft.interrupts import Interrupts, heard

_INTERNAL = 1
_STOPPED = "interrupted; nothing was written"

app = typer.Typer(
    name="weft",
    help="Turn a network of quantum processors into one computer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run_command)
app.command("compile")(compile_command)
app.command("compare")(compare_command)
app.command("cut")(cut_command)
app.command("networks")(networks_command)
app.command("links")(links_command)
app.command("clinr")(clinr_command)
app.command("inspect")(inspect_command)
app.command("sweep")(sweep_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"weft {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # acts through its callback
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line and leaves with its exit code: 0 done, 1 the work failed, 2 the request was wrong."""
    interrupts = Interrupts()
    interrupts.listen()
    try:
        code = _run(interrupts)
    except KeyboardInterrupt:
        code = _say(_STOPPED, INTERRUPTED)
    heard()
    sys.exit(code)


def _run(interrupts: Interrupts) -> int:
    try:
        code = app(prog_name="weft", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        heard()
        return _say(_STOPPED, INTERRUPTED)
    except WeftError as error:
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # so that leaving does not complain
        return _INTERNAL
    except MemoryError:
        return _say("this needs more memory than there is; fewer qubits or shots need less", _INTERNAL)
    except Exception as error:  # the last resort: no traceback for a user
        heard()
        if interrupts.came:
            return _say(_STOPPED, INTERRUPTED)
        if type(error).__name__ == "NoArgsIsHelpError":  # `weft` alone: the message is the help
            typer.echo(str(error), err=True)
            return 2
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # what Typer says of a wrong option
            return _say(error.format_message(), int(error.exit_code))
        if os.environ.get("WEFT_DEBUG"):
            raise
        text = f"internal error, please report it ({type(error).__name__}: {error}); WEFT_DEBUG=1 shows where"
        return _say(text, _INTERNAL)
    heard()
    if code == INTERRUPTED:  # Typer has caught it
        return _say(_STOPPED, INTERRUPTED)
    return code if isinstance(code, int) else 0


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"weft: {' '.join(message.split())}\n")
    return code
