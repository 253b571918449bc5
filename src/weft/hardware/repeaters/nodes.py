"""A chain of repeaters with its nodes as QPUs, so that a program's own swaps join it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from weft.errors import InvalidValueError
from weft.hardware.repeaters.link import RepeaterLink
from weft.network import QPU, Link, Network


def with_nodes(chain: RepeaterLink, a: QPU, b: QPU) -> Network:
    """The network in which a chain joins two QPUs, with a QPU for each of its nodes.

    The compiler joins the links by swaps, nested, and tries again what fails. News travels in no time, as `RepeaterLink` has it, so
    that both give the same mean wait. Where swaps may fail, programs wait until the chain is whole, and with gates and measurements
    that are perfect both give the same mean state too. Where they never fail there is nothing to wait for: a program may use a half
    at the chain's end as soon as its own link has it, and that half dephases no more. Then the nodes give the better state, and
    `RepeaterLink`, in which both ends wait, one that is worse than what such programs need.

    Args:
        chain: nested, by swaps alone, without cutoffs.
        a: at one end.
        b: at the other. The communication qubits of both get the chain's coherence time.

    Raises:
        InvalidValueError: if the chain distils, has cutoffs or another order, or memories that depolarise, which no QPU has.
    """
    simple = chain.order == "nested" and set(chain.chain.all_steps) <= {"swap"} and chain.target_fidelity == 0
    if not simple:
        raise InvalidValueError(
            "a chain with nodes must be nested and swap alone, without cutoffs, but this one is not"
        )
    if math.isfinite(chain.coherence_s):
        raise InvalidValueError(
            f"`coherence_s` must be infinite in a chain with nodes, whose memories dephase, but is {chain.coherence_s}"
        )
    coherence_s = 2 * chain.dephasing_s
    nodes = [
        QPU(
            f"{a.name}{b.name}{place}",
            data_qubits=0,
            communication_qubits=2,
            communication_t2_s=coherence_s,
            swap_success_probability=chain.swap_success,
        )
        for place in range(1, chain.links)
    ]
    ends = [replace(end, communication_t2_s=coherence_s) for end in (a, b)]
    qpus = (ends[0], *nodes, ends[1])
    links = tuple(
        Link(
            left.name,
            right.name,
            attempt_s=chain.attempt_s,
            success_probability=chain.chain.success_probability[place],
            pair=chain.heralded_pair,
            length_m=chain.length_m / chain.links,
        )
        for place, (left, right) in enumerate(itertools.pairwise(qpus))
    )
    return Network(f"{a.name}-{b.name} with {chain.links - 1} repeaters", qpus, links)
