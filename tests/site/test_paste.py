"""Paste an error: the page answers in a real browser what `kb seen` answers, letter by letter, and nothing leaves it."""

from __future__ import annotations

import datetime
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from browsers import needs_chromium
from playwright import sync_api as playwright
from sites import make

import kb
from kb.logs import fingerprint, log_reader, messages, stack_traces
from kb.logs.headers import HEADERS
from kb.logs.masks import PARTS
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval import explanation, known_errors, whoosh_index
from kb.retrieval.whole_log import answer
from kb.site import catalog
from kb.site.browser import js_patterns, seen_data
from kb.site.browser.js_patterns import CantTranslate
from kb.site.build import builder
from kb.storage import folders

DAY = datetime.date(2026, 11, 21)
ASSETS = folders.PACKAGE / "site/theme/assets"

# ---- a knowledge base of its own, and questions ----------------------------------------------------------------------------

NAMES = ["jellyfin", "nginx", "pihole", "gitea", "postgres", "restic", "traefik", "grafana", "immich", "vaultwarden"]

# {a}: a name, {h}: a host, {n}: a number, {t}: a time, {ip}: an address, {x}: an id
ERRORS = (
    '{a}-1  | {t} [error] {n}#{n}: *{n} connect() failed (113: No route to host) while connecting to upstream, client: {ip}, upstream: "http://{ip}:8096/"',
    '{a}-1  | {t} [error] {n}#{n}: *{n} connect() failed (111: Connection refused) while connecting to upstream, client: {ip}, upstream: "http://{ip}:8096/"',
    '{t} UTC [{n}] FATAL:  password authentication failed for user "{a}"',
    'level=error ts={t}Z caller=db.go:{n} msg="could not open the store" err="open /data/{a}/{n}: no space left on device" id={n}',
    '{{"time":"{t}Z","level":"error","msg":"backup of {a} failed","error":"repository is already locked by PID {n}","depth":NaN}}',
    "Jul 27 14:41:58 {h} smbd[{n}]: tdb_chainlock failed for key of {a} at offset {n} (status 5)",
    'Traceback (most recent call last):\n  File "/app/{a}.py", line {n}, in run\nKeyError: the option of {a} is gone',
    "E0520 10:11:12.123456    {n} sync.go:{n}] Error syncing pod {x}, skipping: failed to start container of {a}",
    "{t} ERROR --- [main] o.s.boot.{a}Application : could not bind to port {n}; java.net.BindException: Address already in use",
    "<27>1 {t}Z {h} postfix {n} - - queue of {a} full: 0x80070005 at {ip}:{n}",
    "[{t}] {a}.ERROR: SQLSTATE[HY000] [2002] verbinding geweigerd door {h}, größe überschritten: {n} ✗",
    "Unbehandelter Ausnahmefehler in {a}: Zugriff auf /srv/{a}/daten verweigert (код {n})",
    "{a} | thread 'main' panicked at src/main.rs:{n}:{n}: called Result::unwrap() on an Err value: {a}Error {{ code: {n} }}",
    "the certificate of {h} has expired {n} days ago and {a} refuses to speak",
    "Error: EBUSY: resource busy or locked, rmdir '/mnt/{a}/{x}'\n    at Object.rmdirSync (node:fs:{n}:{n})\n    at clean (/app/{a}.js:{n}:{n})",
    "panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine {n} [running]:\n{a}/store.(*Shelf).Load({{0x{n}}})\n\t/src/{a}/shelf.go:{n} +0x1d",
    "mount error({n}): Permission denied\nRefer to the manual page of mount for what the numbers of {a} mean",
    "[{t}] PHP Fatal error:  Uncaught exception 'Gone' with message 'SQLSTATE[HY000] [{n}] Connection refused' in /srv/{a}.php:{n}\\nStack trace:\\n#0 /srv/{a}.php({n}): {a}->on()",
    'nginx: [emerg] host not found in upstream "{a}:{n}" in /etc/nginx/conf.d/{a}.conf:{n}',
    "failed to create the pod of {a}: plugin failed (add): open /run/{a}/subnet.env: no such file or directory",
    "\x1b[31mWRN\x1b[0m {t} could not reach {a} through mesh={n}ms peer={x} handshake did not complete after 5 seconds, retrying",
    '{t} UTC [{n}] ERROR:  duplicate key value violates unique constraint "{a}_pkey"\nHINT:  Ask {a} for another one',
    "Error when {a} saved: (sqlite3.DatabaseError) disk image is malformed [SQL: INSERT INTO {a} VALUES (?)] (Read on: https://e.example/{n})",
    "{a} client: ConnectError: Connection refused: Not authorized: unknown",
)  # fmt: skip


