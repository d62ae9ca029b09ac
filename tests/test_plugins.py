"""What another package adds to kb is there everywhere, and a broken one stops nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import NOW, Result

# A kind of note, a page, an importer, a rule of secrets, a header and a command; installed by being on the path.
RUNBOOKS = {
    "runbooks-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: runbooks\nVersion: 1.0\n",
    "runbooks-1.0.dist-info/entry_points.txt": """\
        [kb.kinds]
        runbook = runbooks:Runbook
        [kb.pages]
        on-call = runbooks.on_call
        [kb.importers]
        nomad = runbooks.more:NOMAD
        [kb.secret_rules]
        acme = runbooks.more:SECRETS
        [kb.log_headers]
        acme = runbooks.more:HEADERS
        [kb.commands]
        page-me = runbooks.more:page_me
        """,
    "runbooks/__init__.py": '''\
        from kb.notes.fields import text, when
        from kb.notes.kinds import Note


        class Runbook(Note):
            """What to do when something happens, step by step."""

            kind = "runbook"
            folder = "runbooks"
            states = ("draft", "tried")
            ref_keys = ("services",)

            trigger = text()
            tried = when()
        ''',
    "runbooks/templates/runbook.md": """\
        ---
        title:
        date:
        status: draft
        services: []
        trigger:
        ---
        ## Steps

        <!-- kb: what to do, in order -->
        """,
    "runbooks/on_call.py": """\
        from kb.site.sitemap import markup
        from kb.site.sitemap.page import Page


        def paths(site):
            yield "on-call.md"


        def pages(site, today):
            rows = "\\n".join(f"- {site.link(note, 'on-call.md')}" for note in site.of("runbook"))
            yield Page("on-call.md", "On call", f"# On call\\n\\n{rows}\\n")


        def files(site, today):
            yield "on-call.txt", f"as of {today}\\n"
        """,
    "runbooks/more.py": """\
        import re
        import click
        from kb.importers.service_record import ServiceImporter, ServiceRecord
        from kb.logs.headers import MaskRule
        from kb.secrets.rule import SecretRule


        def read(path, text, opened):
            if "broken" in text:
                raise RuntimeError("no job in it")
            name = re.search(r'job "([^"]+)"', text)[1]
            return [ServiceRecord(name, "nomad", "", path, image=re.search(r'image = "([^"]+)"', text)[1])]


        NOMAD = ServiceImporter((".nomad",), read)
        SECRETS = [SecretRule("acme key", ("acme_",), r"acme_[a-z0-9]{20}", "acme_{x20}", "acme_short")]
        HEADERS = MaskRule(
            "acme", r"=acme=\\ (?P<program>\\w{1,20})\\ =\\ ", "=acme= billing = no route to host", "@billing no route to host"
        )


        @click.command("page-me")
        def page_me():
            "Wake somebody up."
            click.echo("ring")
        """,
}


class Lab:
    """A knowledge base, and packages beside it on Python's path."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.home = folder / "lab", folder / "packages", folder / "home"
        for kind in ("incidents", "services"):
            (self.folder / "entries" / kind).mkdir(parents=True)
        self.home.mkdir()
        self.path.mkdir()
        (self.folder / "mkdocs.yml").write_text("site_name: Lab\nplugins: [kb]\n")
        self.write("services/nginx", "title: nginx\naliases: [proxy]")

    def write(self, ref: str, front: str, body: str = "") -> None:
        (self.folder / f"entries/{ref}.md").parent.mkdir(exist_ok=True)
        (self.folder / f"entries/{ref}.md").write_text(f"---\n{front}\n---\n{body}")

    def install(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text(textwrap.dedent(text))

    def run(self, *words: str, stdin: str = "") -> Result:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(self.path), "KB_NOW": NOW}
        done = subprocess.run(
            [sys.executable, *words], cwd=self.folder, env=environment, input=stdin, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    def kb(self, *words: str, stdin: str = "") -> Result:
        return self.run("-m", "kb", *words, stdin=stdin)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def with_runbooks(lab: Lab) -> Lab:
    lab.install(RUNBOOKS)
    return lab


def test_a_new_kind_of_note_is_one_class_one_row_and_one_template(with_runbooks: Lab) -> None:
    lab = with_runbooks
    assert "runbook     What to do when something happens, step by step." in lab.kb("--help").out
    made = lab.kb("runbook", "new", "Nginx is down", "--service", "proxy", "--set", "trigger=502 on every page", "--no-edit")
    assert made.status == 0, made.err
    assert [path.relative_to(lab.folder) for path in made.paths] == [Path("entries/runbooks/2026-11-21-nginx-is-down.md")]
    text = made.paths[0].read_text()
    assert "services: [nginx]\ntrigger: 502 on every page\n" in text
    assert "## Steps" in text
    assert "Nginx is down" in lab.kb("runbook", "list", "--status", "draft", "--service", "nginx").out
    assert json.loads(lab.kb("list", "--kind", "runbook", "--json").out)[0]["kind"] == "runbook"
    assert "Nginx is down" in lab.kb("search", "kind:runbook", "down").out
    assert "Nginx is down" in lab.kb("show", "nginx is down").out
    lab.write("runbooks/2026-11-20-odd", "title: Odd\nstatus: draft\ntried: yesterday-ish\nservices: [nowhere]")
    said = lab.kb("check").out
    assert "entries/runbooks/2026-11-20-odd.md:4: tried" in said
    assert "nowhere" in said


def test_a_kind_that_a_plugin_adds_has_its_place_on_the_site_and_in_what_is_staged(with_runbooks: Lab) -> None:
    lab = with_runbooks
    lab.write("runbooks/2026-11-20-nginx-is-down", "title: Nginx is down\ndate: 2026-11-20\nservices: [nginx]", "reload it\n")
    assert lab.kb("site", "build").status == 0
    site = lab.folder / "site"
    assert 'href="2026-11-20-nginx-is-down.html"' in (site / "runbooks/index.html").read_text()
    assert "Nginx is down" in (site / "services/nginx.html").read_text().partition('id="kb-runbooks"')[2]
    assert 'href="runbooks/index.html"' in (site / "more.html").read_text()
    assert "Nginx is down" in (site / "on-call.html").read_text()
    assert (site / "on-call.txt").read_text() == "as of 2026-11-21\n"
    assert '"runbook"' in next(site.rglob("head.js")).read_text()
    assert "Nginx is down" in (site / "llms.txt").read_text().partition("Runbooks: What to do when")[2]
    staged = lab.folder.parent / "staged/docs"
    assert lab.kb("site", "stage", str(staged), "--config").status == 0
    assert (staged / "runbooks/2026-11-20-nginx-is-down.md").is_file()
    assert "Runbooks: runbooks/index.md" in (staged.parent / "mkdocs.yml").read_text()


def test_files_that_a_plugin_reads_become_services(with_runbooks: Lab) -> None:
    lab = with_runbooks
    jobs = lab.folder.parent / "jobs"
    jobs.mkdir()
    (jobs / "web.nomad").write_text('job "web" {\n  image = "nginx:1.27"\n}\n')
    (jobs / "bad.nomad").write_text("broken\n")
    done = lab.kb("service", "import", str(jobs))
    assert "image: nginx:1.27" in (lab.folder / "entries/services/web.md").read_text()
    assert "bad.nomad:1: can't be read by the plugin nomad (RuntimeError: no job in it)" in done.err + done.out


def test_secrets_and_headers_of_a_plugin_count_as_ours(with_runbooks: Lab) -> None:
    lab = with_runbooks
    key = "acme_k3v9q7wmz2rt4bx8nlch"
    made = lab.kb("incident", "new", "Billing", "--error", f"=acme= billing = no route to host {key}", "--no-edit")
    assert key not in made.paths[0].read_text()
    assert "acme key" in made.err
    asked = "from kb.logs.fingerprint import signature; print(signature('=acme= billing = no route to host'))"
    assert lab.run("-c", asked).out == "@billing no route to host\n"
    assert lab.kb("page-me").out == "ring\n"


def test_what_is_installed_and_its_version_are_in_every_stamp(lab: Lab) -> None:
    def program() -> str:
        return lab.run("-c", "from kb.storage import cache; print(cache.program())").out

    bare = program()
    lab.install(RUNBOOKS)
    with_it = program()
    (lab.path / "runbooks-1.0.dist-info").rename(lab.path / "runbooks-1.1.dist-info")
    newer = program()
    (lab.path / "runbooks/more.py").write_text("# edited in place\n")
    assert len({bare, with_it, newer, program()}) == 4


def test_without_the_plugin_its_notes_are_plain_pages(with_runbooks: Lab) -> None:
    lab = with_runbooks
    lab.write("runbooks/2026-11-20-x", "title: X\nservices: [nginx]")
    assert json.loads(lab.kb("list", "--json").out)[0]["kind"] == "runbook"
    (lab.path / "runbooks-1.0.dist-info").rename(lab.path / "elsewhere")
    assert json.loads(lab.kb("list", "--json").out)[0]["kind"] == "page"


# ---- broken ones ---------------------------------------------------------------------------------------------------------

BROKEN = {
    "kb.kinds": {
        "missing": ("no_such_module:X", "ModuleNotFoundError"),
        "noclass": ("broken:NOT_A_KIND", "is no subclass of kb.notes.kinds.Note"),
        "other": ("broken:Misnamed", "its kind is 'misnamed', and should be 'other'"),
        "incident": ("broken:Misnamed", "the name incident is taken"),
        "leaves": ("leaves:X", "SystemExit"),
    },
    "kb.pages": {"empty": ("broken:NOT_A_KIND", "has neither paths(site)"), "raises": ("broken:Raises", "ZeroDivisionError")},
    "kb.importers": {"none": ("broken:NOT_A_KIND", "is no ServiceImporter")},
    "kb.secret_rules": {"none": ("broken:NOT_A_KIND", "is no SecretRule")},
    "kb.log_headers": {"none": ("broken:WRONG_HEADER", "should take something from the beginning of its example")},
    "kb.commands": {"none": ("broken:NOT_A_KIND", "is no click.Command")},
    "kb.alarms": {"none": ("broken:NOT_A_KIND", "kb has no such table; there are kb.kinds")},
}


@pytest.fixture
def with_broken(lab: Lab) -> Lab:
    rows = (
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, (value, _) in names.items()) for group, names in BROKEN.items()
    )
    lab.install(
        {
            "broken-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: broken\nVersion: 2.0\n",
            "broken-2.0.dist-info/entry_points.txt": "".join(rows),
            "leaves.py": "raise SystemExit(3)\n",
            "broken.py": """\
                from kb.logs.headers import MaskRule
                from kb.notes.kinds import Note

                NOT_A_KIND = 7
                WRONG_HEADER = MaskRule("wrong", "x", "y x", "")

                class Misnamed(Note):
                    kind = "misnamed"
                    folder = "misnamed"

                class Raises:
                    def paths(site): yield "raises.md"
                    def pages(site, today): 1 / 0
                """,
        }
    )
    return lab


