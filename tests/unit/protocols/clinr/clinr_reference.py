"""CliNR in Stim, forwards and gate by gate: shares with the engine only the list of operations, whose meaning it checks."""

from __future__ import annotations

import numpy as np
import stim

from weft.circuit.gates import GATES
from weft.protocols.clinr.block_circuit import (
    block_operations,
    hop_operations,
    injection_operations,
    split_block_operations,
)
from weft.protocols.clinr.checks import choose_checks, stabilizer_of_input, stabilizer_of_output
from weft.protocols.clinr.clifford_circuit import cut
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.operations import IDLE, MEASURE_X, MEASURE_Z, PAIR, PREPARE_X, PREPARE_Z
from weft.protocols.clinr.waiting import with_waits

NOISELESS = Noise()
_NAMES = {"sdg": "S_DAG", "sx": "SQRT_X", "sxdg": "SQRT_X_DAG", "id": "I"}


class StimText:
    """Collects a Stim circuit; remembers which measurements belong to which reading."""

    def __init__(self):
        self.lines = []
        self.measurements = 0

    def add(self, line):
        self.lines.append(line)

    def operations(self, operations, places, noise=NOISELESS, fault=None):
        """Adds operations on other qubits; `fault` is (row, Stim lines on operands 0 and 1) to be put in after a row.

        Returns the numbers of the measurements of each reading.
        """
        readings = {}
        rates = noise.probabilities(operations)
        for row, (kind, operands) in enumerate(zip(operations.kinds.tolist(), operations.qubits.tolist(), strict=True)):
            first, *second = (places[qubit] for qubit in operands if qubit >= 0)
            p = float(rates[row])
            both = " ".join(str(qubit) for qubit in (first, *second))
            flip = fault is not None and fault[0] == row
            if kind in {PREPARE_Z, PREPARE_X}:
                basis, error = ("", "X") if kind == PREPARE_Z else ("X", "Z")
                self.add(f"R{basis} {first}\n{error}_ERROR({p}) {first}" + f"\n{error} {first}" * flip)
            elif kind in {MEASURE_Z, MEASURE_X}:
                mark = "!" if flip else ""
                self.add(f"M{'' if kind == MEASURE_Z else 'X'}({p}) {mark}{first}")
                readings.setdefault(int(operations.readings[row]), []).append(self.measurements)
                self.measurements += 1
            else:
                self.gate(kind, both, first, second, p)
                if flip:
                    for operand, pauli in zip((first, *second), fault[1], strict=False):
                        self.add(f"{'IXYZ'[pauli]} {operand}")
        return readings

    def gate(self, kind, both, first, second, p):
        if kind == PAIR:
            self.add(f"R {both}\nH {first}\nCX {both}\nDEPOLARIZE1({p}) {first}")
        elif kind == IDLE:
            self.add(f"DEPOLARIZE1({p}) {first}")
        else:
            name = GATES[kind].name
            self.add(f"{_NAMES.get(name, name.upper())} {both}\nDEPOLARIZE{2 if second else 1}({p}) {both}")

    def feedback(self, numbers, pauli, places):
        """A Pauli if the parity of some measurements is 1."""
        for number in numbers:
            for place, letter in zip(places, pauli.tolist(), strict=True):
                if letter:
                    self.add(f"C{'IXYZ'[letter]} rec[{number - self.measurements}] {place}")

    def measure_product(self, pauli, places):
        """Measures a product of Paulis without noise and returns the measurement's number."""
        factors = [f"{'IXYZ'[letter]}{place}" for letter, place in zip(pauli.tolist(), places, strict=True) if letter]
        self.add(f"MPP {'*'.join(factors)}")
        self.measurements += 1
        return self.measurements - 1

    @property
    def circuit(self):
        return stim.Circuit("\n".join(self.lines))


def single_paulis(num_qubits):
    """X₀, Z₀, X₁, Z₁, …"""
    paulis = np.zeros((2 * num_qubits, num_qubits), dtype=np.uint8)
    for number in range(2 * num_qubits):
        paulis[number, number // 2] = 3 if number % 2 else 1
    return paulis


def sample_whole(circuit, scheme, noise, *, distributed, shots, seed, waits=None, split=False):
    """Samples a whole computation on halves of Bell pairs; all checks of all blocks happen, so that shots are to be selected.

    With `waits` between blocks, there are waits of the serial convention within them.

    Returns:
        Whether each block passed its checks (shots, blocks), and whether the output is wrong (shots,).
    """
    n = circuit.num_qubits
    text, size = StimText(), 2 * n + 2 * scheme.verification.ancillas
    reference, data = list(range(n)), list(range(n, 2 * n))
    text.add("\n".join(f"R {a} {b}\nH {a}\nCX {a} {b}" for a, b in zip(reference, data, strict=True)))

    def wait(number, qubits):
        if waits is not None:
            rate = float(noise.after_waiting(waits[number]))
            text.add(f"DEPOLARIZE1({rate}) {' '.join(map(str, qubits))}")

    wait(0, data)
    checks_read, signs, free = [], [], 2 * n
    for number, part in enumerate(cut(circuit, scheme.blocks)):
        checks = choose_checks(part, scheme.checks, scheme.strategy, 2 * number)
        places = list(range(free, free + size))
        a, b, free = places[:n], places[n : 2 * n], free + size
        pair_checks = choose_checks(part.without_gates(), scheme.pair_checks, "uniform", 2 * number + 1)
        if split and number:
            operations = split_block_operations(part, checks, scheme.verification, pair_checks)
        else:
            pair_checks = choose_checks(part, 0)
            operations = block_operations(part, checks, scheme.verification)
        read = text.operations(operations if waits is None else with_waits(operations, "serial"), places, noise)
        wait(2 * number + 1, a)
        checks_read.append([read[check] for check in range(len(checks) + len(pair_checks))])
        signs.append([*checks.signs, *pair_checks.signs])
        if distributed and number and not split:
            read = text.operations(hop_operations(n), [*data, *range(free, free + 2 * n), *a], noise)
            free += 2 * n
        else:
            read = text.operations(injection_operations(n), [*data, *a], noise)
        for qubit, (x, z) in enumerate(single_paulis(n).reshape(n, 2, n)):
            text.feedback(read[n + qubit], stabilizer_of_input(part, x)[0][n:], b)
            text.feedback(read[qubit], stabilizer_of_input(part, z)[0][n:], b)
        data = b
        wait(2 * number + 2, b)
    stabilizers = [stabilizer_of_output(circuit, pauli) for pauli in single_paulis(n)]
    final = [text.measure_product(pauli, [*reference, *data]) for pauli, _ in stabilizers]
    bits = text.circuit.compile_sampler(seed=seed).sample(shots)
    passed = np.ones((shots, scheme.blocks), dtype=np.bool_)
    for number, (reads, block) in enumerate(zip(checks_read, signs, strict=True)):
        for numbers, sign in zip(reads, block, strict=True):
            passed[:, number] &= np.bitwise_xor.reduce(bits[:, numbers], axis=1) == sign
    wrong = np.any(bits[:, final] != [sign for _, sign in stabilizers], axis=1)
    return passed, wrong
