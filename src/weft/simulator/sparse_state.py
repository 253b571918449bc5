"""A state vector that stores only the amplitudes that are not zero, as Numba kernels.

An amplitude belongs to a key: one bit per qubit, in words of 64. A gate whose matrix has one entry per column only renames keys
and turns phases, in place. Any other gate mixes the amplitudes whose keys differ in its operands alone, and there are two ways to
find them. As long as key i is an affine function of the bits of i, which gates, pairs and measurements preserve while nothing
cancels irregularly, they stand at indices that differ by a fixed XOR: one pass over the keys finds it, one over the amplitudes
mixes in place. Otherwise a hash table gathers them. Cost: a few nanoseconds per amplitude on the first way, about a hundred on
the second.

So a basis state on a thousand qubits costs as much as one on two: an adder on definite numbers or a GHZ state are small, whatever
their width. A state over all 2ⁿ keys is as large as ever, and stays on the fast way.
"""

from __future__ import annotations

import numba
import numpy as np

_NEGLIGIBLE = 1e-22  # squared amplitude, far below rounding of a normalised state
_jit = numba.njit(cache=True, nogil=True, inline="never")


@_jit
def zero_state(words):
    """All qubits in |0⟩: one key, one amplitude."""
    return np.zeros((1, words), dtype=np.uint64), np.ones(1, dtype=np.complex128)


@_jit
def bit_of(keys, index, qubit):
    """The value of a qubit in a key."""
    return (keys[index, qubit >> 6] >> np.uint64(qubit & 63)) & np.uint64(1)


@_jit
def flip(keys, qubit):
    """X on a qubit."""
    word, mask = qubit >> 6, np.uint64(1) << np.uint64(qubit & 63)
    for index in range(len(keys)):
        keys[index, word] ^= mask


@_jit
def apply_pauli(keys, amplitudes, qubit, pauli):
    """X (1), Y (2) or Z (3) on a qubit, up to a global phase."""
    if pauli >= 2:
        for index in range(len(keys)):
            if bit_of(keys, index, qubit):
                amplitudes[index] = -amplitudes[index]
    if pauli <= 2:
        flip(keys, qubit)


@_jit
def hash_key(keys, index, mask):
    """A table position for a key."""
    value = np.uint64(0)
    for word in range(keys.shape[1]):
        value = (value ^ keys[index, word]) * np.uint64(0x9E3779B97F4A7C15)
        value ^= value >> np.uint64(29)
    return np.int64((value >> np.uint64(7)) & mask)


@_jit
def same_key(keys, index, others, other):
    """Whether two keys are equal."""
    for word in range(keys.shape[1]):  # noqa: SIM110  # Numba has no generators
        if keys[index, word] != others[other, word]:
            return False
    return True


@_jit
def table_size(count):
    """A power of two that leaves a hash table half empty."""
    size = 4
    while size < 2 * count:
        size *= 2
    return size


@_jit
def gather(bases):
    """Numbers equal keys alike: (group of each key, first member of each group, groups)."""
    count = len(bases)
    size = table_size(count)
    mask = np.uint64(size - 1)
    table = np.full(size, -1, dtype=np.int64)
    group = np.empty(count, dtype=np.int64)
    members = np.empty(count, dtype=np.int64)
    groups = 0
    for index in range(count):
        place = hash_key(bases, index, mask)
        while table[place] >= 0 and not same_key(bases, index, bases, members[table[place]]):
            place = (place + 1) & (size - 1)
        if table[place] < 0:
            table[place] = groups
            members[groups] = index
            groups += 1
        group[index] = table[place]
    return group, members, groups


@_jit
def apply_gate(keys, amplitudes, first, second, matrix):
    """A one-qubit gate (second < 0, matrix in the upper left 2×2) or a two-qubit gate; returns the new keys and amplitudes."""
    size = 2 if second < 0 else 4
    target = np.full(4, -1, dtype=np.int64)
    monomial = True
    for column in range(size):
        for row in range(size):
            if matrix[row, column] != 0:
                monomial = monomial and target[column] < 0
                target[column] = row
    if monomial:
        _rename(keys, amplitudes, first, second, matrix, target)
        return keys, amplitudes
    if is_affine(keys):
        return _mix_affine(keys, amplitudes, first, second, matrix)
    return _mix(keys, amplitudes, first, second, matrix, size)


@_jit
def is_affine(keys):
    """Whether key i is a fixed key plus, bit by bit modulo 2, one fixed vector for each bit that is set in i."""
    count = len(keys)
    if count & (count - 1):
        return False
    for index in range(3, count):
        low = index & -index
        if low == index:
            continue
        for word in range(keys.shape[1]):
            if keys[index, word] ^ keys[index ^ low, word] != keys[low, word] ^ keys[0, word]:
                return False
    return True


