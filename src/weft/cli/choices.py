"""What options may be chosen from: the words that a user types, each list once."""

from __future__ import annotations

import enum


class Effort(enum.StrEnum):
    """How long to search for few ebits."""

    fast = "fast"
    default = "default"
    best = "best"


class Objective(enum.StrEnum):
    """What to spend least of."""

    pairs = "pairs"
    duration = "duration"
    infidelity = "infidelity"


class Timing(enum.StrEnum):
    """When links make pairs."""

    as_soon_as_possible = "as-soon-as-possible"
    just_in_time = "just-in-time"
    prefetch = "prefetch"


class TrustedNodes(enum.StrEnum):
    """Whether data may pass through nodes that have to be trusted."""

    allow = "allow"
    forbid = "forbid"


class Sharing(enum.StrEnum):
    """Who gets a link first."""

    program = "program"
    request = "request"


class Convention(enum.StrEnum):
    """How depth is counted."""

    serial = "serial"
    layers = "layers"
    overlapped = "overlapped"


class Strategy(enum.StrEnum):
    """Which stabilizers are checked."""

    uniform = "uniform"
    generators = "generators"


class Injection(enum.StrEnum):
    """How blocks are joined."""

    in_order = "in-order"
    any_order = "any-order"


class Resources(enum.StrEnum):
    """Where resource states are made."""

    whole = "whole"
    over_link = "split"


class Goal(enum.StrEnum):
    """What a search looks for."""

    error = "error"
    depth = "depth"
    both = "both"


class Quantity(enum.StrEnum):
    """What a crossover is over."""

    rate = "rate"
    fidelity = "fidelity"
    t2 = "t2"
    gate_error = "gate-error"
    size = "size"


class Pairs(enum.StrEnum):
    """What is done about the noise of Bell pairs."""

    as_they_are = "as-they-are"
    cancelled = "cancelled"
    assisted = "assisted"


class Engines(enum.StrEnum):
    """What runs the tasks."""

    local = "local"
    ray = "ray"