def filled(template: str, dice: random.Random, name: str) -> str:
    def value(found: re.Match[str]) -> str:
        kind = found[1]
        if kind == "a":
            return name
        if kind == "h":
            return dice.choice(("nas", "tv.home", "box-3.lan", "mini"))
        if kind == "n":
            return str(dice.randrange(10 ** dice.randrange(1, 6)))
        if kind == "t":
            return f"2026-0{dice.randrange(1, 10)}-1{dice.randrange(10)} 0{dice.randrange(10)}:4{dice.randrange(10)}:3{dice.randrange(10)}.{dice.randrange(1000):03}"
        if kind == "ip":
            return ".".join(str(dice.randrange(1, 255)) for _ in range(4))
        return "".join(dice.choice("0123456789abcdef") for _ in range(12))

    return re.sub(r"\{(a|h|n|t|ip|x)\}", value, template).replace("{{", "{").replace("}}", "}")


def lab_files() -> dict[str, str]:
    """Two notes for each of these errors, errors that came back, one note of several lines, one that is private."""
    dice = random.Random(5)
    files = {}
    for number, template in enumerate(ERRORS):
        for copy in range(2):
            name = NAMES[(number + copy * 3) % len(NAMES)]
            back = (
                f"recurrence_of: incidents/e{number:02}-0\nheld: {'yes' if number % 3 else 'no'}\n"
                if copy and number % 2
                else ""
            )
            fix = (
                ""
                if number % 4 == 1 and copy
                else f"## Fix\n```\ndocker restart {name}\n```\nThen wait, see [[e00-0]].\n## What did not work\n- waiting for {name}\n"
            )
            text = filled(template, dice, name)
            files[f"incidents/e{number:02}-{copy}.md"] = (
                f"---\ntitle: {name} breaks {number}\ndate: 2026-0{1 + number % 9}-{10 + copy}\nservices: [{name}, hidden]\n{back}---\n## Error\n```\n{text}\n```\n{fix}"
            )
    many = "\n".join(filled(template, dice, "grafana") for template in ERRORS[4:9])
    files["incidents/many.md"] = f"---\ntitle: <b>Much</b> at once\n---\n## Error\n```\n{many}\n```\n## Fix\nRead `it`.\n"
    files["incidents/secret.md"] = (
        "---\ntitle: Nobody sees this\nprivate: true\n---\n## Error\n```\nzanzibar overflow in the vault\n```\n"
    )
    files["services/hidden.md"] = "---\ntitle: hidden\nprivate: true\n---\n"
    return files


WORDS = [
    "the",
    "store",
    "of",
    "photos",
    "was",
    "full,",
    "so",
    "it",
    "restarted;",
    "client=tv",
    "status",
    "502",
    "(code",
    "7)",
    "/var/lib/x.db",
    "10.0.0.1:53",
    "fe80::1",
    "user",
    "ann",
    "ERROR",
    "[main]",
    "x-1",
    "",
    "|",
]
HOSTILE = (
    "", " ", "\n\n\n", "\0", "{", '{"', '{"msg":', '{"msg":{"msg":"a","error":{"error":"b c d"}}}', "=", "a=", "msg=\"", "level=error msg=x",
    "[[[[[", "]]]]", "::::::::", "....", "~~~~", "§§§", "<<<>>>", "<ip> <n> ~x §5 @y", "\x1b[31m\x1b[0m", "\x1b]0;title", "\ufeffError: x", "İstanbul ſtatus 5 K",
    "exit status １２", "٣٤ errors in فشل", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 failed to 𝟘", "👩‍👩‍👧 crashed 3 times", "a\u2028b\u2029c\x85d\x0be\x1ff", "\ud800", "-" * 3000, "a" * 5000,
    "x" * 61 + ",\nand so on it goes", "Event ID: 7\nLevel: Error\nDescription:\nThe disk is gone", "Fehler: größe überschritten", "Traceback (most recent call last):",
    "constructor __proto__ toString", '{"__proto__":"x","msg":"y z failed"}', "a" + "\u0301" * 50, "ORA-01017: denied", "(113: No route to host)", "sdk hdd sda1 sdb",
)  # fmt: skip


