"""Should these QPUs be connected? Three circuits, two laboratories, and how much better the links would have to be.

python examples/should_we_connect.py

Each line is a verdict of `weft.compare`; the last part looks for the link rate at which quantum links need less time than cutting.
"""

import weft

QUESTIONS = (("ghz:6", "line:2x3"), ("qaoa:4x1", "line:2x2"))
FORGETFUL = weft.load_network("line:2x2", parameters={"links.*.fidelity": 0.999, "qpus.*.t2_s": 0.05})


def main() -> None:
    """Prints the verdicts, then a crossover."""
    for circuit, network in QUESTIONS:
        [verdict] = weft.compare(circuit, network, seed=1).verdicts
        print(f"{circuit} on {network}: {verdict.sentence}\n")
    [verdict] = weft.compare("qft:4", FORGETFUL, seed=1, target_fidelity=0.9).verdicts
    print(f"qft:4 on {FORGETFUL.name}, good pairs, T2 = 50 ms: {verdict.sentence}\n")

    found = weft.compare("qaoa:4x1", "line:2x2", seed=1, crossover="rate")
    for one in found.crossovers:
        if (one.measure, one.rival) == ("total_s", "classical_links") and one.root is not None:
            low, value, high = (one.now * factor for factor in (one.root.low, one.root.value, one.root.high))
            print(
                f"qaoa:4x1: cutting is quicker than links below {value:.2f} pairs per second ({low:.2f} … {high:.2f})"
            )


if __name__ == "__main__":
    main()
