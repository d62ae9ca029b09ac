"""Which files of a folder are decision records: not a README, an index, a template or the notes of a meeting."""

from __future__ import annotations

import re

from . import combined_log, record_dates, record_head, status_words, vocabulary
from .record_headings import DECISION_SECTIONS
from .record_text import RecordText

_OTHER_FILE = re.compile(
    r"(?:read-?me|index|_?index|summary|contributing|change-?log|licen[cs]e|toc|contents|table-of-contents|glossary|_sidebar|_toc|"
    r"code_of_conduct|security|about|overview|list|adr-?log|decision-?log|adr-index|home|process|adr-process|workflow|guidelines?|how-?to|"
    r"conventions?|faq|roadmap|backlog|agents?|claude)(?:[._-][a-z]{2})?",
    re.IGNORECASE,
)
_TEMPLATE_NAME = re.compile(rf"(?:^|[-_ .])(?:{vocabulary.either('template')})(?:$|[-_ .])", re.IGNORECASE)
_TEMPLATE_TITLE = re.compile(r"^(?:title of (?:the )?(?:adr|decision)|short title|adr title|your title)", re.IGNORECASE)
_RECORD_NAME = re.compile(r"^(?:adr[-_ ]?\d|\d{3,6}(?!\d)[-_ .]|\d{3,6}$)", re.IGNORECASE)
_FAMILY = re.compile(r"(?:^|[-_ ])ADR[-_ ](?:[A-Z]{1,8}[-_ ])?\d", re.IGNORECASE)
_RECORD_HEADING = re.compile(r"\W*(?:ADR[- #]?\d+|\d+\.)\s*[:.–-]?\s", re.IGNORECASE)


def is_record(name: str, body: str) -> bool:
    """Whether a file in a folder of decisions left in place is one of them: by its name and its title."""
    return not (_OTHER_FILE.fullmatch(name) or _is_template(name, RecordText(name, body)))


def called_like_one(name: str) -> bool:
    """Whether a file is named like a record: with a number, a date, or a prefix (`ODH-ADR-MS-0001-…`)."""
    return record_head.number_of(name) is not None or bool(record_dates.in_name(name) or _FAMILY.search(name))


def no_record(document: RecordText, company: str = "") -> str:
    """Why a file isn't a decision record; empty if it is one.

    `company` is "elsewhere" if other folders have files named like records and its own has none, and "alone" if it has such a
    name itself, in a folder that no one named. The less its place says, the more its text must.
    """
    if _OTHER_FILE.fullmatch(document.name):
        return "by its name a page about the records, not a record"
    if _is_template(document.name, document):
        return "a template: its title is a placeholder, or its name says so"
    if not document.body.strip() and not document.front:
        return "it is empty"
    if held := _several(document):
        return f"it holds {held} records: put each into a file of its own, and import again"
    if (_RECORD_NAME.match(document.name) or record_dates.in_name(document.name)) and (
        company != "alone" or _says_something(document)
    ):
        return ""
    if unsaid := combined_log.unsaid(document):
        return f"it seems to hold {unsaid} records, and not each says its status: add that below each heading, and import again"
    dialect = record_head.dialect_of(document)
    sections = document.kinds & DECISION_SECTIONS
    if company == "elsewhere" and not (_has_status(document) and sections - {"context"}):
        return "no decision record: it is called like none, and says no status with a decision"
    if dialect and (dialect.name != "simple" or len(sections) > 1 or _has_status(document)):
        return ""
    return "no decision record: no number or date in its name, and no status, context, decision or consequences in its text"


def _is_template(name: str, document: RecordText) -> bool:
    title = document.title or (document.parts[0].heading if document.parts else "")
    if title and (status_words.placeholder(title) or _TEMPLATE_TITLE.match(title)):
        return True
    return bool(_TEMPLATE_NAME.search(name)) and record_head.number_of(name) in (None, 0) and not record_dates.in_name(name)


def _several(document: RecordText) -> int:
    """How many records a file has, if more than one: numbered headings, each with a status or a decision below."""
    numbered = [
        part
        for part in document.parts
        if part.level and not part.about and part is not document.heading and _RECORD_HEADING.match(part.heading)
    ]
    said = [part for part in document.parts if part.about in ("decision", "status")]
    return len(numbered) if len(numbered) > 1 and len(said) > 1 else 0


def _says_something(document: RecordText) -> bool:
    """Whether a file that is named like a record also reads like one: `docs/tutorial/001-begin.md` doesn't."""
    return bool(re.match(r"adr", document.name, re.IGNORECASE) or record_head.dialect_of(document))


def _has_status(document: RecordText) -> bool:
    return bool(record_head.read(document).status.word)
