"""Status words: free text in the wild, five words here. The first word decides; what was written is kept beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .record_dates import without_days
from .record_headings import plain
from .relations import relations

STATES: Mapping[str, str] = {
    word: state
    for state, words in {
        "accepted": "accepted accept approved agreed adopted adopt decided decision active implemented done final finished ratified "
        "confirmed effective complete completed committed enacted valid current implementable merged shipped landed locked binding live vigente force kraft vigueur vigor "
        "akzeptiert angenommen beschlossen entschieden genehmigt umgesetzt gültig "
        "accepté accepte acceptée acceptee acté actée tranché tranchée adopté adoptée approuvé approuvée validé validée décidé décidée "
        "aceptado aceptada aprobado aprobada adoptado adoptada aceito aceita aprovado aprovada "
        "ativo ativa activo activa attivo attiva accettato accettata approvato approvata adottato adottata "
        "geaccepteerd goedgekeurd aanvaard besloten accepterad antagen beslutad godkänd akseptert vedtatt godkendt vedtaget "
        "принято принят принята утверждено прийнято прийнята прийнятий затверджено схвалено kabul onaylandı chấp duyệt phê zaakceptowany zaakceptowana zaakceptowane zatwierdzony zatwierdzona zatwierdzone przyjęty przyjęta schváleno diterima disetujui hyväksytty elfogadva přijato "
        "已接受 已采纳 已采用 已通过 已批准 接受 采纳 承認 承認済み 採用 採択 승인 승인됨 채택",
        "proposed": "proposed propose proposal provisional draft drafted drafting pending open review reviewing wip rfc todo discussion discussing submitted incomplete unfinished assess call parked blocked "
        "suggested undecided idea new candidate progress deferred postponed paused waiting hold experimental trial tentative "
        "vorgeschlagen vorschlag entwurf offen ausstehend zurückgestellt "
        "proposé proposée proposee brouillon ébauche propuesto propuesta borrador pendiente proposto proposta rascunho bozza "
        "cours curso andamento bearbeitung arbeit diskussion prüfung revisión revisão revisione discusión discussão discussione "
        "voorgesteld voorstel concept föreslagen förslag utkast foreslått foreslået "
        "предложено предложен черновик запропоновано чернетка önerildi öneri taslak đề nháp proponowany proponowana szkic ehdotettu luonnos javaslat navrženo diusulkan usulan draf "
        "提议 已提议 提案 建议 草案 草稿 待定 提案中 ドラフト 検討中 제안 제안됨 초안",
        "rejected": "rejected reject declined denied refused withdrawn abandoned cancelled canceled discarded dropped dismissed invalid "
        "abgelehnt verworfen zurückgezogen abgebrochen rejeté rejetée rejetee refusé refusée abandonné abandonnée retiré retirée "
        "rechazado rechazada descartado descartada retirado rejeitado rejeitada rifiutato rifiutata respinto respinta "
        "afgewezen verworpen ingetrokken avvisad avslagen förkastad avvist forkastet afvist "
        "отклонено отклонен отклонён відхилено reddedildi từ odrzucony odrzucona hylätty elutasítva zamítnuto ditolak "
        "已拒绝 拒绝 已否决 否决 已撤回 却下 不採用 거부 거부됨 반려",
        "deprecated": "deprecated deprecate obsolete obsoleted retired dead defunct expired inactive outdated removed archived historical legacy sunset "
        "veraltet überholt obsolet ausgemustert aufgehoben déprécié dépréciée obsolète caduc périmé "
        "obsoleto obsoleta deprecado deprecada descontinuado deprecato deprecata verouderd vervallen "
        "föråldrad utfasad foreldet forældet устарело устарел застаріло застарілий lỗi przestarzały przestarzała vanhentunut elavult zastaralé zrušeno usang geçersiz kullanımdan "
        "已弃用 弃用 已废弃 废弃 非推奨 廃止 사용중단 폐기",
        "superseded": "superseded superceded superseeded supersceded supersede superseding replaced overridden overruled "
        "ersetzt abgelöst remplacé remplacée remplacee reemplazado reemplazada sustituido sustituida substituído substituída "
        "sostituito sostituita superato superata superado superada superados vervangen ersatt erstattet заменено заменен заменён замещено замінено замінений thay zastąpiony zastąpiona zastąpione korvattu nahrazeno digantikan yerini "
        "已取代 被取代 取代 已替代 被替代 已替换 置き換え 置換 上書き 대체 대체됨",
    }.items()
    for word in words.split()
}

# Words before the one that counts: "in review", "on hold", "has been accepted", "wurde ersetzt durch".
_FILLER = frozenset(
    "in on is has been was currently now partially partly mostly under work the this adr decision record it a an to be still last "
    "ist wird wurde im in auf est a été en es ha sido está foi é stato stata is niet zur zum đã được bị bản".split()
)

# Negated: "not accepted", "never accepted", "nicht angenommen".
_NOT = frozenset("not never un nicht nie non pas no não niet inte ikke не không".split())
LONGEST = 1500  # characters of a status that are read and kept beside the word; the text has it all
_STRUCK = re.compile(r"~~.*?~~|<(?:del|s|strike)>.*?</(?:del|s|strike)>", re.DOTALL | re.IGNORECASE)
_UNTICKED = re.compile(r"\s*(?:[-*+]\s+)?(?:\[ \]|☐)")

# `<Badge type="tip" text="Accepted" />`, `<img alt="Status: accepted" …>`: what it shows; other tags show what is between them.
_TAG = re.compile(
    r"<\w+\b[^<>]*?\b(?:text|alt)=\"([^\"<>]*)\"[^<>]*>|</?(?:p|span|b|i|em|strong|small|mark|div|br|img)\b[^<>]*>",
    re.IGNORECASE,
)
_BADGE = re.compile(r"!\[[^\]]*?status\W+([^\]\n]+)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Status:
    """A status: kb's word (empty when none of the words was one that kb knows), what was written, and how sure that is."""

    word: str
    raw: str
    sure: bool = True

    @property
    def says_more(self) -> bool:
        """Whether the raw text tells more than the word."""
        return bool(self.raw) and self.raw.lower() not in (self.word, f"status: {self.word}", f"status-{self.word}")


