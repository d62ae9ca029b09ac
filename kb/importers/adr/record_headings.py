"""What a heading of a decision record means, in its languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

# What a line, a cell, a heading or a key of the front matter is about, in the words that people use for it.
WORDS: Mapping[str, str] = {
    word: meaning
    for meaning, words in {
        "status": "status, state, decision status, adr status, current status, document status, record status, decision state, lifecycle, zustand, stand, statut, état, estado, estatus, stato, "
        "状态, ステータス, 상태, статус, tila, tilstand, trạng thái, durum, stav, állapot, situação",
        "date": "date, original date, data original, fecha original, date d'origine, decided, decided on, decision date, date decision, date decided, date of decision, initial date, decided at, accepted on, accepted, accepted at, date accepted, approved, approved on, approval date, adopted, adopted on, ratified, effective date, datum, date initiale, date de décision, fecha de decisión, data da decisão, entscheidungsdatum, "
        "fecha, data, dato, päivämäärä, dátum, дата, дата решения, дата принятия, дата рішення, data decyzji, 日期, 日付, ngày, tarih, tanggal, tarikh, 날짜, 일자, 결정일",
        "created": "created, created on, created at, date created, creation date, start date, proposed on, proposed, proposed at, date proposed, erstellt, erstellt am, créé le, creado, "
        "criado em, 작성일, 作成日, 创建日期",
        "updated": "updated, last updated, last modified, modified, aktualisiert, geändert am",
        "deciders": "deciders, decider, decision-makers, decision makers, decision maker, decision maker(s), decision_makers, decision owner, decision owners, decided by, "
        "entscheider, entscheiderinnen, beteiligte, décideurs, decisor, decisores, decisori, beslissers, 决策者, 决策人, 決定者, 결정자",
        "consulted": "consulted, konsultiert, consultés",
        "informed": "informed, informiert, informés",
        "tags": "tags, tag, labels, schlagworte, étiquettes, etiquetas",
        "title": "title, titel, titre, título, titolo, name, feature, feature name, 标题, 標題, タイトル, 제목",
        "superseded-by": "superseded by, superseded-by, superseded_by, supersededby, superceded by, superceded-by, replaced by, "
        "replaced-by, replaced_by, obsoleted by, deprecated by, ersetzt durch, abgelöst durch, remplacé par, remplacée par, reemplazado por, "
        "sustituido por, substituído por, substituída por, sostituito da, vervangen door, 被取代, 取代者, 被替代",
        "supersedes": "supersedes, supercedes, replaces, obsoletes, ersetzt, remplace, reemplaza, reemplaza a, sustituye a, substitui, "
        "sostituisce, vervangt, nahrazuje, menggantikan, заменяет, замінює, 取代, 替代, 대체",
        "amends": "amends, amend, updates, ändert, ergänzt, amende, modifica, wijzigt, mění, doplňuje, изменяет, дополняет",
        "amended-by": "superseded in part by, partially superseded by, partly superseded by, amended by, amended-by, amended_by, updated by, geändert durch, ergänzt durch, amendé par, modificado por, modificada por, "
        "gewijzigd door",
        "links": "links, link, related, related decisions, related adrs, related records, relations, relationships, related to, "
        "references, see also, more information, supersession, lineage, связанные решения, powiązane, verweise, verknüpfungen, verwandte entscheidungen, "
        "liens, références, enlaces, referencias, relacionados, collegamenti, verwijzingen, 链接, リンク",
        "changelog": "changelog, change log, change history, revision history, revisions, version history, document history, history, änderungshistorie, historie, "
        "änderungsverlauf, historique, historial, historial de cambios, histórico",
        "about": "metadata, meta, info, document info, record info, details, header, metadaten, métadonnées, metadatos",
        "context": "context, context and problem statement, context and problem, background, problem, problem statement, issue, "
        "motivation, forces, kontext, kontext und problemstellung, hintergrund, ausgangslage, problemstellung, contexte, "
        "contexte et problème, contexto, contesto, aanleiding, achtergrond, sammanhang, bakgrund, контекст, bağlam, bối cảnh, konteks, 背景, 上下文, コンテキスト, 문맥, kontekst",
        "decision": "decision, decisions, decision outcome, outcome, resolution, solution, entscheidung, entscheidungsergebnis, ergebnis, "
        "beschluss, décision, résultat, decisión, decisão, decisione, besluit, beslissing, beslut, решение, рішення, karar, quyết định, keputusan, rozhodnutí, 决定, 决策, 決定, 결정, decyzja, päätös",
        "consequences": "consequences, consequence, implications, impact, positive consequences, negative consequences, "
        "konsequenzen, folgen, auswirkungen, conséquences, consecuencias, consequências, conseguenze, gevolgen, konsekvenser, "
        "последствия, наслідки, sonuçlar, hệ quả, hậu quả, důsledky, konsekuensi, 后果, 影响, 影響, 결과, konsekwencje, seuraukset",
        "options": "considered options, options, options considered, alternatives, alternatives considered, considered alternatives, "
        "pros and cons of the options, decision drivers, entscheidungstreiber, betrachtete optionen, betrachtete alternativen, optionen, "
        "alternativen, options envisagées, options considérées, opciones consideradas, opções consideradas, alternativas, "
        "opzioni considerate, alternative considerate, overwogen opties, overwogen alternatieven",
        "summary": "summary, abstract, overview, tl;dr, zusammenfassung, résumé, resumen, resumo, 摘要, 概要",
        "rationale": "rationale, justification, reasoning, assumptions, begründung, justificación, justificativa, motivatie",
    }.items()
    for word in words.replace("\n", " ").split(", ")
}

# The sections that make a text a decision record, whatever else it holds.
DECISION_SECTIONS = frozenset(["context", "decision", "consequences", "options", "rationale"])


@lru_cache(4096)
def meaning(words: str) -> str:
    """What a heading, a key or the first cell of a row is about; empty when it is none of those that matter here."""
    if len(words) > 120:  # no heading, key or cell that matters is so long
        return ""
    tidy = plain(words).lower()
    tidy = re.sub(r"^(?:\d+[.)]?\d*[.)]?|[ivx]+[.)])\s+", "", tidy)
    tidy = re.sub(r"^[^\w(]+|[^\w)]+$", "", tidy)
    return next(filter(None, map(word_meaning, (tidy, re.sub(r"\s*\([^)]*\)$", "", tidy)))), "") or _in_two_languages(tidy)


def word_meaning(tidy: str) -> str:
    """What a heading of one language means; empty when it is none that records have."""
    return WORDS.get(tidy) or WORDS.get(spaced := re.sub(r"[_-]", " ", tidy)) or _PLAIN_WORDS.get(spaced, "")


def _in_two_languages(tidy: str) -> str:
    """What `状态 · Status` means: that of the half that is known, or of both when they are the same."""
    halves = re.split(r"\s+[·/|]\s+", tidy)
    known = {found for half in halves if (found := word_meaning(half))}
    return known.pop() if len(halves) == 2 and len(known) == 1 else ""


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


# Keys are often typed without accents: `remplace_par`, `titulo`, `situacao`.
_PLAIN_WORDS = {_without_accents(word): meaning for word, meaning in WORDS.items() if not word.isascii() and word[0] < "\u0250"}


def plain(text: str) -> str:
    """A heading's or a value's words: without comments, emphasis, code marks, the address of a link."""
    text = uncommented(text)
    text = re.sub(r"!?\[([^\[\]\n]*)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])", r"\1", text)
    text = re.sub(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=[\w.])[*_](?!\w)", "", text)
    return " ".join(text.split())


def uncommented(text: str) -> str:
    """The text without HTML comments: in records they tell the writer what to write."""
    return re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL) if "<!--" in text else text
