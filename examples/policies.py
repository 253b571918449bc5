"""Compares policies of links side by side: an adder on three QPUs whose links are slow and whose memories fade.

python examples/policies.py
"""

from dataclasses import replace

import weft

POLICIES = [
    weft.Policy(),
    weft.Policy("just_in_time"),
    weft.Policy("just_in_time", sharing="request"),
    weft.Policy("prefetch", buffer_pairs=2),
    weft.Policy("prefetch", buffer_pairs=2, cutoff_s=5e-3),
    weft.Policy("just_in_time", distillation=weft.Distillation("dejmps", 1)),
]


def main() -> None:
    """Prints a line for each policy."""
    line = weft.load_network("line:3x4+8")
    network = replace(line, qpus=tuple(replace(qpu, t2_s=0.2, communication_t2_s=0.2) for qpu in line.qpus))
    program = weft.compile("adder:10", network, seed=1)
    print(f"{program.ebits} Bell pairs a shot on {network.name}\n")
    print(f"{'policy':45} {'fidelity':>16} {'makespan':>9} {'waiting costs':>14} {'pairs made':>11} {'expired':>8}")
    for policy in POLICIES:
        result = weft.simulate(program, shots=2000, seed=1, policy=policy)
        supply = result.supply
        fidelity = f"{result.fidelity.value:.3f} ± {result.fidelity.stderr:.3f}"
        waiting = result.error_budget["waiting"]
        made, expired = (count.sum() / result.shots for count in (supply.generated, supply.expired))
        print(
            f"{policy!s:45} {fidelity:>16} {1e3 * result.makespan.mean:6.1f} ms {waiting:14.4f} {made:11.2f} {expired:8.2f}"
        )


if __name__ == "__main__":
    main()
