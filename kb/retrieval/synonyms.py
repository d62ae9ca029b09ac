"""Words that mean the same to those who look for help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from .stemming import stem

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
