"""How much a line of a log looks like trouble: its signs, as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from .background import TELLING
from .fingerprint import fingerprint, signature_of
from .messages import Message, unwrap
from .telling import REQUEST, is_quiet, says_nothing
from .trouble_signs import SIGNS


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
        r"\b(?:FATAL|PANIC|EMERG|CRITICAL|FTL|ALERT)\b|\bpanic:|\b[Ff]atal(?: error)?:|\[(?:emerg|crit|alert)\]|\blevel=(?:fatal|panic|critical)|Out of memory|segfault|kernel BUG|(?:^|\| )(?:fatal|panic|crit(?:ical)?|emerg(?:ency)?|alert)\b(?=\s*[:|\-\]])",
    ),
    (
        4,
        r"\b(?:ERROR|SEVERE|ERR)\b|\[error\]|\b(?:level|lvl|severity)=\"?err|\"(?:level|lvl|severity)\":\s?\"(?:err|fatal|crit)|\berror\s{0,8}:|(?:^|\| )error\b(?=\s*[|\-\]])|^E[01]\d{3} |\bE/|^Error\b|^Level:\s+(?:Error|Critical)",
    ),
    (4, r"\b\w*(?:Exception|Error|Panic)\b(?::|$| \()|\bCaused by:|\bpanicked at\b|\bTraceback \("),
    (
        3,
        r"\bexit(?:ed)?(?: with)?(?: code| status)?[ =:(]{1,3}(?:[1-9]\d{0,2})\b|\bcode=exited, status=[1-9]|\bsignal: \w|\bcode=killed|Main process exited",
    ),
    (
        3,
        r"\bI/O error\b|\b(?:EXT[234]-fs|BTRFS|XFS)\b.{0,40}\b(?:error|[Cc]orrupt\w*)\b|Remounting filesystem read-only|\bFailed to start \w|Failed with result '"
        r"|^RTNETLINK answers: |\bnot authori[sz]ed\b|\bUnable to access\b|\b(?:FAULTED|DEGRADED|UNAVAIL|SUSPENDED|OFFLINE)\b|\bDependency failed\b"
        r"|\bis DOWN\b",
    ),
    (1, r"\b(?:WARN|WARNING|WRN)\b|\[warn(?:ing)?\]|\blevel=warn|\"(?:level|lvl|severity)\":\s?\"warn|^[Ww]arning:"),
)

# The same of words, in the lower case of the line.
TROUBLE_WORDS: Sequence[tuple[float, str]] = (
    (3, r"\b(?:giving up|gave up|did not complete|repeated too quickly|back-off restarting)\b"),
    (
        2,
        r"(?<![\w./-])(?:failed|fails|failure|failing|cannot|can't|couldn't|could not|unable to|refused|refusing|denied|time(?:d)? ?out|no space left|no route|no such|"
        r"not permitted|not found|corrupt(?:ed|ion)?|unreachable|rejected|killed|abnormal(?:ly)?|abort(?:ed|ing)?|unrecoverable|degraded|crash(?:ed|es|ing)?|"
        r"is locked|already locked|in use|too quickly|too many|too (?:large|big|long|few|old)|reset by peer|broken pipe|unhealthy|mismatch\w*|violat(?:es|ion)|deadlock|"
        r"expired|exceed(?:ed|s)|invalid|unexpected|malformed|unrecogni[sz]ed|undefined|illegal|forbidden|unauthori[sz]ed|not allowed|disallowed|does(?: not|n't) exist|(?:has|have) no|no longer exists?|"
        r"(?:maximum|limit)\b.{0,60}\breached|reached (?:the |its )?(?:maximum|limit)|"
        r"syntax error|bad magic|unknown (?:option|directive|parameter|setting|command|keyword|property|field|argument|type|class|host|user|group|column|variable|module|unit|[\w-]{1,20} ['\"`])|"
        r"prematurely|out of (?:range|memory|space|bounds|sync)|fatal|panic|oops|uncaught|unhandled|error)(?![\w]|[./][\w]|=0|-)",
    ),
    (
        2,
        r"\b(?:fehler|fehlgeschlagen|verweigert|abgelehnt|nicht gefunden|konnte nicht|kann nicht|erreur|échec|échoué|impossible|refusée?|introuvable|"
        r"fallo|falló|denegado|rechazada|no se (?:pudo|puede|encuentra)|errore|impossibile|negato|non trovato|fout|mislukt|geweigerd|"
        r"erro|falha|recusada|błąd|odmowa|nie można|ошибка|отказано|не удалось)\b|エラー|失敗|拒否|错误|失败|拒绝|오류|실패",
    ),
    (
        1.6,
        r"(?<![\w./-])(?:unknown|unavailable|unsupported|insufficient|exhausted|overflow\w*|conflict\w*|duplicate|missing|incorrect|wrong|broken|stale|damaged|incompatible|inconsistent|"
        r"lost|dropped|problems?|mistakes?|must (?:be|have|not|add|run)|(?:is|are|was|were|has|have|do|does|did|will) not|(?:is|are|was|were|has|does|did|wo)n't|"
        r"no (?:valid|usable|free|suitable|matching|backend|server|response|answer|reply|more|\w{1,20} records)|not (?:a|an|available|supported|ready|running|responding|enough|valid|readable|writable|set|defined|configured|mounted)|"
        r"already (?:exists|running|used|mounted|bound)|bad|interrupted|inaccessible|unresolved|unsafe|suspended|faulted|offline|dead|down|stuck|hung|misspelled|disconnected|restarting|retrying)(?![\w]|[./][\w]|-)",
    ),
)
ANSWERED = 2.0  # of a request that the server failed to answer
WARNED = 2.0  # of a warning that says so in weak words
QUIET = 1.5  # at most, of a line that says of itself that it is no warning
CLEAR = 3.0  # the trouble from which on a line surely is an error


def is_warning(text: str) -> bool:
    """Whether a line says of itself that it only warns."""
    return _rows()[len(TROUBLE) - 1].pattern.search(text) is not None


def log_line(text: str) -> LogLine:
    """A line of a log, with its message, its kind, and how much it looks like trouble."""
    message = unwrap(text)
    signature = signature_of(message)
    return LogLine(text.rstrip(), message, fingerprint(signature) or signature, trouble_of(text))


@lru_cache(20_000)
def trouble_of(text: str) -> float:
    """How much a line, without colours, looks like an error: 0 not at all, from TELLING on something went wrong, from CLEAR on surely."""
    if request := REQUEST.search(text):
        return ANSWERED if request["status"][0] == "5" else 0.0
    lower = text.lower()
    found = [row.weight for row in _rows() if row.is_in(text, lower)]
    trouble = max(found, default=0.0)
    if not trouble or says_nothing(text, trouble):
        return 0.0
    if trouble <= CLEAR and is_quiet(text):
        return min(trouble, QUIET)
    # A warning that says what it warns of in words of trouble.
    return WARNED if trouble == TELLING and 1 in found else trouble


@dataclass(frozen=True)
class _Row:
    """A row of a table, ready to be looked for."""

    weight: float
    signs: Sequence[str]
    pattern: re.Pattern[str]
    in_lower_case: bool

    def is_in(self, text: str, lower: str) -> bool:
        # Most lines hold no sign of a row, and a look for these takes a tenth of the pattern's time.
        for sign in self.signs:
            if sign in lower:
                return self.pattern.search(lower if self.in_lower_case else text) is not None
        return False


@cache
def _rows() -> Sequence[_Row]:
    tables = [*((*row, False) for row in TROUBLE), *((*row, True) for row in TROUBLE_WORDS)]
    return [
        _Row(weight, signs, re.compile(pattern), in_lower_case)
        for (weight, pattern, in_lower_case), signs in zip(tables, SIGNS, strict=True)
    ]
