"""How well plain words find a note: `python benchmarks/symptoms.py CASES_DIR [--noise DIR] [--verbose]`.

CASES_DIR holds errors.jsonl (family, role, title, error_lines, fix_summary) and symptoms.jsonl (lang, q, answer: a family, note:
what was noticed, in a sentence). Each question is asked of all notes, twice: with the sentence in the note, and without it. A third
of the families, told by their names, is held back: tune on the others, never look at the held-back questions, and report both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.notes.kinds import Incident, Note
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval import whoosh_index, word_search

NOWHERE = Path("/dev/null/nowhere")  # so that the index is in memory


def rows(path: Path) -> list[Mapping[str, str]]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def is_held_back(family: str) -> bool:
    """Whether questions about a family are only counted, never looked at."""
    return int(hashlib.sha1(family.encode()).hexdigest(), 16) % 3 == 0


def incident(name: str, title: str, body: str) -> Note:
    """A note that is on no disk."""
    return Incident(f"incidents/{name}", f"entries/incidents/{name}.md", {"title": title}, {}, body, 4, digest=name)


def notes(cases: Path, noise: Path | None, sentences: Mapping[str, str]) -> Iterator[Note]:
    """A note for each family, and one for each Markdown file that is never an answer."""
    for row in rows(cases / "errors.jsonl"):
        if row["role"] == "first":
            error = "\n".join(row["error_lines"])
            text = f"## Symptoms\n{sentences.get(row['family'], '')}\n\n## Error\n```\n{error}\n```\n## Fix\n{row['fix_summary']}\n"
            yield incident(row["family"], row["title"], text)
    for number, path in enumerate(sorted(noise.rglob("*.md")) if noise else ()):
        yield incident(f"noise-{number}", f"noise {number}", path.read_text("utf-8", "replace"))


def main() -> None:
    """Ask, and print how often the right note comes first, and among five."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--noise", type=Path)
    parser.add_argument(
        "--verbose", action="store_true", help="show the questions that find nothing among five, of those to tune on"
    )
    options = parser.parse_args()
    questions = rows(options.cases / "symptoms.jsonl")
    for kind, sentences in (("sentence", {row["answer"]: row["note"] for row in questions}), ("bare", {})):
        base = KnowledgeBase(Path("/lab"), tuple(notes(options.cases, options.noise, sentences)))
        index = whoosh_index.of(base, NOWHERE)
        places: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in questions:
            refs = [hit.ref for hit in word_search.search(base, index, row["q"], limit=5)]
            place = refs.index(f"incidents/{row['answer']}") + 1 if f"incidents/{row['answer']}" in refs else 0
            held_back = is_held_back(row["answer"])
            places["English" if row["lang"] == "en" else "others", "held back" if held_back else "tuned"].append(place)
            if options.verbose and not place and not held_back:
                print(f"    {kind}: {row['q']!r} does not find {row['answer']}: {refs[:2]}")
        for (language, part), found in sorted(places.items()):
            first, five = (sum(0 < place <= most for place in found) / len(found) for most in (1, 5))
            print(f"{kind:9} {language:8} {part:10} {len(found):3} questions: first {first:.2f}, among five {five:.2f}")


if __name__ == "__main__":
    main()
