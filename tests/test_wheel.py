"""What is shipped: the wheel alone, in an environment of its own, does the main job."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from commands import World

PROJECT = Path(__file__).parent.parent
ERROR = 'connect() failed (113: No route to host) while connecting to upstream, upstream: "http://172.20.0.7:8096/"'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    return next(folder.glob("labkb-*.whl"))


def test_the_wheel_holds_templates_theme_and_demo_and_nothing_of_the_project_around(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, inside in (
        (PROJECT / "templates", "kb/templates"),
        (PROJECT / "kb" / "site" / "theme", "kb/site/theme"),
        (PROJECT / "kb" / "site" / "styles", "kb/site/styles"),
        (PROJECT / "kb" / "demo", "kb/demo"),
    ):
        files = {f"{inside}/{file.relative_to(folder)}" for file in folder.rglob("*") if file.is_file()}
        assert files
        assert files <= names, f"the wheel lacks {sorted(files - names)}: see [tool.hatch.build] in pyproject.toml"
    assert "kb/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"kb", "labkb"}


def test_both_commands_do_the_main_job_where_only_the_wheel_is_installed(wheel: Path, empty_world: World) -> None:
    environment = empty_world.home / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    # The dependencies of the tests' own environment; its editable kb stays out, since a .pth file in there isn't followed.
    packages = sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)})
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(*command: str, status: int = 0) -> str:
        done = subprocess.run(
            [str(environment / "bin" / command[0]), *command[1:]],
            cwd=empty_world.folder,
            env=empty_world.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout

    assert run("python", "-c", "import kb; print(kb.__file__)").startswith(str(environment))
    run("kb", "init", "--templates")
    assert (empty_world.folder / "templates" / "incident.md").read_bytes() == (
        PROJECT / "templates" / "incident.md"
    ).read_bytes()
    run(
        "labkb",
        "incident",
        "new",
        "Jellyfin 502",
        "--error",
        ERROR,
        "--fix",
        "docker network connect proxy jellyfin",
        "--no-edit",
    )
    (empty_world.folder / "new.log").write_text(ERROR.replace("172.20.0.7", "172.20.0.11") + "\n")
    assert "docker network connect proxy jellyfin" in run("kb", "seen", "new.log")
    run("kb", "site", "build")
    assert (empty_world.folder / "site" / "index.html").is_file()
