"""Notes, titles and files as nobody should write them, and what every command must make of them."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import yaml
from commands import World

from kb.secrets.rule import sample

from . import Tally
from .worlds import complaints, many_in_a_terminal, ordinary, state, world

WORD = "xylophone"  # stands in the body of every note, so that a search must find each


def _note(front: str, body: str = "") -> bytes:
    return f"---\n{front}\n---\n{body or f'The {WORD} is broken.'}\n".encode("utf-8", "surrogatepass")


def _bomb() -> str:
    rows = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    rows += [f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join(rows)


# Where `kb check` must point: name → (the note, its line; 0 when nothing is wrong with it).
NOTES: dict[str, tuple[bytes, int]] = {
    # YAML that isn't `key: value` lines, or does something
    "object": (_note('title: !!python/object/apply:os.system ["touch kb-was-here"]'), 2),
    "name": (_note("title: x\ny: !!python/name:os.system"), 3),
    "env": (_note("title: !ENV HOME"), 2),
    "bomb": (_note(f"title: bomb\n{_bomb()}"), 3),
    "merge-key": (_note("title: x\n<<: *a"), 3),
    "deep": (_note("title: x\ny: " + "[" * 20_000 + "]" * 20_000), 3),
    "deep-braces": (_note("title: x\ny: " + "{a: " * 5_000), 3),
    "large-front": (_note('title: x\ny: "' + "A" * 300_000 + '"'), 1),
    "scalar": (_note("just a text"), 2),
    "list": (_note("- a\n- b"), 2),
    "colon": (_note("title: a: b"), 2),
    "tab": (_note("title: x\n\ttags: [a]"), 3),
    "quote": (_note("title: 'x"), 0),
    "twice": (_note("title: x\ntitle: y"), 3),
    "unclosed": (f"---\ntitle: x\nThe {WORD}.\n".encode(), 1),
    "two-documents": (_note("title: x\n---\ntitle: y"), 0),
    "dots": (f"---\ntitle: x\n...\nThe {WORD}.\n".encode(), 0),
    "toml": (f"+++\ntitle = 'x'\n+++\nThe {WORD}.\n".encode(), 1),
    "norway": (_note("title: no\ntags: [no, on, NULL, ~, 22:22, 1.10, 0042]"), 0),
    "wrong-types": (_note("title: [x]\ndate: {a: b}\ntags: [[a], {b: c}]\nstatus: [open]\nservices: {a: b}"), 2),
    "wrong-values": (_note("title: x\ndate: 2026-13-45\nstatus: solved\nheld: perhaps"), 3),
    "dates": (_note("title: x\ndate: 0000-01-01\nresolved: 9999-12-31T23:59:59+14:00"), 3),
    "far-dates": (_note("title: x\ndate: 0001-01-01T00:00+14:00\nresolved: 9999-12-31T23:59-14:00"), 0),
    "merge-front": (_note("<<<<<<< HEAD\ntitle: x\n=======\ntitle: y\n>>>>>>> b"), 2),
    "merge-body": (_note("title: x", f"The {WORD}.\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> b"), 5),
    # bytes
    "bom": (b"\xef\xbb\xbf" + _note("title: x"), 0),
    "crlf": (_note("title: x").replace(b"\n", b"\r\n"), 0),
    "cr": (_note("title: x").replace(b"\n", b"\r"), 0),
    "latin-1": (_note("title: x", f"Caf\xe9, {WORD}").decode().encode("latin-1"), 4),
    "utf-16": (f"---\ntitle: x\n---\nThe {WORD}.\n".encode("utf-16"), 1),
    "nul-front": (_note("title: a\0b"), 2),
    "nul-body": (_note("title: x", f"a\0b {WORD}"), 0),
    "lone-surrogate": (_note("title: x", f"\ud800 {WORD}"), 4),
    "controls-front": (_note('title: "a\x07b\x1b[31m"'), 2),
    "empty": (b"", 0),
    "only-front": (b"---\ntitle: x\n---", 0),
    "only-dashes": (b"---", 0),
    "binary": (bytes(range(256)) * 8, 3),
    "large": (_note("title: x", f"The {WORD}.\n" + "a long log line of many words\n" * 160_000), 1),
    "one-long-line": (_note("title: x", f"{WORD} " + "x" * 900_000), 0),
    # a terminal would act on these
    "osc": (_note("title: x", f"\x1b]0;owned\x07 \x1b]52;c;b3duZWQ=\x07 \x1b]8;;http://evil\x1b\\{WORD}\x1b]8;;\x1b\\"), 0),
    "csi": (_note("title: x", f"{WORD} \x1b[2J\x1b[H\x1b[6n\x9b31m over\x08\x08\rwritten \x7f"), 0),
    "escaped-title": (_note(r'title: "a\x1b[2Jb\x07 \u202egnp \u200b\x9b6n"', f"The {WORD}."), 0),
    "entities": (_note("title: x", f"{WORD} &#27;[2J &#x9b;6n &#x202e; &rlm; &zwj; &#8; `&#27;` [a](&#x202e;)"), 0),
    "bidi": (_note("title: \u202egnp.exe \u2066x", f"{WORD} \u202e\u200b\u2060 \u061c"), 0),
    "zero-width": (_note('title: "\u200b\u200d\ufeff"', f"{WORD}"), 0),
    "separators": (_note("title: x", f"{WORD} a\u2028b\u2029c\x85d\x0ce"), 0),
    # a page would run these, a regular expression would never end
    "script": (_note("title: <script>alert(1)</script>", f"{WORD} <img src=x onerror=alert(1)> [a](javascript:alert(1))"), 0),
    "jinja": (_note("title: '{{ 7 * 7 }} {% raw %}'", f"{WORD} {{{{ config }}}}"), 0),
    "brackets": (_note("title: x", f"{WORD} " + "[" * 20_000 + "](" * 5_000), 0),
    "backticks": (_note("title: x", f"{WORD} " + " ".join("`" * n for n in range(1, 300))), 0),
    "stars": (_note("title: x", f"{WORD} " + "*a **b " * 4_000), 0),
    "quotes": (_note("title: x", f"{WORD}\n" + "> " * 3_000 + "deep"), 0),
    "lists": (_note("title: x", f"{WORD}\n" + "\n".join("  " * n + "- a" for n in range(200))), 0),
    "comments": (_note("title: x", f"{WORD} " + "<!--" * 20_000), 0),
    "spaces": (_note("title: x", f"{WORD}" + " " * 100_000 + "end"), 0),
    "digits": (_note("title: x", f"## Error\n```\n{WORD} " + "1.2.3.4:" * 20_000 + "\n```"), 0),
    "fences": (_note("title: x", "## Error\n" + "```\n" * 999 + WORD), 0),
    "self-link": (_note("title: x\nrecurrence_of: incidents/self-link", f"{WORD} [[incidents/self-link]]"), 0),
}  # fmt: skip

TITLES = (
    "../../etc/passwd", "/etc/passwd", "a\\b", ".", "..", ".git", "-rf", "--help", "-", "aux", "con.txt", "COM1", "no", "~", "null",
    "true", "0042", "1e3", "2026-11-20", "22:22", "字" * 200, "🔥" * 100, "\u202eabc", "new\nline: injected", "tab\there", '"quoted"',
    "'single'", "it's", "#hash", "a # b", "a: b", "%x", "`id`", "$(touch kb-was-here)", "&x", "*x", "!x", "| x", "> x", "[x", "{x", "{{7*7}}",
    "{% x %}", "x" * 400, " spaces ", "a--b", "README", "Cafe\u0301", "ß", "İstanbul", "\uff41\uff0f\uff42", "C:\\x", "~/x", "\x1b[31mred",
    "a\u2028b", "\ufffe", "e\u0301" * 50, "\\n", "<script>", "---", "...", "null: ~", "= = =", "@1", "?x",
)  # fmt: skip
EMPTY_TITLES = (" ", "\t\n", "\u200b\u200d", "\u2028")
KINDS = ("incident", "decision", "service", "experiment", "change")

ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

# What kb itself sends: colours, and the progress line that is written over.
OWN = re.compile(r"\x1b\[[0-9;]*m|\r?\x1b\[K|\r(?=\w+ \w+: )|\r(?=\n)")

# Those that take long because they are long: for the long run.
HEAVY = {"large", "one-long-line", "large-front", "digits", "lists", "brackets"}


def plant(folder: Path, heavy: bool) -> dict[str, int]:
    """Write the hostile notes and files into `folder`; the names that `kb check` must tell, with their lines."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, int] = {}
    for name, (data, line) in NOTES.items():
        if heavy or name not in HEAVY:
            (folder / f"{name}.md").write_bytes(data)
            wanted |= {f"{name}.md": line} if line else {}
    (folder / "kind.md").mkdir()
    (folder / "out.md").symlink_to("/etc/hostname")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "around").symlink_to(".")
    os.mkfifo(folder / "pipe.md")
    (folder / "locked.md").write_text("---\ntitle: x\n---\n")
    (folder / "locked.md").chmod(0)
    (folder / "CASE.md").write_bytes(_note("title: x"))
    (folder / "case.md").write_bytes(_note("title: x"))
    (folder / f"{unicodedata.normalize('NFC', 'café')}.md").write_bytes(_note("title: x"))
    (folder / f"{unicodedata.normalize('NFD', 'café')}.md").write_bytes(_note("title: x"))
    (folder / "new\nline.md").write_bytes(_note("title: x"))
    (folder / "esc\x1b[2J\u202e.md").write_bytes(_note("title: x"))
    (folder / "secret.md").write_bytes(_note("title: x", f"{WORD} {sample('ghp¦_{A36}')}"))
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.md")).write_bytes(_note("title: x"))
    return wanted | dict.fromkeys(
        ("out.md", "loop.md", "around", "pipe.md", "locked.md", "case.md", "café.md", "bad\ufffd.md"), 1
    )