def test_a_broken_plugin_is_named_by_check_with_its_file_and_what_to_do(with_broken: Lab) -> None:
    assert with_broken.kb("site", "build").status == 0
    found = with_broken.kb("check")
    assert found.status == 1
    lines = found.out.splitlines()
    entry_points = (with_broken.path / "broken-2.0.dist-info/entry_points.txt").read_text().splitlines()
    for group, names in BROKEN.items():
        for name, (value, why) in names.items():
            if name == "raises":  # which `check` doesn't run: the build says it
                continue
            (line,) = [line for line in lines if f"broken 2.0: {name} of {group} is passed over: " in line and why in line]
            number = entry_points.index(f"{name} = {value}", entry_points.index(f"[{group}]")) + 1
            assert f"broken-2.0.dist-info/entry_points.txt:{number}: " in line
            assert line.endswith("; update it, or uninstall it")


def test_a_broken_plugin_stops_nothing(with_broken: Lab) -> None:
    lab = with_broken
    assert lab.kb("incident", "new", "It broke", "--error", "E1: no route to host", "--no-edit").status == 0
    assert "It broke" in lab.kb("list").out
    assert "It broke" in lab.kb("seen", "-", stdin="E1: no route to host\n").out
    assert "incident" in lab.kb("--help").out
    assert "No such command 'missing'" in lab.kb("missing", "list").err
    built = lab.kb("site", "build")
    assert built.status == 0
    assert "the plugin broken 2.0: raises of kb.pages is passed over: broken:Raises fails with ZeroDivisionError" in built.err
    assert (lab.folder / "site/index.html").is_file()


