"""Drawings as SVG: graphs, timelines, heat maps, plots."""
