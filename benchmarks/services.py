"""A home lab of 500 services: how long import, drift, changes, impact and readiness take, as whole processes.

In seconds of the processor, so that a busy machine changes nothing, and of the clock.

python benchmarks/services.py [COUNT]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asked

KB = [sys.executable, "-m", "kb"]
LIMITS = {"import": 5.0, "impact": 0.3, "readiness": 0.5}


def stack(number: int) -> str:
    """A compose file of five services."""
    parts = ["x-common: &common {restart: unless-stopped, environment: {TZ: UTC}}", "services:"]
    for at in range(5):
        name = f"app{number}-{at}"
        needs = f"depends_on: {{app{number}-0: {{condition: service_healthy}}}}" if at else "healthcheck: {test: [CMD, true]}"
        parts.append(
            f"  {name}:\n    <<: *common\n    image: example/{name}:${{TAG:-1.{number}}}\n    ports: ['{10000 + number * 5 + at}:80']\n"
            f"    volumes: ['{name}-data:/data', './{name}.conf:/etc/{name}.conf:ro']\n    {needs}\n"
            f"    labels: ['traefik.http.routers.{name}.rule=Host(`{name}.home`)', homepage.group=Apps]"
        )
    return "\n".join(parts) + "\n"


def timed(name: str, folder: Path, env: dict[str, str], *arguments: str) -> bool:
    """Run a command and say how long it took; whether that is within its limit."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([*KB, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    limit = LIMITS.get(name)
    said = (done.stderr or done.stdout).splitlines()[:1]
    print(
        f"{name:<14} {took:6.2f} s  {f'of {limit} s' if limit else '':<9} {clock:6.2f} s by the clock  exit {done.returncode}  {' '.join(said)[:60]}"
    )
    return limit is None or took <= limit


def main() -> int:
    """Make the lab, run the commands; 1 when one took too long."""
    count = asked.numbers(__doc__, 500)[0]
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "lab"
        folder.mkdir()
        who = {f"GIT_{role}_{what}": "me@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        env = {**os.environ, **who, "HOME": home}
        subprocess.run([*KB, "init"], cwd=folder, env=env, capture_output=True, check=True)
        for number in range(count // 5):
            path = folder / "docker" / f"stack{number}" / "compose.yaml"
            path.parent.mkdir(parents=True)
            path.write_text(stack(number))
        for round_ in range(20):
            subprocess.run(["git", "add", "-A", "docker"], cwd=folder, env=env, check=True)
            subprocess.run(["git", "commit", "--allow-empty", "-qm", f"Round {round_}"], cwd=folder, env=env, check=True)
            for number in range(round_, count // 5, 7):
                path = folder / "docker" / f"stack{number}" / "compose.yaml"
                path.write_text(path.read_text().replace(f"1.{number}}}", f"1.{number}.{round_}}}", 1))
        fine = [timed("import", folder, env, "service", "import", "docker")]
        fine += [timed("import again", folder, env, "service", "import", "docker")]
        fine += [timed("drift", folder, env, "service", "drift")]
        fine += [timed("changes", folder, env, "changes"), timed("changes again", folder, env, "changes")]
        fine += [timed("impact", folder, env, "service", "impact", "app0-0")]
        fine += [timed("readiness", folder, env, "service", "readiness")]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
