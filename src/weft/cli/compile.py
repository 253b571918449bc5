"""`weft compile`: circuit × network → program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from weft.cli.choices import Effort, Objective, TrustedNodes
from weft.cli.options import (
    ApproximationOption,
    CircuitArgument,
    EffortOption,
    JsonOption,
    NetworkOption,
    ObjectiveOption,
    SeedOption,
    TrustedNodesOption,
    compile_as_asked,
    console,
    print_json,
)


def compile_command(
    circuit: CircuitArgument,
    network: NetworkOption,
    seed: SeedOption = None,
    effort: EffortOption = Effort.default,
    objective: ObjectiveOption = Objective.pairs,
    approximation: ApproximationOption = 0.0,
    trusted_nodes: TrustedNodesOption = TrustedNodes.allow,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Save the program: as OpenQASM 3 if FILE ends in .qasm, else in its own form."
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw where each qubit lives and is copied to: .png, .svg or .pdf.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compile a circuit onto a network and verify the program."""
    from weft.files import check_writable, write_file

    if output is not None:
        check_writable(output)
    if plot is not None:
        from weft.report.picture_file import check_picture_path

        check_picture_path(plot)

    compilation = compile_as_asked(circuit, network, seed or 0, effort, objective, approximation, trusted_nodes)
    if output is not None:
        from weft.program.export import to_openqasm

        program = compilation.program
        data = to_openqasm(program).encode() if output.suffix == ".qasm" else program.to_bytes()
        write_file(output, data)
    if plot is not None:
        from weft.report import plot_presence

        plot_presence(compilation.program, plot, num_logical=compilation.circuit.num_qubits)
    if json:
        from weft.report.summary import compilation_summary

        print_json(compilation_summary(compilation))
        return
    from weft.report.tables import compilation_table

    console().print(compilation_table(compilation))
