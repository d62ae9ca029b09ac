"""Make the pictures of the README from the sample lab: `kb seen` on a terminal, and pages of the site in Chromium.

Usage: make_pictures.py [FOLDER]     (make pictures; without a folder, into docs/pictures)
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from commands import World  # noqa: E402

PAGES = {
    "home": "index.html",
    "incident": "incidents/2026-04-24-jellyfin-answers-502-after-the-upgrade.html",
    "service": "services/postgres.html",
    "decision": "decisions/0006-two-pi-holes-on-hosts-with-a-real-clock.html",
    "paste": "paste.html",
}
SCHEMES = ("light", "dark")
WIDTHS = {"": (1280, 860), "-phone": (390, 844)}
ON_A_PHONE = ("home", "incident")


def terminal(world: World, pictures: Path) -> None:
    """`kb seen`, as 80 columns show it."""
    command = "docker logs --tail 400 nginx 2>&1 | kb seen"
    log = (world.folder / "nginx-2.log").read_bytes()
    shown = world.typed(["seen"], piped=log, env={"COLUMNS": "80"}).out
    console = Console(record=True, width=82, file=open("/dev/null", "w"), force_terminal=True)  # noqa: SIM115
    console.print(Text("$ ", style="dim") + Text(command))
    console.print(Text.from_ansi(shown))
    drawn = console.export_svg(title="1am", unique_id="seen")
    # Fonts of the reader's own system: a picture asks nothing of the network.
    (pictures / "seen.svg").write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), "utf-8")


def site(world: World, pictures: Path) -> None:
    """Pages of the sample lab's site, in both schemes."""
    chromium = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    pasted = (world.folder / "nginx-2.log").read_text("utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in SCHEMES:
            for ending, (width, height) in WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
                for name, path in PAGES.items():
                    if ending and name not in ON_A_PHONE:
                        continue
                    page.goto((world.folder / "site" / path).as_uri())
                    if name == "paste":
                        page.fill("#kb-paste textarea", pasted)
                        page.locator("h1").click()  # the focus out of the field
                    page.wait_for_timeout(500)
                    page.screenshot(path=pictures / f"{name}{ending}-{scheme}.png")
                page.close()
        browser.close()


def main() -> None:
    """Make a sample lab in a temporary folder, and the pictures of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE / "pictures")
    pictures = parser.parse_args().folder
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        world = World(home, home / "lab")
        made = World(home, home).kb("demo", "lab")
        assert made.status == 0, made.err
        terminal(world, pictures)
        site(world, pictures)


if __name__ == "__main__":
    main()
