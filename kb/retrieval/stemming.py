"""Words: what plain language is made of, and which words of the field mean the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

WORD = re.compile(r"[^\W_]+(?:['’][a-z]{1,2}\b|(?:-[^\W_]+)+)?")
_STOPWORD_TEXT = (
    "a an the and or of to in on at by for with from as is are was were be been being it its this that these those there "
    "then than i my me we our you your he she do does did done so if when while what which who how why where can cannot "
    "could will would should may might must has have had not no nor but about into over after again all any some very "
    "just now only also too up out off s t ll re ve don won isn doesn didn wasn nothing something anything everything "
    "anymore more wont cant dont doesnt didnt isnt wasnt couldnt wouldnt"
)
STOPWORD = frozenset(_STOPWORD_TEXT.split())


def words(text: str) -> Iterator[str]:
    """The stems of a text's words, without those that say nothing; `pi-hole` also as `pihole`."""
    for match in WORD.finditer(text):
        word = match.group().lower()
        if "-" in word:
            if len(word) < 60:
                yield word.replace("-", "")
            for part in word.split("-"):
                if part not in STOPWORD and len(part) < 60:
                    yield stem(part)
        elif word not in STOPWORD and len(word) < 60:
            yield stem(word)


@lru_cache(50_000)
def stem(word: str) -> str:
    """A word without its English ending, near enough that forms of one word meet."""
    word = re.sub(r"['’].*", "", word)
    for ending, instead in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (2 if ending.endswith("es") else 3):
            word = word[: -len(ending)] + instead
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


# What English words end with, and what stands there instead; the first that fits counts.
ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
    ("ing", ""),
    ("ed", ""),
    ("ly", ""),
)

# Words of the field that mean the same, or nearly: any of a row finds the others. `home+assistant` is two words in a row,
# which find the others, but are not looked for themselves.
SYNONYMS: Sequence[str] = (
    "down broken dead fail failing crash unreachable offline unavailable outage",
    "slow lag freeze hang stall timeout latency sluggish stuck reset",
    "start boot launch startup",
    "refuse reject deny denied forbidden disabled",
    "dns resolve resolver lookup domain servfail unbound nameserver names",
    "ad+blocker adblock adblocker pihole adguard blocky dns",
    "https tls ssl certificate cert acme letsencrypt x509 padlock",
    "website site page web url",
    "proxy nginx traefik caddy haproxy reverse+proxy upstream gateway",
    "bad+gateway 502 gateway upstream",
    "login auth authentication authenticate password credential signin sso keycloak authelia authentik identity+provider log+in sign+in logon",
    "database db postgres postgresql mysql mariadb sqlite sql",
    "cache redis valkey memcached cache+server",
    "disk drive hdd ssd nvme ata sata smart sector",
    "nas zfs pool raid truenas synology nfs smb share",
    "space full quota storage enospc disk+space",
    "save saved write store written",
    "memory ram oom swap heap out+of+memory",
    "gpu nvidia cuda vaapi quicksync graphic+card hardware+transcoding",
    "ai llm ollama model chat",
    "backup restic borg borgmatic kopia duplicati snapshot restore",
    "container docker podman compose pod",
    "image registry pull",
    "vm virtual+machine proxmox kvm qemu hypervisor guest lxc",
    "vpn wireguard tailscale headscale openvpn tunnel",
    "media+server jellyfin plex emby media movie film stream video playback play transcode",
    "tv television sonarr series show radarr movie download+manager",
    "torrent qbittorrent transmission deluge download",
    "photo picture gallery album immich photoprism",
    "music song navidrome",
    "book ebook audiobook calibre audiobookshelf kavita",
    "camera nvr cctv frigate rtsp",
    "smart+home home+assistant homeassistant hass zigbee mqtt mosquitto iot",
    "light lamp bulb",
    "usb dongle stick adapter",
    "addon add+on plugin integration extension component module",
    "git+server gitea forgejo gitlab git repository",
    "ci jenkins pipeline build runner woodpecker drone job",
    "automation workflow n8n nodered node+red",
    "monitoring uptime kuma grafana prometheus alertmanager alert",
    "graph chart dashboard metric grafana telegraf influxdb",
    "password+manager vaultwarden bitwarden",
    "cloud nextcloud owncloud",
    "sync syncthing synchronize",
    "calendar contact caldav carddav",
    "document paperless scan",
    "mail email smtp imap postfix",
    "clock time ntp chrony skew drift",
    "network lan switch router wifi unifi interface link",
    "internet outside external remote public",
    "firewall ufw iptables nftables blocked",
    "port bind listen socket",
    "permission denied access forbidden owner chown 403",
    "missing lost gone vanish vanished disappear absent 404",
    "restart reboot reset loop",
    "upgrade update version migration",
    "power outage blackout ups battery",
    "empty blank",
    "night overnight nightly",
    "kubernetes k8s k3s pod kubelet",
    "key token secret credential",
)
SYNONYM = 0.55  # the weight of a word that wasn't typed
CLOSE = 0.6  # the weight of one that is spelled nearly so


@cache
def synonyms() -> tuple[Mapping[str, frozenset[str]], Mapping[tuple[str, ...], frozenset[str]]]:
    """The table by its members: (stem → stems that mean the same, stems in a row → stems that mean the same)."""
    single: dict[str, set[str]] = defaultdict(set)
    several: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in SYNONYMS:
        members = row.split()
        meant = {stem(word) for word in members if "+" not in word}
        for member in members:
            if "+" in member:
                several[tuple(stem(word) for word in member.split("+"))] |= meant
            else:
                single[stem(member)] |= meant - {stem(member)}
    return {k: frozenset(v) for k, v in single.items()}, {k: frozenset(v) for k, v in several.items()}


def weighed(text: str, usual_length: int) -> dict[str, float]:
    """The stems of a text with BM25's weight of their frequency (k1 1.2, b 0.75), the usual length given."""
    counts: dict[str, int] = defaultdict(int)
    for word in words(text):
        counts[word] += 1
    norm = 1.2 * (0.25 + 0.75 * sum(counts.values()) / usual_length)
    return {word: round(count * 2.2 / (count + norm), 2) for word, count in counts.items()}
