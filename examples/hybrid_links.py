"""What a poor Bell pair is good for: a CX between two QPUs, cut or teleported, through pairs of any fidelity.

python examples/hybrid_links.py
"""

import math
from dataclasses import replace

import weft
from weft.circuit.gates import CODES, matrix_of
from weft.network import BellPair
from weft.protocols.cutting.cancellation import cancellation_overhead
from weft.protocols.cutting.gate_cuts import gate_overhead
from weft.protocols.cutting.pairs import pair_overhead

FIDELITIES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
WAYS = {
    "cut": {"most_ebits": 0},
    "assisted": {"pairs": "assisted"},
    "cancelled": {"pairs": "cancelled"},
    "as it is": {"most_ebits": 1},
}


def main() -> None:
    """Prints both tables."""
    builder = weft.CircuitBuilder(2)
    builder.gate("h", 0)
    builder.gate("cx", 0, 1)
    bell_state = builder.build()

    print(
        "γ of a CX between two QPUs by the fidelity of their Werner pairs, and the ⟨XX⟩ of the Bell state it makes, ideally 1\n"
    )
    print("fidelity" + "".join(f"{way:>20}" for way in WAYS))
    for fidelity in FIDELITIES:
        network = with_pairs(BellPair.werner(fidelity))
        cells = []
        for arguments in WAYS.values():
            found = weft.cut(bell_state, network, observables="XX", exact=True, **arguments)
            cells.append(f"γ {found.overhead:.4f}, {found.expectations[0].value:+.4f}")
        print(f"{fidelity:<8}" + "".join(f"{cell:>20}" for cell in cells))

    print(
        "\nAngles up to which cutting RZZ(θ) takes fewer shots than teleporting it through a repaired pair, in units of π\n"
    )
    print(f"{'fidelity':8}{'assisted':>20}{'cancelled':>20}")
    for fidelity in FIDELITIES:
        pair = BellPair.werner(fidelity)
        angles = (crossover(pair_overhead(pair)), crossover(cancellation_overhead(pair)))
        print(
            f"{fidelity:<8}"
            + "".join(f"{'any' if angle is None else f'{angle / math.pi:.4f}':>20}" for angle in angles)
        )


def with_pairs(pair: BellPair) -> weft.Network:
    """Two QPUs of one data qubit each, joined by a link that delivers such pairs."""
    network = weft.load_network("line:2x1")
    return replace(network, links=tuple(replace(link, pair=pair) for link in network.links))


def crossover(overhead: float) -> float | None:
    """The angle at which cutting RZZ(θ) has an overhead, found by bisection; None if it never does more than π/2 does."""
    low, high = 0.0, math.pi / 2
    if gate_overhead(matrix_of(CODES["rzz"], (high,))) <= overhead:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if gate_overhead(matrix_of(CODES["rzz"], (middle,))) < overhead else (low, middle)
    return low


if __name__ == "__main__":
    main()
