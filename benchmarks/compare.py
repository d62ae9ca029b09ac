"""kb and what people use instead, on the same questions in one run: python benchmarks/compare.py [CASES_DIR].

    --notes 300 --questions 60       of the generated base: errors that come back with other values, half as many unknown ones
    --path FOLDER                    where else to look for rg, jrnl, nb and kb-manager (whose command is called kb too)

CASES_DIR may hold loghub/notes.jsonl and lines.jsonl, homelab/notes.jsonl and unseen.jsonl: real errors, asked the same way.
Nothing is installed; a tool that isn't found says so in its row. Each command searches as its users do: for the pasted line,
literally, where it can; what it lists counts as its answer, the first thing first. For kb only what it claims counts.
Commands are timed as whole processes, libraries inside a process that has its index open.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import make_base


@dataclass(frozen=True)
class Note:
    """A note that every tool gets: the same text as a file."""

    name: str
    title: str
    error: str
    fix: str

    @property
    def text(self) -> str:
        """The note as kb keeps it; for the others a text like any other."""
        ticks = "````" if "```" in self.error else "```"
        return f"---\ntitle: {json.dumps(self.title)}\ndate: 2026-01-01\n---\n## Error\n{ticks}\n{self.error}\n{ticks}\n## Fix\n{self.fix}\n"


@dataclass(frozen=True)
class Question:
    """An error as it is met, and the notes that know it: none when nobody met it before."""

    text: str
    answers: frozenset[str]
    unchanged: bool = False  # letter by letter as it stands in the note: which shows that a tool works at all

    @property
    def line(self) -> str:
        """The line of it that one would paste: of several the longest."""
        return max(self.text.splitlines(), key=len).strip()


@dataclass(frozen=True)
class Case:
    """Notes, and questions about them."""

    name: str
    notes: Sequence[Note]
    questions: Sequence[Question]


@dataclass(frozen=True)
class Lab:
    """Where a case lives while it is asked."""

    case: Case
    home: Path
    folder: Path  # a knowledge base, which for the others is a folder of Markdown
    path: str  # where commands are looked for

    @property
    def entries(self) -> Path:
        """The folder of the notes."""
        return self.folder / "entries/incidents"

    def command(self, name: str) -> str | None:
        """The path of a command, if there is one."""
        return shutil.which(name, path=self.path)

    def run(self, *command: str, given: str = "") -> str:
        """What a command prints, in a home of its own."""
        environment = {"HOME": str(self.home), "PATH": self.path, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "TERM": "dumb"}
        environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "NB_DIR": str(self.home / "nb"), "EDITOR": "true"}
        done = subprocess.run(command, input=given, env=environment, cwd=self.home, capture_output=True, text=True, check=False)
        return done.stdout


Ask = Callable[[Question], Sequence[str]]


@dataclass(frozen=True)
class Tool:
    """Something that finds notes; `missing` says why it can't be asked."""

    name: str
    ask: Ask
    missing: str = ""


def _not_found(name: str, what: str) -> Tool:
    return Tool(name, lambda _: (), f"not measured: {what}")


# ---- the cases -------------------------------------------------------------------------------------------------------


