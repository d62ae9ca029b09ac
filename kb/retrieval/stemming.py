"""The forms of a word: what ends a word in English, which words say nothing, and what codes say in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_STOPWORD_TEXT = (
    "a an the and or of to in on at by for with from as is are was were be been being it its this that these those there "
    "then than i my me we our you your he she do does did done so if when while what which who how why where can cannot "
    "could will would should may might must has have had not no nor but about into over after again all any some very "
    "just now only also too up out off s t ll re ve don won isn doesn didn wasn nothing something anything everything "
    "anymore more wont cant dont doesnt didnt isnt wasnt couldnt wouldnt"
)
STOPWORD = frozenset(_STOPWORD_TEXT.split())

# What English words end with, and what stands there instead; the first that fits counts. -ly is only cut where an adverb
# is likely: apply, reply, family and anomaly are none.
ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("ctions", "ct"),
    ("ction", "ct"),
    ("ations", "at"),
    ("ation", "at"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
    ("ing", ""),
    ("eed", "eed"),
    ("ed", ""),
    *((f"{letter}ly", letter) for letter in "tknrlswedh"),
)
# The past of verbs that log nothing but stand in every second sentence about trouble.
IRREGULAR: Mapping[str, str] = {
    "broke": "break",
    "broken": "break",
    "froze": "freez",
    "frozen": "freez",
    "hung": "hang",
    "lost": "los",
    "ran": "run",
    "sent": "send",
    "written": "writ",
    "wrote": "writ",
    "built": "build",
}
_BY_LAST_LETTER = {last: [row for row in ENDINGS if row[0][-1] == last] for last in {ending[-1] for ending, _ in ENDINGS}}
_SHORT_LEFT = ("ies", "ied", "sses", "xes", "ches")  # what may leave two letters: tries, tried


def least_left(ending: str) -> int:
    """How many letters must be left before an ending."""
    return 2 if ending in _SHORT_LEFT else 3


@lru_cache(50_000)
def stem(word: str) -> str:
    """A word without its English ending, near enough that forms of one word meet."""
    if "'" in word or "’" in word:
        word = re.sub(r"['’].*", "", word, flags=re.DOTALL)
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending, instead in _BY_LAST_LETTER.get(word[-1:], ()):
        if word.endswith(ending) and len(word) - len(ending) >= least_left(ending):
            word = word[: -len(ending)] + instead
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


# Codes that programs print in place of words, and what people say.
CODE_WORDS: Mapping[str, str] = {
    "econnrefused": "connection refused",
    "econnreset": "connection reset",
    "econnaborted": "connection abort",
    "etimedout": "timeout connection",
    "etimeout": "timeout",
    "esockettimedout": "timeout socket",
    "enotfound": "dns host lookup",
    "eaiagain": "dns host lookup",
    "nxdomain": "dns host lookup",
    "servfail": "dns server fail",
    "eaddrinuse": "address use port",
    "eaddrnotavail": "address available",
    "eacces": "permission denied access",
    "eperm": "operation permitted permission",
    "enoent": "file missing directory",
    "enospc": "space disk full device",
    "edquot": "quota disk full",
    "emfile": "many open file",
    "enfile": "many open file",
    "enomem": "memory allocate",
    "ehostunreach": "host unreachable route",
    "ehostdown": "host down",
    "enetunreach": "network unreachable",
    "enetdown": "network down",
    "epipe": "broken pipe",
    "eio": "input output",
    "erofs": "read filesystem",
    "eexist": "file exist",
    "ebusy": "device resource busy",
    "eisdir": "directory",
    "enotdir": "directory",
    "einval": "invalid argument",
    "enodev": "device missing",
    "enotempty": "directory empty",
    "estale": "stale file handle",
    "eagain": "resource temporarily unavailable",
    "enoexec": "exec format",
    "enotsup": "operation supported",
    "eopnotsupp": "operation supported",
    "eproto": "protocol",
    "ecanceled": "operation canceled",
    "sigkill": "killed signal",
    "sigsegv": "segmentation fault crash",
    "sigterm": "terminated signal",
    "sigabrt": "abort crash",
}
