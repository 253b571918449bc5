"""The kernel that follows logical qubits through a program; `whereabouts.py` says what it finds."""

from __future__ import annotations

from typing import Any, NamedTuple

from weft.circuit.gates import CODES
from weft.program.instructions import Op, Pauli
from weft.program.jit import jit

_EMPTY, _HOLDER, _HALF, _FANNED, _JOINED, _JOINED_AND_MEASURED = range(6)
_HOLDINGS, _HOMES, _PAIRS, _REMOTE, _HUB, _SWAPS = range(6)
_CX, _SWAP = CODES["cx"], CODES["swap"]


class State(NamedTuple):
    """What the kernel knows while it runs.

    Attributes:
        kind: of each physical qubit, one of those above.
        logical: that it holds, or that a fanned half carries.
        partner: the other half of its pair.
        other: the half that it is joined with.
        pair: the number of its pair.
        holding: the row of `Found.holdings` that is open for it.
        home_qubit: of each logical qubit, the data qubit that counts; −1 while there is none.
        home_qpu: where its data qubit is, or was last.
        home: the row of `Found.homes` that is open for it.
        holders: how many it has.
        waiting: holders of it that the gate on all of them has yet to reach.
        away: whether any operand, and whether every pair of operands, of that gate was away from its data qubits.
        data: all data qubits.
    """

    kind: Any
    logical: Any
    partner: Any
    other: Any
    pair: Any
    holding: Any
    home_qubit: Any
    home_qpu: Any
    home: Any
    holders: Any
    waiting: Any
    away: Any
    data: Any


class Found(NamedTuple):
    """What the kernel finds.

    Attributes:
        holdings: logical qubit, physical qubit, start, end, from when on it is at home; −1 if never.
        homes: logical qubit, QPU, start, end.
        joined: for each pair, another that it has become one with; itself for the last of such a chain.
        served: the logical qubit that a chain copies, at the last of it.
        counts: holdings, homes, pairs, remote gates, hub gates, swaps.
    """

    holdings: Any
    homes: Any
    joined: Any
    served: Any
    counts: Any


@jit
def follow_logicals(opcodes, kinds, qubits, conditional, communication, owners, starts, state, found):
    """Follows all instructions."""
    for logical, qubit in enumerate(starts):
        become_holder(state, found, communication, owners, qubit, logical, 0)
    end = len(opcodes)
    for row in range(end):
        first, second, opcode = qubits[row, 0], qubits[row, 1], opcodes[row]
        if opcode == Op.ENTANGLE:
            entangle(state, found, first, second)
        elif opcode == Op.GATE and second >= 0:
            code = -1 if conditional[row] else kinds[row]
            two_qubit_gate(state, found, communication, owners, code, first, second, row + 1)
        elif opcode == Op.MEASURE:
            measure(state, found, communication, owners, first, kinds[row], row + 1)
    for qubit in range(len(owners)):
        if state.kind[qubit] == _HOLDER:
            found.holdings[state.holding[qubit], 3] = end
    for home in state.home[state.home_qubit >= 0]:
        found.homes[home, 3] = end


@jit
def become_holder(state, found, communication, owners, qubit, logical, now):
    """A qubit carries a logical one from here on."""
    state.kind[qubit] = _HOLDER
    state.logical[qubit] = logical
    state.holders[logical] += 1
    open_holding(state, found, communication, owners, qubit, now)
    if not communication[qubit] and state.home_qubit[logical] < 0:
        make_home(state, found, owners, qubit, now)


@jit
def open_holding(state, found, communication, owners, qubit, now):
    """Begins an interval."""
    row, logical = found.counts[_HOLDINGS], state.logical[qubit]
    at_home = not communication[qubit] and state.home_qubit[logical] >= 0 and state.home_qpu[logical] == owners[qubit]
    found.holdings[row, 0] = logical
    found.holdings[row, 1] = qubit
    found.holdings[row, 2] = now
    found.holdings[row, 4] = now if at_home else -1
    state.holding[qubit] = row
    found.counts[_HOLDINGS] = row + 1


@jit
def make_home(state, found, owners, qubit, now):
    """A data qubit becomes the one where a logical qubit is at home."""
    logical = state.logical[qubit]
    row = found.counts[_HOMES]
    found.homes[row, 0] = logical
    found.homes[row, 1] = owners[qubit]
    found.homes[row, 2] = now
    found.counts[_HOMES] = row + 1
    found.holdings[state.holding[qubit], 4] = now
    state.home[logical] = row
    state.home_qubit[logical] = qubit
    state.home_qpu[logical] = owners[qubit]


