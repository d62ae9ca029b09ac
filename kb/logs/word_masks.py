"""Masks of single words: names with digits, codes, hexadecimal numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .masks import FILE_ENDINGS, HOST_ENDINGS, UNIT_ENDINGS

SEPARATORS = re.compile(r"[/\\:@=#*%+~]+")
DIGIT = re.compile(r"\d")


def hex_mask(part: str) -> Sequence[str]:
    """A hexadecimal number; one of 32 bits is kept as a value too, since it may be a code."""
    return (f"~{part.lower()}", "<hex>") if len(part) == 10 else ("<hex>",)


CODE = re.compile(r"^[A-Za-z]+|-?\d{1,5}$")


def code_mask(part: str) -> list[str]:
    """The letters and the number of a code, apart."""
    found = CODE.findall(part)
    return [f"§{token}" if token[-1].isdecimal() else token.lower() for token in found]


def is_short_code(word: str) -> bool:
    """Whether a word is a number, or one behind a letter or two: R02-M1-N0 is a place in a rack."""
    return any(map(str.isdecimal, word)) and len(word.rstrip("0123456789")) <= 2


def dotted_mask(part: str) -> Iterator[str]:
    """A host, unit or file by its ending; else a qualified name, of which the last part counts."""
    head, _, last = part.rpartition(".")
    # Of a host only the first part may have capitals: MSRA-SA-39.corp.example.com
    lower = part == part.lower() or (part.count(".") > 1 and (after := part.partition(".")[2]) == after.lower())
    if "@" in part or (lower and (last in HOST_ENDINGS or (len(last) == 2 and "." in head and last not in FILE_ENDINGS))):
        yield f"~{part.lower()}"
    elif last in UNIT_ENDINGS:
        yield f"~{head.lower()}"
        yield last
    elif last.lower() in FILE_ENDINGS and "." not in head:
        yield f"~{part.lower()}" if DIGIT.search(part) else part
    elif last.isdecimal():
        yield from (token for word in re.split(r"[.-]", part) for token in plain_mask(word))
    else:
        yield f"~{head.lower()}"
        yield from (token for word in last.split("-") for token in plain_mask(word))


# Protocols, formats, ciphers and machines whose digits belong to their names: what is said of ipv6 is not said of ipv4.
NAMES_WITH_DIGITS = re.compile(
    r"(?:(?:ip|ipv|inet|tcp|udp|icmp|icmpv|dhcp|dhcpv)[46]|ip6tables|(?:smb|cifs|nfs|nfsv|imap|pop|socks|ntlm|ntlmv|oauth|saml|snmpv|http|sslv?|"
    r"fido|cgroups?|cgroupv|wpa|raidz|psycopg|boto|sqlite|log4j|lua|php|python|d3d)\d{1,2}|tlsv?1(?:\.[0-3])?|tlsv?1_[0-3]|raid(?:[0156]|10)|ext[234]|fat(?:12|16|32)|"
    r"iso9660|ntfs3|lz4|bz2|bzip2|zip64|sha(?:1|2|3|224|256|384|512)|md[45]|crc(?:16|32|64)|aes(?:128|192|256)|rsa(?:1024|2048|4096)|"
    r"[hrep]s(?:256|384|512)|ed(?:25519|448)|x(?:25519|448|509)|curve25519|chacha20|poly1305|argon2(?:id?|d)?|blake[23][bs]?|rc4|"
    r"pkcs(?:1|5|7|8|11|12)|p12|base(?:32|58|64)|utf(?:8|16|32)|latin1|u?int(?:8|16|32|64)|float(?:16|32|64)|amd64|arm64|armv[5-8](?:l|hf)?|"
    r"aarch64|x86(?:_64)?|i[3-6]86|win(?:32|64)|[hx]26[3-6]|mp[234]|mpeg[124]|m4[av]|av1|vp[89]|e?ac3|s3|ec2|k8s|k3s|u2f|h2c?)$"
)

NUMBERED = re.compile(r"_*\d+")


def plain_mask(word: str) -> Iterator[str]:
    """One word without its digits; short names with a digit (sda1) are kept as a value too."""
    if not word:
        return
    if word.isdecimal():
        yield "<n>"
        return
    digits = sum(map(str.isdecimal, word))
    if digits and NAMES_WITH_DIGITS.match(word.lower()):
        yield word.lower()
        return
    if digits and _is_random(word, digits):
        yield "<id>"
        return
    stem = (NUMBERED.sub("", word) if digits else word).strip("_$")
    if stem:
        yield stem if is_camel(stem) else stem.lower()
    if digits:
        yield f"~{word.lower()}" if len(word) <= 8 else "<n>"


def is_camel(word: str) -> bool:
    """Whether a word is written in camel case: `SocketTimeout`, `fileServer`."""
    return word[1:] != word[1:].lower() and word != word.upper()


def _is_random(word: str, digits: int) -> bool:
    """Whether a word with digits looks like an id that a machine made (9f4ef63, 04DN8IQ)."""
    if len(word) >= 6 and re.fullmatch(r"[0-9a-fA-F]+", word):
        return True
    changes = sum(1 for a, b in pairwise(word) if a.isdecimal() != b.isdecimal() and "_" not in (a, b))
    return changes >= 3 and len(word) >= 7 and digits * 5 >= len(word)


NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+")


def name_parts(name: str) -> list[str]:
    """`TaskAttemptImpl` → task, attempt, impl."""
    return [part.lower() for part in NAME_PARTS.findall(name) if len(part) > 1]
