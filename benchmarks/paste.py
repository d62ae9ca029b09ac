"""How long the page "Paste an error" is held up: `python benchmarks/paste.py [NOTES] [--slower 4]`.

It builds the site of NOTES made-up notes and opens the page in Chromium, from the folder. Printed are, in milliseconds: when the page is
ready, and for five megabytes of a log the whole answer and the longest tasks, in which the page can do nothing else: time of
the processor, since a busy machine makes every task long. `--slower` slows the browser's processor down, as a phone would.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
from pathlib import Path

import make_base
from playwright.sync_api import Browser, Page, sync_playwright

from kb.site.build import builder

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
SIZE = 5_000_000
ASK = """async () => {
  const text = window.log
  const box = document.querySelector("#kb-paste-box"), status = document.querySelector(".kb-paste__status")
  const data = new DataTransfer()
  data.setData("text/plain", text)
  const start = performance.now()
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
  while (!/read,/.test(status.textContent)) await new Promise(done => setTimeout(done, 20))
  return performance.now() - start
}"""


def logs() -> dict[str, str]:
    """Five megabytes each: of lines that differ in numbers only, in a word each, and in all their words."""
    dice = random.Random(1)

    def word() -> str:
        return "".join(dice.choices("abcdefghijklmnoprstuvwz", k=dice.randrange(4, 10)))

    known = [word() for _ in range(400)]
    head = "2026-11-20 04:11:{:02} INFO "
    return {
        "numbers": "\n".join(f"{head.format(n % 60)}job {n} done in {n % 977} ms by worker {n % 7}" for n in range(SIZE // 60)),
        "a word": "\n".join(f"{head.format(n % 60)}{' '.join(dice.choices(known, k=7))} {word()}" for n in range(SIZE // 88)),
        "all words": "\n".join(f"{head.format(n % 60)}{' '.join(word() for _ in range(8))}" for n in range(SIZE // 87)),
    }


def opened(browser: Browser, address: str, slower: float) -> tuple[Page, float]:
    """The page, and after how many milliseconds it was ready."""
    page = browser.new_context().new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(address)
    page.wait_for_selector(".kb-paste__status:has-text('ready')")
    return page, page.evaluate("performance.now()")


def longest_tasks(browser: Browser, page: Page, text: str) -> tuple[float, list[float]]:
    """How long the answer took, and the longest tasks of the page, all in milliseconds."""
    page.evaluate("text => { window.log = text }", text)
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    whole = page.evaluate(ASK)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {(row["pid"], row["tid"]) for row in events if row["args"].get("name") == "CrRendererMain"}
    tasks = [row for row in events if row["name"].endswith("RunTask") and (row["pid"], row["tid"]) in mains and "tdur" in row]
    return whole, sorted((min(row["tdur"], row["dur"]) / 1000 for row in tasks), reverse=True)


def main() -> None:
    """Build, ask, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", nargs="?", type=int, default=1_000)
    parser.add_argument("--site", type=Path, help="a folder with a built site, instead of one that is made here")
    parser.add_argument("--slower", type=float, default=1.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        site = options.site
        if site is None:
            root = Path(folder) / "base"
            make_base.make(root, options.notes)
            (root / "mkdocs.yml").write_text("site_name: Benchmark\ntheme: {name: material}\nplugins: [kb]\n")
            site = builder.build(root).folder
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        address = (site / "paste.html").absolute().as_uri()
        ready = [opened(browser, address, options.slower)[1] for _ in range(7)]
        print(f"  ready after {statistics.median(ready):.0f} ms (median of {len(ready)})")
        for name, text in logs().items():
            page, _ = opened(browser, address, options.slower)
            whole, tasks = longest_tasks(browser, page, text)
            print(f"  {name:10} answered in {whole:.0f} ms; the longest tasks {[round(task) for task in tasks[:5]]} ms")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
