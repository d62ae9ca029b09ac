"""How well and how fast the site's search finds: `python benchmarks/search.py [NOTES] [--real CASES_DIR] [--bare]`.

It builds the site of NOTES made-up notes, asks in Chromium what somebody would paste or type, over http and from the folder, and
prints how often the right note comes first, how long the first answer takes on a page just opened, and the median after it.
With --real the notes are real ones: CASES_DIR holds `matching/` (notes and lines of logs, as JSON lines) and Markdown files in other
folders; made-up notes fill it up to NOTES. With --bare no site is built, only the search's own files: for trying a ranking.

The questions are made by rule. Pasted: an error of a note with all its numbers changed. Typed: words of a title or of a sentence in
another order, one left out; every third has a slip of the fingers. Right is each note that fits the question as well as the
one that it was made of: the same error but for its values, or all words.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import random
import re
import shutil
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import make_base
from playwright.sync_api import Browser, Page, sync_playwright

import kb
from kb.logs.fingerprint import signature_of
from kb.logs.messages import messages
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval.stemming import STOPWORD
from kb.retrieval.terms import terms_of
from kb.site import catalog
from kb.site.browser import search_data
from kb.site.build import builder
from kb.storage import folders

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
ASSETS = folders.PACKAGE / "site/theme/assets"
BARE = "<!doctype html><meta charset=utf-8><title>bare</title><script src=assets/search-words.js></script><script src=assets/search.js></script>"
FIRST = "text => kbSearch.find(text).then(answer => kbSearch.show(answer.found.slice(0, 3).map(row => row[0]))).then(shown => shown.map(row => row.path))"


@dataclass(frozen=True)
class Question:
    """What is asked, how, and which notes are right."""

    how: str  # pasted, typed, …
    text: str
    right: frozenset[str]


# ---- questions -----------------------------------------------------------------------------------------------------------


def varied(dice: random.Random, error: str) -> str:
    """The error as it looks the next time: other numbers, but for the codes."""
    return re.sub(
        r"(\(\d+:|[A-Za-z]\d+\b)|\d+", lambda found: found[1] or "".join(dice.choice("0123456789") for _ in found[0]), error
    )


def pasted(base: KnowledgeBase, dice: random.Random, count: int) -> Iterator[Question]:
    """Errors of notes with other numbers."""
    alike: dict[str, set[str]] = defaultdict(set)
    errors: dict[str, str] = {}
    for note in base.notes:
        for error in note.errors[:1]:
            errors[note.ref] = error.text
            alike[mask(error.text)].add(note.ref)
    for ref in dice.sample(sorted(errors), min(count, len(errors))):
        yield Question("pasted", varied(dice, errors[ref]), frozenset(alike[mask(errors[ref])]))


def mask(error: str) -> str:
    """What of an error stays the same."""
    signatures = (signature_of(message) for message in messages(error))
    return "\n".join(" ".join(token for token in signature.split() if token[0] not in "<~@") for signature in signatures)


def typed(base: KnowledgeBase, dice: random.Random, count: int) -> Iterator[Question]:
    """Words of titles and sentences."""
    terms = {note.ref: frozenset(terms_of(f"{note.title}\n{note.body}")) for note in base.notes}
    for number in range(count):
        note = base.by_ref[dice.choice(sorted(base.by_ref))]
        sentences = [note.title] if number % 2 else re.split(r"(?<=[.!?])\s+|\n\n+", re.sub(r"(?s)```.*?```", "", note.body))
        rows = [re.findall(r"[^\W\d_]{3,}", sentence) for sentence in sentences]
        rows = [[word for word in row if word.lower() not in STOPWORD] for row in rows]
        rows = [row for row in rows if len(row) > 2] or [re.findall(r"[^\W\d_]{3,}", note.title)]
        words = dice.choice(rows)
        kept = dice.sample(words, min(len(words), 5))[: max(2, min(len(words), 5) - 1)]
        wanted = {term for word in kept for term in terms_of(word)}
        right = frozenset(ref for ref, found in terms.items() if wanted <= found)
        if right and len(right) < 10:
            yield Question("typed", " ".join(slipped(dice, kept) if number % 3 == 0 else kept), right)


def slipped(dice: random.Random, words: Sequence[str]) -> list[str]:
    """The words, one of them misspelled: two letters exchanged, one left out, or one doubled."""
    long = [i for i, word in enumerate(words) if len(word) > 5]
    if not long:
        return list(words)
    i = dice.choice(long)
    word, at = words[i], dice.randrange(1, len(words[i]) - 2)
    slips = (word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])
    return [*words[:i], dice.choice(slips), *words[i + 1 :]]


# ---- real notes ----------------------------------------------------------------------------------------------------------


def real(root: Path, cases: Path, count: int) -> list[Question]:
    """Write real notes into `root`, filled up to `count` with made-up ones, and return the questions that come with them."""
    make_base.make(root, 0)
    incidents = root / "entries/incidents"
    questions = []
    rows = [json.loads(line) for path in sorted(cases.glob("matching/*/notes.jsonl")) for line in path.open(encoding="utf-8")]
    for row in rows:
        title = row.get("title", row["id"]).replace('"', "'")
        symptoms, fix = row["body"].split("\n\n")[1], row["body"].rpartition("## Fix")[2]
        text = f"## Symptoms\n\n{symptoms}\n\n## Error\n\n````\n{row['error']}\n````\n\n## Fix{fix}"
        (incidents / f"{row['id'].lower()}.md").write_text(
            f'---\ntitle: "{title}"\ndate: 2026-01-01\nstatus: resolved\n---\n{text}', "utf-8"
        )
        ref = frozenset([f"incidents/{row['id'].lower()}"])
        questions += [
            Question(how, row[key], ref) for how, key in (("came back", "re"), ("symptom", "symptom")) if row.get(key)
        ]
    for path in sorted(cases.glob("matching/*/lines.jsonl")):
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            answers = frozenset(f"incidents/{answer.lower()}" for answer in row["answer"])
            questions.append(Question("log line", row["q"], answers))
    written = len(rows)
    for number, path in enumerate(sorted(path for path in cases.rglob("*.md") if path.parts[-2] != "hostile")):
        text = path.read_text("utf-8", "replace")
        text = text.split("\n---\n", 1)[1] if text.startswith("---\n") and "\n---\n" in text else text
        heading = re.search(r"^# (.+)$", text, re.MULTILINE)
        title = (heading[1] if heading else path.stem).replace('"', "'").strip()
        (root / "entries" / f"page-{number}.md").write_text(f'---\ntitle: "{title}"\n---\n{text}', "utf-8")
        written += 1
    for ref, text in make_base.notes(max(0, count - written)):
        (root / "entries" / f"{ref}.md").write_text(text, "utf-8")
    return questions


# ---- asking --------------------------------------------------------------------------------------------------------------


def bare(root: Path) -> Path:
    """The search's own files and a page that loads them, without the site."""
    base = kb.read(root)
    folder = root / "bare"
    (folder / search_data.FOLDER).mkdir(parents=True)
    start = time.process_time()
    size = 0
    for path, text in search_data.files(catalog.site_map(base), date(2026, 11, 21)):
        (folder / path).write_text(text, "utf-8")
        size += len(text.encode())
    print(
        f"  the index: {time.process_time() - start:.2f} s of processor, {size / len(base.notes) / 1e3:.2f} kB a note, head.js {(folder / search_data.FOLDER / 'head.js').stat().st_size / 1e3:.1f} kB"
    )
    for name in ("search-words", "search"):
        shutil.copy(ASSETS / f"{name}.js", folder / f"assets/{name}.js")
    (folder / "index.html").write_text(BARE)
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def served(folder: Path) -> str:
    """The address of a server for the folder, until the process ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/index.html"


def answers(page: Page, questions: Sequence[Question], verbose: bool) -> dict[str, tuple[int, int]]:
    """How many of each kind were asked, and for how many the right note came first."""
    found: dict[str, list[bool]] = defaultdict(list)
    for question in questions:
        first = page.evaluate(FIRST, question.text)
        found[question.how].append(bool(first) and first[0] in question.right)
        if verbose and not found[question.how][-1]:
            print(f"    {question.how}: {question.text[:160]!r}\n      {first} instead of {sorted(question.right)[:2]}")
    return {how: (len(rows), sum(rows)) for how, rows in found.items()}


def of_command(base: KnowledgeBase, questions: Sequence[Question]) -> dict[str, tuple[int, int]]:
    """The same of `kb search`, for what is asked in words."""
    found: dict[str, list[bool]] = defaultdict(list)
    for question in questions:
        if question.how in ("typed", "symptom"):
            hits = kb.search(base, question.text)
            found[question.how].append(bool(hits) and hits[0].ref in question.right)
    return {how: (len(rows), sum(rows)) for how, rows in found.items()}


def times(browser: Browser, address: str, questions: Sequence[Question], boxed: bool) -> tuple[list[float], list[float]]:
    """(the first answers on pages just opened, the answers after them), in milliseconds of the wall."""
    first: list[float] = []
    later: list[float] = []
    for start in range(0, len(questions), 10):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        for place, question in enumerate(questions[start : start + 10]):
            spent = page.evaluate(BOX if boxed else TIMED, question.text)
            (later if place else first).append(spent)
        context.close()
    return first, later


TIMED = "async text => { const start = performance.now(); const answer = await kbSearch.find(text); await kbSearch.show(answer.found.slice(0, 10).map(row => row[0])); return performance.now() - start }"

# As a user does it: into the box, until the results are painted.
BOX = """async text => {
  const input = document.querySelector(".md-search__input"), list = document.querySelector("#kb-search-list")
  input.focus()
  await new Promise(requestAnimationFrame)
  const start = performance.now()
  input.value = text.replaceAll("\\n", " \\u23ce ")
  input.dispatchEvent(new Event("input"))
  while (list.getAttribute("aria-busy") === "true") await new Promise(requestAnimationFrame)
  return performance.now() - start
}"""


def memory(page: Page) -> float:
    """What the page's JavaScript holds, in MB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def main() -> None:
    """Build, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", nargs="?", type=int, default=1_000)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    dice = random.Random(5)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        root = Path(folder) / "base"
        given = real(root, options.real, options.notes) if options.real else []
        if not options.real:
            make_base.make(root, options.notes)
        (root / "mkdocs.yml").write_text("site_name: Benchmark\ntheme: {name: material}\nplugins: [kb]\n")
        base = kb.read(root)
        questions = [*pasted(base, dice, 120), *typed(base, dice, 200)]
        dice.shuffle(given)
        questions += given
        print(f"{len(base.notes)} notes, {len(questions)} questions")
        built = bare(root) if options.bare else builder.build(root).folder
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for how, (count, right) in of_command(base, questions).items():
            print(f"  command {how:10} {right:4} of {count:4} right first  {right / count:.3f}")
        for name, address in (("http", served(built)), ("folder", (built / "index.html").as_uri())):
            page = browser.new_page()
            page.goto(address)
            for how, (count, right) in answers(page, questions, options.verbose and name == "http").items():
                print(f"  {name:7} {how:10} {right:4} of {count:4} right first  {right / count:.3f}")
            held = memory(page)
            page.close()
            sample = dice.sample(questions, min(200, len(questions)))
            first, later = times(browser, address, sample, not options.bare)
            print(
                f"  {name:7} first answer: median {statistics.median(first):.0f} ms, longest of {len(first)} {max(first):.0f} ms; "
                f"after it: median {statistics.median(later):.0f} ms, 95 % {sorted(later)[int(len(later) * 0.95)]:.0f} ms; {held:.0f} MB of heap"
            )
        browser.close()


if __name__ == "__main__":
    main()
