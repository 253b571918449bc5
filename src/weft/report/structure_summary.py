"""What `weft inspect --json` prints: plain dictionaries, whose keys are a contract."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from weft.study.structure import CriticalPath, CutEntropy, Fragility, Speedup, Structure

LOST = {"state": "fidelity lost", "outcomes": "total variation distance of outcomes"}


def structure_summary(found: Structure) -> dict[str, Any]:
    """What was found, ready for JSON; what is not known is null."""
    entropies, limits = found.entropies, found.limits
    return {
        "circuit": found.circuit.name,
        "qubits": found.circuit.num_qubits,
        "two_qubit_gates": found.circuit.two_qubit_gates,
        "network": None if found.network is None else found.network.name,
        "ebits": None if found.program is None else found.program.ebits,
        "partition": {"how": found.blocks.how, "blocks": _members(found)},
        "entropy": {
            "method": entropies.method,
            "exact": entropies.method != "bounds",
            "moments": entropies.moments,
            "looked_at": entropies.looked_at,
            "changing": entropies.changing,
            "sampled_shot": entropies.is_sampled,
            "cuts": [_cut(each) for each in entropies.cuts],
        },
        "blocks": [
            {
                "block": law.block,
                "moment": law.moment,
                "bits": _rounded(law.bits),
                "size": law.size,
                "crossed_bits": _rounded(law.crossed_bits),
                "ratio": _rounded(law.ratio),
                "verdict": law.verdict,
            }
            for law in found.laws
        ],
        "scaling": None
        if found.scaling is None
        else {
            "bits": _numbers(found.scaling.bits),
            "exponent": _rounded(found.scaling.exponent),
            "verdict": found.scaling.verdict,
        },
        "fragility": None if found.fragility is None else _fragility(found.fragility),
        "critical_path": {"circuit": _path(found.circuit_path), "program": _path(found.program_path)},
        "limits": {
            "qpus": len(found.blocks.names),
            "serial_fraction": _digits(limits.serial_fraction),
            "mean_width": _digits(limits.mean_width),
            "amdahl": _digits(limits.amdahl),
            "gustafson": _digits(limits.gustafson),
        },
        "speedup": None if found.speedup is None else _gains(found.speedup),
        "notes": list(found.notes),
    }


def _members(found: Structure) -> dict[str, list[int]]:
    of_qubit = found.blocks.of_qubit.tolist()
    return {
        name: [qubit for qubit, block in enumerate(of_qubit) if block == number]
        for number, name in enumerate(found.blocks.names)
    }


def _cut(each: CutEntropy) -> dict[str, Any]:
    return {
        "cut": each.cut.name,
        "size": each.cut.size,
        "crossing_gates": each.crossing_gates,
        "bits": _numbers(each.bits.tolist()),
        "bound_bits": _numbers(each.bound_bits.tolist()),
        "peak": None if each.peak is None else {"moment": each.peak[0], "bits": _rounded(each.peak[1])},
    }


def _fragility(found: Fragility) -> dict[str, Any]:
    return {
        "definition": f"{LOST[found.of]} for each unit of infidelity of one pair, all else being perfect",
        "of": found.of,
        "backend": found.backend,
        "shots": found.shots,
        "mean": _rounded(found.mean),
        "compared": found.compared,
        "agrees": found.agrees,
        "pairs": [
            {
                "row": pair.row,
                "link": pair.link,
                "qubit": pair.qubit,
                "moment": pair.moment,
                "by_pauli": None
                if pair.by_pauli is None
                else dict(zip("XYZ", map(_rounded, pair.by_pauli), strict=True)),
                "predicted": _rounded(pair.predicted),
                "simulated": _rounded(pair.simulated),
                "stderr": _rounded(pair.stderr),
            }
            for pair in found.pairs
        ],
    }


def _path(path: CriticalPath | None) -> dict[str, Any] | None:
    if path is None:
        return None
    return {
        "makespan_s": _digits(path.makespan_s),
        "stderr_s": _digits(path.stderr_s),
        "timelines": path.timelines,
        "instructions": path.steps,
        "two_qubit_gates": path.two_qubit_gates,
        "shares": {
            share.resource: {
                "seconds": _digits(share.seconds),
                "stderr_s": _digits(share.stderr_s),
                "share": _digits(share.share),
            }
            for share in path.shares
        },
        "longest": [
            {"row": step.row, "what": step.what, "frequency": step.frequency, "seconds": _digits(step.seconds)}
            for step in path.longest
        ],
    }


def _gains(found: Speedup) -> dict[str, Any]:
    return {
        gain.convention.replace(" ", "_"): {
            "one_qpu_s": _digits(gain.one_qpu_s),
            "network_s": _digits(gain.network_s),
            "network_stderr_s": _digits(gain.network_stderr_s),
            "speedup": _digits(gain.speedup),
            "stderr": _digits(gain.stderr),
        }
        for gain in found.gains
    }


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [_rounded(value) for value in values]


def _digits(value: float | None) -> float | None:
    """Without what rounding adds."""
    return None if value is None else float(f"{value:.9g}")


def _rounded(value: float | None) -> float | None:
    """To what single precision tells; None for what is not known."""
    return None if value is None or math.isnan(value) else round(value, 6)
