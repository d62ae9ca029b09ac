"""`kb completion`: the script that completes commands, refs and services in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ...exceptions import WrongUse
from ..terminal.screen import say


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    Examples:
      kb completion bash >> ~/.bashrc
      kb completion zsh >> ~/.zshrc                     (below compinit)
      kb completion fish > ~/.config/fish/completions/kb.fish
    """
    cls = get_completion_class(shell)
    if cls is None:
        raise WrongUse(f"no completion for {shell}")
    script = cls(ctx.find_root().command, {}, "kb", "_KB_COMPLETE").source()
    # click's script for fish cuts what it says of a command at its first comma.
    say(script.replace('string split ","', 'string split -m 1 ","'))
