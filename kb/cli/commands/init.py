"""`kb init`: a new knowledge base."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ...exceptions import CannotWrite, UnreadableSettings, WrongUse, system_reason
from ...notes.kinds import KINDS
from ...notes.settings import has_plugin
from ...storage import files, folders, git, git_commit, root_folder, template_files
from .. import options
from ..terminal.screen import plural, remark, say_path

_MKDOCS_YML = """\
# The one configuration file: MkDocs' own settings (https://www.mkdocs.org/user-guide/configuration/),
# and kb's under the plugin. Everything else has a good default.
site_name: {name}
docs_dir: entries
theme:
  name: material
plugins:
  - kb
  # - kb:
  #     commit: false            # don't commit notes to Git by itself
  #     decisions: docs/adr      # decision records that are kept elsewhere
  #     headings: {{Lösung: fix}}  # other names of the sections Error, Fix, Why, Check
"""


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", metavar="TEXT", default="", help="The name of the site. [default: the folder's]")
@click.option("--templates", is_flag=True, help="Copy the templates into templates/, to change them.")
@click.option("--git/--no-git", "use_git", default=True, help="Make a Git repository when the folder is in none.")
@click.option("--hook", is_flag=True, help="Let Git refuse commits that hold a secret or a broken note (a pre-commit hook).")
@options.commit_option
def init(folder: Path, name: str, templates: bool, use_git: bool, hook: bool, no_commit: bool) -> int:
    """Make a knowledge base. That is mkdocs.yml, entries/ and templates/, in Git.

    Nothing that is there already is changed. The first one is also used from any other folder.

    \b
    Examples:
      kb init ~/lab
      kb init --name "My lab"
      kb init --templates              copy the templates, to change them
      kb init --hook                   for notes that are committed by hand
    """
    root = Path(os.path.abspath(folder))  # `../other` is not in this folder's repository
    made = make(root, name or root.name, templates, use_git)
    for path in made:
        if path.name != ".gitkeep":
            say_path(path)
    # An earlier commit may have failed: Git didn't know the user yet.
    left = [] if made or no_commit else git_commit.untracked(root, [path for path, _ in _files(root, name, templates)])
    if left:
        remark(f"{root} is a knowledge base already; what was made then is committed now")
    elif not made:
        remark(f"{root} is a knowledge base already" + ("" if hook else ", nothing to do"))
    if hook:
        _make_hook(root)
    is_default = _make_default(root)
    status = commit_made(root, made or left, not no_commit) if made or left else 0
    if made:
        for said in _left_to_do(root):
            remark(said)
        there = "" if root == Path.cwd() else f"cd {shlex.quote(str(folder))}, then "
        remark(f"next: {there}`kb incident new`" + (" (kb finds this one from any folder)" if is_default else ""))
    return status


def _left_to_do(root: Path) -> Iterator[str]:
    """What kb leaves to the user in a folder that was in use before."""
    from ...importers.adr.project_folders import HOMES

    if git.work_tree(root) and not _is_ignored(root, "site/"):
        yield "add /site/ to .gitignore: `kb site build` writes there"
    pages = _beside(root, "*.md")
    if count := sum(path.name.lower() != "readme.md" for path in pages):
        yield f"{plural(count, 'Markdown file')} here aren't below entries/, so kb doesn't read them: move what it should find"
    if _beside(root, "*compose*.y*ml"):
        yield "there are compose files: `kb service import .` makes service notes of them"
    if kept := _adr_dir(root):
        yield f"decisions stay in {kept}, as .adr-dir says: `kb decision list` shows them, and `alias adr='kb adr'` works there"
    elif adr := next((folder for folder in HOMES if (root / folder).is_dir()), None):
        yield f"there are decision records: `kb import adr {adr}`, or keep them there with `decisions: {adr}` in mkdocs.yml"


def _beside(root: Path, pattern: str) -> list[Path]:
    """Files in the folder and one level below, but for kb's own: a look, and no walk through a whole disk."""
    own = {root_folder.ENTRIES, "templates", "site"}
    found = [*root.glob(pattern), *root.glob(f"*/{pattern}")]
    return [path for path in found if (top := path.relative_to(root).parts[0]) not in own and not top.startswith(".")]


def _is_ignored(root: Path, name: str) -> bool:
    try:
        git.run(root, "check-ignore", "--quiet", name)
    except git.GitFailed:
        return False
    return True


