"""Make a believable knowledge base of any size: python benchmarks/make_base.py FOLDER [NOTES]."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

SERVICES = [
    "jellyfin",
    "immich",
    "nextcloud",
    "vaultwarden",
    "paperless",
    "gitea",
    "homeassistant",
    "pihole",
    "traefik",
    "nginx",
    "postgres",
    "redis",
    "grafana",
    "prometheus",
    "sonarr",
    "radarr",
    "syncthing",
    "restic",
    "mosquitto",
    "zigbee2mqtt",
    "frigate",
    "uptime-kuma",
    "authelia",
    "unbound",
    "wireguard",
    "adguard",
    "navidrome",
    "mealie",
    "forgejo",
    "woodpecker",
    "miniflux",
    "freshrss",
    "loki",
    "minio",
    "influxdb",
    "portainer",
    "caddy",
    "samba",
    "nfs",
    "plex",
]
HOSTS = ["nas", "pi4", "pi5", "pve1", "pve2", "nuc", "rack", "backup"]
TAGS = ["network", "disk", "tls", "upgrade", "dns", "auth", "backup", "power", "compose", "kernel"]
LAYERS = ["power", "hardware", "host", "storage", "network", "dns", "proxy", "tls", "runtime", "app", "auth", "backup"]

# Errors with their holes: {ip} {n} {hex} {id} {path} {host} {service} {time}
ERRORS = (
    '{time} [error] {n}#{n}: *{n} connect() failed (113: No route to host) while connecting to upstream, client: {ip}, server: {host}, upstream: "http://{ip}:8096/"',
    "{service}-1  | {time} ERROR {word}{Word}Exception: cannot {word} the {word} of {service} ({n} ms)",
    'level=error ts={time} caller={word}.go:{n} msg="{word} {word} failed" err="dial tcp {ip}:{n}: connect: connection refused"',
    "panic: runtime error: {word} {word} out of range [{n}] with length {n}\n\ngoroutine {n} [running]:\nmain.{word}{Word}(0xc{hex})\n\t/app/{word}.go:{n} +0x{hex}",
    'Traceback (most recent call last):\n  File "/app/{word}.py", line {n}, in {word}_{word}\n    {word}()\n{Word}Error: {word} {word} is not a {word}',
    "{syslog} {host} {service}[{n}]: {word}: {word} {word} rejected by {word} (code {n})",
    "{syslog} {host} kernel: [{n}.{n}] {word}{n}: {word} {word} error, dev sd{letter}, sector {n}",
    '{{"level":"error","time":"{time}","msg":"{word} {word} {word} timed out","host":"{host}","id":"{id}"}}',
    "ERROR 1{n} --- [{word}-{n}] c.{word}.{service}.{Word}Service : {word} {word} {word}: no {word} for {word}",
    "Fatal: unable to {word} {word} in {word}: {word} is already {word} by PID {n} on {host}",
    '{time} UTC [{n}] FATAL:  {word} {word} does not {word} "{word}_{word}"',
    "write {path}: {word} {word} {word} on device",
)
FIXES = (
    "```\ndocker network connect proxy {service}\n```\nThen add `proxy` to the networks in its compose file.",
    "Restarted {service} after setting `{word}_{word}: {n}` in its compose file.",
    "The disk was full: `docker system prune`, and the {word} log is rotated now.",
    "Rolled {service} back to the version before, and pinned it.",
    "Gave {service} its own {word}, and removed the {word} from {host}.",
)
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "wo",
    "ka",
    "lo",
    "mi",
    "nu",
    "pa",
    "re",
    "si",
    "to",
]


class Writer:
    """Fills templates with names and numbers; the same seed gives the same notes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = ["".join(self.random.choices(_SYLLABLES, k=self.random.choice((2, 3, 3)))) for _ in range(1_500)]
        self.words += [
            "lock",
            "index",
            "queue",
            "cache",
            "socket",
            "certificate",
            "schema",
            "migration",
            "thumbnail",
            "library",
            "mount",
            "share",
            "token",
        ] * 8

    def fill(self, template: str, **fixed: str) -> str:
        """The template with every hole filled anew."""
        holes: dict[str, Callable[[], str]] = {
            "word": lambda: self.random.choice(self.words),
            "Word": lambda: self.random.choice(self.words).title(),
            "n": lambda: str(self.random.randint(2, 99_999)),
            "ip": lambda: ".".join(str(self.random.randint(2, 250)) for _ in range(4)),
            "hex": lambda: f"{self.random.getrandbits(36):09x}",
            "id": lambda: f"{self.random.getrandbits(128):032x}",
            "letter": lambda: self.random.choice("abcdef"),
            "path": lambda: f"/srv/{self.random.choice(self.words)}/{self.random.choice(self.words)}.db",
            "host": lambda: self.random.choice(HOSTS),
            "service": lambda: self.random.choice(SERVICES),
            "time": lambda: (
                f"2026-{self.random.randint(1, 9):02}-{self.random.randint(1, 28):02}T{self.random.randint(0, 23):02}:11:44.{self.random.randint(100, 999)}Z"
            ),
            "syslog": lambda: f"Jul {self.random.randint(1, 28):2} {self.random.randint(10, 23)}:01:58",
        }
        done = []
        for part in template.replace("{{", "\0").replace("}}", "\1").split("{"):
            name, closing, rest = part.partition("}")
            done.append((fixed[name] if name in fixed else holes[name]()) + rest if closing else part)
        return "".join(done).replace("\0", "{").replace("\1", "}")

    def with_words(self, template: str, **fixed: str) -> str:
        """The template with its words and its code filled in; the holes left differ each time an error comes back."""
        template = template.replace("(code {n})", f"(code {self.random.randint(2, 999)})")
        filled = re.sub(r"\{service\}", lambda _: fixed.get("service") or self.random.choice(SERVICES), template)
        filled = re.sub(r"\{word\}", lambda _: self.random.choice(self.words), filled)
        return re.sub(r"\{Word\}", lambda _: self.random.choice(self.words).title(), filled)

    def sentence(self, words: int = 14) -> str:
        """A sentence of made-up words among true ones."""
        return " ".join(self.random.choice((*self.words[:300], *TAGS, *SERVICES)) for _ in range(words)).capitalize() + "."


