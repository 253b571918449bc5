"""Ctrl-C waits for what must be done as a whole, and is not lost."""

import signal
import threading

import pytest

from weft.interrupts import held_back

NUMBERS = [signal.SIGINT, *([signal.SIGALRM] if hasattr(signal, "SIGALRM") else [])]


@pytest.fixture(params=NUMBERS)
def number(request):
    """A signal that raises KeyboardInterrupt, as Ctrl-C does and as it is repeated."""
    before = signal.signal(request.param, signal.default_int_handler)
    yield request.param
    signal.signal(request.param, before)


def test_an_interruption_comes_when_all_is_done(number):
    done = []

    def work():
        for step in range(3):
            done.append(step)
            signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt), held_back():
        work()
    assert done == [0, 1, 2]
    assert signal.getsignal(number) is signal.default_int_handler


def test_nothing_changes_where_none_comes(number):
    with held_back():
        assert signal.getsignal(number) is not signal.default_int_handler
    assert signal.getsignal(number) is signal.default_int_handler


def test_other_errors_come_through_and_what_was_ignored_still_is(number):
    with pytest.raises(ValueError, match="mine"), held_back():
        raise ValueError("mine")
    assert signal.getsignal(number) is signal.default_int_handler
    signal.signal(number, signal.SIG_IGN)
    with held_back():
        signal.raise_signal(number)
    assert signal.getsignal(number) is signal.SIG_IGN


def test_other_threads_do_without():
    done = []

    def work():
        with held_back():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.getsignal(signal.SIGINT)]
