"""Running a command as the user would, while keeping the end of what it prints."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import tty
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

KEPT_BYTES = 2 * 1024 * 1024  # of the output: the error is at its end
_CHUNK = 65536


@dataclass(frozen=True)
class Run:
    """How a command ended: its exit status as a shell gives it (128 + signal), and the end of its output."""

    status: int
    output: bytes


def run(command: Sequence[str]) -> Run:
    """Run a command unchanged: what is a terminal for us is one for it, with its size, colours and signals.

    Raises FileNotFoundError or PermissionError when there is no such program.
    """
    with contextlib.ExitStack() as stack:
        streams = _Streams(stack)
        process = subprocess.Popen(
            list(command),
            stdin=streams.child_in,
            stdout=streams.child_out,
            stderr=streams.child_err,
            start_new_session=streams.master is not None,
            preexec_fn=streams.take_terminal if streams.master is not None else None,
        )
        streams.close_child_ends()
        stack.enter_context(_signals_passed_on(process, streams.master))
        stack.enter_context(_raw(streams.forwards_input))
        kept = _copy(streams, process)
        status = process.wait()
    return Run(status if status >= 0 else 128 - status, kept)


class _Streams:
    """Where the command's input and output go: through a terminal of ours where we have one, else through pipes."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.master: int | None = None
        self.sinks: dict[int, int] = {}  # what we read from → what we write to
        self._child_ends: list[int] = []
        terminals = [fd for fd in (1, 2) if os.isatty(fd)]
        slave = -1
        if terminals:
            self.master, slave = pty.openpty()
            stack.callback(_close, self.master)
            self._child_ends.append(slave)
            self._slave = slave
            copy_size(terminals[0], self.master)
            self.sinks[self.master] = terminals[0]
        self.child_out = slave if 1 in terminals else self._pipe(1, stack)
        self.child_err = slave if 2 in terminals else self._pipe(2, stack)
        self.forwards_input = self.master is not None and os.isatty(0)
        self.child_in: int | None = slave if self.forwards_input else None

    def _pipe(self, sink: int, stack: contextlib.ExitStack) -> int:
        read_end, write_end = os.pipe()
        stack.callback(_close, read_end)
        self.sinks[read_end] = sink
        self._child_ends.append(write_end)
        return write_end

    def close_child_ends(self) -> None:
        """The command has its own by now; while ours are open no end is ever seen."""
        for end in self._child_ends:
            _close(end)

    def take_terminal(self) -> None:
        """In the child: make the new terminal the one that sends its signals."""
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)


def _copy(streams: _Streams, process: subprocess.Popen[bytes]) -> bytes:
    """Pass everything on as it comes, and return the end of it."""
    kept = bytearray()
    open_ends = set(streams.sinks)
    inputs = {0} if streams.forwards_input else set()
    while open_ends:
        # The poll is for grandchildren that keep the terminal open after the command has ended.
        ready, _, _ = select.select([*open_ends, *inputs], [], [], 0.2)
        if not ready and process.poll() is not None:
            break
        for end in ready:
            data = _read(end)
            if end == 0:
                if data:
                    _write(streams.master or 0, data)
                else:
                    inputs.clear()
            elif data:
                kept += data
                del kept[:-KEPT_BYTES]
                _write(streams.sinks[end], data)
            else:
                open_ends.discard(end)
    return bytes(kept)


def _read(end: int) -> bytes:
    try:
        return os.read(end, _CHUNK)
    except OSError:  # Linux says EIO when the other side of a terminal is closed
        return b""


def _write(sink: int, data: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody reads our output any more; the command goes on
        while data:
            data = data[os.write(sink, data) :]


def _close(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.close(descriptor)


def copy_size(source: int, target: int) -> None:
    """Give one terminal the size of another."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(target, termios.TIOCSWINSZ, fcntl.ioctl(source, termios.TIOCGWINSZ, b"\0" * 8))


@contextlib.contextmanager
def _raw(wanted: bool) -> Iterator[None]:
    """Our terminal passes each key on at once; the one of the command does what they mean."""
    if not wanted:
        yield
        return
    before = termios.tcgetattr(0)
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _signals_passed_on(process: subprocess.Popen[bytes], master: int | None) -> Iterator[None]:
    """Whoever wants to stop us means the command; and its terminal follows the size of ours."""

    def pass_on(number: int, _: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    def leave_it(_: int, __: object) -> None:
        """Ctrl-C: the terminal sends it to the command too."""

    def resize(_: int, __: object) -> None:
        if master is not None:
            copy_size(1 if os.isatty(1) else 2, master)

    handlers: dict[signal.Signals, Callable[[int, object], None]] = {
        signal.SIGTERM: pass_on,
        signal.SIGHUP: pass_on,
        signal.SIGINT: leave_it if master is None else pass_on,
        signal.SIGWINCH: resize,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
