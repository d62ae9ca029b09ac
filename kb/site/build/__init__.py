"""Builds, serves, stages and packs a site."""
