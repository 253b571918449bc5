"""Runs an Ising chain of 8 spins on two QPUs of 5 qubits that share no entanglement, and compares with one QPU of 8.

python examples/cutting.py
"""

import weft

QUBITS, STEPS = 8, 2


def ising() -> weft.Circuit:
    """A quench of an Ising ring in a transverse field, in Trotter steps."""
    builder = weft.CircuitBuilder(QUBITS, name="Ising ring")
    for _ in range(STEPS):
        for spin in (*range(0, QUBITS, 2), *range(1, QUBITS, 2)):
            builder.gate("rzz", spin, (spin + 1) % QUBITS, angles=[0.3])
        for spin in range(QUBITS):
            builder.gate("rx", spin, angles=[0.5])
    return builder.build()


def main() -> None:
    """Prints a line for each network."""
    circuit = ising()
    ends = "Z" + "I" * (QUBITS - 2) + "Z"
    magnetisation = {"I" * (QUBITS - 1 - spin) + "Z" + "I" * spin: 1 / QUBITS for spin in range(QUBITS)}
    exact = weft.cut(circuit, "apart:1x8", observables=[ends, magnetisation], exact=True)
    print(f"{'network':16} {'overhead':>9} {'circuits':>9} {'⟨ZZ⟩ of the ends':>18} {'magnetisation':>18}")
    print(f"{'exact':16} {'':>9} {'':>9} " + " ".join(f"{one.value:18.4f}" for one in exact.expectations))
    for network in ("apart:1x8", "apart:2x5"):
        found = weft.cut(circuit, network, observables=[ends, magnetisation], shots=200_000, seed=1)
        values = " ".join(f"{one.value:9.4f} ± {one.stderr:6.4f}" for one in found.expectations)
        print(f"{network:16} {found.cutting.overhead**2:9.4g} {found.circuits:9,} {values}")


if __name__ == "__main__":
    main()
