"""One door for networks: what it takes, and what it says when it takes nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

import weft.network
from weft.errors import InvalidNetworkError
from weft.network import describe, find_source, load_network, preset_names
from weft.network.network import Network


def test_a_network_is_returned_as_it_is() -> None:
    network = load_network("line:2x1")
    assert load_network(network) is network


def test_a_path_may_be_text_or_a_path(tmp_path: Path) -> None:
    file = tmp_path / "pair.yaml"
    file.write_text("name: one\nqpus:\n  A: {data_qubits: 3}\n", encoding="utf-8")
    assert load_network(file) == load_network(str(file))
    assert load_network(file).data_qubits == 3


def test_a_file_without_an_extension_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").write_text("name: one\nqpus:\n  A: {data_qubits: 3}\n", encoding="utf-8")
    assert load_network("mine").name == "one"


def test_something_unknown_is_answered_with_all_that_is_known() -> None:
    with pytest.raises(InvalidNetworkError) as caught:
        load_network("oxfrd")
    message = str(caught.value)
    assert '"oxfrd"' in message
    assert "did you mean `oxford`?" in message
    assert all(f"`{name}`" in message for name in preset_names())
    assert all(form in message for form in ("all:KxD", "line:KxD", "ring:KxD", "grid:RxCxD", "star:KxD"))


@pytest.mark.parametrize(
    "source",
    ["", "\0", "a\0b.yaml", "x" * 100_000, "missing.yaml", "/", ".", "OXFORD", "all", None, 3, b"oxford", ["oxford"]],
)
def test_what_is_no_network_is_refused_without_a_crash(source: object) -> None:
    with pytest.raises(InvalidNetworkError):
        load_network(source)


def test_importing_networks_loads_neither_yaml_nor_pydantic_nor_rustworkx() -> None:
    code = "import sys, weft.network; print([m for m in ('yaml', 'pydantic', 'rustworkx') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_exported_name_is_there() -> None:
    assert all(hasattr(weft.network, name) for name in weft.network.__all__)


def test_a_description_counts_what_there_is() -> None:
    summary = describe(load_network("grid:2x3x4+1"))
    assert (summary["qpus"], summary["data_qubits"], summary["communication_qubits"], summary["links"]) == (6, 24, 6, 7)
    assert describe(load_network("all:2x1"))["communication_qubits"] is None


def test_the_most_specific_source_wins() -> None:
    pair = load_network("line:2x1")
    sources = {"qpus": "a", "qpus.A": "b", "qpus.A.t2_s": "c", "defaults.link": "d"}
    network = Network("x", pair.qpus, pair.links, sources=sources)
    assert find_source(network, "qpus.A.t2_s") == "c"
    assert find_source(network, "qpus.A.t1_s") == "b"
    assert find_source(network, "qpus.B.t1_s") == "a"
    assert find_source(network, "links.0.fidelity") == "d"
    assert find_source(network, "name") is None
