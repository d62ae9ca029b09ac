"""A small knowledge base in memory, for the tests of what is found in it."""

from __future__ import annotations

from pathlib import Path

from kb.logs.fingerprint import fingerprints
from kb.notes.kinds import Note, kind_of_folder
from kb.notes.knowledge_base import KnowledgeBase

NOTES = {
    "incidents/jellyfin-502": """title: Jellyfin answers 502 after the upgrade; services: jellyfin, nginx; date: 2026-04-24
## Error
```
2026/04/24 01:07:44 [error] 9#9: *1 connect() failed (113: No route to host) while connecting to upstream, client: 10.0.0.3, server: tv.home, upstream: "http://172.20.0.7:8096/"
```
## Fix
```
docker network connect proxy jellyfin
```
Then add `proxy` to the networks in its compose file.
""",
    "incidents/pihole-port-53": """title: Pi-hole will not come up after the host's update; services: pihole; date: 2026-05-01
## Error
```
Error response from daemon: driver failed programming external connectivity on endpoint pihole (4f1c9a77be0e5d0f): Error starting userland proxy: listen tcp4 0.0.0.0:53: bind: address already in use
```
## Fix
systemd-resolved held port 53: set DNSStubListener=no.
""",
    "incidents/gitea-postgres": """title: Gitea is rejected by postgres; services: gitea; date: 2026-05-02
## Error
```
2026-05-02 11:20:31.112 UTC [78] FATAL:  password authentication failed for user "gitea"
```
## Fix
The password in .env did not fit the volume: ALTER ROLE.
""",
    "incidents/docker-disk-full": """title: Disk full below docker; services: docker; date: 2026-05-03
Everything fails to write.
## Error
```
write /var/lib/docker/overlay2/8c1f/merged/tmp/x: no space left on device
```
## Fix
docker system prune
""",
    "incidents/restic-lock": """title: Restic's repository stays locked; tags: backup; date: 2026-05-04
The backup job fails each night.
## Error
```
unable to create lock in backend: repository is already locked by PID 12345 on nas by root (UID 0, GID 0)
lock was created at 2026-02-02 02:00:01 (26h3m12.1s ago)
```
## Fix
The lock was stale: restic unlock.
""",
    "incidents/registry-certificate": """title: The registry on the LAN isn't trusted; services: registry; date: 2026-05-05
Images cannot be pulled.
## Error
```
Error response from daemon: Get "https://registry.lan:5000/v2/": x509: certificate signed by unknown authority
```
## Fix
Copied the CA to /etc/docker/certs.d.
""",
    "incidents/paho": """title: Home Assistant lost an integration; services: homeassistant; date: 2026-05-06
## Error
```
Traceback (most recent call last):
  File "/app/setup.py", line 421, in load
    await task
ModuleNotFoundError: No module named 'paho.mqtt.client'
```
## Fix
Pinned the requirement.
""",
    "decisions/0001-traefik": """title: Put Traefik in front; services: traefik; date: 2026-01-01; status: accepted
We use one proxy for all, because of wildcard certificates.
""",
    "experiments/pull-a-disk": """title: Pull a disk during a write; services: nas; date: 2026-03-01
## Error
```
status: One or more devices has experienced an unrecoverable error.  An attempt was made to correct the error.
```
## Lesson
The pool was degraded for an hour; nothing was lost.
""",
    "services/nas": """title: nas; aliases: storage
Here the media is stored, and all backups.
""",
}


def note(ref: str, text: str) -> Note:
    head, _, body = text.partition("\n")
    front: dict[str, object] = {}
    for pair in head.split("; "):
        key, _, value = pair.partition(": ")
        front[key] = value.split(", ") if key in ("services", "tags", "aliases") else value
    made = kind_of_folder(ref.partition("/")[0])(ref, f"entries/{ref}.md", front, {}, body, 5, digest=text)
    marks = tuple(mark for error in made.errors for mark in fingerprints(error.text))
    return type(made)(ref, f"entries/{ref}.md", front, {}, body, 5, digest=text, fingerprints=marks)


def base(notes: dict[str, str]) -> KnowledgeBase:
    return KnowledgeBase(Path("/lab"), tuple(note(ref, text) for ref, text in sorted(notes.items())))


LAB = base(NOTES)
