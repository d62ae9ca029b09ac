"""The rules of known errors as data, so that the browser decides as `kb seen` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from ...logs import (
    ansi,
    background,
    bare_names,
    excerpt,
    headers,
    log_reader,
    log_signs,
    masks,
    messages,
    stack_traces,
    structured_lines,
    system_errors,
    telling,
    trouble,
    word_masks,
)
from ...logs import fingerprint as signatures
from ...logs.headers import all_headers, header_pattern
from ...logs.masks import PARTS
from ...retrieval import evidence, known_errors, verdict, whole_note
from .js_patterns import CantTranslate, javascript


@cache
def rules() -> Mapping[str, object]:
    """The tables by which errors are masked, compared and judged. Raises CantTranslate for a pattern that JavaScript can't say."""
    after = headers.ONLY_AFTER_A_TIME
    rows = all_headers()
    said = _said_headers()
    places = sorted(said, key=lambda i: rows[i].name in after)
    patterns = {
        "begins": javascript(masks.BEGINS_A_PART, verbose=True, label="b"),
        "mere": javascript(masks.MERE_WORD, verbose=True, label="m"),
        "ansi": javascript(ansi.ANSI),
        "windows": javascript(messages.WINDOWS_EVENT.pattern),
        "own": javascript(messages.NEVER_CONTINUES.pattern),
        "trace": javascript(stack_traces.TRACE.pattern),
        "logfmt": javascript(structured_lines.LOGFMT.pattern),
        "logfmtSign": javascript(structured_lines.LOGFMT_SIGN.pattern),
        "name": javascript(headers.NAME.pattern),
        "separators": javascript(word_masks.SEPARATORS.pattern),
        "code": javascript(word_masks.CODE.pattern),
        "numbered": javascript(word_masks.NUMBERED.pattern),
        "nameParts": javascript(word_masks.NAME_PARTS.pattern),
        "library": javascript(stack_traces.LIBRARY.pattern),
        "clauseEnd": javascript(evidence.CLAUSE_END.pattern),
        "remark": javascript(evidence.REMARK.pattern),
        "escapedBreak": javascript(structured_lines.ESCAPED_BREAK.pattern),
        "port": javascript(signatures.PORT.pattern),
        "aboutAPort": javascript(signatures.ABOUT_A_PORT.pattern),
        "ofItsKind": javascript(signatures.NAME_OF_ITS_KIND.pattern),
        "programPart": javascript(signatures.PROGRAM_PART.pattern),
        "program": javascript(structured_lines.PROGRAM.pattern),
        "behindAName": javascript(bare_names.BEHIND_A_NAME.pattern),
        "behindFor": javascript(bare_names.BEHIND_FOR_A_NAME.pattern),
        "behindAFirst": javascript(bare_names.BEHIND_A_FIRST_NAME.pattern),
        "withDigits": javascript(word_masks.NAMES_WITH_DIGITS.pattern),
        "digit": javascript(r"\d"),
        "digits": javascript(r"\d+"),
        "quietLevel": javascript(telling.QUIET_LEVEL.pattern),
        "noTrouble": javascript(telling.NO_TROUBLE.pattern),
        "lifecycle": javascript(telling.LIFECYCLE.pattern),
        "advice": javascript(telling.ADVICE.pattern),
        "setting": javascript(telling.SETTING.pattern),
        "request": javascript(telling.REQUEST.pattern),
        "pointsBack": javascript(excerpt.POINTS_BACK.pattern),
    }
    return {
        "headers": [(rows[i].name, *said[i]) for i in places],
        "places": places,
        "after": sorted(after),
        "parts": [(rule.name, *javascript(rule.pattern, verbose=True, label=f"p{i}")) for i, rule in enumerate(PARTS)],
        "patterns": patterns,
        "logSigns": [javascript(sign) for sign in log_signs.LOG_SIGNS],
        "words": {
            "hosts": masks.HOST_ENDINGS_TEXT,
            "units": masks.UNIT_ENDINGS_TEXT,
            "files": masks.FILE_ENDINGS_TEXT,
            "common": " ".join(masks.COMMON_WORDS),
            "beforeAName": bare_names.BEFORE_A_NAME_TEXT,
            "noNames": bare_names.NO_NAMES_TEXT,
        },
        "messageKeys": structured_lines.MESSAGE_KEYS,
        "causeKeys": structured_lines.CAUSE_KEYS,
        "recordKeys": structured_lines.RECORD_KEYS,
        "mostDigits": bare_names.MOST_DIGITS,
        "tellingKeys": signatures.TELLING_KEYS,
        "noParents": signatures.PARENTS_OF_OTHERS,
        "passingPort": signatures.FIRST_PASSING_PORT,
        "fewestPairs": structured_lines.FEWEST_PAIRS,
        "wordsBeside": structured_lines.MOST_WORDS_BESIDE,
        "quietKeys": structured_lines.QUIET_KEYS_TEXT.split(),
        "pieces": messages.MAX_PIECES,
        "narrowest": messages.NARROWEST,
        "longest": messages.MAX_LINE,
        "head": messages.HEAD,
        "tail": messages.TAIL,
        "most": masks.MAX_PARTS,
        "weights": {
            "plain": signatures.PLAIN,
            "partOfName": signatures.PART_OF_NAME,
            "value": signatures.VALUE,
            "masked": signatures.MASKED,
            "common": masks.COMMON_WORDS["a"],
        },
        "limits": {
            "lines": known_errors.MAX_LINES,
            "rarest": known_errors.RAREST_TERMS,
            "candidates": known_errors.CANDIDATES,
            "ofMany": known_errors.CANDIDATES_OF_MANY,
            "kept": log_reader.KEPT_BYTES,
            "line": log_reader.MAX_LINE_BYTES,
        },
        "trouble": [(weight, *javascript(pattern)) for weight, pattern in trouble.TROUBLE],
        "troubleWords": [(weight, *javascript(pattern)) for weight, pattern in trouble.TROUBLE_WORDS],
        "telling": {
            "least": background.TELLING,
            "clear": trouble.CLEAR,
            "quiet": trouble.QUIET,
            "adviceBegins": telling.ADVICE_BEGINS,
            "levelBefore": telling.LEVEL_BEFORE,
            "warned": trouble.WARNED,
            "endsAtMost": telling.ENDS_AT_MOST,
            "answered": trouble.ANSWERED,
        },
        "background": {
            "long": background.LONG,
            "often": background.OFTEN,
            "stretch": background.STRETCH,
            "stretches": background.STRETCHES,
            "late": background.LATE,
            "muchWorse": background.MUCH_WORSE,
        },
        "whole": {
            "met": whole_note.MET,
            "all": whole_note.ALL,
            "nearlyAll": whole_note.NEARLY_ALL,
            "enough": whole_note.ENOUGH,
            "little": whole_note.LITTLE,
            "few": whole_note.FEW,
            "crowd": whole_note.CROWD,
            "crowded": whole_note.CROWDED,
            "wraps": whole_note.WRAPS,
            "wordForWord": whole_note.WORD_FOR_WORD,
            "ofAnother": whole_note.OF_ANOTHER,
        },
        "judging": {
            "replaced": evidence.WORTH_COMPARING,
            "values": verdict.MOST_VALUES,
            "fewest": verdict.FEWEST_WORDS,
            "alike": verdict.ALIKE,
        },
        "generic": sorted(telling.GENERIC),
        "negations": sorted(telling.NEGATIONS),
        "opposites": sorted(sorted(pair) for pair in telling.OPPOSITES),
        "score": evidence.SCORE,
        "reasons": [weight for _, weight in evidence.REASONS],
        "mostMass": evidence.MOST_MASS,
        "unlikely": evidence.UNLIKELY,
        "verdicts": verdict.VERDICTS,
        "boilerplate": f"^(?:{verdict.BOILERPLATE.pattern})",
        "named": verdict.NAMED.pattern,
        "namedCode": evidence.NAMED_CODE.pattern,
        "orderByCode": evidence.ORDER_BY_CODE,
        "foldedCodes": javascript(log_reader.CODES)[0],
        "mostCodes": log_reader.MOST_CODES,
        "states": sorted(verdict.STATES),
        "system": sorted(" ".join(message) for message in system_errors.SYSTEM_MESSAGES),
        "causes": system_errors.NUMBERS,
        "anyProgram": f"\\b(?:{system_errors.RUNTIME_TEXT})\\b",
        "everywhere": verdict.EVERYWHERE,
        "inAnyFrame": stack_traces.IN_ANY_FRAME,
        "straight": messages.STRAIGHT,
        "entities": list(messages.ENTITIES.items()),
        "sets": {},
    }


def _said_headers() -> Mapping[int, Sequence[object]]:
    """The place of each header → its pattern in JavaScript. One of a plugin that can't be said so is left out, and noted."""
    found: dict[int, Sequence[object]] = {}
    place = 0
    for name, rules in headers.TABLES.items():
        for _ in rules:
            try:
                found[place] = javascript(header_pattern(place), verbose=True, label=f"h{place}")
            except CantTranslate as error:
                if name in headers.TABLES.own:
                    raise
                headers.TABLES.blame(name, error)
            place += 1
    return found
