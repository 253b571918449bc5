"""What `--json` prints: plain dictionaries, whose keys are a contract."""

from __future__ import annotations

import math
from typing import Any

from weft.compiler import Compilation
from weft.network import Link, Network, describe, keys_of
from weft.program.traffic import traffic, trusted_nodes_of
from weft.scheduler import Supply
from weft.simulator import Result


def compilation_summary(compilation: Compilation) -> dict[str, Any]:
    """What compiling found, ready for JSON."""
    program = compilation.program
    counts = traffic(program, compilation.circuit.num_qubits)
    return {
        "circuit": compilation.circuit.name,
        "network": program.network.name,
        "qubits": compilation.circuit.num_qubits,
        "qpus": len(program.network.qpus),
        "two_qubit_gates": compilation.two_qubit_gates,
        "nonlocal_gates": compilation.nonlocal_gates,
        "ebits": program.ebits,
        "ebits_by_link": program.ebits_by_link,
        "packets": counts.copies,
        "moves": counts.moves,
        "hub_gates": counts.hub_gates,
        "peak_communication_qubits": program.peak_communication_qubits,
        "trusted_nodes": list(trusted_nodes_of(program)),
        "lower_bound_ebits": compilation.lower_bound_ebits,
        "approximation": _approximation(compilation),
        "cpu_seconds": round(compilation.cpu_seconds, 6),
        "verified": {"method": compilation.verification.method, "passed": compilation.verification.passed},
        "instructions": len(program),
        "program_id": program.id,
    }


def _approximation(compilation: Compilation) -> dict[str, Any] | None:
    """What was left out of the circuit; None if nothing was to be."""
    approximation = compilation.approximation
    if approximation is None:
        return None
    return {
        "error_bound": approximation.error_bound,
        "dropped_gates": approximation.dropped_gates,
        "merged_gates": approximation.merged_gates,
    }


def run_summary(compilation: Compilation, result: Result) -> dict[str, Any]:
    """What compiling and simulating found, ready for JSON."""
    fidelity, makespan = result.fidelity, result.makespan
    return {
        **compilation_summary(compilation),
        "policy": result.policy,
        "shots": result.shots,
        "seed": result.seeds[0],
        "backend": result.backend,
        "counts": dict(result.counts),
        "fidelity": {"value": fidelity.value, "stderr": fidelity.stderr, "definition": fidelity.definition},
        "makespan_s": {"mean": makespan.mean, "p50": makespan.p50, "p95": makespan.p95},
        "error_budget": result.error_budget,
        "error_budget_stderr": result.error_budget_stderr,
        "error_budget_by_place": result.error_budget_by_place,
        "supply": _supply(compilation.program.network, result),
        "retries": _retries(result.supply),
        "samples": result.samples,
        "notes": list(result.notes),
    }


def _supply(network: Network, result: Result) -> dict[str, dict[str, float]] | None:
    """What became of the pairs of each link that made any, per shot; and how busy it was."""
    supply = result.supply
    if supply is None:
        return None
    counts = ("attempts", "generated", "used", "expired", "discarded", "held")
    return {
        link.name: {
            **{name: getattr(supply, name)[place] / supply.shots for name in counts},
            "utilisation": supply.utilisation[place],
            "mean_queue_s": supply.mean_queue_s[place],
            "mean_wait_s": supply.mean_wait_s[place],
        }
        for place, link in enumerate(network.links)
        if supply.generated[place] > 0
    }


def _retries(supply: Supply | None) -> dict[str, Any] | None:
    """How often the blocks that may run again did, in the order of the program; None if there are none."""
    if supply is None or not len(supply.block_runs):
        return None
    return {
        "runs_per_shot": (supply.block_runs / supply.shots).tolist(),
        "given_up_per_shot": (supply.blocks_given_up / supply.shots).tolist(),
    }


def network_summary(network: Network) -> dict[str, Any]:
    """A network with all of its numbers, ready for JSON; what is infinite is null."""
    return {
        **describe(network),
        "qpus": {
            qpu.name: {key: _plain(value) for key, value in keys_of(qpu).items() if key != "name"}
            for qpu in network.qpus
        },
        "links": [
            {
                "between": [link.a, link.b],
                "attempt_s": link.attempt_s,
                "success_probability": link.success_probability,
                "mean_wait_s": link.mean_wait_s,
                "fidelity": link.pair.fidelity,
                "bell_weights": list(link.pair.bell_weights),
                "density_matrix": {
                    "real": link.pair.matrix.real.tolist(),
                    "imag": link.pair.matrix.imag.tolist(),
                },
                "channels": link.channels,
                "classical_latency_s": link.classical_latency_s,
                "length_m": link.length_m,
                **_jitter_and_crosstalk(link),
            }
            for link in network.links
        ],
        **_classical(network),
        "sources": dict(network.sources),
    }


def _classical(network: Network) -> dict[str, Any]:
    """Classical links and the islands between them, where there are any."""
    if not network.classical_links:
        return {}
    keys = ("classical_latency_s", "real_time")
    links = [
        {"between": [link.a, link.b], **{key: getattr(link, key) for key in keys}} for link in network.classical_links
    ]
    names = [[network.qpus[place].name for place in island] for island in network.islands]
    return {"classical_links": links, "islands": names}


def _jitter_and_crosstalk(link: Link) -> dict[str, float]:
    """What a link has of them, and the fidelity that jitter leaves."""
    keys = ("crosstalk_flip_probability", "timing_jitter_s", "photon_lifetime_s")
    found = {key: value for key, value in keys_of(link).items() if key in keys and value is not None}
    return found | ({"fidelity_with_jitter": link.delivered_pair.fidelity} if link.visibility < 1 else {})


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isinf(value) else value