def generated(notes: int, questions: int) -> Case:
    """Errors of made-up words; they come back with other times, addresses, numbers and ids."""
    writer = make_base.Writer(7)
    templates = [
        template for template in make_base.ERRORS if "{word}" in template
    ]  # without words of its own none is like another
    made, asked = [], []
    for i in range(notes + questions // 2):
        service = writer.random.choice(make_base.SERVICES)
        template = writer.with_words(writer.random.choice(templates), service=service)
        if i < notes:
            title = f"{service} {writer.fill('{word} {word}')} fails"
            made.append(
                Note(
                    f"note-{i}",
                    title,
                    writer.fill(template),
                    writer.fill(writer.random.choice(make_base.FIXES), service=service),
                )
            )
        if i >= notes or i % (notes // questions or 1) == 0:
            asked.append(Question(writer.fill(template), frozenset([f"note-{i}"] if i < notes else [])))
    return Case("generated errors", made, asked)


def real(folder: Path, questions: int) -> Iterator[Case]:
    """The cases of a folder: a fifth of the systems' notes is held back, so that their lines are unknown."""
    if notes := _rows(folder / "loghub/notes.jsonl"):
        held = {note["id"] for note in notes[::5]}
        lines = [row for row in _rows(folder / "loghub/lines.jsonl") if row["kind"] == "vars"]
        known = [row for row in lines if held.isdisjoint(row["answer"])]
        unknown = [row for row in lines if held.issuperset(row["answer"])]
        asked = [Question(row["q"], frozenset(row["answer"])) for row in _spread(known, questions)]
        asked += [Question(row["q"], frozenset()) for row in _spread(unknown, questions // 2)]
        yield Case("lines of system logs", [_note(note) for note in notes if note["id"] not in held], asked)
    if notes := _rows(folder / "homelab/notes.jsonl"):
        asked = [Question(note["re"], frozenset([note["id"]])) for note in notes]
        asked += [Question(row["q"], frozenset()) for row in _rows(folder / "homelab/unseen.jsonl")]
        yield Case("home-lab errors", [_note(note) for note in notes], asked)


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _spread(rows: Sequence[dict[str, str]], count: int) -> Sequence[dict[str, str]]:
    return rows[:: max(1, len(rows) // count)][:count]


def _note(row: dict[str, str]) -> Note:
    return Note(row["id"], row["title"], row["error"], row["body"].rsplit("## Fix", 1)[-1].strip())


# ---- the tools -------------------------------------------------------------------------------------------------------


def kb_command(lab: Lab) -> Iterator[Tool]:
    """`kb seen`, the error on stdin; and kb.seen in a process that runs already."""
    import kb

    def ask(question: Question) -> list[str]:
        shown = lab.run(sys.executable, "-m", "kb", "--root", str(lab.folder), "seen", "--json", given=question.text)
        return [_name(hit["ref"]) for hit in json.loads(shown or "[]") if hit["strength"] != "weak"]

    lab.run(sys.executable, "-m", "kb", "--root", str(lab.folder), "seen", given="first question: make the index")
    yield Tool("`kb seen`", ask)
    base = kb.read(lab.folder)
    kb.seen(base, "first question")
    yield Tool("kb as a library", lambda q: [_name(hit.ref) for hit in kb.seen(base, q.text) if hit.strength != "weak"])


def _name(path: str) -> str:
    return Path(path).name.removesuffix(".md")


def ripgrep(lab: Lab) -> Iterator[Tool]:
    """The line literally; and the files that hold all of its words."""
    names = ("ripgrep, the line", "ripgrep, all words of the line")
    rg = lab.command("rg")
    if not rg:
        yield from (_not_found(name, "no `rg` on the path") for name in names)
        return

    def files(*arguments: str) -> list[str]:
        return sorted(lab.run(rg, "-lF", *arguments).splitlines())

    def all_words(question: Question) -> list[str]:
        there = [str(lab.entries)]
        for word in dict.fromkeys(re.findall(r"\w{3,}", question.line)):
            there = files("-i", "-e", word, *there)
            if not there:
                break
        return [_name(path) for path in there]

    yield Tool(names[0], lambda q: [_name(path) for path in files("-e", q.line, str(lab.entries))])
    yield Tool(names[1], all_words)


def fts5(lab: Lab) -> Iterator[Tool]:
    """SQLite's full-text search as it comes: the text as it was pasted; its words in quotes, all of them, and any of them."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE notes USING fts5(name UNINDEXED, body)")
    database.executemany("INSERT INTO notes VALUES (?, ?)", [(note.name, note.text) for note in lab.case.notes])

    def match(query: str) -> list[str]:
        with contextlib.suppress(sqlite3.OperationalError):  # a syntax error, as with most pasted errors
            rows = database.execute("SELECT name FROM notes WHERE notes MATCH ? ORDER BY rank LIMIT 50", (query,))
            return [row[0] for row in rows]
        return []

    yield Tool("SQLite FTS5, as pasted", lambda q: match(q.line))
    for name, operator in (("all words", " "), ("any word", " OR ")):
        yield Tool(
            f"SQLite FTS5, {name} quoted",
            lambda q, o=operator: match(o.join(f'"{word}"' for word in re.findall(r"\w+", q.line))),
        )


def whoosh(lab: Lab) -> Iterator[Tool]:
    """Whoosh as its tutorial has it: the default parser, BM25F."""
    from whoosh.fields import (
        ID,  # type: ignore[import-untyped]
        TEXT,  # type: ignore[import-untyped]
        Schema,  # type: ignore[import-untyped]
    )
    from whoosh.filedb.filestore import RamStorage  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]
    from whoosh.qparser import QueryParser  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]  # type: ignore[import-untyped]

    index = RamStorage().create_index(Schema(name=ID(stored=True), body=TEXT))
    writer = index.writer()
    for note in lab.case.notes:
        writer.add_document(name=note.name, body=note.text)
    writer.commit()
    searcher, parser = index.searcher(), QueryParser("body", index.schema)

    def ask(question: Question) -> list[str]:
        try:
            return [hit["name"] for hit in searcher.search(parser.parse(question.line), limit=50)]
        except Exception:  # noqa: BLE001 - its parser raises what it likes for pasted text
            return []

    yield Tool("Whoosh, as pasted", ask)


def jrnl(lab: Lab) -> Iterator[Tool]:
    """A journal with an entry a note, asked for the line with -contains."""
    command = lab.command("jrnl")
    if not command:
        yield _not_found("jrnl -contains", "no `jrnl` on the path")
        return
    journal, config = lab.home / "journal.txt", lab.home / "jrnl.yaml"
    entries = [f"[2026-01-01 10:00:00 AM] {note.name} {note.title}\n{note.error}\n{note.fix}\n" for note in lab.case.notes]
    journal.write_text("\n".join(entries), "utf-8")
    config.write_text(
        f"colors: {{body: none, date: none, tags: none, title: none}}\ndefault_hour: 9\ndefault_minute: 0\neditor: ''\nencrypt: false\n"
        f"highlight: false\nindent_character: '|'\njournals: {{default: {{journal: {journal}}}}}\nlinewrap: 79\ntagsymbols: '#@'\n"
        "template: false\ntimeformat: '%F %r'\nversion: v4.6\n"
    )

    def ask(question: Question) -> list[str]:
        shown = lab.run(command, "--config-file", str(config), "-contains", question.line, "--format", "json")
        found = json.loads(shown)["entries"] if shown.lstrip().startswith("{") else []
        return [entry["title"].split()[0] for entry in found]

    yield Tool("jrnl -contains", ask)


def kb_manager(lab: Lab) -> Iterator[Tool]:
    """The other `kb` (kb-manager), its artifacts searched with `kb grep`, the line escaped."""
    name = "kb-manager, kb grep"
    command = next(
        (path for folder in lab.path.split(os.pathsep) if (path := shutil.which("kb", path=folder)) and _is_manager(lab, path)),
        "",
    )
    if not command:
        yield _not_found(name, "no kb-manager on the path")
        return
    lab.run(command, "add", *(str(lab.entries / f"{note.name}.md") for note in lab.case.notes))

    def ask(question: Question) -> list[str]:
        shown = lab.run(command, "grep", "--no-color", re.escape(question.line))
        return [word for row in shown.splitlines() for word in map(_name, row.split()) if word in names]

    names = {note.name for note in lab.case.notes}
    yield Tool(name, ask)


def _is_manager(lab: Lab, command: str) -> bool:
    return "artifact" in lab.run(command, "--help")


def nb(lab: Lab) -> Iterator[Tool]:
    """The notebook nb (on npm `nb.sh`; the package `nb` there is another), by its documentation."""
    command = lab.command("nb")
    if not command:
        yield _not_found("nb search", "no `nb` on the path")
        return
    lab.run(command, "init")
    lab.run(command, "import", *(str(lab.entries / f"{note.name}.md") for note in lab.case.notes))
    yield Tool("nb search", lambda q: [_name(path) for path in lab.run(command, "search", q.line, "--paths").splitlines()])


TOOLS = (kb_command, ripgrep, fts5, whoosh, jrnl, kb_manager, nb)


# ---- asking ----------------------------------------------------------------------------------------------------------


def row(tool: Tool, questions: Sequence[Question]) -> str:
    """A row of the table."""
    if tool.missing:
        return f"| {tool.name} | {tool.missing} | | | | | |"
    control, first, found, silent, spent = [], [], [], [], []
    for question in questions:
        start = time.perf_counter()
        answers = tool.ask(question)
        spent.append(1000 * (time.perf_counter() - start))
        if question.unchanged:
            control.append(not question.answers.isdisjoint(answers))
        elif question.answers:
            first.append(answers[:1] != [] and answers[0] in question.answers)
            found.append(not question.answers.isdisjoint(answers))
        else:
            silent.append(not answers)
    spent.sort()
    shares = " | ".join(f"{100 * statistics.mean(values):.0f} %" for values in (control, first, found, silent))
    return f"| {tool.name} | {shares} | {statistics.median(spent):.1f} ms | {spent[int(len(spent) * 0.95)]:.1f} ms |"


def compare(case: Case, path: str) -> Iterator[str]:
    """The table of a case, line by line."""
    same = [Question(note.error, frozenset([note.name]), True) for note in case.notes[:: max(1, len(case.notes) // 20)][:20]]
    known = sum(bool(question.answers) for question in case.questions)
    yield f"**{case.name}**: {len(case.notes)} notes, {known} errors that come back, {len(case.questions) - known} that nobody met before\n"
    yield "| | the very same text: found | other values: right one first | found at all | silent when nothing is known | time, median | 95 % |"
    yield "|---|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(case, Path(folder) / "home", Path(folder) / "lab", path)
        lab.home.mkdir()
        lab.entries.mkdir(parents=True)
        (lab.folder / "mkdocs.yml").write_text("site_name: Compared\nplugins: [kb]\n")
        for note in case.notes:
            (lab.entries / f"{note.name}.md").write_text(note.text, "utf-8")
        os.environ["XDG_CACHE_HOME"] = str(lab.home / "library-cache")
        for tools in TOOLS:
            for tool in tools(lab):
                yield row(tool, [*same, *case.questions])
    yield ""


def main() -> None:
    """Print a table for each case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("--notes", type=int, default=300)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--path", action="append", default=[])
    options = parser.parse_args()
    path = os.pathsep.join([*(str(Path(folder).absolute()) for folder in options.path), os.environ["PATH"]])
    for case in (
        generated(options.notes, options.questions),
        *(real(options.cases, options.questions) if options.cases else ()),
    ):
        for line in compare(case, path):
            print(line, flush=True)


if __name__ == "__main__":
    main()
