"""Layers: each is recognised by its own example."""

from __future__ import annotations

import pytest

from kb.logs.layers import LAYERS, Layer, layer_of


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_each_layer_is_recognised_by_its_example(layer: Layer) -> None:
    assert layer_of(layer.example) == layer


def test_an_ordinary_sentence_speaks_of_no_layer() -> None:
    assert layer_of("Listening on port 8096, started in 3 s") is None
