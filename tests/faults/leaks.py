"""Secrets: made-up ones of every kind that a home lab pastes, and texts of the dullest sort that could make the search slow."""

from __future__ import annotations

import random
import re
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kb.secrets import masking, rule_table
from kb.secrets import rule as secret_rule

from . import Tally

# `«…»` stands around what must be masked, `{A20}` for signs of an alphabet, `¦` hides a prefix from scanners, `⏎` ends a line.
LINES = (Path(__file__).parent / "secrets.txt").read_text("utf-8").splitlines()
_LETTERS = string.ascii_letters + string.digits
_ALPHABETS = {
    "A": _LETTERS,
    "B": _LETTERS + "+/",
    "S": _LETTERS + "_-",
    "a": _LETTERS + "!#*+.-",
    "U": string.ascii_uppercase + "234567",
    "x": string.ascii_lowercase + string.digits,
    "h": "0123456789abcdef",
    "H": "0123456789abcdef",
    "K": "0123456789ABCDEF",
    "N": "123456789",
}
_WORDS = ("swordfish", "trustno1", "Sommer2024", "mistral", "horse", "battery", "dragonfly", "kartoffel", "velvet", "Rome")
PROMISED = 0.5  # seconds of CPU for a megabyte of anything
_PIECE = 100_000


def made(line: str, chance: random.Random) -> str:
    """A line of the table with signs of chance in it."""
    line = line.replace("¦", "").replace("⏎", "\n").replace("{G}", "{H8}-{H4}-4{H3}-a{H3}-{H12}")
    line = re.sub(r"\{w\}", lambda _: chance.choice(_WORDS), line)

    def signs(match: re.Match[str]) -> str:
        found = "".join(chance.choices(_ALPHABETS[match[1]], k=int(match[2])))
        return re.sub(r"^[!#*+.-]|\.$", "q", found) if match[1] == "a" else found

    return re.sub(r"\{([AaUxHhKNBS])(\d+)\}", signs, line)


def masked(rounds: int, seed: int = 7) -> Iterator[Tally]:
    """Every line of the table, `rounds` times with other signs: nothing of a value may be left when it is masked."""
    tally = Tally(7, f"made-up secrets of {len(LINES)} kinds, masked")
    chance = random.Random(seed)
    for _ in range(rounds):
        for line in LINES:
            whole = made(line, chance)
            values = [part for value in re.findall(r"«(.*?)»", whole, re.DOTALL) for part in value.split("\n") if part]
            assert values, line
            after, _found = masking.mask(re.sub("[«»]", "", whole))
            tally.count([f"{line}: {after}"] if any(value in after for value in values) else [])
    yield tally


def quick() -> Iterator[Tally]:
    """Texts that are one short piece again and again, of all that the rules begin with: none may take long to search."""
    tally = Tally(7, f"dull texts searched for secrets in {PROMISED} s of CPU a MB, masked in twice that")
    masking.find("password=warm1 " + "\n".join(secret_rule.sample(rule.example) for rule in rule_table.RULES))
    for piece in dict.fromkeys(_pieces()):
        text = (piece * (_PIECE // len(piece) + 1))[:_PIECE]
        slow: list[str] = []
        # Others work on this machine too: the quickest of some runs is the one that counts.
        for work, limit in ((masking.find, PROMISED), (masking.mask, 2 * PROMISED)):
            spent = _cpu(work, text)
            for _ in range(8):
                spent = min(spent, _cpu(work, text)) if spent > limit else spent
            if spent > limit:
                slow.append(f"{spent:.2f} s in {work.__name__}: {piece!r}")
        tally.count(slow)
    yield tally


def _cpu(work: Callable[[str], object], text: str) -> float:
    """Seconds of CPU for a megabyte of it."""
    began = time.process_time()
    work(text)
    return (time.process_time() - began) * 1_000_000 / len(text)


def _pieces() -> Iterator[str]:
    for rule in rule_table.RULES:
        for head in rule.heads:
            yield from (head + end for end in ("", "\n", " "))
        for text in (secret_rule.sample(rule.example), secret_rule.sample(rule.counter)):
            for cut in (len(text), len(text) // 2, len(text) * 3 // 4, len(text) - 1):
                yield from (text[:cut] + end for end in ("\n", " ", ""))
    words = "token password secret key passwd pass pwd psk credential kennwort api_key passphrase secret_key access_token"
    after = [
        "= ",
        "=",
        ": ",
        ":",
        " ",
        "=\n",
        ":\n",
        "='",
        '="',
        "=x ",
        "=abc ",
        "= x1\n",
        ">",
        "-",
        "_",
        "_value=",
        "=a1b2c3d4e5\n",
    ]
    for word in words.split():
        yield from (word + signs for signs in [*after, "=\\", "=[", "=(", "={", "=$", " is ", " is set to ", " to "])
    yield from (
        "a",
        "://",
        "://a:",
        "://u:p@",
        "a:b@",
        "=",
        "eyJ",
        "eyJ.",
        "$1$",
        "%",
        "!a=",
        "[a masked]",
        "kb-allow\n",
        "-----END ",
        "| a | password |\n|---|---|\n",
        "kind: Secret\ndata:\n  a: b\n",
        "passwords:\n - a\n",
    )
