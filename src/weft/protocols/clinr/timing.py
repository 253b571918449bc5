"""CliNR over a ring with nothing but its timing: for the scheduler alone, so that it can be played for a thousand QPUs.

A Program that computes its circuit carries frames that grow with every part, and its simulation starts from one tableau of all
qubits of all QPUs; neither says anything about waiting. Here an attempt at a block takes its time and succeeds with given odds, and
hops take pairs: that is all that decides when a link is late.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from weft.errors import InvalidValueError
from weft.network import QPU, Link, Network
from weft.program import Program, ProgramBuilder
from weft.protocols.clinr.machine import GATE_S


@dataclass(frozen=True, slots=True)
class BlockTiming:
    """How long one attempt at a block takes, and how likely it succeeds.

    Attributes:
        preparation: gate times before the first check.
        checks: r, at least 1.
        check: gate times for each.
        odds: of passing each, if all before were passed; otherwise preparation starts again.
    """

    preparation: float
    checks: int
    check: float
    odds: float

    def __post_init__(self) -> None:
        if self.checks < 1:
            raise InvalidValueError(f"`checks` must be at least 1, but is {self.checks}")
        if not 0 < self.odds <= 1:
            raise InvalidValueError(f"`odds` must lie in (0, 1], but is {self.odds}")


def timing_program(
    qpus: int, size: int, block: BlockTiming, *, pair_time: float, parallel_pairs: int, hop_time: float
) -> Program:
    """As many blocks as QPUs, all alike, and their injections in any order.

    Links make pairs beforehand if the policy is to prefetch them; then buffers are as large as it says.

    Args:
        qpus: k, at least 2.
        size: n, how many pairs a hop takes.
        block: each of them.
        pair_time: τ_e, gate times for a pair.
        parallel_pairs: how many pairs a link makes at a time.
        hop_time: gate times for a hop whose pairs are there: n one gate at a time, 1 in layers.

    Raises:
        InvalidValueError: with fewer QPUs or no pairs.
        InvalidNetworkError: if numbers are outside what QPUs and links may have.
    """
    if qpus < 2:
        raise InvalidValueError(f"`qpus` must be at least 2, but is {qpus}")
    if size < 1:
        raise InvalidValueError(f"`size` must be at least 1, but is {size}")
    model = QPU(
        "model",
        2,
        reset_s=block.preparation * GATE_S,  # once for each attempt
        one_qubit_gate_s=block.check * GATE_S,
        two_qubit_gate_s=hop_time / size * GATE_S,
    )
    network = _ring(qpus, model, pair_time * GATE_S, parallel_pairs)
    builder = ProgramBuilder(network, circuit_name="timing")
    sides = [_add_block(builder, qpu, block) for qpu in range(qpus)]
    for here in range(qpus - 1):
        _add_hop(builder, here, size, sides[here][1], sides[here + 1][0])
    return builder.build()


def _ring(qpus: int, model: QPU, attempt_s: float, parallel_pairs: int) -> Network:
    names = [f"Q{place}" for place in range(qpus)]
    links = tuple(
        Link(names[place], names[(place + 1) % qpus], attempt_s=attempt_s, channels=parallel_pairs)
        for place in range(qpus if qpus > 2 else 1)
    )
    return Network(f"timing of a ring of {qpus} QPUs", tuple(replace(model, name=name) for name in names), links)


def _add_block(builder: ProgramBuilder, qpu: int, block: BlockTiming) -> tuple[int, int]:
    """One qubit for each side of the block, A and B."""
    a, b = (builder.add_qubit(f"Q{qpu}.{side}", qpu) for side in "ab")
    start = len(builder)
    builder.reset(a)
    builder.reset(b)
    for _ in range(block.checks):
        builder.gate("h", a)
        builder.gate("h", b)
        if block.odds < 1:
            builder.retry(a, start, odds=block.odds)
    return a, b


def _add_hop(builder: ProgramBuilder, link: int, size: int, data: int, side: int) -> None:
    """The data leave B of the block before through pairs, one after another, and meet A of this one."""
    near = builder.add_qubit(f"Q{link}.c", link, communication=True)
    far = builder.add_qubit(f"Q{link + 1}.d", link + 1, communication=True)
    for _ in range(size):
        builder.entangle(link, near, far)
        builder.gate("cx", data, near)
        builder.gate("cx", far, side)
        for qubit in (near, far):
            builder.measure(qubit, builder.new_bit())
