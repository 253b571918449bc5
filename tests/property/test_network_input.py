"""Whatever a user hands in as a network, the answer is a network or a WeftError."""

import string
from collections.abc import Callable
from itertools import pairwise

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import WeftError
from weft.network import QPU, BellPair, Link, Network, dump_network, load_network, preset_names
from weft.network.presets import read_preset
from weft.network.shorthand import is_shorthand
from weft.network.yaml_file import parse_network

PRESETS = [read_preset(name) for name in preset_names()]
PIECES = [
    "!!python/object",
    "&a",
    "*a",
    "<<:",
    ".nan",
    ".inf",
    "-1",
    "1e400",
    "null",
    "true",
    "{",
    "}",
    "[",
    "]",
    "\t",
    "---\n",
]
KEYS = [
    "name",
    "qpus",
    "links",
    "defaults",
    "qpu",
    "link",
    "between",
    "A",
    "B",
    "data_qubits",
    "coupling",
    "t1_s",
    "t2_s",
]
KEYS += [
    "attempt_s",
    "rate_hz",
    "success_probability",
    "fidelity",
    "bell_weights",
    "density_matrix",
    "real",
    "imag",
    "channels",
    "dephasing",
    "gaussian",
    "decoupling_interval_s",
    "two_qubit_pauli_errors",
    "one_qubit_pauli_errors",
    "Y",
    "ZX",
    "two_qubit_over_rotation",
    "timing_jitter_s",
    "photon_lifetime_s",
    "crosstalk_flip_probability",
]


def outcome(read: Callable[[], Network]) -> Network | WeftError:
    """Anything but a WeftError fails the test."""
    try:
        return read()
    except WeftError as error:
        return error


def survive(text: str) -> None:
    found = outcome(lambda: parse_network(text, "noise"))
    if isinstance(found, WeftError):
        assert str(found).startswith("noise: ")
        assert "\n" not in str(found)
    else:
        assert parse_network(dump_network(found), "copy").id == found.id


@settings(deadline=None)
@given(st.text())
def test_random_text_never_crashes(text: str) -> None:
    survive(text)


@settings(deadline=None)
@given(
    st.text(alphabet=string.ascii_letters + "{}[]:,&*!|>-#'\"%@`?\n \t.0123456789~<=\\\0\x85\u2028\ud800é", max_size=60)
)
def test_random_yaml_signs_never_crash(text: str) -> None:
    survive(text)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(PRESETS), st.data())
def test_a_damaged_preset_never_crashes(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 30)))
        text = text[:start] + data.draw(st.sampled_from(PIECES) | st.text(max_size=4)) + text[end:]
    survive(text)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(KEYS)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(max_examples=250, deadline=None)
@given(trees)
def test_a_random_structure_never_crashes(tree: object) -> None:
    survive(yaml.safe_dump(tree, allow_unicode=True))


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_one_wrong_value_in_a_good_file_never_crashes(data: st.DataObject) -> None:
    tree = yaml.safe_load(data.draw(st.sampled_from(PRESETS)))
    place = tree
    while isinstance(place, (dict, list)) and place:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(trees)
            break
        place = place[key]
    survive(yaml.safe_dump(tree, allow_unicode=True))


@settings(deadline=None)
@given(st.text(max_size=20) | st.from_regex(r"(all|line|ring|grid|star):[0-9x+]{0,4}", fullmatch=True))
def test_a_random_name_never_crashes(text: str) -> None:
    found = outcome(lambda: load_network(text if is_shorthand(text) else text.replace("/", "") + "?"))
    assert str(found)
    if isinstance(found, Network):
        assert is_shorthand(text)
        assert len(found.qpus) <= 20_000


names = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=5, unique=True)


@settings(deadline=None)
@given(names, st.data())
def test_every_network_that_can_be_built_survives_writing(names: list[str], data: st.DataObject) -> None:
    times = st.floats(min_value=0, max_value=1e6)
    chances = st.floats(min_value=1e-9, max_value=1)
    weights = st.tuples(chances, chances, chances, chances).map(lambda four: [weight / sum(four) for weight in four])
    pairs = st.floats(0.25, 1).map(BellPair.werner) | weights.map(BellPair.bell_diagonal)
    try:
        qpus = tuple(
            QPU(name, data.draw(st.integers(0, 9)), t2_s=1 + data.draw(times), reset_s=data.draw(times))
            for name in names
        )
        links = tuple(Link(a, b, data.draw(times), data.draw(chances), data.draw(pairs)) for a, b in pairwise(names))
        network = Network("random", qpus, links)
    except WeftError:
        return
    copy = parse_network(dump_network(network), "copy")
    assert copy == network
    assert copy.id == network.id