def test_a_header_that_javascript_cannot_say_is_left_out_of_the_site_alone(lab: Lab) -> None:
    lab.install(
        {
            "odd-1.0.dist-info/entry_points.txt": "[kb.log_headers]\nodd = odd:ROW\n",
            "odd.py": """\
                from kb.logs.headers import MaskRule

                ROW = MaskRule("odd", "(?P<origin>[a-z]{1,9})=  # the tag\\n \\\\ ", "ab= no route", "~ab no route")
                """,
        }
    )
    asked = "from kb.logs.fingerprint import signature; print(signature('ab= no route'))"
    assert lab.run("-c", asked).out == "~ab no route\n"
    built = lab.kb("site", "build")
    assert built.status == 0
    assert "the plugin odd 1.0: odd of kb.log_headers is passed over: odd:ROW fails with CantTranslate" in built.err


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<origin>a)=(?P=origin)=\ ",
        r"(?P<origin>a)=\1=\ ",
        r"(?i)A=a=\ ",
        r"a=a=\ #",
        r"a(?P<other>=)a=\ ",
        r"(a)=a=\ ",
        r"a=a=\ .*",
    ],
)
def test_a_header_that_would_mean_something_else_among_others_is_left_out(lab: Lab, pattern: str) -> None:
    lab.install(
        {
            "odd-1.0.dist-info/entry_points.txt": "[kb.log_headers]\nodd = odd:ROW\n",
            "odd.py": f'from kb.logs.headers import MaskRule\nROW = MaskRule("odd", {pattern!r}, "a=a= no route", "no route")\n',
        }
    )
    asked = (
        "from kb.logs.fingerprint import signature; from kb import plugins; print(signature('no route'), len(plugins.faults()))"
    )
    assert lab.run("-c", asked).out == "no route 1\n"


