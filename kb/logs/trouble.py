"""How much a line of a log looks like trouble: its signs, as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from .fingerprint import fingerprint, signature_of
from .messages import Message, unwrap


@dataclass(frozen=True)
class LogLine:
    """One line of a log, and how much it looks like trouble."""

    text: str  # as it was written, without colours
    message: Message
    kind: str  # of which it is one
    trouble: float  # how much it looks like an error


# What trouble looks like, and how much of it each sign is.
TROUBLE: Sequence[tuple[float, str]] = (
    (
        5,
        r"\b(?:FATAL|PANIC|EMERG|CRITICAL|FTL|ALERT)\b|\bpanic:|\bfatal(?: error)?:|\[(?:emerg|crit|alert)\]|\blevel=(?:fatal|panic|critical)|Out of memory|segfault|kernel BUG",
    ),
    (
        4,
        r"\b(?:ERROR|SEVERE|ERR)\b|\[error\]|\b(?:level|lvl|severity)=\"?err|\"(?:level|lvl|severity)\":\s?\"(?:err|fatal|crit)|\berror:|^E\d{4} |\bE/|^Error\b|^Level:\s+(?:Error|Critical)",
    ),
    (4, r"\b\w*(?:Exception|Error|Panic)\b(?::|$| \()|\bCaused by:|\bpanicked at\b|\bTraceback \("),
    (
        3,
        r"\bexit(?:ed)?(?: with)?(?: code| status)?[ =:(]{1,3}(?:[1-9]\d{0,2})\b|\bcode=exited, status=[1-9]|\bsignal: \w|\bcode=killed|Main process exited",
    ),
    (
        3,
        r"\bI/O error\b|\b(?:EXT[234]-fs|BTRFS|XFS)\b.{0,40}\b(?:error|[Cc]orrupt\w*)\b|Remounting filesystem read-only|\bFailed to start \w|Failed with result '"
        r"|^RTNETLINK answers: |\bnot authori[sz]ed\b|\bUnable to access\b",
    ),
    (
        2,
        r"(?i:\b(?:failed|fails|failure|cannot|can't|couldn't|could not|unable to|refused|denied|time(?:d)? ?out|no space left|no route|no such|"
        r"not permitted|not found|corrupt(?:ed|ion)?|unreachable|rejected|killed|abnormal(?:ly)?|abort(?:ed|ing)?|unrecoverable|degraded|crash(?:ed)?|"
        r"is locked|already locked|already in use|too quickly|too many|reset by peer|broken pipe|unhealthy|mismatch|violat(?:es|ion)|deadlock|"
        r"expired|exceeded|invalid|unexpected|error)\b)",
    ),
    (
        2,
        r"(?i:\b(?:fehler|fehlgeschlagen|verweigert|abgelehnt|nicht gefunden|konnte nicht|kann nicht|erreur|échec|échoué|impossible|refusée?|introuvable|"
        r"fallo|falló|denegado|rechazada|no se (?:pudo|puede|encuentra)|errore|impossibile|negato|non trovato|fout|mislukt|geweigerd|"
        r"erro|falha|recusada|błąd|odmowa|nie można|ошибка|отказано|не удалось)\b|エラー|失敗|拒否|错误|失败|拒绝|오류|실패)",
    ),
    (1, r"\b(?:WARN|WARNING|WRN)\b|\[warn(?:ing)?\]|\blevel=warn"),
)
CLEAR = 3.0  # the trouble from which on a line surely is an error


def log_line(text: str) -> LogLine:
    """A line of a log, with its message, its kind, and how much it looks like trouble."""
    message = unwrap(text)
    trouble = max((weight for weight, pattern in _trouble() if pattern.search(text)), default=0.0)
    if trouble and NO_TROUBLE.search(text):
        trouble = 0.0
    signature = signature_of(message)
    return LogLine(text.rstrip(), message, fingerprint(signature) or signature, trouble)


# "0 failed" and "errors=0" are good news.
NO_TROUBLE = re.compile(r"(?i)\b(?:0|no) (?:errors?|fail\w*|warnings?)\b|\b(?:errors?|fail\w*)[:=] ?0\b")


@cache
def _trouble() -> Sequence[tuple[float, re.Pattern[str]]]:
    return [(weight, re.compile(pattern)) for weight, pattern in TROUBLE]