def notes(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """(ref, text) of `count` notes: six in ten incidents, the rest of all other kinds."""
    writer = Writer(seed)
    day = date(2024, 1, 1)
    for i in range(count):
        service, other, host = writer.random.choice(SERVICES), writer.random.choice(SERVICES), writer.random.choice(HOSTS)
        when = (day + timedelta(days=i % 900)).isoformat()
        head = f"date: {when}\nservices: [{service}, {other}]\nhosts: [{host}]\ntags: [{writer.random.choice(TAGS)}]\n"
        story = "\n\n".join(writer.sentence(writer.random.randint(8, 30)) for _ in range(writer.random.randint(2, 6)))
        title = f"{service} {writer.fill('{word} {word}')} {writer.random.choice(('fails', 'is slow', 'after the upgrade', 'at night'))}"
        error = writer.fill(writer.random.choice(ERRORS), service=service, host=host)
        fix = writer.fill(writer.random.choice(FIXES), service=service, host=host)
        if i % 10 < 6:
            layer = writer.random.choice(LAYERS)
            body = f"## Error\n```\n{error}\n```\n## Fix\n{fix}\n## Why\n{story}\n"
            yield f"incidents/{when}-{service}-{i}", f"---\ntitle: {title}\nstatus: resolved\nlayer: {layer}\n{head}---\n{body}"
        elif i % 10 == 6:
            body = f"## Hypothesis\n{writer.sentence()}\n## Error\n```\n{error}\n```\n## Lesson\n{fix}\n{story}\n"
            yield f"experiments/{when}-{service}-{i}", f"---\ntitle: Break {title}\noutcome: broke\n{head}---\n{body}"
        elif i % 10 == 7:
            yield (
                f"decisions/{i:04}-{service}",
                f"---\ntitle: Use {title}\nstatus: accepted\n{head}---\n## Context\n{story}\n## Decision\n{fix}\n",
            )
        elif i % 10 == 8:
            yield (
                f"changes/{when}-{service}-{i}",
                f"---\ntitle: Changed {title}\nundo: git revert\n{head}---\n{writer.sentence()}\n",
            )
        else:
            text = f"---\ntitle: {service} {i}\nhosts: [{host}]\ndepends_on: [{other}]\nurl: https://{service}.home.arpa\n---\n## What it is and why\n{story}\n"
            yield f"services/{service}-{i}", text


def make(folder: Path, count: int = 1_000, seed: int = 1) -> Path:
    """Write a knowledge base of `count` notes into `folder`, and return it."""
    for kind in ("incidents", "experiments", "decisions", "changes", "services"):
        (folder / "entries" / kind).mkdir(parents=True, exist_ok=True)
    (folder / "mkdocs.yml").write_text("site_name: Benchmark\nplugins: [kb]\n")
    for ref, text in notes(count, seed):
        (folder / "entries" / f"{ref}.md").write_text(text, "utf-8")
    return folder


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000))
