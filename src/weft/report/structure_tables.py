"""What `weft inspect` prints for people."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from weft.report.names import counted, duration
from weft.report.plain_table import named_rows, plain_table
from weft.report.structure_summary import LOST
from weft.study.structure import CriticalPath, CutEntropy, FragilePair, Structure

_MOST_CUTS = 16
_MOST_PAIRS = 12
_MOST_QUBITS = 12
_METHODS = {
    "stabilizer": "exact, from the ranks of stabilizers",
    "state vector": "exact, from the Schmidt weights of the state vector",
    "bounds": "bounds only",
}


def structure_tables(found: Structure) -> Group:
    """Everything that was found, one table below the other."""
    parts: list[Table | Text] = [_heading(found)]
    if found.entropies.cuts:
        parts += [_entropies(found), *_laws(found)]
    if found.fragility is not None and found.fragility.mean is not None:
        parts += _fragility(found)
    parts += [_paths(found), _steps(found), *_speedup(found)]
    parts += [Text(f"note: {note}", style="yellow") for note in found.notes]
    spaced: list[Table | Text] = []
    for part in parts:
        if isinstance(part, Table) and spaced:
            spaced.append(Text())
        spaced.append(part)
    return Group(*spaced)


def _heading(found: Structure) -> Table:
    circuit = found.circuit
    table = named_rows()
    table.add_row(
        "circuit",
        f"{circuit.name}: {counted(circuit.num_qubits, 'qubit')}, {counted(circuit.two_qubit_gates, 'two-qubit gate')}",
    )
    if found.network is not None and found.program is not None:
        table.add_row("network", f"{found.network.name}, {counted(found.program.ebits, 'ebit')}")
    table.add_row("partition", found.blocks.how)
    for number, name in enumerate(found.blocks.names[:_MOST_CUTS]):
        table.add_row("", f"{name}: {_members(found, number)}")
    others = " and of measurements or resets on the way" if found.entropies.is_sampled else ""
    table.add_row("moments", f"{counted(found.entropies.moments, 'layer')} of two-qubit gates{others}")
    return table


def _members(found: Structure, number: int) -> str:
    qubits = [qubit for qubit, block in enumerate(found.blocks.of_qubit.tolist()) if block == number]
    shown = ", ".join(f"q{qubit}" for qubit in qubits[:_MOST_QUBITS])
    return shown + (f" and {len(qubits) - _MOST_QUBITS:,} more" if len(qubits) > _MOST_QUBITS else "")


def _entropies(found: Structure) -> Table:
    table = plain_table(
        "entropy in bits", "gates across", "highest", "after moment", "at the end", "at most then", left=1
    )
    table.title, table.title_justify, table.title_style = f"{_METHODS[found.entropies.method]}", "left", "dim"
    for each in found.entropies.cuts[:_MOST_CUTS]:
        table.add_row(each.cut.name, f"{each.crossing_gates:,}", *_peak(each), f"{each.bound_bits[-1]:.4g}")
    if len(found.entropies.cuts) > _MOST_CUTS:
        table.add_row(f"({len(found.entropies.cuts) - _MOST_CUTS:,} more cuts)")
    return table


def _peak(each: CutEntropy) -> tuple[str, str, str]:
    if each.peak is None:
        return f"0 … {each.bound_bits.max():.4g}", "", f"0 … {each.bound_bits[-1]:.4g}"
    moment, bits = each.peak
    return f"{bits:.4g}", str(moment), f"{each.bits[-1]:.4g}"


def _laws(found: Structure) -> list[Table | Text]:
    if not found.laws:
        return []
    table = plain_table(
        "block, when highest", "entropy", "its size", "crossed", "of what is allowed", "verdict", left=1
    )
    for law in found.laws[:_MOST_CUTS]:
        numbers = (f"{law.bits:.4g}", f"{law.size:,}", f"{law.crossed_bits:.4g}", f"{law.ratio:.0%}")
        table.add_row(law.block, *numbers, law.verdict)
    rule = Text("near: at least 3/4 of that; size is asked first, then boundary (what crossed until then)", style="dim")
    if found.scaling is None:
        return [table, rule]
    exponent = (
        "" if found.scaling.exponent is None else f": entropy grows as size to the power {found.scaling.exponent:.2f}"
    )
    text = f"{found.scaling.verdict} at the end{exponent} (first 1 … {len(found.scaling.bits)} qubits, block by block)"
    return [table, rule, Text(text)]


def _fragility(found: Structure) -> list[Table | Text]:
    fragility = found.fragility
    assert fragility is not None
    table = plain_table("most fragile pair", "after moment", "copies", "X", "Y", "Z", "predicted", "simulated", left=1)
    known = [pair for pair in fragility.pairs if pair.loss is not None]
    for pair in sorted(known, key=lambda pair: (-round(pair.loss or 0.0, 6), pair.row))[:_MOST_PAIRS]:
        table.add_row(*_pair(pair))
    mean = f"{fragility.mean:.3g} in the mean of {counted(len(known), 'pair')}"
    lines = [f"fragility: {LOST[fragility.of]} for each unit of infidelity of one pair; {mean}"]
    if fragility.agrees is not None:
        how = "within" if fragility.agrees else "NOT within"
        shots = "no statistics" if fragility.shots == 1 else f"{fragility.shots:,} shots each"
        compared = counted(fragility.compared, "simulated pair")
        lines.append(f"{compared} {how} 5 standard errors of the prediction ({fragility.backend}, {shots})")
    return [table, *(Text(line, style="dim") for line in lines)]


def _pair(pair: FragilePair) -> tuple[str, ...]:
    costs = ("", "", "") if pair.by_pauli is None else tuple(f"{max(cost, 0.0):.3f}" for cost in pair.by_pauli)
    predicted = "" if pair.predicted is None else f"{pair.predicted:.3f}"
    simulated = (
        "" if pair.simulated is None else f"{pair.simulated:.3f}" + (f" ± {pair.stderr:.3f}" if pair.stderr else "")
    )
    qubit = "" if pair.qubit is None else f"q{pair.qubit}"
    return f"{pair.link} (row {pair.row})", str(pair.moment), qubit, *costs, predicted, simulated


def _paths(found: Structure) -> Table:
    others = ("on the network", "share") if found.program_path else ()
    table = plain_table("critical path", "on one big QPU", "share", *others, left=1)
    paths = [path for path in (found.circuit_path, found.program_path) if path is not None]
    names = list(dict.fromkeys(share.resource for path in reversed(paths) for share in path.shares))
    for name in names:
        table.add_row(name, *(cell for path in paths for cell in _share(path, name)))
    table.add_row("together", *(cell for path in paths for cell in (_time(path.makespan_s, path.stderr_s), "")))
    return table


def _steps(found: Structure) -> Table:
    """The instructions that take the most of it."""
    path = found.program_path or found.circuit_path
    table = plain_table("longest on it", "row", "in timelines", "takes then", left=1)
    for step in path.longest:
        table.add_row(step.what, f"{step.row:,}", f"{step.frequency:.0%}", duration(step.seconds))
    return table


def _share(path: CriticalPath, name: str) -> tuple[str, str]:
    for share in path.shares:
        if share.resource == name:
            return _time(share.seconds, share.stderr_s), f"{share.share:.1%}"
    return "", ""


def _time(value: float, error: float | None) -> str:
    return duration(value) + (f" ± {duration(error)}" if error else "")


def _speedup(found: Structure) -> list[Table | Text]:
    limits, many = found.limits, counted(len(found.blocks.names), "QPU")
    table = plain_table("time", "one big QPU", many, "speed-up", left=1)
    for gain in () if found.speedup is None else found.speedup.gains:
        error = f" ± {gain.stderr:.2g}" if gain.stderr else ""
        times = duration(gain.one_qpu_s), _time(gain.network_s, gain.network_stderr_s)
        table.add_row(f"two-qubit gates of a QPU {gain.convention}", *times, f"{gain.speedup:.3g}{error}")
    text = (
        f"without communication, {many}: {limits.amdahl:.3g} by Amdahl's law, never more than {limits.mean_width:.3g} "
        f"however many; {limits.gustafson:.3g} by Gustafson's, for a problem that grows with them "
        f"(serial fraction {limits.serial_fraction:.3g}: critical path over all gates one at a time)"
    )
    return [Text(), Text(text, style="dim")] if found.speedup is None else [table, Text(text, style="dim")]
