"""The command line as a user runs it: contracts, exit codes, messages, interruption."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMPILE_KEYS = {
    "circuit", "network", "qubits", "qpus", "two_qubit_gates", "nonlocal_gates", "ebits", "ebits_by_link",
    "peak_communication_qubits", "lower_bound_ebits", "cpu_seconds", "verified", "packets", "moves", "hub_gates",
}  # fmt: skip
RUN_KEYS = COMPILE_KEYS | {"shots", "seed", "backend", "counts", "fidelity", "makespan_s", "error_budget"}


def weft(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "weft", *arguments], capture_output=True, text=True, cwd=cwd, timeout=120, check=False
    )


def test_run_keeps_the_json_contract() -> None:
    answer = weft("run", "grover:2", "--network", "oxford", "--shots", "200", "--seed", "1", "--json")
    assert answer.returncode == 0
    found = json.loads(answer.stdout)
    assert set(found) >= RUN_KEYS
    assert set(found["fidelity"]) == {"value", "stderr", "definition"}
    assert set(found["makespan_s"]) == {"mean", "p50", "p95"}
    assert set(found["error_budget"]) == {"bell_pairs", "local_gates", "waiting", "measurement_and_feed_forward"}
    assert sum(found["counts"].values()) == found["shots"] == 200
    assert found["ebits"] == 2
    assert found["ebits_by_link"] == {"A-B": 2}
    assert found["qpus"] == 2
    assert sum(found["error_budget"].values()) == pytest.approx(1 - found["fidelity"]["value"], abs=1e-12)


def test_compile_keeps_the_json_contract() -> None:
    answer = weft("compile", "qft:8", "--network", "line:2x4", "--seed", "1", "--effort", "best", "--json")
    found = json.loads(answer.stdout)
    assert set(found) >= COMPILE_KEYS
    assert found["verified"] == {"method": "replay", "passed": True}
    assert found["qubits"] == 8
    assert found["peak_communication_qubits"].keys() == {"A", "B"}


def test_networks_lists_presets_and_shows_one() -> None:
    listed = json.loads(weft("networks", "--json").stdout)
    assert "oxford" in [network["name"] for network in listed]
    shown = json.loads(weft("networks", "oxford", "--json").stdout)
    assert shown["qpus"]["A"]["two_qubit_gate_error"] == 0.024
    assert "fitted" in weft("networks", "oxford").stdout


def test_links_are_swept_and_drawn(tmp_path: Path) -> None:
    scan = ("links", "oxford-derived", "--scan", "detector_efficiency=0.5:0.9:3")
    answer = weft(*scan, "--plot", "scan.svg", "--json", cwd=tmp_path)
    assert answer.returncode == 0
    found = json.loads(answer.stdout)["scan"]
    assert [entry["value"] for entry in found] == pytest.approx([0.5, 0.7, 0.9])
    assert [entry["rate_hz"] for entry in found] == sorted(entry["rate_hz"] for entry in found)
    assert (tmp_path / "scan.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("oxford-derived", "--scan", "detector_efficiency"), "`--scan` must be PARAMETER=LOW:HIGH:N"),
        (("oxford-derived", "--scan", "detector_efficiency=0:1:0"), "must have 1 to 10,000 values"),
        (("oxford-derived", "--plot", "x.png"), "`--plot` must come with `--scan`"),
        (("oxford-derived", "--scan", "lens=0:1:2"), "`lens` must be a component"),
        (("oxford", "--scan", "lens=0:1:2"), "must be derived from components"),
        (("nowhere",), "must be a preset"),
    ],
)
def test_wrong_requests_for_links_say_what_is_wrong(arguments: tuple[str, ...], words: str) -> None:
    answer = weft("links", *arguments)
    assert answer.returncode == 2
    assert words in answer.stderr


def test_version() -> None:
    from weft import __version__

    assert weft("--version").stdout.strip() == f"weft {__version__}"


def test_same_seed_same_answer() -> None:
    arguments = ("run", "qft:5", "--network", "all:2x3", "--shots", "100", "--seed", "7", "--json")
    first, second = (json.loads(weft(*arguments).stdout) for _ in range(2))
    first.pop("cpu_seconds"), second.pop("cpu_seconds")
    assert first == second


def test_a_seed_that_was_not_given_is_told_and_can_be_repeated() -> None:
    first = json.loads(weft("run", "qft:4", "--network", "all:2x2", "--shots", "50", "--json").stdout)
    again = weft("run", "qft:4", "--network", "all:2x2", "--shots", "50", "--seed", str(first["seed"]), "--json")
    assert json.loads(again.stdout)["counts"] == first["counts"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "no_such_file.qasm", "--network", "oxford"), 2, "no_such_file.qasm"),
        (("run", "ghz:3", "--network", "atlantis"), 2, "atlantis"),
        (("run", "ghz:3", "--network", "all:2x2", "--shots", "0"), 2, "shots"),
        (("run", "ghz:3", "--network", "all:2x2", "--shots", "many"), 2, "shots"),
        (("run", "ghz:3", "--network", "all:2x2", "--backend", "abacus"), 2, "abacus"),
        (("run", "ghz:3", "--network", "all:2x2", "--seed", "-1"), 2, "seed"),
        (("run", "ghz:3"), 2, "--network"),
        (("fly", "ghz:3"), 2, "fly"),
        (("run", "ghz:3", "--network", "oxford"), 1, "2 data qubits"),
        (("run", "qft:4", "--network", "all:2x2", "--backend", "stabilizer"), 1, "Clifford"),
        (("run", "qft:40", "--network", "all:2x20", "--shots", "1"), 1, "amplitudes"),
        (("compile", "ghz:3", "--network", "all:2x2", "--output", "."), 2, "folder"),
        (("compile", "ghz:3", "--network", "all:2x2", "--output", "no/such/folder/p.weft"), 2, "folder"),
        (("run", "ghz:3", "--network", "all:2x2", "--plot", "picture.gif"), 2, ".png"),
        (("compile", "ghz:3", "--network", "all:2x2", "--plot", "picture.gif"), 2, ".png"),
        (("compile", "ghz:3", "--network", "all:2x2", "--plot", "no/such/folder/p.svg"), 2, "folder"),
        (("networks", "atlantis"), 2, "atlantis"),
    ],
)
def test_a_bad_request_gets_one_line_and_an_exit_code(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    answer = weft(*arguments, cwd=tmp_path)
    assert answer.returncode == code
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert answer.stderr.startswith("weft: ")
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.qasm"
    path.write_text('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nfrobnicate q[0];\n')
    answer = weft("run", str(path), "--network", "oxford")
    assert answer.returncode == 2
    assert "broken.qasm:4" in answer.stderr
    assert "frobnicate" in answer.stderr


def test_a_saved_program_is_the_program(tmp_path: Path) -> None:
    import weft as library

    path = tmp_path / "program.weft"
    answer = weft("compile", "qft:4", "--network", "line:2x2", "--seed", "3", "--output", str(path), "--json")
    program = library.Program.from_bytes(path.read_bytes())
    assert program.id == json.loads(answer.stdout)["program_id"]
    assert program == library.compile("qft:4", "line:2x2", seed=3)


def test_a_program_saved_as_openqasm_can_be_loaded_again(tmp_path: Path) -> None:
    import weft as library

    path = tmp_path / "program.qasm"
    assert weft("compile", "ghz:4", "--network", "line:2x2", "--output", str(path)).returncode == 0
    assert library.load_circuit(path).num_qubits == 4 + 2  # data qubits, and one communication qubit at each end


def test_plot_and_trace_are_written(tmp_path: Path) -> None:
    picture, trace = tmp_path / "shot.png", tmp_path / "shot.json"
    answer = weft(
        "run", "ghz:4", "--network", "line:2x2", "--shots", "10", "--plot", str(picture), "--trace", str(trace)
    )
    assert answer.returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(trace.read_text())["traceEvents"]


def test_compile_draws_where_qubits_live(tmp_path: Path) -> None:
    picture = tmp_path / "presence.svg"
    answer = weft("compile", "qft:6", "--network", "line:3x2", "--plot", str(picture), "--json")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["packets"] >= 1
    assert picture.read_bytes().startswith(b"<?xml")


def test_a_picture_that_cannot_be_written_is_refused_before_the_work(tmp_path: Path) -> None:
    """The circuit does not exist either, so the file was looked at first."""
    answer = weft("compile", "no_such_file.qasm", "--network", "oxford", "--plot", "no/folder.png", cwd=tmp_path)
    assert answer.returncode == 2
    assert "no_such_file" not in answer.stderr
    assert "folder" in answer.stderr


def interrupted(*arguments: str, after_s: float) -> tuple[int, str, str]:
    """What a command says if it is interrupted in the middle."""
    process = subprocess.Popen(
        [sys.executable, "-m", "weft", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(after_s)
    assert process.poll() is None, "the work must take longer than this test waits"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_ctrl_c_stops_cleanly() -> None:
    """Compiling is interrupted in the middle: one line, exit code 130, nothing half-written."""
    code, out, err = interrupted("compile", "qft:400", "-n", "all:8x60", "--effort", "best", "--json", after_s=6)
    assert code == 130
    assert out == ""
    assert err == "weft: interrupted; nothing was written\n"


def test_an_interrupted_run_tells_what_it_has_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C loses nothing: the shots so far are printed, and the checkpoint takes the same run further."""
    run = ("run", "ghz:12", "-n", "all:2x6", "--seed", "1", "--backend", "stabilizer", "--json")
    kept = ("--checkpoint", str(tmp_path / "run.npz"))
    weft(*run, "--shots", "100")  # compiles the kernels
    code, out, err = interrupted(*run, *kept, "--shots", "1000000000", after_s=12)
    done = json.loads(out)["shots"]
    assert code == 130
    assert err == f"interrupted after {done:,} of 1,000,000,000 shots; this is what they gave\n"
    more = str(done + 1000)
    resumed = json.loads(weft(*run, *kept, "--shots", more).stdout)
    at_once = json.loads(weft(*run, "--shots", more).stdout)
    assert resumed["shots"] == done + 1000
    assert {**resumed, "cpu_seconds": 0} == {**at_once, "cpu_seconds": 0}
    refused = weft("run", "ghz:12", "-n", "all:2x6", "--checkpoint", str(tmp_path / "run.npz"))
    assert refused.returncode == 2
    assert "`--seed` must be given" in refused.stderr


def test_progress_shows_on_a_terminal_and_not_in_a_pipe() -> None:
    arguments = [sys.executable, "-m", "weft", "run", "adder:10", "-n", "all:2x5", "--shots", "3000", "--json"]
    piped = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=follower, env=environment)
    out, _ = process.communicate(timeout=120)
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 65_536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert b"3000/3000" in shown
    json.loads(out)
