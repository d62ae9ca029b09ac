"""What `kb seen` is asked about: words, stdin, files, or the log of a service."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...exceptions import CannotRead, NothingToRead, WrongUse
from ...logs import log_reader
from ...notes.kinds import Service
from ...notes.knowledge_base import KnowledgeBase
from ...services.log_commands import LogCommand, log_commands, other_machine
from ...storage import folders, session
from .. import context, input_streams
from ..terminal import ask, log_program, screen

# What is meant as the name of a file even when there is none: better an error than a search for "nginx.lgo".
_FILE_NAME = re.compile(r"(?:\.{0,2}|~)/\S+|[\w.-]+\.(?:log|txt|out|err|jsonl?)(?:\.(?:\d{1,3}|gz|xz|zst|bz2)){0,2}")


def is_file_name(word: str) -> bool:
    """Whether a word is the name of a file, or is meant as one."""
    return os.path.exists(os.path.expanduser(word)) or _FILE_NAME.fullmatch(word) is not None


def files_among(given: Sequence[str]) -> list[str]:
    """The names of files, when it is files that were given and no words: then a name without a file is an error, never a text."""
    there = [word for word in given if os.path.exists(os.path.expanduser(word))]
    names = [word for word in given if is_file_name(word)]
    if given and is_file_name(given[0]) and len(names) == len(given):
        return list(given)
    if there and (given[0] in there or 2 * len(names) >= len(given)):
        return list(given)
    return []


def read_file(base: KnowledgeBase, name: str) -> log_reader.Log:
    """A log from a file. Raises NothingToRead, NotAText or CannotRead, with a hint for a folder."""
    path = Path(os.path.expanduser(name))
    if path.is_dir():
        raise CannotRead(path, f"it is a folder: name the logs in it, kb seen {shlex.quote(str(path))}/*.log")
    with input_streams.opened(path) as file:
        return input_streams.read_log(base, file, name)


def read(base: KnowledgeBase, given: Sequence[str]) -> log_reader.Log:
    """The log to look through: stdin, or the words themselves. Raises NothingToRead, NotAText or CannotRead."""
    if given and tuple(given) != ("-",):
        return input_streams.read_log(base, [" ".join(given).encode("utf-8", "surrogateescape")], "the error")
    stream: Iterable[bytes] | None = ask.piped_input()
    if stream is None and not given and sys.stdin is not None and sys.stdin.isatty():
        pasted = ask.lines("Paste the error")
        if not pasted:
            raise WrongUse("nothing was pasted")
        stream = [pasted.encode("utf-8", "surrogateescape")]
    if stream is None:
        raise WrongUse(
            'no error was given: write it behind (kb seen "no route to host"), name a file, or pipe a log into kb seen'
        )
    return input_streams.read_log(base, stream, "stdin")


# ---- the log of a service --------------------------------------------------------------------------------------------


def of_service(base: KnowledgeBase, name: str) -> log_reader.Log:
    """The log of a service, by its own way: here, or over ssh where the user has set it up. Each command is said before it runs.

    Raises NoSuchNote; WrongUse when no way leads there, with what was tried and the next step.
    """
    note = context.find(base, name, "service")
    assert isinstance(note, Service)
    ways = log_commands(note)
    host = other_machine(note, log_program.this_machine())
    if host and not log_program.knows_ssh(host):
        raise WrongUse(
            f"{note.title} runs on {host}, another machine: name it in ~/.ssh/config (Host {host}), "
            f"or pipe its log: ssh {host} {ways[0]} 2>&1 | kb seen"
        )
    tried = []
    for way in ways:
        if not host and not log_program.is_here(way.words[0]):
            tried.append(f"{way.words[0]}: it isn't here")
            continue
        words = log_program.over_ssh(way.words, host) if host else [os.path.expanduser(word) for word in way.words]
        _agree(base, note, way, words)
        output = log_program.Output(words)
        try:
            log = input_streams.read_log(base, output, f"the log of {note.title}")
        except OSError as error:
            tried.append(f"{way}: {(error.strerror or '').lower()}")
            continue
        except NothingToRead:
            tried.append(f"{way}: {'it printed nothing' if output.status == 0 else output.reason()}")
            continue
        if output.status == 0:
            return log
        tried.append(f"{way}: {output.reason()}")
        if host and output.status == SSH_FAILED:
            break
    for row in tried:
        screen.remark(f"  {row}")
    raise WrongUse(
        f"no log of {note.title} could be read: kb edit {note.ref} --set log='docker logs NAME' says how, or a path does"
    )


SSH_FAILED = 255


def _agree(base: KnowledgeBase, note: Service, way: LogCommand, words: Sequence[str]) -> None:
    """Say what runs. What somebody wrote into a note is asked about once on this machine. Raises WrongUse."""
    said = shlex.join(words)
    folder = folders.state_folder(base.root)
    if not way.written or session.is_allowed(folder, said):
        screen.remark(f"reading: {said}")
        return
    screen.remark(f"{note.path} says that its log comes from: {said}")
    if not ask.has_terminal():
        raise WrongUse(f"a command from a note runs only after you said yes once, on a terminal; or pipe it: {said} | kb seen")
    if not ask.yes("Run it, now and from now on?", False):
        raise WrongUse("nothing was run")
    session.allow(folder, said)
