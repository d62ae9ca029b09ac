"""Completion of arguments: refs, services, tags, states, files."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ..exceptions import KbError
from ..notes.kinds import KINDS
from .context import default_root, here

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..notes.knowledge_base import KnowledgeBase


def _quietly(complete: Callable[[KnowledgeBase, str], list[str]]) -> Callable[..., list[CompletionItem]]:
    """Completion that has nothing to say when there is no knowledge base."""

    @functools.wraps(complete)
    def completed(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from ..storage import loader, root_folder

        root = next((c.params.get("root") for c in (ctx, ctx.parent) if c and c.params.get("root")), None)
        try:
            base = loader.read(root_folder.find_root(here(), root or os.environ.get("KB_ROOT") or None, default_root()))
        except KbError:
            return []
        return [CompletionItem(value) for value in complete(base, incomplete)]

    return completed


@_quietly
def complete_tag(base: KnowledgeBase, incomplete: str) -> list[str]:
    """Tags that a note has."""
    return sorted({tag for note in base.notes for tag in note.tags if tag.startswith(incomplete)})


def complete_state(kind: str = "") -> Callable[..., list[str]]:
    """The words that the status of a kind can be; of all kinds without one."""
    states = dict.fromkeys(state for name, cls in KINDS.items() if kind in ("", name) for state in cls.states)
    return lambda _ctx, _param, incomplete: [state for state in states if state.startswith(incomplete)]


def complete_file(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, where a word may be one."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


@_quietly
def complete_ref(base: KnowledgeBase, incomplete: str) -> list[str]:
    """Refs, by their beginning or by the beginning of their last part."""
    return [note.ref for note in base.notes if note.ref.startswith(incomplete) or note.name.startswith(incomplete)]


@_quietly
def complete_service(base: KnowledgeBase, incomplete: str) -> list[str]:
    """Names of services."""
    return sorted(name for name in base.service_names if name.startswith(incomplete.lower()))