def readers(at: World, refs: list[str]) -> list[list[str]]:
    """Every command that reads, over every note."""
    whole: list[list[str]] = [
        ["list"], ["list", "--json"], ["incident", "list"], ["check"], ["check", "--json"], ["search", WORD], ["seen", WORD],
        ["seen", "--json", f"the {WORD} is broken"], ["search", "--json", WORD], ["search", "\x1b[2J", "["], ["seen", "\x1b]0;x\x07 failed"],
        ["site", "stage", str(at.home / "staged")], ["incident", "list", "--recurring"],
    ]  # fmt: skip
    return whole + [command for ref in refs for command in (["show", ref], ["show", "--json", ref])]


def reading(heavy: bool = True) -> Iterator[Tally]:
    """Every hostile note through every reading command in a terminal, and through the site."""
    held, terminal = Tally(1, "hostile notes × reading commands"), Tally(8, "their screens in a pseudo-terminal")
    named = Tally(1, "bad notes named with file and line, all others found")
    with world() as at:
        folder = at.folder / "entries" / "incidents"
        wanted = plant(folder, heavy)
        refs = [row["ref"] for row in json.loads(ordinary(at, "list", "--json").out)]
        before = state(at.folder / "entries")
        commands = readers(at, refs)
        for start in range(0, len(commands), 20):
            part = commands[start : start + 20]
            screen, ended = many_in_a_terminal(at, part)
            for command, (status, seconds) in zip(part, ended, strict=True):
                fine = status in (0, 1) and seconds < 10
                held.count([] if fine else [f"{command}: {status} after {seconds:.0f} s"])
            acting = ACTING.search(OWN.sub("", screen))
            told = [f"{part}: {screen[max(0, acting.start() - 60) : acting.start() + 60]!r}"] if acting else []
            terminal.count(told or ([f"{part}: {screen[-300:]}"] if "fault of kb" in screen or "Traceback" in screen else []))
        built = ordinary(at, "site", "build")
        held.count(complaints(built) or ([] if built.status in (0, 1) else [f"site build: {built.status}: {built.err[-300:]}"]))
        changed = [name for name, data in state(at.folder / "entries").items() if before.get(name) != data]
        held.count([f"changed by reading: {changed}"] if changed or (at.folder / "kb-was-here").exists() else [])
        told_of = json.loads(ordinary(at, "check", "--json").out)
        for name, line in wanted.items():
            near = [row for row in told_of if unicodedata.normalize("NFC", Path(row["path"]).name) == name]
            named.count([] if any(row["line"] == line and row["message"] for row in near) else [f"{name}:{line} in {near}"])
        hits = {row["path"] for row in json.loads(ordinary(at, "search", "--json", "--limit", "500", WORD).out)}
        for name, (data, _) in NOTES.items():
            if (heavy or name not in HEAVY) and (WORD.encode() in data or name == "utf-16"):
                named.count([] if any(path.endswith(f"/{name}.md") for path in hits) else [f"{name} isn't found by its text"])
    yield from (held, named, terminal)


