"""A state vector that stores every amplitude, in single precision, as Numba kernels.

All gates are on two qubits, (first, second) with `first` < `second`, and are lists of coefficients that `lanes.mix` reads;
`coefficients_of` makes them from a matrix. A gate takes about a quarter of a nanosecond per amplitude, whichever its qubits.
"""

from __future__ import annotations

import numba
import numpy as np

from weft.simulator.dense.lanes import LANE_BITS, LANES, mix

_jit = numba.njit(cache=True, nogil=True)
_sum = numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})  # sums in any order
_BLOCK = 256  # amplitudes that are summed in single precision


def coefficients_of(matrices, firsts, seconds):
    """What `apply_gates` reads.

    Args:
        matrices (complex array, shape (gates, 4, 4)): on |second, first⟩, the second qubit the more significant.
        firsts (int array, shape (gates,)): the lower qubit of each gate.
        seconds (int array, shape (gates,)): the higher.

    Returns:
        float32 array, shape (gates, 4, 4, 2, 16): of each new row, relative to it each old value, real and imaginary, each lane.
    """
    gates = np.arange(len(matrices))[:, None, None, None]
    row, value, lane = np.ogrid[:4, :4, :LANES]
    first, second = (np.asarray(bits)[:, None, None, None] for bits in (firsts, seconds))
    # Rows are numbered by the bits that are no lane bits.
    low = np.where(first < LANE_BITS, lane >> np.minimum(first, LANE_BITS), row) & 1
    next_row_bit = np.where(first < LANE_BITS, row, row >> 1)
    high = np.where(second < LANE_BITS, lane >> np.minimum(second, LANE_BITS), next_row_bit) & 1
    new = 2 * high + low
    entries = np.asarray(matrices)[gates, new, new ^ value]
    return np.stack((entries.real, entries.imag), axis=3).astype(np.float32)


@_jit
def zero_state(qubits):
    """|0…0⟩: real parts and imaginary parts."""
    state = np.zeros((2, 1 << qubits), dtype=np.float32)
    state[0, 0] = 1
    return state


@_jit
def apply_gates(state, firsts, seconds, coefficients, low, high):
    """Applies the gates from `low` up to, not including, `high`, in place."""
    for gate in range(low, high):
        apply_gate(state, state, firsts[gate], seconds[gate], coefficients[gate])


@_jit
def apply_gate(state, new, first, second, coefficients):
    """Applies one gate, from `state` to `new`, which may be the same array."""
    size = state.shape[1]
    re, im, new_re, new_im = state[0], state[1], new[0], new[1]
    far = 1 << second if second >= LANE_BITS else size
    near = 1 << first if first >= LANE_BITS else far
    case = 4 * first + second if second < LANE_BITS else (first if first < LANE_BITS else 4)
    case += 16 * (second < LANE_BITS)
    c = coefficients
    for outer in range(0, size, 2 * far):
        for middle in range(outer, outer + far, 2 * near):
            for at in range(middle, middle + near, LANES):
                # Which lanes are shuffled must be known when the kernel is compiled.
                if case == 4:
                    mix(re, im, new_re, new_im, at, near, far, c, 0, 0)
                elif case == 0:
                    mix(re, im, new_re, new_im, at, 0, far, c, 1, 0)
                elif case == 1:
                    mix(re, im, new_re, new_im, at, 0, far, c, 2, 0)
                elif case == 2:
                    mix(re, im, new_re, new_im, at, 0, far, c, 4, 0)
                elif case == 3:
                    mix(re, im, new_re, new_im, at, 0, far, c, 8, 0)
                elif case == 17:
                    mix(re, im, new_re, new_im, at, 0, 0, c, 1, 2)
                elif case == 18:
                    mix(re, im, new_re, new_im, at, 0, 0, c, 1, 4)
                elif case == 19:
                    mix(re, im, new_re, new_im, at, 0, 0, c, 1, 8)
                elif case == 22:
                    mix(re, im, new_re, new_im, at, 0, 0, c, 2, 4)
                elif case == 23:
                    mix(re, im, new_re, new_im, at, 0, 0, c, 2, 8)
                else:
                    mix(re, im, new_re, new_im, at, 0, 0, c, 4, 8)


@_sum
def overlap_and_weight(state, other):
    """|⟨other|state⟩|² and ⟨state|state⟩, which rounding may have moved from 1."""
    real, imaginary, weight = 0.0, 0.0, 0.0
    for low in range(0, state.shape[1], _BLOCK):
        x, y = state[0, low : low + _BLOCK], state[1, low : low + _BLOCK]
        u, v = other[0, low : low + _BLOCK], other[1, low : low + _BLOCK]
        # Within a block sums are in single precision, so that lanes are summed side by side.
        re, im, own = np.float32(0), np.float32(0), np.float32(0)
        for index in range(len(x)):
            re += u[index] * x[index] + v[index] * y[index]
            im += u[index] * y[index] - v[index] * x[index]
            own += x[index] * x[index] + y[index] * y[index]
        real += float(re)
        imaginary += float(im)
        weight += float(own)
    return real * real + imaginary * imaginary, weight


@_sum
def reduced_density(state, first, second):
    """The density matrix of two qubits, on |second, first⟩ with the second the more significant; shape (4, 4)."""
    density = np.zeros((4, 4), dtype=np.complex128)
    near, far = 1 << first, 1 << second
    re, im = state[0], state[1]
    for outer in range(0, state.shape[1], 2 * far):
        for middle in range(outer, outer + far, 2 * near):
            for row in range(4):
                left = middle + (row & 1) * near + (row >> 1) * far
                for column in range(row + 1):
                    right = middle + (column & 1) * near + (column >> 1) * far
                    real, imaginary = 0.0, 0.0
                    for lane in range(near):
                        real += re[left + lane] * re[right + lane] + im[left + lane] * im[right + lane]
                        imaginary += im[left + lane] * re[right + lane] - re[left + lane] * im[right + lane]
                    density[row, column] += complex(real, imaginary)
    for row in range(4):
        for column in range(row + 1, 4):
            density[row, column] = np.conj(density[column, row])
    return density


@_sum
def sample(state, draws):
    """Measures all qubits, once for each number in [0, 1): indices with probability |amplitude|². `draws` must ascend."""
    rows = state.shape[1] // LANES
    weights = np.empty(rows)
    for row in range(rows):
        re, im = state[0, row * LANES : (row + 1) * LANES], state[1, row * LANES : (row + 1) * LANES]
        weight = np.float32(0)
        for lane in range(LANES):
            weight += re[lane] * re[lane] + im[lane] * im[lane]
        weights[row] = weight
    total = weights.sum()
    found = np.empty(len(draws), dtype=np.int64)
    row, before = 0, 0.0
    for number in range(len(draws)):
        goal = draws[number] * total
        while row < rows - 1 and before + weights[row] <= goal:
            before += weights[row]
            row += 1
        left, chosen = goal - before, -1
        for index in range(row * LANES, (row + 1) * LANES):
            weight = state[0, index] ** 2 + state[1, index] ** 2
            if weight > 0:
                chosen = index
                left -= weight
                if left < 0:
                    break
        found[number] = chosen
    return found
