"""`weft sweep` as a user runs it, kills it, and runs it again."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from weft.study import Store, load_sweep
from weft.study.outcome import measure

ROOT = Path(__file__).parents[2]
SMALL = "circuit: ghz:4\nnetwork: line:2x2\nparameters: {links.*.fidelity: 0.9:0.95:2}\nshots: 100\nseed: [1, 2]\n"
ENDLESS = 200_000_000  # shots that take far longer than any test waits


def weft(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "weft", "sweep", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=240, check=False)


def test_a_sweep_prints_a_table_draws_it_and_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    answer = weft("small.yaml", "--workers", "1", "--plot", "small.svg", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[0].split() == ["links.*.fidelity", "seed", "fidelity", "makespan", "p95", "ebits"]
    assert len(lines) == 5
    assert (tmp_path / "small.svg").read_text().startswith("<?xml")
    assert len(Store(tmp_path / "small.results")) == 4
    other = weft("small.yaml", "--json", "--store", "other", "--merge", "small.results", cwd=tmp_path)
    assert other.returncode == 0
    assert "4 tasks taken over" in other.stderr
    found = json.loads(other.stdout)
    assert (found["tasks"], found["failed"], found["varied"]) == (4, 0, ["links.*.fidelity", "seed"])
    assert sum(found["rows"][0]["error_budget"].values()) == pytest.approx(1 - found["rows"][0]["fidelity"])


def test_a_sweep_with_a_failed_task_ends_with_1_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "mixed.yaml").write_text(
        "circuit: ghz:{n}\nnetwork: line:2x2\nparameters: {n: [4, 5]}\nshots: 50\nbackend: estimate"
    )
    answer = weft("mixed.yaml", "--workers", "1", cwd=tmp_path)
    assert answer.returncode == 1
    assert "1 of 2 tasks failed, the first with: DoesNotFitError" in answer.stderr
    assert "failed (1 task): DoesNotFitError" in answer.stdout


def test_wrong_requests_are_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("circuit: ghz:4\nnetwrk: oxford\n")
    (tmp_path / "small.yaml").write_text(SMALL)
    for arguments, words in (
        (("bad.yaml",), "did you mean `network`"),
        (("small.yaml", "--address", "auto"), "must come with `--engine ray`"),
        (("small.yaml", "--merge", "nowhere"), "must be a store that Weft wrote"),
    ):
        answer = weft(*arguments, cwd=tmp_path)
        assert (answer.returncode, words in answer.stderr) == (2, True), answer.stderr
    assert not (tmp_path / "bad.results").exists()


def begun(folder: Path, *shots: int) -> subprocess.Popen[str]:
    """A sweep over numbers of shots with all tasks done but one, which has no end."""
    write(folder, *shots, ENDLESS)
    command = [sys.executable, "-m", "weft", "sweep", "long.yaml", "--workers", "1"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(4000):
        if (folder / "long.results" / "index.sqlite").exists() and len(Store(folder / "long.results")) == len(shots):
            return process
        time.sleep(0.05)
    process.kill()
    raise AssertionError("the sweep does not get on")


def write(folder: Path, *shots: int) -> None:
    text = f"circuit: ghz:4\nnetwork: line:2x2\nbackend: statevector\nseed: 1\nshots: {list(shots)}\n"
    (folder / "long.yaml").write_text(text)


def files_of(folder: Path) -> dict[str, str]:
    return {row["task"]: row["file"] for row in Store(folder / "long.results").rows()}


def children(process: subprocess.Popen[str]) -> list[int]:
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_a_sweep_that_is_killed_goes_on_and_leaves_no_worker_behind(tmp_path: Path) -> None:
    """Killed after two tasks, interrupted after four, then left to finish."""
    process = begun(tmp_path, 1000, 2000)
    workers = children(process)
    process.kill()
    process.communicate()
    before = files_of(tmp_path)
    assert len(before) == 2
    assert workers
    for _ in range(1000):
        if not any(Path(f"/proc/{pid}/stat").exists() for pid in workers):
            break
        time.sleep(0.02)
    else:
        raise AssertionError("a worker outlives the process that started it")
    process = begun(tmp_path, 1000, 2000, 3000, 4000)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "after 4 of 5 tasks; the same command goes on from there" in said
    between = files_of(tmp_path)
    assert len(between) == 4
    write(tmp_path, 1000, 2000, 3000, 4000, 5000)
    answer = weft("long.yaml", "--json", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    after = files_of(tmp_path)
    assert len(after) == 5
    assert before.items() <= between.items() <= after.items()
    expected = [measure(task).fidelity for task in load_sweep(tmp_path / "long.yaml").tasks()]
    assert [row["fidelity"] for row in json.loads(answer.stdout)["rows"]] == expected


def test_the_words_in_python_are_as_in_the_documentation(tmp_path: Path) -> None:
    code = (ROOT / "docs" / "sweeps.md").read_text().partition("```python\n")[2].partition("```")[0]
    code += "\nassert len(found.columns['fidelity']) == len(sweep) == 12 and not found.failures"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert answer.returncode == 0, answer.stderr
    assert len(Store(tmp_path / "qft.results")) == 12


def test_the_example_does_what_the_documentation_says(tmp_path: Path) -> None:
    answer = weft(str(ROOT / "examples" / "sweep.yaml"), "--store", str(tmp_path), cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    printed = "\n".join(line.rstrip() for line in answer.stdout.splitlines())
    page = (ROOT / "docs" / "sweeps.md").read_text()
    assert f"```\n{printed}\n```" in page
    assert f"```yaml\n{(ROOT / 'examples' / 'sweep.yaml').read_text()}```" in page
