"""Bare names that are values: `user ann`, `container tv is unhealthy`."""

from __future__ import annotations

import re

from .word_masks import is_camel

# A bare word behind these is the name of whoever met the error, if the sentence goes on as it does behind a name.
BEFORE_A_NAME_TEXT = (
    "user interface module lookup host service network volume unit package role database archive jail container pod node "
    "image repository manifest bucket pool dataset zone domain peer job queue topic share device disk printer snapshot camera "
    "entity tenant namespace deployment vm guest client group account for"
)
BEFORE_A_NAME = frozenset(BEFORE_A_NAME_TEXT.split())

# What stands there and is no name.
NO_NAMES_TEXT = (
    "is are was were be been has have had does do did can cannot could will would may might must should not no never "
    "in on at of for from to by with without and or but that which who whose if when while because since after before as "
    "failed fails failure error errors found missing unavailable unknown unreachable unable invalid down up gone lost full "
    "busy ready dead active inactive here there already again timed timeout default name names id ids uid gid type types "
    "file files directory folder path list table key keys value config configuration version server manager driver plugin "
    "address addresses password credentials credential login session request response connection limit quota size status "
    "state check resolution dependency system schema cluster space mode agent data process runtime engine image volume mount "
    "group port controller adapter card link bridge stack traffic layer test tests code handler worker loop thread pool "
    "cache backup restore account accounts info information settings set entry entries record records storage device devices "
    "start stop restart exit access control policy permission permissions rights role reply it this them all any some other "
    "another more one two help details reason reasons instance certificate token update upgrade install installation the a an "
    "job task event events message messages input output write read space use usage first last next new old same current self "
    "backend frontend peer client host user service network container database module package unit lookup interface archive "
    "done sent built kept held left made run ran shut ok complete incomplete finish online offline idle stale healthy unhealthy empty "
    "broken corrupt late open closed bound unbound present absent existing nonexistent online remote local public private valid "
    "exists exist needs requires returns returned says stops starts runs shows contains expects wants connections earlier later init "
    "sandbox whitelist blacklist blocklist blocklists discovery url uri period parameter parameters option options creation deletion "
    "support mapping mappings section hook hooks script scripts command commands service services users hosts networks modules "
    "time timeout size count number level mismatch conflict overflow crash panic reset loop leak abort failover outage"
)
NO_NAMES = frozenset(NO_NAMES_TEXT.split())

# How a sentence goes on behind a name.
BEHIND_A_NAME = re.compile(
    r"$|[:,;)\](]|\.(?:\s|$)| \(| (?:is|was|has|had|does|did|not|from|by|at|on|in|with|via|for|to|of|failed|fails|could|cannot|can't|"
    r"couldn't|doesn't|isn't|exited|already|and|because|after|while|timed|could)\b"
)

# `for` says little, so that more has to be said behind it: `password for ann from 10.0.0.9`, `manifest for tv not found`.
BEHIND_FOR_A_NAME = re.compile(r" not found\b| from (?:\d|\[|::|user\b)|, repository\b")
BEHIND_A_FIRST_NAME = re.compile(r" (?:exited with code|is unhealthy|is not running|is restarting)\b")

MOST_DIGITS = 4  # of a name; what has more is an id


def is_a_name(text: str, start: int, end: int, last: str) -> bool:
    """Whether a bare word is the name of a user, a container, a host…: `container tv is unhealthy`, `lookup tv on 10.0.0.1:53`."""
    if not start:
        return BEHIND_A_FIRST_NAME.match(text, end) is not None
    word = text[start:end]
    lower = word.lower()
    if (
        text[start - 1] != " "
        or lower in NO_NAMES
        or sum(map(str.isdecimal, lower)) > MOST_DIGITS
        or lower.endswith(("ed", "ing", "ly", "able"))
        or is_camel(word)
    ):
        return False
    return (BEHIND_FOR_A_NAME if last == "for" else BEHIND_A_NAME).match(text, end) is not None