def editing(heavy: bool = True) -> Iterator[Tally]:
    """Every hostile note through every command that changes one: some lines of it change, or none."""
    held = Tally(1, "hostile notes × changing commands")
    with world() as at:
        folder = at.folder / "entries" / "incidents"
        plant(folder, heavy)
        refs = [row["ref"] for row in json.loads(ordinary(at, "list", "--json").out)]
        paths = {ref: folder / f"{ref.partition('/')[2]}.md" for ref in refs}
        old = {ref: path.read_bytes() for ref, path in paths.items()}
        commands = [
            command
            for ref in refs
            for command in (
                ["edit", ref, "--set", "status=resolved", "--set", "tags=a,b c", "--no-commit"],
                ["incident", "log", "--to", ref, "seen", "--no-commit"],
                ["incident", "resolve", ref, "--fix", "done", "--no-commit"],
            )
        ]
        for start in range(0, len(commands), 30):
            part = commands[start : start + 30]
            screen, ended = many_in_a_terminal(at, part)
            for command, (status, seconds) in zip(part, ended, strict=True):
                held.count([] if status in (0, 4) and seconds < 10 else [f"{command}: {status} after {seconds:.0f} s"])
            held.count([screen[-400:]] if "fault of kb" in screen or "Traceback" in screen else [])
        for ref, path in paths.items():
            new = set(path.read_bytes().splitlines())
            missing = [line for line in old[ref].splitlines() if line and line not in new]
            # At most the lines of the three fields that were set.
            held.count([f"{ref} lost {missing!r}"] if len(missing) > 3 else [])
    yield held


