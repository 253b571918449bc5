"""What a cut circuit gave, as a table for people and a dictionary for JSON."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from weft.circuit.gates import GATES
from weft.protocols.cutting.cuts import Cut
from weft.report.names import counted, duration
from weft.report.plain_table import named_rows, plain_table
from weft.study.cutting import Cutting, Hybrid, Knitted, QuasiDistribution
from weft.study.cutting.hybrid_plan import HybridPlan

_MOST_OUTCOMES = 16


def cut_table(found: Knitted | Hybrid) -> Group:
    """Where the circuit was cut, what runs, and what came out."""
    if isinstance(found, Hybrid):
        return Group(_hybrid_head(found), Text(), _answers(found))
    cutting = found.cutting
    parts: list[Table | Text] = [_head(found), Text(), _pieces(cutting)]
    if cutting.cuts:
        parts += [Text(), _cuts(cutting)]
    return Group(*parts, Text(), _answers(found))


def _answers(found: Knitted | Hybrid) -> Table:
    if found.distribution is not None:
        return _outcomes(found.distribution, exact=found.is_exact)
    table = plain_table("observable", "value", "standard error")
    for one in found.expectations:
        table.add_row(one.label, f"{one.value:.6g}", "exact" if found.is_exact else f"{one.stderr:.2g}")
    return table


def _hybrid_head(found: Hybrid) -> Table:
    plan = found.plan
    cut = ", ".join(_gate(plan, row) for row in plan.rows) or "none"
    rows = [
        ("circuit", f"{plan.circuit.name}: {plan.circuit.num_qubits} qubits"),
        ("network", f"{plan.network.name}: {len(plan.network.qpus)} QPUs"),
        ("pairs", f"{plan.pairs}; at most {found.most_ebits:,} in a shot"),
        ("gates cut", cut),
        ("overhead", f"{found.overhead**2:,.4g} times the shots of perfect pairs without cuts"),
        ("programs", f"{found.programs:,}"),
    ]
    if plan.model is not None:
        rows.insert(3, ("the model said", f"{plan.model.ebits:,} ebits, γ {math.exp(plan.model.log_overhead):.4g}"))
    if found.is_exact:
        rows.append(("shots", "none: all is perfect but the pairs, and every outcome was followed"))
    else:
        rows.append(("shots", f"{found.shots:,}, seed {found.seed}"))
        rows.append(("time", f"{duration(found.seconds)} on this hardware, one after the other"))
        rows.append(("ebits", f"{found.ebits:,}"))
    return named_rows(*rows)


def _gate(plan: HybridPlan, row: int) -> str:
    qubits = ", ".join(f"q{qubit}" for qubit in plan.circuit.qubits[row].tolist())
    return f"{GATES[plan.circuit.opcodes[row]].name} {qubits}"


def _head(knitted: Knitted) -> Table:
    cutting = knitted.cutting
    bound = cutting.lower_bound
    proof = ""
    if cutting.is_proven_optimal:
        proof = "; no plan that cuts one by one needs less"
    elif bound is not None:
        proof = f"; no plan that cuts one by one needs less than {bound**2:,.4g}"
    rows = [
        ("circuit", f"{cutting.circuit.name}: {cutting.circuit.num_qubits} qubits"),
        ("network", f"{cutting.network.name}: {counted(len(cutting.network.islands), 'island')}"),
        ("overhead", f"{cutting.overhead**2:,.4g} times the shots of one large machine{proof}"),
        ("circuits", f"{counted(knitted.circuits, 'circuit')}, for {counted(knitted.ways, 'way')} to fill the cuts"),
    ]
    if knitted.is_exact:
        rows.append(("shots", "none: every outcome of perfect machines was followed"))
    else:
        rows.append(("shots", f"{knitted.shots:,} of pieces, seed {knitted.seed}"))
        rows.append(("time", f"{duration(knitted.seconds)} on this hardware, islands side by side"))
        if knitted.ebits:
            rows.append(("ebits", f"{knitted.ebits:,} within islands"))
    return named_rows(*rows)


def _pieces(cutting: Cutting) -> Table:
    table = plain_table("piece", "on", "qubits")
    widths = cutting.plan.widths(cutting.bare)
    for number, width in enumerate(widths.tolist()):
        names = [cutting.network.qpus[place].name for place in cutting.network.islands[number]]
        table.add_row(str(number + 1), ", ".join(names), str(width))
    return table


def _cuts(cutting: Cutting) -> Table:
    table = plain_table("cut", "qubits", "between pieces", "γ", "times the shots")
    for cut in cutting.cuts:
        qubits = ", ".join(f"q{qubit}" for qubit in _qubits(cutting, cut))
        table.add_row(_what(cutting, cut), qubits, _where(cut), f"{cut.overhead:.4g}", f"{cut.overhead**2:.4g}")
    return table


def _where(cut: Cut) -> str:
    """Such as `1 – 2`, `1 → 2` for wires, `within 1`."""
    here, there = (piece + 1 for piece in cut.pieces)
    return f"within {here}" if here == there else f"{here} {'→' if cut.is_wire else '–'} {there}"


def _what(cutting: Cutting, cut: Cut) -> str:
    """Such as `wire`, `cx`, `2 gates together: cx, rzz`."""
    if cut.is_wire:
        return "wire" if cut.size == 1 else f"{cut.size} wires together"
    gates = [row for row in cut.rows if cutting.bare.qubits[row, 1] >= 0]
    names = ", ".join(GATES[cutting.bare.opcodes[row]].name for row in gates)
    return names if len(gates) == 1 else f"{len(gates)} gates together: {names}"


def _qubits(cutting: Cutting, cut: Cut) -> list[int]:
    if cut.is_wire:
        return list(cut.qubits)
    qubits = cutting.bare.qubits[list(cut.rows)]
    return list(dict.fromkeys(qubits[qubits >= 0].tolist()))


def _outcomes(found: QuasiDistribution, *, exact: bool) -> Table:
    """The likeliest ones."""
    table = plain_table("outcome", "quasi-probability", "standard error")
    order = np.argsort(-found.values, kind="stable")
    keys = found.keys()
    for place in order[:_MOST_OUTCOMES].tolist():
        error = "exact" if exact else f"{found.stderrs[place]:.2g}"
        table.add_row(keys[place], f"{found.values[place]:.6g}", error)
    if len(order) > _MOST_OUTCOMES:
        rest = found.values[order[_MOST_OUTCOMES:]]
        table.add_row(f"{len(rest):,} more", f"{rest.sum():.6g}", "")
    return table


def cut_summary(found: Knitted | Hybrid) -> dict[str, Any]:
    """The same, ready for JSON."""
    summary = _hybrid_summary(found) if isinstance(found, Hybrid) else _knitted_summary(found)
    keys = ("exact", "shots", "seed", "seconds", "ebits")
    summary |= dict(zip(keys, (found.is_exact, found.shots, found.seed, found.seconds, found.ebits), strict=True))
    summary["notes"] = list(found.notes)
    if found.distribution is None:
        summary["expectations"] = {one.label: {"value": one.value, "stderr": one.stderr} for one in found.expectations}
        return summary
    given = found.distribution
    columns = (given.keys(), given.values.tolist(), given.stderrs.tolist(), given.nearest_probabilities().tolist())
    summary["distribution"] = {
        key: {"value": value, "stderr": error, "probability": probability}
        for key, value, error, probability in zip(*columns, strict=True)
    }
    return summary


def _hybrid_summary(found: Hybrid) -> dict[str, Any]:
    plan = found.plan
    return {
        "circuit": plan.circuit.name,
        "network": plan.network.name,
        "qubits": plan.circuit.num_qubits,
        "overhead": found.overhead,
        "sampling_overhead": found.overhead**2,
        "pairs": plan.pairs,
        "cuts": [
            {"kind": "gate", "what": GATES[plan.circuit.opcodes[row]].name, "qubits": plan.circuit.qubits[row].tolist()}
            for row in plan.rows
        ],
        "model": None
        if plan.model is None
        else {"ebits": plan.model.ebits, "overhead": math.exp(plan.model.log_overhead)},
        "programs": found.programs,
        "most_ebits": found.most_ebits,
    }


def _knitted_summary(knitted: Knitted) -> dict[str, Any]:
    cutting = knitted.cutting
    return {
        "circuit": cutting.circuit.name,
        "network": cutting.network.name,
        "qubits": cutting.circuit.num_qubits,
        "overhead": cutting.overhead,
        "sampling_overhead": cutting.overhead**2,
        "lower_bound_overhead": cutting.lower_bound,
        "proven_optimal": cutting.is_proven_optimal,
        "pieces": [
            {"island": [cutting.network.qpus[place].name for place in cutting.network.islands[number]], "qubits": width}
            for number, width in enumerate(cutting.plan.widths(cutting.bare).tolist())
        ],
        "cuts": [
            {
                "kind": "wire" if cut.is_wire else "gate",
                "what": _what(cutting, cut),
                "qubits": _qubits(cutting, cut),
                "pieces": list(cut.pieces),
                "overhead": cut.overhead,
            }
            for cut in cutting.cuts
        ],
        "circuits": knitted.circuits,
        "ways": knitted.ways,
    }