def make(root: Path, name: str, templates: bool, use_git: bool) -> list[Path]:
    """Make what is missing of a knowledge base, and return the new files. Raises WrongUse or CannotWrite."""
    mkdocs_yml = root / "mkdocs.yml"
    if mkdocs_yml.exists() and not _is_ours(mkdocs_yml):
        raise WrongUse(f"{mkdocs_yml} is there already, without kb: add `- kb` under `plugins:` in it, then run kb init again")
    try:
        root.mkdir(parents=True, exist_ok=True)
        if use_git and git.work_tree(root) is None:
            _make_repository(root)
        return [path for path, data in _files(root, name, templates) if _add(path, data)]
    except OSError as error:
        raise CannotWrite(root, system_reason(error)) from error


def _is_ours(mkdocs_yml: Path) -> bool:
    try:
        return has_plugin(root_folder.read_mkdocs_yml(mkdocs_yml))
    except UnreadableSettings as error:
        raise WrongUse(f"{error}: correct it, then run kb init again") from None


def _files(root: Path, name: str, templates: bool) -> Iterator[tuple[Path, bytes]]:
    settings = _MKDOCS_YML.format(name=_yaml_text(name))
    if kept := _adr_dir(root):
        settings = settings.replace(
            "\n  - kb\n", f"\n  - kb:\n      decisions: {_yaml_text(kept)}  # where adr-tools keeps them\n"
        )
    yield root / "mkdocs.yml", settings.encode()
    yield root / ".gitignore", b"/site/\n/site-*/\n"
    for cls in KINDS.values():
        yield root / root_folder.ENTRIES / cls.folder / ".gitkeep", b""
    yield root / "templates" / ".gitkeep", b""
    if templates:
        for template in sorted(template_files.builtin_templates().glob("*.md")):
            yield root / "templates" / template.name, template.read_bytes()


def _adr_dir(root: Path) -> str:
    """The folder of records that adr-tools was told of; they stay there, and kb reads them as they are."""
    from .import_adr import adr_dir

    named = adr_dir(root)
    return named if named and (root / named).resolve().is_relative_to(root.resolve()) else ""


def _yaml_text(name: str) -> str:
    from ...notes.front_matter_edit import quoted

    return quoted(name)


def _add(path: Path, data: bytes) -> bool:
    """Whether the file was missing and is there now."""
    if path.exists() or (path.name == ".gitkeep" and path.parent.is_dir() and any(path.parent.iterdir())):
        return False
    files.add(path, data)
    return True


def _make_repository(root: Path) -> None:
    try:
        git.init(root)
    except git.GitFailed as failed:
        remark(f"no Git repository was made: {failed}")


_HOOK = """\
#!/bin/sh
# No secret and no broken note gets into a commit (kb init --hook). For once without it: git commit --no-verify
if command -v kb >/dev/null; then
    exec kb --root {folder} check --staged
elif [ -x {python} ]; then
    exec {python} -m kb --root {folder} check --staged
else
    echo "kb isn't found, so nothing looked for secrets: install it, or commit with --no-verify" >&2
    exit 1
fi
"""


def _make_hook(root: Path) -> None:
    """The pre-commit hook, unless there is one. Raises WrongUse or CannotWrite."""
    try:
        path, folder = git.hook(root, "pre-commit"), git.prefix(root) or "."
    except git.GitFailed as failed:
        raise WrongUse(f"no hook was made: {failed}") from None
    if path.exists():
        if re.search(r"^[^#\n]*\bkb .*check --staged", path.read_text("utf-8", "replace"), re.MULTILINE):
            return
        raise WrongUse(f"{path} is there already: add the line `kb --root {shlex.quote(folder)} check --staged` to it")
    files.add(path, _HOOK.format(folder=shlex.quote(folder), python=shlex.quote(sys.executable)).encode())
    path.chmod(0o755)
    remark(f"from now on Git asks `kb check --staged` before each commit ({path})")


def commit_made(root: Path, made: list[Path], wanted: bool) -> int:
    """Commit the files of a new knowledge base; 0, or 3 with a remark."""
    if not wanted:
        return 0
    commit = git_commit.commit(root, made, "A knowledge base", new=True)
    if commit.trouble:
        remark(f"made, but not committed: {commit.trouble}; then kb init again")
        return 3
    return 0


def _make_default(root: Path) -> bool:
    """Make this the knowledge base for all other folders, unless there is one already."""
    file = folders.default_root_file()
    try:
        if file.exists() and (Path(file.read_text("utf-8").strip()) / "mkdocs.yml").is_file():
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{root}\n", "utf-8")
    except OSError:
        return False
    return True
