"""What a Pauli on half of a pair does to a Clifford program: it travels to the end, and leaves the state as it is or does not.

A gate turns Paulis into Paulis; one that does not commute with a measurement turns its bit over, and with it every correction
that reads the bit. At the end a Pauli P is left on the data qubits of a stabilizer state, of which ⟨P⟩² is 1 or 0.
"""

from __future__ import annotations

import numpy as np
import stim
from numpy.typing import NDArray

from weft.circuit.clifford import clifford_tableau
from weft.circuit.gates import GATES
from weft.program import Op, Pauli, Program
from weft.simulator.backend import terminal_measurements

Bits = NDArray[np.bool_]


def is_clifford_program(program: Program) -> bool:
    """Whether every gate is Clifford."""
    gates = program.opcodes == Op.GATE
    keys = np.unique(np.column_stack((program.kinds[gates], program.angles[gates])), axis=0)
    return all(tableau_of(int(key[0]), tuple(key[1:].tolist())) is not None for key in keys)


def losses_of_frames(program: Program, pair_rows: NDArray[np.int64], paulis: tuple[Pauli, ...]) -> NDArray[np.float64]:
    """The fidelity lost if a Pauli strikes the second half of a pair as it is made, 0 or 1, shape (pairs, Paulis).

    Args:
        program: whose gates are Clifford and unconditional, without blocks that run again.
        pair_rows: its rows that take the pairs asked about.
        paulis: that strike.
    """
    x, z = _travelled(program, pair_rows, paulis)
    data = np.flatnonzero(~program.qubit_is_communication)
    final = _final_state(program)
    kept = np.empty(x.shape[1])
    for fault in range(x.shape[1]):
        pauli = np.zeros(program.num_qubits, dtype=np.uint8)
        pauli[data] = np.array([0, 1, 3, 2])[x[data, fault] + 2 * z[data, fault]]  # as Stim numbers I, X, Y, Z
        kept[fault] = final.peek_observable_expectation(stim.PauliString(pauli.tolist())) != 0
    return 1 - kept.reshape(len(pair_rows), len(paulis))


def _travelled(program: Program, pair_rows: NDArray[np.int64], paulis: tuple[Pauli, ...]) -> tuple[Bits, Bits]:
    """The X and Z parts at the end, shape (qubits, faults) each; faults of one pair stand side by side."""
    count = len(pair_rows) * len(paulis)
    x, z = (np.zeros((program.num_qubits, count), dtype=np.bool_) for _ in range(2))
    flips = np.zeros((program.num_bits, count), dtype=np.bool_)
    number = {row: place for place, row in enumerate(pair_rows.tolist())}
    skipped = terminal_measurements(program)
    for row, (first, second) in enumerate(program.qubits.tolist()):
        opcode, kind = program.opcodes[row], int(program.kinds[row])
        if opcode == Op.GATE:
            conjugate(
                x, z, [first] if second < 0 else [first, second], tableau_of(kind, tuple(program.angles[row].tolist()))
            )
        elif opcode == Op.ENTANGLE:
            x[[first, second]] = z[[first, second]] = False
            if row in number:
                low = len(paulis) * number[row]
                x[second, low : low + len(paulis)] = [pauli != Pauli.Z for pauli in paulis]
                z[second, low : low + len(paulis)] = [pauli != Pauli.X for pauli in paulis]
        elif opcode == Op.RESET:
            x[first] = z[first] = False
        elif opcode == Op.MEASURE and not skipped[row]:
            flips[program.bits[row]] = (x[first] & (kind != Pauli.X)) ^ (z[first] & (kind != Pauli.Z))
        elif opcode == Op.CORRECT:
            odd = np.bitwise_xor.reduce(flips[[bit for bit, _ in program.reads(row)]], axis=0)
            x[first] ^= odd & (kind != Pauli.Z)
            z[first] ^= odd & (kind != Pauli.X)
    return x, z


def conjugate(x: Bits, z: Bits, qubits: list[int], tableau: stim.Tableau) -> None:
    """Conjugates Paulis by a gate, in place, leaving out signs; their X and Z parts have shape (qubits, Paulis)."""
    x2x, x2z, z2x, z2z, *_ = tableau.to_numpy()
    old_x, old_z = x[qubits], z[qubits]
    for place, qubit in enumerate(qubits):
        x[qubit] = np.bitwise_xor.reduce(old_x & x2x[:, place, None] ^ old_z & z2x[:, place, None], axis=0)
        z[qubit] = np.bitwise_xor.reduce(old_x & x2z[:, place, None] ^ old_z & z2z[:, place, None], axis=0)


def _final_state(program: Program) -> stim.TableauSimulator:
    """The state just before the final measurements; what outcomes were on the way does not matter, because they are corrected."""
    simulator = stim.TableauSimulator(seed=0)
    simulator.set_num_qubits(program.num_qubits)
    bits = np.zeros(program.num_bits, dtype=np.bool_)
    skipped = terminal_measurements(program)
    for row, (first, second) in enumerate(program.qubits.tolist()):
        opcode, kind = program.opcodes[row], int(program.kinds[row])
        if opcode == Op.GATE:
            tableau = tableau_of(kind, tuple(program.angles[row].tolist()))
            simulator.do_tableau(tableau, [first] if second < 0 else [first, second])
        elif opcode == Op.ENTANGLE:
            simulator.reset(first, second)
            simulator.h(first)
            simulator.cx(first, second)
        elif opcode == Op.RESET:
            simulator.reset(first)
        elif opcode == Op.MEASURE and not skipped[row]:
            letter = {Pauli.X: "X", Pauli.Y: "Y", Pauli.Z: "Z"}[Pauli(kind)]
            bits[program.bits[row]] = simulator.measure_observable(stim.PauliString(f"{letter}{first}"))
        elif opcode == Op.CORRECT and np.bitwise_xor.reduce(bits[[bit for bit, _ in program.reads(row)]]):
            getattr(simulator, Pauli(kind).name.lower())(first)
    return simulator


def tableau_of(code: int, angles: tuple[float, ...]) -> stim.Tableau | None:
    """What a gate does to Paulis; None if it is not Clifford. Of the angles it takes as many as it has."""
    return clifford_tableau(code, angles[: GATES[code].angles])