def mixed(count: int, seed: int) -> list[str]:
    """Errors with other values, with words put in, left out and exchanged, several at once, and among noise."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        lines = [
            filled(dice.choice(ERRORS), dice, dice.choice(NAMES)) for _ in range(1 if number % 3 else dice.randrange(2, 20))
        ]
        if number % 4 == 1:
            words = lines[0].split(" ")
            for _ in range(dice.randrange(1, 4)):
                place = dice.randrange(len(words))
                words[place : place + dice.randrange(2)] = [dice.choice(WORDS)]
            lines[0] = " ".join(words)
        if number % 5 == 2:
            lines += [" ".join(dice.choices(WORDS, k=dice.randrange(1, 30))) for _ in range(dice.randrange(1, 5))]
        if number % 7 == 3:
            wide = dice.randrange(36, 100)
            lines = [lines[0][i : i + wide] for i in range(0, len(lines[0]), wide)]
        if number % 11 == 4:
            letters = list(lines[0])
            letters[dice.randrange(len(letters))] = dice.choice("éßİ\u200b\ufeff\x1c\u3000𝟘\"'=[{:")
            lines[0] = "".join(letters)
        text = "\n".join(lines)
        if number % 6 == 5:
            # Another cause, and the quotes of a phone or a web page.
            for one, other in (("Permission denied", "Invalid argument"), ("Connection refused", "Host is unreachable")):
                text = text.replace(one, other)
            text = text.replace('"', dice.choice(("“", "&quot;"))).replace("'", "’")
        found.append(text)
    return found


# ---- patterns ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"(?<=a)b\ c", r"(?<=a)b c"),
        (r"[\w-]{1,9}", r"[\w\-]{1,9}"),
        (r"(?>ab)", r"(?:(?=(?<a_1>ab))\k<a_1>)"),
        (r"[a-z]++\d", r"(?:(?=(?<a_1>[a-z]+))\k<a_1>)\d"),
        (r"(?i:ok)", r"(?:[oO][kK])"),
        (r"[^\W\d]", r"(?:(?![\d])\w)"),
        (r"(?P<o>.)$", r"(?<o>[^\n])(?=\n?$)"),
        (r"a{,3}", "a{0,3}"),
    ],
)
def test_a_pattern_is_said_in_javascript(pattern: str, said: str) -> None:
    assert js_patterns.javascript(pattern)[0] == said


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?P=a)", r"(?a:x)", r"[\S]", r"[\Wa]", r"\N{DASH}", "(a", "a)", "[a", "*", r"(?(1)a|b)", r"(?i:[a-z])", "(?x) a"])  # fmt: skip
def test_a_pattern_that_javascript_cant_say_is_an_error(pattern: str) -> None:
    with pytest.raises(CantTranslate):
        js_patterns.javascript(pattern)


def test_words_blanks_and_letters_of_any_case_are_those_of_python() -> None:
    every = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    blanks = re.sub(
        r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})", lambda found: chr(int(found[1] or found[2], 16)), js_patterns._CLASSES[1]["s"]
    )
    assert [char for char in every if re.match(r"\s", char)] == [char for char in every if re.match(blanks, char)]
    assert [char for char in every if re.match(r"\w", char)] == [
        c for c in every if c == "_" or unicodedata.category(c)[0] in "LN"
    ]
    whole = "".join(every)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        same = set(re.findall(letter, whole, re.IGNORECASE))
        assert same == set(letter + letter.upper() + js_patterns._SAME_LETTERS.get(letter, ""))


# ---- the same answers --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        root = make(tmp_path_factory.mktemp("lab"), lab_files())
        builder.build(root, day=DAY)
        yield root


@pytest.fixture(scope="module")
def base(lab: Path) -> KnowledgeBase:
    """Its public part, which is what the browser knows."""
    return catalog.site_map(kb.read(lab)).base


@pytest.fixture
def page(chromium: playwright.Browser, lab: Path) -> Iterator[playwright.Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith("file:") else None)
    opened.goto((lab / "site/paste.html").as_uri())
    opened.wait_for_selector(".kb-paste__status:has-text('ready')")
    yield opened
    context.close()
    assert wrong == []


def damaged(base: KnowledgeBase) -> Iterator[str]:
    """The known errors as a terminal cuts them off, without a line, and of another port or another end."""
    for text in dict.fromkeys(error.text for note in base.notes for error in note.errors):
        rows = text.splitlines()
        yield from ("\n".join(row[:width] for row in rows) for width in (50, 80))
        yield "\n".join(rows[:-1] or rows)
        yield re.sub(r":(\d{2,4})\b", r":1\1", text)
        yield "\n".join([*rows[:-1], " ".join([*rows[-1].split()[:6], "and the lamp went out"])])


SEEN = """async texts => {
  const found = []
  for (const text of texts) {
    const { answers } = await kb.seen(text)
    found.push(answers.map(a => [a.page, a.strength, a.line, a.knownLine, a.why]))
  }
  return found
}"""


@needs_chromium
def test_the_browser_answers_what_kb_seen_answers(page: playwright.Page, base: KnowledgeBase) -> None:
    opened = whoosh_index._in_memory(base, None)
    asked = [*mixed(260, seed=2), *HOSTILE, *damaged(base)]
    rows = [explanation.explain(base, opened, text, 10) for text in asked]
    expected = [[[row.ref, row.strength, row.line, row.known_line, row.why] for row in found] for found in rows]
    there = [text.replace("\ud800", "\ufffd") for text in asked]
    answered = page.evaluate(SEEN, there)
    wrong = [
        (text, ours[:2], theirs[:2]) for text, ours, theirs in zip(asked, expected, answered, strict=True) if ours != theirs
    ]
    assert wrong == []
    firsts = [rows[0][1] if rows else "" for rows in expected]
    assert {word: firsts.count(word) > 5 for word in ("same", "likely", "weak", "")} == dict.fromkeys(
        ("same", "likely", "weak", ""), True
    )


def whole_logs(count: int, seed: int) -> list[str]:
    """Logs of twenty to eighty lines: ordinary ones, warnings that come again and again, and an error or two among them."""
    dice = random.Random(seed)
    often = [
        "{t} app WARN health check for {x} failed: timeout",
        "{t} app INFO GET /web/{n} done",
        "{t} app ERROR cannot reach {ip}",
    ]
    found = []
    for _ in range(count):
        rows = [filled(dice.choice(often), dice, "app") for _ in range(dice.randrange(20, 80))]
        for _ in range(dice.randrange(3)):
            rows.insert(dice.randrange(len(rows)), filled(dice.choice(ERRORS), dice, dice.choice(NAMES)))
        if dice.random() < 0.3:
            rows.insert(dice.randrange(len(rows)), "{t} app FATAL: the lamp is broken, exiting")
        found.append("\n".join(rows))
    return found


ALL = """async texts => {
  const found = []
  for (const text of texts) {
    const { answers, unknown } = await kb.seen(text)
    found.push([answers.map(a => [a.page, a.strength, a.line, a.knownLine]), unknown.map(u => [u.line, u.last, u.count, u.firstAt, u.lastAt, u.trouble, u.background])])
  }
  return found
}"""


@needs_chromium
def test_of_whole_logs_the_browser_says_what_is_known_and_what_is_not(page: playwright.Page, base: KnowledgeBase) -> None:
    opened = whoosh_index._in_memory(base, None)
    asked = [*whole_logs(220, seed=3), *mixed(80, seed=8)]
    expected = []
    for text in asked:
        found = answer(base, opened, text)
        hits = [[hit.ref, hit.strength, hit.line, hit.known_line] for hit in known_errors.seen(base, opened, text)]
        expected.append([hits, [list(asdict(row).values()) for row in found.unknown]])
    answered = page.evaluate(ALL, asked)
    wrong = [row for row in zip(asked, expected, answered, strict=True) if row[1] != row[2]]
    assert wrong == []
    assert sum(bool(unknown) for _, unknown in expected) > 100


@needs_chromium
def test_signatures_are_the_same_in_both_languages(page: playwright.Page) -> None:
    dice = random.Random(9)
    signs = "abzAZ019 _-.,:;=/\\|@#§~<>()[]{}\"'`$%&*+?!^\t\xa0éßИ中𝔘𝟘١\u200b\u0130\u017f\u212a"
    lines = [rule.example for rule in (*HEADERS, *PARTS)]
    lines += ["".join(dice.choices(signs, k=dice.randrange(60))) for _ in range(1_500)]
    for line in mixed(200, seed=4):
        letters = list(line)
        for _ in range(dice.randrange(4)):
            letters[dice.randrange(len(letters))] = dice.choice(signs)
        lines.append("".join(letters))
    made = page.evaluate("lines => lines.map(line => [...kbSignature.messages(line)].map(kbSignature.signatureOf))", lines)
    expected = [[fingerprint.signature_of(message) for message in messages.messages(line)] for line in lines]
    assert [row for row in zip(lines, expected, made, strict=True) if row[1] != row[2]] == []
    frames = page.evaluate("lines => lines.map(kbSignature.isFrame)", lines)
    assert frames == [stack_traces.is_frame(line) for line in lines]


def a_whole_log(dice: random.Random, number: int) -> str:
    """A log of a few hundred lines under one of the heads that logs have, with an error of two in it, and the lines of a trace."""
    said = ["session opened for user {a} by root", "GET /{a}/{n} HTTP/1.1\" 200", "state=UP class=checksum pool={a}", "bind() to 0.0.0.0:{n} failed", "ipv6 of {a} has sha256 {x}",
            "lookup {a} on {ip}:53: no such host", "container {a}-1 is unhealthy", "ERROR 1049 (42000): Unknown database '{a}'", "AH01618: user {a} not found: /"]  # fmt: skip
    heads = ("{t}.448268+00:00 {h} postfix/smtpd[{n}]: ", "{t}+0100 {h} sshd-session[{n}]: ", "Jul 27 14:41:58 {h} zed[{n}]: eid={n} ", "[{t}] watchdog.{a}   ERROR   : ", "[Nest] {n}  - 05/01/2024, 9:00:00 AM   ERROR [Api] ",
             "2:24AM ERR ", "#12 7.{n} ", "100: {t} ERROR: ", "{n}:M 29 Nov 2026 19:13:41.906 # ", "{t} app.{a} - ERROR - ", "{a}-1  | ", "ts={t}Z caller=a.go:{n} component={a} err=", "[U77BS] 19:17:45 WARNING: ")  # fmt: skip
    head = heads[number % len(heads)]
    lines = [filled(head + dice.choice(said), dice, dice.choice(NAMES)) for _ in range(dice.randrange(20, 300))]
    for _ in range(dice.randrange(3)):
        error = filled(dice.choice(ERRORS), dice, dice.choice(NAMES)).split("\n")
        place = dice.randrange(len(lines))
        lines[place:place] = [filled(head, dice, "tv") + line for line in error]
    record = (
        '{"__REALTIME_TIMESTAMP":"1767323048123456","SYSLOG_IDENTIFIER":"tv","MESSAGE":'
        + str([*"\x1b[31mno lamp: größe".encode()])
        + "}"
    )
    return "\n".join([*lines, record, "\t/usr/lib/go/panic.go:547 +0x90 fp=0xc8203d0ff0 sp=0xc8203d0fd8"])


@needs_chromium
def test_whole_logs_have_the_same_signatures_and_answers_in_both_languages(page: playwright.Page, base: KnowledgeBase) -> None:
    dice = random.Random(12)
    logs = [a_whole_log(dice, number) for number in range(130)]
    made = page.evaluate("logs => logs.map(log => [...kbSignature.messages(log)].map(kbSignature.signatureOf))", logs)
    assert made == [[fingerprint.signature_of(message) for message in messages.messages(log)] for log in logs]
    opened = whoosh_index._in_memory(base, None)
    asked = logs[:40]
    expected = [
        [[row.ref, row.strength, row.line, row.known_line, row.why] for row in explanation.explain(base, opened, log, 10)]
        for log in asked
    ]
    assert page.evaluate(SEEN, asked) == expected


@needs_chromium
def test_of_a_large_log_the_same_lines_are_kept(page: playwright.Page) -> None:
    rows = [
        f"worker {i} exited with code {1 + (i == 7000) * 136}, {dice} of it" for i in range(9_000) for dice in ("a", "the most")
    ]
    rows += [f"job of the day that was the longest of them all failed, error {i}" for i in range(9_000)]
    text = "\n".join(rows)
    assert len(text) > 1_000_000
    assert page.evaluate("text => kb.kept(text)", text) == log_reader.read_log([text.encode()]).text


@needs_chromium
def test_what_differs_is_found_as_difflib_finds_it(page: playwright.Page) -> None:
    dice = random.Random(1)
    pairs = [[dice.choices("abcde", k=dice.randrange(14)) for _ in range(2)] for _ in range(300)]
    expected = [[list(row) for row in SequenceMatcher(None, a, b, autojunk=False).get_opcodes()] for a, b in pairs]
    assert page.evaluate("pairs => pairs.map(([a, b]) => kb.opcodes(a, b))", pairs) == expected


@needs_chromium
def test_five_megabytes_are_read_and_the_error_in_them_is_found(page: playwright.Page) -> None:
    noise = "2026-11-20 04:11:{:02} INFO job {} done in {} ms by worker {}"
    lines = [noise.format(n % 60, n, n % 977, n % 7) for n in range(90_000)]
    text = "\n".join([*lines[:50_000], filled(ERRORS[0], random.Random(0), "jellyfin"), *lines[50_000:]])
    assert len(text) > 5_000_000
    found = page.evaluate(
        "async text => { const a = await kb.seen(text); return [a.lines, a.answers[0].page, a.answers[0].strength] }", text
    )
    assert found == [90_001, "incidents/e00-0", "same"]


# ---- the page ----------------------------------------------------------------------------------------------------------------


def asked(page: playwright.Page, text: str, status: str) -> None:
    page.fill("#kb-paste-box", text)
    page.wait_for_selector(f".kb-paste__status:has-text('{status}')")


@needs_chromium
def test_a_pasted_log_shows_the_fix_and_both_lines(page: playwright.Page, lab: Path) -> None:
    assert page.evaluate("document.activeElement.id") == "kb-paste-box"
    asked(page, "\n".join(["all is well", filled(ERRORS[2], random.Random(3), "pihole")]), "The same error")
    best = page.locator(".kb-paste__card").first
    assert best.locator(".kb-sure").inner_text() == "The same error"
    assert best.locator(".kb-section--fix pre").inner_text() == "docker restart pihole"
    assert "see jellyfin breaks 0" in best.locator(".kb-section--fix").inner_text()
    assert best.locator("h3").all_inner_texts()[:2] == ["Fix", "What did not work"]
    assert best.locator(".kb-paste__section li").first.inner_text() == "waiting for pihole"
    assert best.locator("dt").all_inner_texts() == ["yours", "known"]
    assert (lab / "site" / best.locator("h2 a").get_attribute("href").rpartition("/site/")[2]).is_file()  # type: ignore[union-attr]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@needs_chromium
def test_the_fix_can_be_copied(page: playwright.Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked(page, filled(ERRORS[2], random.Random(3), "pihole"), "The same error")
    page.locator(".kb-paste__copy").first.click()
    page.wait_for_selector(".kb-paste__copy:has-text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == "docker restart pihole"


@needs_chromium
def test_what_nobody_met_says_what_to_do_next_and_text_is_never_markup(page: playwright.Page) -> None:
    asked(page, "<img src=x onerror=alert(1)> ERROR the flux capacitor[7] lost its charge", "Not seen before. 1 line read")
    assert "kb incident new" in page.locator(".kb-paste__note").inner_text()
    asked(page, "\n".join(filled(template, random.Random(8), "grafana") for template in ERRORS[4:9]), "lines read")
    assert "<b>Much</b> at once" in page.locator(".kb-paste__answers").inner_text()
    assert page.locator(".kb-paste__answers b, .kb-paste__answers img").count() == 0


@needs_chromium
def test_plain_words_show_notes_and_claim_nothing(page: playwright.Page) -> None:
    asked(page, "pihole breaks", "Plain words")
    assert page.locator(".kb-sure").all_inner_texts()[:1] == ["Weak: perhaps related"]
    # A return stands under the name of the error that came back, which may be another service's.
    assert any("pihole" in title for title in page.locator(".kb-paste__card h3").all_inner_texts())


@needs_chromium
def test_a_file_can_be_chosen_and_a_question_may_stand_in_the_address(page: playwright.Page, lab: Path, tmp_path: Path) -> None:
    (tmp_path / "nginx.log").write_text(filled(ERRORS[0], random.Random(1), "jellyfin"))
    page.set_input_files(".kb-paste__file", tmp_path / "nginx.log")
    page.wait_for_selector(".kb-paste__status:has-text('The same error')")
    (tmp_path / "emptied.log").write_bytes(b"\0" * 5_000 + filled(ERRORS[0], random.Random(1), "jellyfin").encode())
    page.set_input_files(".kb-paste__file", tmp_path / "emptied.log")
    page.wait_for_selector(".kb-paste__status:has-text('The same error')")
    (tmp_path / "picture.bin").write_bytes(b"\0\1\2")
    page.set_input_files(".kb-paste__file", tmp_path / "picture.bin")
    page.wait_for_selector(".kb-paste__status:has-text('holds no text')")
    page.goto("about:blank")
    page.goto((lab / "site/paste.html").as_uri() + "#q=FATAL%3A%20%20password%20authentication%20failed%20for%20user%20%22x%22")
    page.wait_for_selector(".kb-sure--same, .kb-sure--likely")


@needs_chromium
def test_the_key_e_leads_there_from_any_page_but_not_while_typing(page: playwright.Page, lab: Path) -> None:
    page.goto((lab / "site/incidents/e03-0.html").as_uri())
    page.locator("#kb-search").fill("")
    page.keyboard.type("e")
    assert page.url.endswith("e03-0.html")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_url("**/paste.html")
    page.wait_for_selector("#kb-paste-box:focus")


@needs_chromium
def test_without_scripts_the_page_says_what_to_do(chromium: playwright.Browser, lab: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((lab / "site/paste.html").as_uri())
    assert plain.locator(".kb-paste__without").is_visible()
    context.close()


def test_nothing_private_is_in_the_data(lab: Path) -> None:
    written = "".join(path.read_text("utf-8") for path in (lab / "site" / seen_data.FOLDER).glob("*.js"))
    assert "jellyfin breaks 0" in written
    assert [word for word in ("zanzibar", "Nobody sees this", "hidden") if word in written] == []


def test_an_empty_knowledge_base_has_a_page_and_data(tmp_path: Path) -> None:
    site = catalog.site_map(kb.read(make(tmp_path, {})))
    files = catalog.all_files(site, DAY)
    assert '"known":0' in files[f"{seen_data.FOLDER}/head.js"]
    assert "kb seen" in catalog.all_pages(site.whole, DAY, site)["paste.md"].head
