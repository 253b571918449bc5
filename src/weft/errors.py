"""The few kinds of error that Weft raises.

Every message says what must hold, what was found, and where. The command line turns an error into one line on standard
error and the exit code that the error carries: 2 for a wrong request, 1 for work that failed.
"""


class WeftError(Exception):
    """The base of all errors that Weft raises on purpose.

    Attributes:
        exit_code: of the command line when this error ends it.
    """

    exit_code = 1


class InvalidValueError(WeftError, ValueError):
    """An argument is outside what it may be."""

    exit_code = 2


class InvalidCircuitError(WeftError, ValueError):
    """A circuit, or the file that holds it, is malformed or asks for what Weft does not have."""

    exit_code = 2


class InvalidNetworkError(WeftError, ValueError):
    """A network, or the file that holds it, is malformed or contradicts itself."""

    exit_code = 2


class DoesNotFitError(WeftError):
    """The circuit needs more than the network has."""


class InvalidProgramError(WeftError):
    """A program breaks a rule of the instruction set."""


class VerificationError(WeftError):
    """A compiled program does not compute what its circuit says; this is a fault of the compiler."""


class SimulationError(WeftError):
    """No backend can execute this program, or the one that was asked for cannot."""


class SchedulingError(WeftError):
    """A program cannot be played under the policy that was asked for."""


class EngineError(WeftError):
    """What runs many tasks cannot start its workers, or has lost them all."""
