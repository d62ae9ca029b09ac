"""Compose files by path: each parsed once, and its variables `${…}` filled in."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from ...notes.problem import Problem
from ...notes.yaml_reader import Broken
from .compose_yaml import ComposeYaml, read_compose_yaml
from .env_variables import interpolate, read_env

# Reads a file by its path relative to the imported folder; None if it doesn't exist.
Open = Callable[[str], str | None]
ENV_FILES = (".env", "stack.env")  # the second is Portainer's


class Files:
    """What is read from the disk, each file once, and what went wrong."""

    def __init__(self, opened: Open, env: Mapping[str, str]) -> None:
        self.opened, self.env = opened, env
        self.problems: list[Problem] = []
        self.texts: dict[str, str] = {}  # of the files that were parsed
        self._documents: dict[str, list[ComposeYaml] | None] = {}
        self._variables: dict[str, Mapping[str, str]] = {}

    def documents(self, path: str, text: str | None = None) -> list[ComposeYaml] | None:
        """The documents of a YAML file; None if it doesn't exist or is broken, which is reported as a problem."""
        if path not in self._documents:
            text = self.opened(path) if text is None else text
            if text is None:
                return None
            self.texts[path] = text
            try:
                self._documents[path] = read_compose_yaml(text)
            except Broken as broken:
                self._documents[path] = None
                self.problems.append(Problem(path, broken.line, broken.message))
        return self._documents[path]

    def variables(self, path: str) -> Mapping[str, str]:
        """The values for `${…}` in a file: those of the nearest `.env` in its folder or above, and those given."""
        folder = posixpath.dirname(path)
        if folder not in self._variables:
            texts = (self.opened(posixpath.join(folder, name)) for name in ENV_FILES)
            text = next((text for text in texts if text is not None), None)
            found: Mapping[str, str] = {}
            if text is not None:
                found = read_env(text)
            elif folder and not folder.endswith("..") and folder != "/":
                found = self.variables(folder)
            self._variables[folder] = {**found, **self.env}
        return self._variables[folder]

    def filled(self, text: str, path: str) -> str:
        """A text of a file with its variables filled in."""
        return interpolate(text, self.variables(path))
