"""Layers: each is recognised by its own example."""

from __future__ import annotations

import pytest

from kb.logs.layers import LAYERS, Layer, layer_of


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_each_layer_is_recognised_by_its_example(layer: Layer) -> None:
    assert layer_of(layer.example) == layer


def test_an_ordinary_sentence_speaks_of_no_layer() -> None:
    assert layer_of("Listening on port 8096, started in 3 s") is None


SILENT = [
    "open /etc/ssl/app/config.yaml: no such file or directory",
    "/usr/local/bin/backup.sh: Permission denied",
    "The requested dns-cloudflare plugin does not appear to be installed",
    "@ERROR: Unknown module 'backup'",
    "Failed to create/acquire the lock /mnt/borg1/lock.exclusive (timeout).",
]


@pytest.mark.parametrize("line", SILENT)
def test_names_of_files_and_modules_give_no_layer_away(line: str) -> None:
    assert layer_of(line) is None


CLEAR = [
    ("tls", "remote error: tls: bad certificate"),
    ("dns", "getaddrinfo EAI_AGAIN db"),
    ("dns", 'host not found in upstream "tv" in /etc/nginx/conf.d/tv.conf:4'),
    ("auth", "anna@nas: Permission denied (publickey,password)."),
    ("auth", "Connection Refused: not authorised."),
    ("network", "listen EADDRINUSE: address already in use 127.0.0.1:3000"),
    ("storage", "umount: /mnt/usb: target is busy."),
]


@pytest.mark.parametrize(("name", "line"), CLEAR, ids=[line for _, line in CLEAR])
def test_a_clear_line_has_its_layer(name: str, line: str) -> None:
    layer = layer_of(line)
    assert layer
    assert layer.name == name
