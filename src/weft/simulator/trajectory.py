"""One shot of a program on a sparse state, as a Numba kernel.

Random numbers are a hash of (key, shot, row, purpose), so a stage of the error budget that differs in one fault shares all other
randomness, and shots can run in any order on any number of threads.
"""

from __future__ import annotations

import numba
import numpy as np

from weft.program import Op, Pauli, Role
from weft.simulator.faults import AFTER, BEFORE, READOUT
from weft.simulator.noise import Cause
from weft.simulator.sparse_state import (
    add_pair,
    apply_gate,
    apply_pauli,
    bit_of,
    damp,
    draw_key,
    flip,
    probability_of_one,
    project,
    zero_state,
)

_jit = numba.njit(cache=True, nogil=True, inline="never")

_GATE, _RESET, _ENTANGLE, _MEASURE = int(Op.GATE), int(Op.RESET), int(Op.ENTANGLE), int(Op.MEASURE)
_CORRECT = int(Op.CORRECT)
_X, _Y = int(Pauli.X), int(Pauli.Y)
_IF_ZERO, _IF_ONE, _PARITY = int(Role.IF_ZERO), int(Role.IF_ONE), int(Role.PARITY)
_PAIRS, _WAITING = int(Cause.BELL_PAIRS), int(Cause.WAITING)
_OUTCOME, _PAIR, _JUMP, _OUTPUT = 1, 2, 3, 4  # purposes of random numbers

_R = np.sqrt(0.5)
_H = np.array([[_R, _R, 0, 0], [_R, -_R, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=np.complex128)
_HS = np.array([[_R, -1j * _R, 0, 0], [_R, 1j * _R, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=np.complex128)
_SH = np.ascontiguousarray(_HS.conj().T)
_PHI = np.array([_R, 0, 0, _R], dtype=np.complex128)


@_jit
def uniform(key, shot, row, purpose):
    """A uniform number in [0, 1). Source: SplitMix64, Steele, Lea, Flood, OOPSLA 2014."""
    value = key
    for part in (np.uint64(shot), np.uint64(row), np.uint64(purpose)):
        value = (value ^ part) + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        value ^= value >> np.uint64(31)
    return np.float64(value >> np.uint64(11)) * 2.0**-53


@_jit
def turn(keys, amplitudes, qubit, basis, y_matrix):
    """Rotates a basis (X, Y or Z) of a qubit to Z, or back; `y_matrix` says which way for Y."""
    if basis == _X:
        return apply_gate(keys, amplitudes, qubit, -1, _H)
    if basis == _Y:
        return apply_gate(keys, amplitudes, qubit, -1, y_matrix)
    return keys, amplitudes


@_jit
def run_trajectory(
    opcodes, kinds, qubits, written, links, read_offsets, read_bits, read_roles,
    matrices, matrix_of_row, skipped, pair_weights, pair_vectors,
    fault_row, fault_when, fault_qubit, fault_pauli, fault_cause,
    is_communication, damping, stage, key, shot, num_qubits, num_bits, most_amplitudes,
):  # fmt: skip
    """Plays one shot with the causes below `stage`; no keys come back if the state outgrows `most_amplitudes`."""
    keys, amplitudes = zero_state((num_qubits + 63) // 64)
    bits = np.zeros(num_bits, dtype=np.uint8)
    fault = 0
    for row in range(len(opcodes)):
        opcode, first, second = opcodes[row], np.int64(qubits[row, 0]), np.int64(qubits[row, 1])
        if damping.shape[0] and stage > _WAITING:
            for operand in range(2):
                if damping[row, operand] > 0:
                    qubit = np.int64(qubits[row, operand])
                    draw = uniform(key, shot, 2 * row + operand, _JUMP)
                    keys, amplitudes = damp(keys, amplitudes, qubit, damping[row, operand], draw)
        while fault < len(fault_row) and fault_row[fault] == row and fault_when[fault] == BEFORE:
            if fault_cause[fault] < stage:
                apply_pauli(keys, amplitudes, fault_qubit[fault], fault_pauli[fault])
            fault += 1
        happens, parity = True, 0
        for entry in range(read_offsets[row], read_offsets[row + 1]):
            value, role = bits[read_bits[entry]], read_roles[entry]
            if (role == _IF_ZERO and value == 1) or (role == _IF_ONE and value == 0):
                happens = False
            if role == _PARITY:
                parity ^= value
        if happens and not skipped[row]:
            if opcode == _GATE:
                keys, amplitudes = apply_gate(keys, amplitudes, first, second, matrices[matrix_of_row[row]])
            elif opcode == _ENTANGLE:
                vector = _PHI
                if stage > _PAIRS:
                    draw, chosen, link = uniform(key, shot, row, _PAIR), 0, links[row]
                    while chosen < 3 and draw >= pair_weights[link, chosen]:
                        draw -= pair_weights[link, chosen]
                        chosen += 1
                    vector = pair_vectors[link, chosen]
                keys, amplitudes = add_pair(keys, amplitudes, first, second, vector)
            elif opcode == _MEASURE:
                keys, amplitudes = turn(keys, amplitudes, first, kinds[row], _HS)
                draw = uniform(key, shot, row, _OUTCOME)
                outcome = np.uint64(draw < probability_of_one(keys, amplitudes, first))
                keys, amplitudes = project(keys, amplitudes, first, outcome)
                bits[written[row]] = outcome
                if not is_communication[first]:
                    keys, amplitudes = turn(keys, amplitudes, first, kinds[row], _SH)
                elif outcome:
                    flip(keys, first)  # it is empty now; empty qubits are kept in |0⟩
            elif opcode == _RESET:
                draw = uniform(key, shot, row, _OUTCOME)
                outcome = np.uint64(draw < probability_of_one(keys, amplitudes, first))
                keys, amplitudes = project(keys, amplitudes, first, outcome)
                if outcome:
                    flip(keys, first)
            elif parity and opcode == _CORRECT:
                apply_pauli(keys, amplitudes, first, kinds[row])
        while fault < len(fault_row) and fault_row[fault] == row:
            if fault_cause[fault] < stage and happens and not skipped[row]:
                if fault_when[fault] == AFTER:
                    apply_pauli(keys, amplitudes, fault_qubit[fault], fault_pauli[fault])
                elif fault_when[fault] == READOUT:
                    bits[written[row]] ^= 1
            fault += 1
        if len(keys) > most_amplitudes:
            return keys[:0], amplitudes[:0], bits
    return keys, amplitudes, bits


@_jit
def sample_outputs(keys, amplitudes, outputs, bases, key, shot, bits):
    """Measures the outputs, rows of (qubit, bit, row), into `bits`; leaves the state as it is."""
    turned = False
    for index in range(len(outputs)):
        turned = turned or bases[index] == _X or bases[index] == _Y
    if turned:
        keys, amplitudes = keys.copy(), amplitudes.copy()
        for index in range(len(outputs)):
            keys, amplitudes = turn(keys, amplitudes, outputs[index, 0], bases[index], _HS)
    chosen = draw_key(amplitudes, uniform(key, shot, 0, _OUTPUT))
    for index in range(len(outputs)):
        bits[outputs[index, 1]] = np.uint8(bit_of(keys, chosen, outputs[index, 0]))