def read(text: str) -> Status:
    """The status that a value or a section states. Struck text doesn't count, of a list the ticked or the newest item does."""
    text = _TAG.sub(r"\1", text[:LONGEST])
    raw = " ".join(plain(text).split())
    lines = [line for line in _STRUCK.sub("", _BADGE.sub(r"\1", text)).split("\n") if plain(line).strip(" \t-*+>|")]
    said = [relation for line in lines for relation in relations(line) if not _UNTICKED.match(line)]
    if any(one.kind == "superseded-by" and not one.partly and not one.deprecates for one in said):
        return Status("superseded", raw)
    if _is_legend(lines):
        return Status("", raw)
    for line in _chosen(lines):
        if placeholder(line):
            return Status("", raw)
        if _IN_FORCE.match(plain(line)):  # a part of it was replaced: the rest is in force
            return Status("accepted", raw, False)
        if found := _word(line) or _sign(line):
            if found[0] == "superseded" and any(one.kind == "superseded-by" and one.partly for one in said):
                return Status("accepted", raw, False)  # "Superseded by ADR-9, as to the queue"
            return Status(found[0], raw, found[1])
    return Status("", raw)


_IN_FORCE = re.compile(
    r"\W*(?:(?:partly|partially|partial|teilweise|zum teil|partiellement|en partie|parcialmente|parzialmente|deels|gedeeltelijk|delvis)\s+"
    r"(?:supers?c?e+ded|superceded|replaced|obsoleted|overridden|deprecated|amended|ersetzt|abgelöst|remplacée?|reemplazad[oa]|substituíd[oa]|sustituid[oa]|"
    r"sostituit[oa]|vervangen|ersatt)|(?:supers?c?e+ded|replaced|ersetzt|remplacée?|reemplazad[oa]|substituíd[oa]|sustituid[oa]|sostituit[oa]|vervangen)\s+"
    r"(?:partly|partially|teilweise|partiellement|en partie|parcialmente|parzialmente|deels)|supers?c?e+ded[- ]in[- ]part|amended|clarified|updated|geändert|ergänzt|amendée?|modifiée?|modificad[oa]|enmendad[oa])\b",
    re.IGNORECASE,
)
_SIGNS = {
    "✅": "accepted",
    "☑": "accepted",
    "✔": "accepted",
    "🟢": "accepted",
    "❌": "rejected",
    "🤔": "proposed",
    "🚧": "proposed",
    "🟡": "proposed",
    "📝": "proposed",
}


