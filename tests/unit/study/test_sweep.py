"""A sweep is every combination, and its file says so in few words."""

from pathlib import Path

import numpy as np
import pytest

import weft
from weft.errors import InvalidValueError, WeftError
from weft.scheduler import Distillation, Policy
from weft.study import Sweep, load_sweep
from weft.study.sweep_file import parse_sweep

FILE = """
circuit: qft:{n}
network: all:{k}x4
parameters:
  n: [4, 6]
  k: 2:3:2
  links.*.fidelity: 0.9:0.99:3
  qpus.*.t1_s: [10, 20]
  qpus.A.t2_s: [0.5, 1]
  policy.cutoff_s: [0.1]
zip: [[qpus.*.t1_s, qpus.A.t2_s]]
policy: [as-soon-as-possible, {timing: just-in-time, distillation: dejmps:1}]
seed: 1:3:3
shots: 50
effort: fast
"""


def test_a_file_is_a_table_of_tasks() -> None:
    sweep = parse_sweep(FILE)
    tasks = sweep.tasks()
    assert len(tasks) == len(sweep) == 2 * 2 * 3 * 2 * 2 * 3
    assert len({task.id for task in tasks}) == len(tasks)
    assert [task.seed for task in tasks[:4]] == [1, 2, 3, 1]
    last = tasks[-1]
    assert (last.circuit.name, len(last.network.qpus), last.shots, last.effort) == ("qft:6", 3, 50, "fast")
    assert last.network.links[2].pair.fidelity == pytest.approx(0.99)
    assert (last.network.qpus[0].t1_s, last.network.qpus[0].t2_s) == (20, 1)
    assert last.policy == Policy("just_in_time", cutoff_s=0.1, distillation=Distillation("dejmps", 1))
    assert {(task.parameters["qpus.*.t1_s"], task.parameters["qpus.A.t2_s"]) for task in tasks} == {(10, 0.5), (20, 1)}


def test_python_says_the_same_as_a_file() -> None:
    in_python = Sweep(
        "qft:{n}", ["line:2x2", "oxford"], {"n": range(2, 4), "qpus.*.t2_s": np.linspace(1, 2, 3)}, seed=range(2)
    )
    in_yaml = parse_sweep(
        "circuit: qft:{n}\nnetwork: [line:2x2, oxford]\nparameters: {n: [2, 3], qpus.*.t2_s: 1:2:3}\nseed: [0, 1]"
    )
    assert in_python.tasks() == in_yaml.tasks()
    assert in_python.varied == ("network", "n", "qpus.*.t2_s", "seed")


def test_tasks_share_what_they_have_in_common() -> None:
    tasks = Sweep("ghz:4", "line:2x2", seed=range(5)).tasks()
    assert len({id(task.circuit) for task in tasks}) == len({id(task.network) for task in tasks}) == 1


def test_generators_that_draw_are_drawn_by_the_seed_of_the_compiler() -> None:
    tasks = Sweep("qv:4", "line:2x2", compile_seed=[1, 2], seed=[1, 2]).tasks()
    assert len({task.circuit.id for task in tasks}) == 2
    assert tasks[0].circuit.id == weft.load_circuit("qv:4", seed=1).id


def test_components_of_derived_links_can_vary() -> None:
    name = "detector_efficiency"
    tasks = Sweep(
        "ghz:2", "oxford-derived", {f"components.{name}": [0.5, 0.9], "links.A-B.derived.dark_count_hz": [0, 100]}
    ).tasks()
    rates = [task.network.links[0].success_probability for task in tasks]
    assert rates[2] > 2 * rates[0]
    assert len(set(rates)) >= 2


def test_files_are_looked_for_beside_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("name: lab\nqpus: {A: {data_qubits: 4}}\n")
    (tmp_path / "bell.qasm").write_text('OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; h q[0]; cx q[0],q[1];')
    (tmp_path / "sweep.yaml").write_text("circuit: bell.qasm\nnetwork: lab.yaml\n")
    sweep = load_sweep(tmp_path / "sweep.yaml")
    [task] = sweep.tasks()
    assert (sweep.name, task.circuit.name, task.network.name) == ("sweep", "bell", "lab")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must hold a sweep, but is empty"),
        ("- 1", "must be a mapping of keys"),
        ("circuit: ghz:4", "network .line 1.: must be given, but is missing"),
        ("circuit: ghz:4\nnetwrk: oxford", r"netwrk \(line 2\): must be one of the known keys.*did you mean `network`"),
        ("circuit: 4\nnetwork: oxford", r"circuit \(line 1\): must be text"),
        ("circuit: ghz:4\nnetwork: oxford\nseed: 1:3:0", "seed .line 3.: must have 1 to"),
        ("circuit: ghz:4\nnetwork: oxford\nseed: []", "seed .line 3.: must have a value"),
        ("circuit: ghz:4\nnetwork: oxford\nseed: {a: 1}", "must be numbers or words"),
        ("circuit: ghz:4\nnetwork: oxford\ncounts: 1", "must be true or false"),
        ("circuit: ghz:4\nnetwork: oxford\nparameters: {m: 1}", "`m` must be a field of the circuit or network"),
        ("circuit: ghz:{n}\nnetwork: oxford\nparameters: {seed: 1, n: 2}", "`seed` must be given as a key of its own"),
        ("circuit: ghz:4\nnetwork: oxford\npolicy: prefech", "policy .line 3.: `timing` must be one of"),
        ("circuit: ghz:4\nnetwork: oxford\npolicy: [{timming: prefetch}]", r"policy.0 .*did you mean `timing`"),
        ("circuit: ghz:4\nnetwork: oxford\npolicy: {distillation: dejmps}", "such as dejmps:1"),
        ("circuit: ghz:{ebits}\nnetwork: oxford\nparameters: {ebits: 1}", "`ebits` must have another name"),
        (
            "circuit: ghz:4\nnetwork: oxford\nzip: [[seed, shotz]]",
            "zip .line 3.: must name what the sweep varies.*`shots`",
        ),
        (
            "circuit: ghz:4\nnetwork: oxford\nseed: [1, 2]\nshots: [1, 2, 3]\nzip: [[seed, shots]]",
            "2 of seed, 3 of shots",
        ),
        ("circuit: ghz:4\nnetwork: oxford\nseed: [1, 2]\nshots: [1, 2]\nzip: [[seed, shots, seed]]", "'seed' twice"),
        ("circuit: ghz:4\nnetwork: oxford\nseed: 1:500:500\nshots: 1:500:500", r"500 × 500 = 250,000"),
    ],
)
def test_files_that_cannot_be_are_refused_with_the_place(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValueError, match=words):
        load_sweep(file)


@pytest.mark.parametrize(
    ("circuit", "parameters", "words"),
    [
        ("ghz:{m}", {}, "`{m}` in 'ghz:{m}' must be a parameter"),
        ("ghz:4", {"links.*.fidelty": [0.9]}, "with links.*.fidelty = 0.9: .*did you mean `fidelity`"),
        ("ghz:4", {"links.*.fidelity": [1.9]}, "with links.*.fidelity = 1.9: .*must lie in"),
        ("ghz:4", {"components.lens": [1]}, "with components.lens = 1: the links of `line:2x2` must be derived"),
        ("ghz:4", {"policy.cutof_s": [1]}, "did you mean `cutoff_s`"),
        ("ghz:{n}", {"n": ["many"]}, "ghz"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_refused_before_anything_runs(circuit: str, parameters: dict, words: str) -> None:
    with pytest.raises(WeftError, match=words):
        Sweep(circuit, "line:2x2", parameters).tasks()
