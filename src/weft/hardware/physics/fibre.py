"""Light in optical fibre: what is lost on the way, and how long the way takes."""

from __future__ import annotations

TELECOM_LOSS_DB_PER_KM = 0.2
"""Attenuation of standard single-mode fibre at 1550 nm, as vendors quote it for ITU-T G.652.D."""

GROUP_INDEX = 1.468
"""Of standard single-mode fibre at 1550 nm: 4.9 µs per kilometre."""

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0


def transmission(length_m: float, loss_db_per_km: float = TELECOM_LOSS_DB_PER_KM) -> float:
    """Probability that a photon arrives: η = 10^(−αL/10).

    Args:
        length_m: L, at least 0.
        loss_db_per_km: α, at least 0.

    >>> transmission(50_000)
    0.1
    """
    return float(10 ** (-loss_db_per_km * length_m / 1000 / 10))


def travel_time_s(length_m: float, group_index: float = GROUP_INDEX) -> float:
    """Time that light takes through a fibre.

    Args:
        length_m: of the fibre.
        group_index: of its glass.

    >>> f"{travel_time_s(1000):.2e}"
    '4.90e-06'
    """
    return length_m * group_index / SPEED_OF_LIGHT_M_PER_S
