"""A server that forks for each command: a process of its own, without the tenth of a second that starting Python takes.

It has loaded every library that kb uses, and nothing of kb: each child imports that itself, as far as its command needs it.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

# What Python reads when it starts: a command with other values than the server's needs a start of its own.
AT_START = ("PYTHON", "LC_", "LANG", "MALLOC_")


def run(arguments: Sequence[str], folder: Path, env: Mapping[str, str], stdin: bytes | None) -> tuple[int, bytes, bytes]:
    """Run `kb` in a child of the server, in a session of its own and so without a terminal: its status and what it printed."""
    door = _door(tuple(sorted((key, value) for key, value in env.items() if key.startswith(AT_START))))
    request = json.dumps([list(arguments), str(folder), dict(env)]).encode()
    theirs_in, ours_in = (os.open(os.devnull, os.O_RDONLY), -1) if stdin is None else os.pipe()
    (ours_out, theirs_out), (ours_err, theirs_err) = os.pipe(), os.pipe()
    socket.send_fds(door, [len(request).to_bytes(4, "big")], [theirs_in, theirs_out, theirs_err])
    door.sendall(request)
    for end in (theirs_in, theirs_out, theirs_err):
        os.close(end)
    with ThreadPoolExecutor(3) as threads:
        out, err = threads.submit(_all_of, ours_out), threads.submit(_all_of, ours_err)
        if stdin is not None:
            threads.submit(_feed, ours_in, stdin)
        child, status = _answer(door), 0
        try:
            status = _answer(door)
        except TimeoutError:
            os.killpg(child, signal.SIGKILL)
            raise
        return status, out.result(), err.result()


def _answer(door: socket.socket) -> int:
    return int.from_bytes(door.recv(4, socket.MSG_WAITALL), "big", signed=True)


def _all_of(end: int) -> bytes:
    with os.fdopen(end, "rb") as pipe:
        return pipe.read()


def _feed(end: int, data: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(end, "wb") as pipe:
        pipe.write(data)


@functools.cache
def _door(at_start: tuple[tuple[str, str], ...]) -> socket.socket:
    """The way to the server with this environment, which ends with us."""
    ours, theirs = socket.socketpair()
    ours.settimeout(120)
    server = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **dict(at_start)},
        start_new_session=True,
    )
    theirs.close()

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


def _serve(door: socket.socket) -> None:
    """Answer one request after the other."""
    _load_libraries()
    while True:
        head, ends, _, _ = socket.recv_fds(door, 4, 3)
        if not head:
            return
        arguments, folder, env = json.loads(door.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
        child = os.fork()
        if not child:
            door.close()
            _become(arguments, folder, env, ends)
        door.sendall(child.to_bytes(4, "big"))
        for end in ends:
            os.close(end)
        _, status = os.waitpid(child, 0)
        door.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _load_libraries() -> None:
    """By way of kb's modules, which are dropped again."""
    import kb

    for module in pkgutil.walk_packages(kb.__path__, "kb."):
        if module.name != "kb.__main__":
            importlib.import_module(module.name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "kb"]:
        del sys.modules[name]
    gc.collect()
    gc.freeze()


def _become(arguments: Sequence[str], folder: str, env: Mapping[str, str], ends: Sequence[int]) -> NoReturn:
    """Be the command to its end."""
    os.setsid()
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    for name, mode, errors in (
        ("stdin", "r", "surrogateescape"),
        ("stdout", "w", "surrogateescape"),
        ("stderr", "w", "backslashreplace"),
    ):
        number = getattr(sys, name).fileno()
        setattr(sys, name, open(number, mode, encoding="utf-8", errors=errors, closefd=False))  # noqa: SIM115 — ends with us
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    tempfile.tempdir = None
    sys.argv = ["kb", *arguments]
    status = 1
    try:
        from kb.cli import run

        status = run()
    except BaseException:  # noqa: BLE001 - a child that was forked must not return
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status)  # without taking all the libraries apart


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