@jit
def drop(state, found, owners, qubit, now):
    """A holder holds nothing any more; if it was the home, another data qubit may be one."""
    logical = state.logical[qubit]
    state.kind[qubit] = _EMPTY
    state.holders[logical] -= 1
    found.holdings[state.holding[qubit], 3] = now
    if state.home_qubit[logical] != qubit:
        return
    oldest = -1
    for candidate in state.data:
        holds = state.kind[candidate] == _HOLDER and state.logical[candidate] == logical
        if holds and (oldest < 0 or state.holding[candidate] < state.holding[oldest]):
            oldest = candidate
    if oldest >= 0 and owners[oldest] == owners[qubit]:
        state.home_qubit[logical] = oldest
        return
    found.homes[state.home[logical], 3] = now
    state.home_qubit[logical] = -1
    if oldest >= 0:
        make_home(state, found, owners, oldest, now)


@jit
def entangle(state, found, first, second):
    """Two communication qubits become a pair."""
    pair = found.counts[_PAIRS]
    found.counts[_PAIRS] = pair + 1
    for qubit, partner in ((first, second), (second, first)):
        state.kind[qubit] = _HALF
        state.partner[qubit] = partner
        state.pair[qubit] = pair


@jit
def two_qubit_gate(state, found, communication, owners, code, first, second, now):
    """A gate makes a copy, joins pairs, exchanges data qubits, or acts on logical qubits; `code` is −1 if conditional."""
    source, target = state.kind[first], state.kind[second]
    if code == _CX and source == _HOLDER and target == _EMPTY:
        become_holder(state, found, communication, owners, second, state.logical[first], now)
    elif code == _CX and source == _HOLDER and target == _HALF:
        state.kind[second] = _FANNED
        state.logical[second] = state.logical[first]
        found.served[state.pair[second]] = state.logical[first]
    elif code == _CX and source == _HALF and target == _HALF:
        state.kind[first] = state.kind[second] = _JOINED
        state.other[first], state.other[second] = second, first
    elif code == _SWAP and not communication[first] and not communication[second]:
        exchange(state, found, communication, owners, first, second, now)
    elif source == _HOLDER and target == _HOLDER:
        count_gate(state, found, communication, owners, code == _CX, first, second)


@jit
def exchange(state, found, communication, owners, first, second, now):
    """Two data qubits of one QPU exchange what they hold."""
    found.counts[_SWAPS] += 1
    for qubit in (first, second):
        if state.kind[qubit] == _HOLDER:
            found.holdings[state.holding[qubit], 3] = now
    one, two = state.logical[first], state.logical[second]
    one_is_home = state.kind[first] == _HOLDER and state.home_qubit[one] == first
    two_is_home = state.kind[second] == _HOLDER and state.home_qubit[two] == second
    state.kind[first], state.kind[second] = state.kind[second], state.kind[first]
    state.logical[first], state.logical[second] = two, one
    for qubit in (first, second):
        if state.kind[qubit] == _HOLDER:
            open_holding(state, found, communication, owners, qubit, now)
    if one_is_home:
        state.home_qubit[one] = second
    if two_is_home:
        state.home_qubit[two] = first


@jit
def count_gate(state, found, communication, owners, is_cx, first, second):
    """Whether a gate of the circuit acts away from data qubits; a CX on all holders of its target is one gate."""
    any_away, all_away = False, True
    for qubit in (first, second):
        is_away = communication[qubit] and owners[qubit] != state.home_qpu[state.logical[qubit]]
        any_away |= is_away
        all_away &= is_away
    logical = state.logical[second]
    if is_cx and (state.waiting[logical] > 0 or state.holders[logical] > 1):
        if state.waiting[logical] == 0:
            state.waiting[logical] = state.holders[logical]
            state.away[logical, 0], state.away[logical, 1] = False, True
        state.waiting[logical] -= 1
        any_away |= state.away[logical, 0]
        all_away &= state.away[logical, 1]
        state.away[logical, 0], state.away[logical, 1] = any_away, all_away
        if state.waiting[logical] > 0:
            return
    found.counts[_REMOTE] += any_away
    found.counts[_HUB] += all_away


@jit
def measure(state, found, communication, owners, qubit, basis, now):
    """A measurement removes a holder, finishes a copy, or joins two pairs; one of the circuit changes nothing here."""
    kind = state.kind[qubit]
    if kind == _HOLDER and basis == Pauli.X:
        drop(state, found, owners, qubit, now)
    elif kind == _FANNED:
        state.kind[qubit] = _EMPTY
        become_holder(state, found, communication, owners, state.partner[qubit], state.logical[qubit], now)
    elif kind == _JOINED:
        finish_join(state, found, qubit, state.other[qubit])


@jit
def finish_join(state, found, qubit, other):
    """The second of two measurements makes the far halves one pair."""
    if state.kind[other] != _JOINED_AND_MEASURED:
        state.kind[qubit] = _JOINED_AND_MEASURED
        return
    far, further = state.partner[qubit], state.partner[other]
    state.partner[far], state.partner[further] = further, far
    found.joined[state.pair[further]] = state.pair[far]
    state.pair[further] = state.pair[far]
    state.kind[qubit] = state.kind[other] = _EMPTY