def _sign(line: str) -> tuple[str, bool] | None:
    """The state of a line that holds nothing but a sign."""
    state = _SIGNS.get(plain(line).strip(" \ufe0f"))
    return (state, False) if state else None


def _is_legend(lines: list[str]) -> bool:
    """Whether these lines explain what each state means, as a page about the records does."""
    explained = [re.match(r"\s*(?:[-*+]|\d+[.)])\s+\W*(\w+)\W{0,3}\s*[^:]{0,20}?:\s*\S", line) for line in lines]
    return len({state for one in explained if one and (state := STATES.get(one[1].lower()))}) > 2


def placeholder(text: str) -> bool:
    """Whether a text is a template's, not an author's: `{proposed | accepted}`, `[short title]`, `YYYY-MM-DD`."""
    tidy = plain(_TAG.sub(r"\1", text)).strip(" '\"")
    choices = [word for part in tidy.split("|") for word in re.findall(r"\w+", part.lower())[:1] if word in STATES]
    single = re.fullmatch(r"[\[{<]\W*(\w+)\W*[\]}>]", tidy)
    if single and single[1].lower() in STATES:
        return False
    return bool(_PLACEHOLDER.fullmatch(tidy)) or ("|" in tidy and len(choices) > 1 and "**" not in text)


_PLACEHOLDER = re.compile(
    r"(?:(?:ADR[-_ ]?)?\d*[:. ]*)?[\[{<][^\[\]{}<>]*[\]}>]|(?:ADR[-_ ]?)?#?(?:N{3,}|X{3,}|n{3,}|x{3,}|\?{2,})\b.*|YYYY.*|…|\.{3}"
)


def _chosen(lines: list[str]) -> list[str]:
    """The lines that count, first things first: ticked ones, the one in bold, the newest of a dated list."""
    if ticked := [line for line in lines if re.match(r"^\s*(?:[-*+]\s+)?(?:\[[xX]\]|[☑☒✔])", line)]:
        return ticked
    if len(lines) == 1 and (bold := re.findall(r"\*\*([^*]+)\*\*", lines[0])) and re.search(r"[|/]", lines[0]):
        return [*filter(_word, bold), *lines]
    dated = [(found[0], line) for line in lines if (found := re.findall(r"\d{4}-\d\d-\d\d", line)) and _word(line)]
    if len(dated) > 1:
        return [max(dated, key=lambda row: row[0])[1]]
    return lines


def _word(line: str) -> tuple[str, bool] | None:
    """The state that a line begins with, and whether it is its very first word that says so."""
    words = re.findall(r"[^\W\d_]+", without_days(plain(re.sub(r"\[[ xX]\]", "", line))).lower())
    words = words[1:] if words[:1] in (["status"], ["state"], ["statut"], ["estado"], ["stato"]) else words
    for number, word in enumerate(words[:4]):
        if number and words[number - 1] in _ARTICLES and word not in _EXACT:
            return None  # "the current tool" tells of a tool
        word = _without_ending(word)
        if word in _NOT and number + 1 < len(words):
            after = STATES.get(words[number + 1], "")
            return ("rejected" if after == "accepted" else "proposed", False) if after else None
        if words[number + 1 : number + 2] == ["edilmedi"]:  # Turkish says "not" last: kabul edilmedi
            return "rejected", True
        if state := STATES.get(word):
            # "Accepted" is sure, "on hold" is the nearest word that kb has.
            return state, word in _EXACT or state not in ("proposed", "rejected") or (number == 0 and word not in _NEAREST)
        if word not in _FILLER:
            return None
    return None


def _without_ending(word: str) -> str:
    """A word of a script without spaces, cut to the longest one that kb knows: 已采纳并实现 → 已采纳, 승인됨 → 승인."""
    if not "\u3040" <= word[:1] <= "\ud7a3":
        return word
    return next((word[:end] for end in range(len(word), 1, -1) if word[:end] in STATES), word)


_ARTICLES = frozenset("the a an der die das le la el o il het de".split())
_EXACT = frozenset("proposed accepted rejected deprecated superseded draft".split())
_NEAREST = frozenset(
    "hold deferred postponed paused waiting progress withdrawn abandoned cancelled canceled experimental trial incomplete unfinished assess call "
    "parked blocked".split()
)
