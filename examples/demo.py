"""The main job, twice: a published experiment, and a circuit from a file on a machine that does not exist yet.

Each step prints the command that a user would type, and what it answers. Pictures go to demo_output/.
"""

import json
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OUTPUT = Path("demo_output")


def weft(command: str) -> None:
    """Runs `weft` with the interpreter that runs this file, and shows the command."""
    print(f"\n$ weft {command}\n", flush=True)
    subprocess.run([sys.executable, "-m", "weft", *shlex.split(command)], check=True)


def ask(command: str) -> dict:
    """Runs `weft … --json` and returns what it says."""
    answer = subprocess.run(
        [sys.executable, "-m", "weft", *shlex.split(command), "--json"], check=True, capture_output=True, text=True
    )
    return json.loads(answer.stdout)


def main() -> None:
    """Runs both steps."""
    OUTPUT.mkdir(exist_ok=True)

    print("1. Grover's search on two ion traps joined by light (Oxford 2025). Published: it succeeds with 71(1) %.")
    weft(f"run grover:2 --network oxford --shots 4000 --seed 1 --plot {OUTPUT}/grover_oxford.png")
    shares = []
    for marked in ("00", "01", "10", "11"):
        answer = ask(f"run grover:2x{marked} --network oxford --shots 4000 --seed 1")
        shares.append(answer["counts"][marked] / answer["shots"])
    print(f"\nSuccess averaged over the four marked states: {sum(shares) / 4:.3f}. Nothing was tuned to it.")

    print("\n2. A 28-qubit ripple-carry adder, read from a file, over four QPUs of 7 data qubits.")
    weft(f"run {HERE}/adder_28.qasm --network all:4x7 --shots 1000 --seed 1 --plot {OUTPUT}/adder_timeline.png")

    answer = ask(f"run {HERE}/adder_28.qasm --network all:4x7 --shots 1000 --seed 1")
    likely = max(answer["counts"], key=answer["counts"].get)
    share = answer["counts"][likely] / answer["shots"]
    print(f"\n5461 + 7021 = {int(likely, 2)} came out in {share:.0%} of the shots.")

    print("\nTimelines:", ", ".join(str(path) for path in sorted(OUTPUT.glob("*.png"))))


if __name__ == "__main__":
    main()
