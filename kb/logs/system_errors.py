"""Causes: what systems and language runtimes say when something fails. Thousands of errors end in them; another one is another error."""

from __future__ import annotations

import re
from functools import cache, lru_cache

# What a system says, one cause a line; behind the first its other names: of musl and glibc, of Go, curl and Python, and its short one in C.
# As the words of a signature: no capitals, no signs.
_SYSTEM_TEXT = """
connection refused, econnrefused
no such file or directory, enoent
permission denied, eacces
operation not permitted, eperm
address already in use, address in use, eaddrinuse, address is already in use, port is already allocated, only one usage of each socket address
cannot assign requested address, eaddrnotavail, address not available, address is not available
no space left on device, enospc
connection timed out, operation timed out, etimedout, i o timeout, context deadline exceeded, timed out
connection reset by peer, connection reset, econnreset
broken pipe, epipe
no route to host, host is unreachable, ehostunreach
network is unreachable, network unreachable, enetunreach
input output error, i o error
device or resource busy, resource busy, ebusy
file exists, eexist
is a directory, eisdir
not a directory, enotdir
invalid argument
too many open files, no file descriptors available, emfile
read only file system, erofs
resource temporarily unavailable
no such device or address
no such device
operation not supported
software caused connection abort
no such host, name or service not known, temporary failure in name resolution, name does not resolve, no address associated with hostname, could not resolve host, getaddrinfo failed, enotfound
cannot allocate memory, not enough memory
no such process
exec format error
executable file not found
no locks available
certificate signed by unknown authority, self signed certificate, unable to get local issuer certificate
certificate has expired, certificate is not yet valid
"""
NUMBERS = {name: number for number, row in enumerate(_SYSTEM_TEXT.strip().splitlines()) for name in row.split(", ")}
SYSTEM_MESSAGES = frozenset(tuple(name.split()) for name in NUMBERS)

# What a language says of any program that has a mistake: the same in all of them, so that only the place tells them apart.
RUNTIME_TEXT = (
    "nil pointer dereference|index out of range|slice bounds out of range|segmentation violation|segmentation fault|"
    "concurrent map writes|all goroutines are asleep deadlock|nullpointerexception|object reference not set to an instance|"
    "cannot read properties of|cannot read property|is not a function|object has no attribute|object is not subscriptable|"
    "object is not iterable|unwrap on a none value|call to a member function|access array offset on value of type|"
    "undefined array key|undefined index|unhandled promise rejection"
)


@cache
def _system() -> re.Pattern[str]:
    # The longer first: "no such device or address" is no "no such device".
    return re.compile(rf"\b(?:{'|'.join(sorted(NUMBERS, key=len, reverse=True))})\b")


@cache
def _runtime() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{RUNTIME_TEXT})\b")


@lru_cache(20_000)
def causes(plain: tuple[str, ...]) -> frozenset[int]:
    """The numbers of the systems' causes that the plain words of a line name."""
    return frozenset(NUMBERS[name] for name in _system().findall(" ".join(plain)))


@lru_cache(20_000)
def is_of_any_program(plain: tuple[str, ...]) -> bool:
    """Whether a language's runtime says so of any program that has a mistake."""
    return _runtime().search(" ".join(plain)) is not None