@_jit
def _partner(keys, qubit):
    """What to XOR an index with to find the key that differs in one qubit; −1 if there is none. For affine keys only."""
    flip_word, mask = qubit >> 6, np.uint64(1) << np.uint64(qubit & 63)
    for index in range(len(keys)):
        same = True
        for word in range(keys.shape[1]):
            wanted = keys[0, word] ^ mask if word == flip_word else keys[0, word]
            same = same and keys[index, word] == wanted
        if same:
            return index
    return -1


@_jit
def _doubled(keys, amplitudes, qubit):
    """The same state with room for the keys that differ in one qubit."""
    count = len(keys)
    new_keys = np.empty((2 * count, keys.shape[1]), dtype=np.uint64)
    new_amplitudes = np.zeros(2 * count, dtype=np.complex128)
    new_keys[:count] = keys
    new_keys[count:] = keys
    flip(new_keys[count:], qubit)
    new_amplitudes[:count] = amplitudes
    return new_keys, new_amplitudes


@_jit
def _mix_affine(keys, amplitudes, first, second, matrix):
    """Mixes in place: the amplitudes that belong together stand at indices that differ by a fixed XOR."""
    by_first = _partner(keys, first)
    if by_first < 0:
        by_first = len(keys)
        keys, amplitudes = _doubled(keys, amplitudes, first)
    if second < 0:
        for index in range(len(keys)):
            if not bit_of(keys, index, first):
                zero, one = amplitudes[index], amplitudes[index ^ by_first]
                amplitudes[index] = matrix[0, 0] * zero + matrix[0, 1] * one
                amplitudes[index ^ by_first] = matrix[1, 0] * zero + matrix[1, 1] * one
        return _without_zeros(keys, amplitudes)
    by_second = _partner(keys, second)
    if by_second < 0:
        by_second = len(keys)
        keys, amplitudes = _doubled(keys, amplitudes, second)
    for index in range(len(keys)):
        if not bit_of(keys, index, first) and not bit_of(keys, index, second):
            places = (index, index ^ by_second, index ^ by_first, index ^ by_first ^ by_second)
            a, b, c, d = (
                amplitudes[places[0]],
                amplitudes[places[1]],
                amplitudes[places[2]],
                amplitudes[places[3]],
            )
            for row in range(4):
                amplitudes[places[row]] = (
                    matrix[row, 0] * a + matrix[row, 1] * b + matrix[row, 2] * c + matrix[row, 3] * d
                )
    return _without_zeros(keys, amplitudes)


@_jit
def _without_zeros(keys, amplitudes):
    """Drops zeros once they are half of what is stored; fewer cost less to keep than affine keys are worth."""
    kept = 0
    for index in range(len(keys)):
        kept += amplitudes[index].real ** 2 + amplitudes[index].imag ** 2 > _NEGLIGIBLE
    if 2 * kept > len(keys):
        return keys, amplitudes
    place = 0
    for index in range(len(keys)):
        if amplitudes[index].real ** 2 + amplitudes[index].imag ** 2 > _NEGLIGIBLE:
            keys[place] = keys[index]
            amplitudes[place] = amplitudes[index]
            place += 1
    return keys[:kept].copy(), amplitudes[:kept].copy()


@_jit
def _local(keys, index, first, second):
    """The value of the operands in a key, the first the more significant."""
    value = np.int64(bit_of(keys, index, first))
    if second >= 0:
        value = 2 * value + np.int64(bit_of(keys, index, second))
    return value


@_jit
def _set_local(keys, index, first, second, value):
    """Writes the value of the operands into a key."""
    low = value & 1
    if second >= 0:
        mask = np.uint64(1) << np.uint64(second & 63)
        keys[index, second >> 6] = (keys[index, second >> 6] & ~mask) | (np.uint64(low) << np.uint64(second & 63))
        low = value >> 1
    mask = np.uint64(1) << np.uint64(first & 63)
    keys[index, first >> 6] = (keys[index, first >> 6] & ~mask) | (np.uint64(low) << np.uint64(first & 63))


@_jit
def _rename(keys, amplitudes, first, second, matrix, target):
    for index in range(len(keys)):
        value = _local(keys, index, first, second)
        amplitudes[index] *= matrix[target[value], value]
        if target[value] != value:
            _set_local(keys, index, first, second, target[value])


