"""What it costs to start: importing Weft, and loading 100,000 gates. Prints CPU seconds, each measured in a fresh process.

python benchmarks/start.py [--gates N] [--json FILE]
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURE = "import time; start = time.process_time(); {work}; print(time.process_time() - start)"


def cpu_seconds(work: str) -> float:
    """CPU seconds of some work in a fresh process, the best of three."""
    command = [sys.executable, "-c", MEASURE.format(work=work)]
    return min(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(3))


def statements(gates: int, version: int) -> str:
    """A file of random gates: library gates with angles as people write them, a gate of its own, and measurements."""
    generator = random.Random(1)
    lines = [f"OPENQASM {version}.0;", f'include "{"qelib1" if version == 2 else "stdgates"}.inc";']
    lines.append("gate bell a, b { h a; cx a, b; }")
    lines += ["qreg q[50];", "creg c[50];"] if version == 2 else ["qubit[50] q;", "bit[50] c;"]
    phase = "cu1" if version == 2 else "cp"
    for _ in range(gates):
        a, b = generator.sample(range(50), 2)
        lines.append(
            generator.choice(
                [
                    f"cx q[{a}], q[{b}];",
                    f"h q[{a}];",
                    f"u3(0.1, {a}*pi/4, -pi/2) q[{a}];",
                    f"{phase}(pi/{b + 1}) q[{a}], q[{b}];",
                    f"rz(-0.25*pi) q[{a}];",
                    f"bell q[{a}], q[{b}];",
                ]
            )
        )
    lines += [f"measure q[{i}] -> c[{i}];" if version == 2 else f"c[{i}] = measure q[{i}];" for i in range(50)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gates", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = {"import weft": cpu_seconds("import weft")}
    with tempfile.TemporaryDirectory() as folder:
        for version in (2, 3):
            path = Path(folder) / f"version_{version}.qasm"
            path.write_text(statements(options.gates, version))
            work = f"import weft; weft.load_circuit({str(path)!r})"
            figures[f"load {options.gates:,} gates from OpenQASM {version}"] = cpu_seconds(work)
    for name, seconds in figures.items():
        print(f"{name:45} {seconds:8.3f} s of CPU")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
