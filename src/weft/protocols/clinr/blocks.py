"""A circuit made ready for CliNR: cut into blocks with their checks, and what every fault in them does."""

from __future__ import annotations

from dataclasses import dataclass, field

from weft.errors import InvalidValueError
from weft.protocols.clinr.block_circuit import (
    block_operations,
    direct_operations,
    hop_operations,
    injection_operations,
    split_block_operations,
)
from weft.protocols.clinr.checks import Checks, Strategy, choose_checks
from weft.protocols.clinr.clifford_circuit import CliffordCircuit, cut
from weft.protocols.clinr.depth import Convention
from weft.protocols.clinr.fault_effects import (
    FaultEffects,
    Planes,
    block_effects,
    circuit_effects,
    injection_effects,
    output_planes,
)
from weft.protocols.clinr.operations import Operations
from weft.protocols.clinr.verification import Verification
from weft.protocols.clinr.waiting import with_waits


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a circuit is cut and checked.

    Attributes:
        blocks: t, at least 1.
        checks: r, the most stabilizers that are measured per block.
        strategy: which stabilizers; see `choose_checks`.
        verification: how they are measured.
        pair_checks: of blocks that are split over a link, how many stabilizers of its bare pairs are measured before C, so that
            bad pairs are found before work is spent on them.
    """

    blocks: int = 4
    checks: int = 3
    strategy: Strategy = "uniform"
    verification: Verification = field(default_factory=Verification)
    pair_checks: int = 0

    @property
    def checks_by_stage(self) -> tuple[int, ...]:
        """How many checks have been measured after each stage, from that of C on."""
        groups = self.verification.groups(self.checks)
        return (0, *(group[-1] + 1 for group in groups))

    @property
    def pair_stages(self) -> tuple[int, ...]:
        """How many pairs each stage before that of C takes for its checks."""
        groups = self.verification.groups(self.pair_checks)
        return (0, *(len(group) for group in groups)) if groups else ()


@dataclass(frozen=True, eq=False)
class Block:
    """One block of a circuit.

    Attributes:
        checks: the stabilizers that are measured; of a split block, after C.
        operations: its preparation and verification, without waits.
        faults: of the same, with waits if there is idle noise.
        injection: faults of the injection of data on the same QPU.
        hop: faults of the injection of data on a ring: from another QPU, unless A is there.
        before: what X and Z on the data before the block do to the output.
        after: what X and Z on the data after it do.
    """

    checks: Checks
    operations: Operations
    faults: FaultEffects
    injection: FaultEffects
    hop: FaultEffects
    before: Planes
    after: Planes


def make_blocks(
    circuit: CliffordCircuit, scheme: Scheme, *, split: bool = False, waits: Convention | None = None, seed: int = 0
) -> tuple[Block, ...]:
    """Cuts a circuit, chooses checks and finds what faults do.

    Args:
        circuit: C.
        scheme: how.
        split: whether the halves of all blocks but the first are on two QPUs; see `split_block_operations`.
        waits: the convention under which qubits wait; None to leave waits out.
        seed: of the choice of checks.

    Raises:
        InvalidValueError: for a number of blocks or checks out of range.
    """
    if scheme.checks < 0:
        raise InvalidValueError(f"`checks` must be at least 0, but is {scheme.checks}")
    if scheme.pair_checks < 0:
        raise InvalidValueError(f"`pair_checks` must be at least 0, but is {scheme.pair_checks}")
    after = output_planes(circuit.num_qubits)
    blocks: list[Block] = []
    for number, part in reversed(list(enumerate(cut(circuit, scheme.blocks)))):
        block = _make_block(part, scheme, after, (split, number > 0), waits, seed * scheme.blocks + number)
        after = block.before
        blocks.append(block)
    return tuple(reversed(blocks))


def direct_faults(circuit: CliffordCircuit, *, waits: Convention | None = None) -> FaultEffects:
    """Faults of the circuit done directly; arguments as for `make_blocks`."""
    operations = direct_operations(circuit)
    if waits is not None:
        operations = with_waits(operations, waits, hold_data=True)
    return circuit_effects(operations, output_planes(circuit.num_qubits))


def _make_block(
    part: CliffordCircuit, scheme: Scheme, after: Planes, split: tuple[bool, bool], waits: Convention | None, seed: int
) -> Block:
    """Makes one block; `split` says whether blocks are split, and whether this one has a QPU before it to be split with."""
    n = part.num_qubits
    before = circuit_effects(direct_operations(part), after).before
    checks = choose_checks(part, scheme.checks, scheme.strategy, 2 * seed)
    if all(split):
        pair_checks = choose_checks(part.without_gates(), scheme.pair_checks, "uniform", 2 * seed + 1)
        operations = split_block_operations(part, checks, scheme.verification, pair_checks)
    else:
        first_stage = len(scheme.pair_stages) if split[0] else 0
        operations = block_operations(part, checks, scheme.verification, first_stage=first_stage)
    noisy = operations if waits is None else with_waits(operations, waits)
    measured = scheme.checks + (scheme.pair_checks if all(split) else 0)
    return Block(
        checks=checks,
        operations=operations,
        faults=block_effects(noisy, measured, before, after),
        injection=injection_effects(injection_operations(n), before),
        hop=injection_effects((injection_operations if split[0] else hop_operations)(n), before),
        before=before,
        after=after,
    )
