"""Distributed Clifford noise reduction (CliNR): a Clifford circuit as verified resource states that are injected one after another.

Sources: Delfosse and Tham, arXiv 2407.06583 (the scheme); Dobbs, Delfosse and Brodutch, arXiv 2512.10693 (over several QPUs).
"""

from weft.protocols.clinr.acceptance import PartRuns, part_runs
from weft.protocols.clinr.blocks import Scheme
from weft.protocols.clinr.boundaries import Sampling
from weft.protocols.clinr.checks import Checks, choose_checks
from weft.protocols.clinr.clifford_circuit import (
    CliffordCircuit,
    clifford_from_circuit,
    clifford_from_stim,
    cut,
    random_clifford_circuit,
)
from weft.protocols.clinr.course import Ring
from weft.protocols.clinr.forms import Comparison, compare
from weft.protocols.clinr.machine import ring_machine
from weft.protocols.clinr.measures import Measures
from weft.protocols.clinr.noise import Noise
from weft.protocols.clinr.probing import Probe, logical_error, with_reference
from weft.protocols.clinr.programs import clinr_program, direct_program
from weft.protocols.clinr.tree import VerifiedCircuit, clinr_tree
from weft.protocols.clinr.verification import Verification

__all__ = [
    "Checks",
    "CliffordCircuit",
    "Comparison",
    "Measures",
    "Noise",
    "PartRuns",
    "Probe",
    "Ring",
    "Sampling",
    "Scheme",
    "Verification",
    "VerifiedCircuit",
    "choose_checks",
    "clifford_from_circuit",
    "clifford_from_stim",
    "clinr_program",
    "clinr_tree",
    "compare",
    "cut",
    "direct_program",
    "logical_error",
    "part_runs",
    "random_clifford_circuit",
    "ring_machine",
    "with_reference",
]
