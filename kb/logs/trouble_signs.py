"""What a line must hold, in lower case, before the tables of kb.logs.trouble are worth a search."""

from __future__ import annotations

# For each row of TROUBLE, then of TROUBLE_WORDS: whatever the row's pattern finds holds one of these.
_SIGNS_TEXT = (
    "fatal|panic|emerg|crit|ftl|alert|out of memory|segfault|kernel bug",
    "err|severe|fatal|crit|e/|e0|e1",
    "exception|error|panic|caused by|traceback",
    "exit|signal: |code=killed",
    "i/o error|-fs|btrfs|xfs|read-only|failed|rtnetlink|authori|unable to access|faulted|degraded|unavail|suspended|offline|is down",
    "warn|wrn",
    "giving up|gave up|did not complete|too quickly|back-off",
    "fail|cannot|can't|could|unable|refus|denied|time|no |has no|have no|not |corrupt|unreachable|reject|killed|abnormal|abort|unrecoverable|"
    "degraded|crash|locked|in use|too |reset|broken|unhealthy|mismatch|violat|deadlock|expired|exceed|valid|expect|malformed|"
    "recogni|undefined|illegal|forbidden|unauthori|allowed|exist|reached|error|bad magic|unknown|prematurely|out of|fatal|panic|"
    "oops|uncaught|unhandled",
    "fehl|verweigert|abgelehnt|nicht|erreur|échec|échoué|impossible|refusé|introuvable|fallo|falló|denegado|rechazada|no se |"
    "errore|impossibile|negato|non trovato|fout|mislukt|geweigerd|erro|falha|recusada|błąd|odmowa|nie można|ошибка|отказано|"
    "не удалось|エラー|失敗|拒否|错误|失败|拒绝|오류|실패",
    "unknown|unavailable|unsupported|insufficient|exhausted|overflow|conflict|duplicate|missing|incorrect|wrong|broken|stale|damaged|"
    "incompatible|inconsistent|lost|dropped|problem|mistake|must |not|n't|no |already |bad|interrupted|inaccessible|unresolved|"
    "unsafe|suspended|faulted|offline|dead|down|stuck|hung|misspelled|disconnected|restarting|retrying",
)
SIGNS = tuple(tuple(row.split("|")) for row in _SIGNS_TEXT)
