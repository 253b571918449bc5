"""What is drawn of a shot whose pairs were not made on request."""

import pytest

import weft
import weft.report
from weft.report.names import attempts
from weft.report.slices import slice_shot
from weft.report.trace import write_trace
from weft.scheduler import Distillation, Policy, schedule


@pytest.mark.parametrize(
    "policy", [Policy("prefetch"), Policy(cutoff_s=0.02), Policy(distillation=Distillation())], ids=str
)
def test_attempts_that_cannot_be_counted_are_not_claimed(policy, tmp_path):
    program = weft.compile("ghz:4", "line:2x2+8", effort="fast")
    slices = slice_shot(schedule(program, 1, 3, policy=policy), 0)
    [row] = [row for row, count in enumerate(slices.attempts.tolist()) if count >= 0]
    assert not slices.shows_attempts
    assert attempts(slices, row) == ""
    for name in ("shot.png", "shot.svg"):
        weft.report.plot_timeline(schedule(program, 1, 3, policy=policy), tmp_path / name)
    write_trace(schedule(program, 1, 3, policy=policy), tmp_path / "shot.json")
    assert '"attempts"' not in (tmp_path / "shot.json").read_text()
    assert slice_shot(schedule(program, 1, 3), 0).attempts[row] > 0
