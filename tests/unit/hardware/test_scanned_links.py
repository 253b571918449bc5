"""Sweeping a component of a link."""

import pytest

from weft.errors import InvalidNetworkError
from weft.hardware import load_network
from weft.hardware.scan import scan_link
from weft.report.link_tables import links_summary, scan_summary
from weft.report.scan_plot import plot_scan


def test_each_value_is_the_link_that_loading_with_it_gives() -> None:
    scan = scan_link("oxford-derived", "detector_efficiency", (0.5, 0.9))
    for value, numbers in zip(scan.values, scan.numbers, strict=True):
        link = load_network("oxford-derived", components={"detector_efficiency": value}).links[0]
        assert numbers.rate_hz == pytest.approx(1 / link.mean_wait_s)
        assert numbers.pair == link.pair
        assert numbers.success_probability == link.success_probability
    assert (scan.link, scan.model, scan.current) == ("A-B", "trapped-ions", 0.7)


def test_doubts_are_told_where_they_arise() -> None:
    scan = scan_link("oxford-derived", "dark_count_hz", (0.0, 1e5))
    assert [bool(numbers.doubts) for numbers in scan.numbers] == [False, True]
    assert "dark counts" in scan.numbers[1].doubts[0]


def test_counts_stay_whole() -> None:
    scan = scan_link("repeater-chain", "links", (1.0, 2.0, 4.0))
    rates = [numbers.rate_hz for numbers in scan.numbers]
    assert rates == sorted(rates)
    with pytest.raises(InvalidNetworkError, match=r"`links` must be a whole number, but is 2\.5"):
        scan_link("repeater-chain", "links", (2.5,))


def test_a_bus_is_swept_at_the_link_that_is_asked_for() -> None:
    near, far = (scan_link("chiral-bus", "passing_loss_db", (0.0, 1.0), link=name) for name in ("A-B", "A-F"))
    assert near.numbers[0] == near.numbers[1]
    assert far.numbers[0].pair.fidelity > far.numbers[1].pair.fidelity + 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("oxford", "detector_efficiency"), "must be derived from components to be swept"),
        (("oxford-derived", "detector_eficiency"), "did you mean `detector_efficiency`"),
        (("oxford-derived", "herald"), "`herald` must be a number to be swept, but is 'double-click'"),
        (("oxford-derived", "mode_overlap"), r"`mode_overlap` must lie in \[0, 1\], but is 2.0"),
    ],
)
def test_what_cannot_be_swept_is_refused(arguments: tuple[str, str], message: str) -> None:
    with pytest.raises(InvalidNetworkError, match=message):
        scan_link(*arguments, (2.0,))


def test_a_link_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidNetworkError, match=r"`A-Z` must be a derived link of `chiral-bus`"):
        scan_link("chiral-bus", "end_loss_db", (1.0,), link="A-Z")


def test_json_holds_what_the_scan_found() -> None:
    scan = scan_link("oxford-derived", "detector_efficiency", (0.5, 0.9))
    summary = scan_summary(scan)
    assert [entry["value"] for entry in summary["scan"]] == [0.5, 0.9]
    assert summary["scan"][1]["fidelity"] == scan.numbers[1].pair.fidelity
    [measured], [derived] = (links_summary(load_network(name)) for name in ("oxford", "oxford-derived"))
    assert measured["model"] is None
    assert derived["components"]["detector_efficiency"] == 0.7


def test_a_picture_is_drawn(tmp_path) -> None:
    picture = tmp_path / "scan.png"
    plot_scan(scan_link("oxford-derived", "dark_count_hz", (0.0, 1e3, 1e5)), picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_value_that_cannot_be_is_told_and_the_rest_goes_on() -> None:
    scan = scan_link("repeater-chain", "links", (1.0, 3.0, 4.0))
    assert [numbers is None for numbers in scan.numbers] == [False, True, False]
    assert len(scan.refusals) == 1
    assert len(scan_summary(scan)["scan"]) == 2
    assert scan_summary(scan)["refused"] == list(scan.refusals)


def test_a_pair_without_entanglement_is_doubted_whatever_its_fidelity() -> None:
    """Behind 400 dB a chiral waveguide leaves nearly |00⟩, half of which looks like Φ+."""
    scan = scan_link("mit-chiral", "end_loss_db", (1.65, 400.0))
    assert [any("not entangled" in doubt for doubt in numbers.doubts) for numbers in scan.numbers] == [False, True]


def test_probabilities_above_one_are_refused() -> None:
    scan = scan_link("satellite", "background_hz", (0.0, 1e9))
    assert scan.numbers[1] is None
    assert "success probability in [0, 1]" in scan.refusals[0]