@_jit
def _mix(keys, amplitudes, first, second, matrix, size):
    count = len(keys)
    bases = keys.copy()
    for index in range(count):
        _set_local(bases, index, first, second, 0)
    group, members, groups = gather(bases)
    before = np.zeros((groups, size), dtype=np.complex128)
    for index in range(count):
        before[group[index], _local(keys, index, first, second)] = amplitudes[index]
    new_keys = np.empty((groups * size, keys.shape[1]), dtype=np.uint64)
    new_amplitudes = np.empty(groups * size, dtype=np.complex128)
    kept = 0
    for position in range(groups):
        for row in range(size):
            value = 0j
            for column in range(size):
                value += matrix[row, column] * before[position, column]
            if value.real * value.real + value.imag * value.imag > _NEGLIGIBLE:
                new_keys[kept] = bases[members[position]]
                _set_local(new_keys, kept, first, second, row)
                new_amplitudes[kept] = value
                kept += 1
    return new_keys[:kept], new_amplitudes[:kept]


@_jit
def add_pair(keys, amplitudes, first, second, vector):
    """Puts two qubits that are in |00⟩ into a two-qubit state of four amplitudes."""
    count, terms = len(keys), 0
    for value in range(4):
        terms += vector[value] != 0
    new_keys = np.empty((count * terms, keys.shape[1]), dtype=np.uint64)
    new_amplitudes = np.empty(count * terms, dtype=np.complex128)
    place = 0
    for value in range(4):
        if vector[value] == 0:
            continue
        for index in range(count):
            new_keys[place] = keys[index]
            _set_local(new_keys, place, first, second, value)
            new_amplitudes[place] = amplitudes[index] * vector[value]
            place += 1
    return new_keys, new_amplitudes


@_jit
def probability_of_one(keys, amplitudes, qubit):
    """That a measurement of a qubit in Z gives 1; the state need not be normalised."""
    one, total = 0.0, 0.0
    for index in range(len(keys)):
        weight = amplitudes[index].real ** 2 + amplitudes[index].imag ** 2
        total += weight
        if bit_of(keys, index, qubit):
            one += weight
    return one / total


@_jit
def project(keys, amplitudes, qubit, outcome):
    """Keeps what has a qubit at a value, normalised."""
    kept, weight = 0, 0.0
    for index in range(len(keys)):
        if bit_of(keys, index, qubit) == outcome:
            keys[kept] = keys[index]
            amplitudes[kept] = amplitudes[index]
            weight += amplitudes[index].real ** 2 + amplitudes[index].imag ** 2
            kept += 1
    scale = 1 / np.sqrt(weight)
    for index in range(kept):
        amplitudes[index] *= scale
    return keys[:kept], amplitudes[:kept]


@_jit
def damp(keys, amplitudes, qubit, decayed, draw):
    """Relaxation towards |0⟩ with probability `decayed` from |1⟩, as a quantum jump decided by a uniform `draw`.

    Source: Dalibard, Castin, Mølmer, Phys. Rev. Lett. 68, 580 (1992).
    """
    jump = decayed * probability_of_one(keys, amplitudes, qubit)
    if draw < jump:
        keys, amplitudes = project(keys, amplitudes, qubit, np.uint64(1))
        flip(keys, qubit)
        return keys, amplitudes
    weight = 0.0
    for index in range(len(keys)):
        if bit_of(keys, index, qubit):
            amplitudes[index] *= np.sqrt(1 - decayed)
        weight += amplitudes[index].real ** 2 + amplitudes[index].imag ** 2
    scale = 1 / np.sqrt(weight)
    for index in range(len(keys)):
        amplitudes[index] *= scale
    return keys, amplitudes


@_jit
def squared_overlap(keys, amplitudes, other_keys, other_amplitudes):
    """|⟨other|state⟩|² of two normalised states."""
    size = table_size(len(other_keys))
    mask = np.uint64(size - 1)
    table = np.full(size, -1, dtype=np.int64)
    for index in range(len(other_keys)):
        place = hash_key(other_keys, index, mask)
        while table[place] >= 0:
            place = (place + 1) & (size - 1)
        table[place] = index
    inner = 0j
    for index in range(len(keys)):
        place = hash_key(keys, index, mask)
        while table[place] >= 0:
            if same_key(keys, index, other_keys, table[place]):
                inner += np.conj(other_amplitudes[table[place]]) * amplitudes[index]
                break
            place = (place + 1) & (size - 1)
    return inner.real**2 + inner.imag**2


@_jit
def draw_key(amplitudes, draw):
    """The index of a key drawn with probability |amplitude|², from a uniform number."""
    total = 0.0
    for amplitude in amplitudes:
        total += amplitude.real**2 + amplitude.imag**2
    left = draw * total
    for index in range(len(amplitudes)):
        left -= amplitudes[index].real ** 2 + amplitudes[index].imag ** 2
        if left < 0:
            return index
    return len(amplitudes) - 1