def test_entry_points_that_nobody_can_read_are_one_problem(lab: Lab) -> None:
    lab.install(
        {
            "odd-1.0.dist-info/entry_points.txt": "[kb.kinds]\nno name here\n",
            "bare-1.0.dist-info/entry_points.txt": "[kb.kinds]\n",
        }
    )
    lines = lab.kb("check").out.splitlines()
    assert len(lines) == 1
    assert (
        "odd-1.0.dist-info/entry_points.txt:1: the plugin odd 1.0: entry_points.txt of kb is passed over: can't be read"
        in lines[0]
    )


# ---- the start -----------------------------------------------------------------------------------------------------------


def test_a_plugin_is_imported_when_its_table_is_read_and_not_before(with_runbooks: Lab) -> None:
    def loaded(*words: str) -> list[str]:
        code = f"import sys; from kb.cli import run; run({list(words)!r}); print(*sorted(m for m in sys.modules if 'runbooks' in m))"
        return with_runbooks.run("-c", code).out.splitlines()[-1].split()

    assert loaded("completion", "bash") == []
    with_runbooks.kb("list")  # reads the notes, and looks for secrets in them
    assert loaded("list") == ["runbooks"]
    (with_runbooks.path / "runbooks-1.0.dist-info/entry_points.txt").unlink()
    code = "import sys; from kb.cli import run; run(['list']); print('importlib.metadata' in sys.modules)"
    assert with_runbooks.run("-c", code).out.endswith("False\n")


# ---- the documentation ---------------------------------------------------------------------------------------------------


def test_the_documentation_shows_the_plugin_of_these_tests_and_every_group() -> None:
    from kb.plugins import GROUPS, Table

    page = (Path(__file__).parent.parent / "docs/plugins.md").read_text()
    for group, place in GROUPS.items():
        assert f"`{group}`" in page
        module, _, name = place.partition(":")
        table = getattr(__import__(f"kb.{module}", fromlist=[name]), name)
        assert isinstance(table, Table)
        assert (table.group, bool(table.own)) == (group, True)  # kb's own rows stand in the same table
    for name, text in RUNBOOKS.items():
        if not name.endswith("METADATA"):
            assert textwrap.dedent(text).strip() in page, f"docs/plugins.md shows another {name} than the one that is tested"


def test_the_documentation_says_the_signatures_that_the_hooks_have() -> None:
    import inspect
    import re

    from kb.importers.service_record import ServiceImporter, ServiceRecord
    from kb.logs.headers import MaskRule
    from kb.notes.kinds import Note
    from kb.secrets.rule import SecretRule
    from kb.site.catalog import MakesFiles, MakesPages
    from kb.site.sitemap.page import Page

    page = (Path(__file__).parent.parent / "docs/plugins.md").read_text()
    said = dict(re.findall(r"^- `(\w+)\(([^)`]*)\)`", page, re.MULTILINE))
    hooks: dict[str, Callable[..., object]] = {"paths": MakesPages.paths, "pages": MakesPages.pages, "files": MakesFiles.files}
    for name, hook in hooks.items():
        assert said[name] == ", ".join(list(inspect.signature(hook).parameters)[1:])
    for cls in (ServiceImporter, ServiceRecord, MaskRule, SecretRule, Page):
        known = inspect.signature(cls).parameters
        required = [name for name, one in known.items() if one.default is inspect.Parameter.empty]
        named = [name.strip() for name in said[cls.__name__].split(",")]
        assert [name.removesuffix("=…") for name in named if not name.endswith("=…")] == required, cls
        assert {name.removesuffix("=…") for name in named} <= known.keys(), cls
    for attribute in re.findall(r"^  - `(\w+)`", page, re.MULTILINE):
        assert hasattr(Note, attribute)
