"""What the command line prints, to the letter. Renew with WEFT_UPDATE_GOLDEN=1, and read the difference."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

CASES = {
    "help": ["--help"],
    "run_help": ["run", "--help"],
    "compile_help": ["compile", "--help"],
    "networks": ["networks"],
    "networks_oxford": ["networks", "oxford"],
    "networks_shorthand": ["networks", "ring:3x2+1"],
    "links_help": ["links", "--help"],
    "compare_help": ["compare", "--help"],
    "compare_qaoa": ["compare", "qaoa:4x1", "--networks", "line:2x2", "--seed", "1", "--crossover", "rate"],
    "compare_hybrid": [
        "compare", "qft:6", "--networks", "line:3x2", "--seed", "1", "--target-fidelity", "0.955",
    ],  # fmt: skip
    "clinr_help": ["clinr", "--help"],
    "inspect_help": ["inspect", "--help"],
    "inspect_ghz": ["inspect", "ghz:6", "--network", "line:3x2", "--seed", "1"],
    "inspect_ghz_json": ["inspect", "ghz:4", "--seed", "1", "--json"],
    "sweep_help": ["sweep", "--help"],
    "cut_help": ["cut", "--help"],
    "cut_cz": ["cut", "ghz:3", "--network", "apart:3x1", "--observable", "IZZ", "--exact", "--seed", "1"],
    "links_oxford": ["links", "oxford-derived"],
    "links_scan": ["links", "oxford-derived", "--scan", "dark_count_hz=0:1e4:3"],
    "compile_ghz": ["compile", "ghz:6", "--network", "line:3x2", "--seed", "1"],
    "compile_ghz_json": ["compile", "ghz:6", "--network", "line:3x2", "--seed", "1", "--json"],
    "run_ghz": ["run", "ghz:4", "--network", "line:2x2", "--shots", "200", "--seed", "1"],
    "run_dynamic": ["run", "teleport.qasm", "--network", "all:3x1", "--shots", "200", "--seed", "1"],
}
TELEPORT = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[3]; creg a[1]; creg b[1]; creg out[1];
u3(1.2,0.3,0.1) q[0];
h q[1]; cx q[1],q[2];
cx q[0],q[1]; h q[0];
measure q[0] -> a[0]; measure q[1] -> b[0];
if (b==1) x q[2];
if (a==1) z q[2];
measure q[2] -> out[0];
"""


def settle(text: str) -> str:
    """Leaves out what may differ between machines."""
    text = re.sub(r"compiled in .*", "compiled in …", text)
    text = re.sub(r'"cpu_seconds": .*', '"cpu_seconds": …', text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


@pytest.mark.parametrize("name", sorted(CASES))
def test_output_is_as_recorded(name: str, tmp_path: Path) -> None:
    (tmp_path / "teleport.qasm").write_text(TELEPORT)
    environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "weft", *CASES[name]]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    path = HERE / f"{name}.txt"
    if os.environ.get("WEFT_UPDATE_GOLDEN"):
        path.write_text(settle(done.stdout))
    assert settle(done.stdout) == path.read_text()