def titles(kinds: tuple[str, ...] = KINDS) -> Iterator[Tally]:
    """Every hostile title through `new` of every kind: a note inside entries/ with that very title, or one line."""
    held = Tally(1, "hostile titles × kinds")
    with world() as at:
        for kind in kinds:
            made = many_in_a_terminal(at, [[kind, "new", "--no-edit", "--no-commit", "--", title] for title in TITLES])
            here = at.folder / "entries" / f"{kind}s"
            found = {_title(path): path for path in here.glob("*.md")}
            for title, (status, _) in zip(TITLES, made[1], strict=True):
                # A service of the same slug is there already: the name is its identity.
                taken = kind == "service" and status == 2
                held.count([] if taken or (status == 0 and title in found) else [f"{kind} {title!r}: exit {status}"])
            for path in here.glob("*.md"):
                held.count([] if re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}\.md", path.name) else [f"a file named {path.name!r}"])
            held.count([f"{kind}: a reserved name"] if {"aux.md", "con.md", "com1.md"} & set(os.listdir(here)) else [])
            _, empty = many_in_a_terminal(at, [[kind, "new", "--no-edit", "--", title] for title in EMPTY_TITLES])
            held.count([] if all(status == 2 for status, _ in empty) else [f"{kind}: an empty title: {empty}"])
        strays = list(at.home.rglob("kb-was-here"))
        held.count([f"{strays}"] if strays or (at.folder.parent / "etc").exists() else [])
    yield held


def _title(path: Path) -> str:
    front = yaml.load(path.read_text("utf-8").split("\n---\n")[0][4:], Loader=yaml.BaseLoader)
    return str(front["title"])
