"""What a rule is: a row of the table of secrets, which the files `*_rules.py` hold."""

from __future__ import annotations

import re
from typing import NamedTuple

# Kind, start and end of what was found; of two that overlap, the kind of the one found first is kept.
Span = tuple[str, int, int]


class SecretRule(NamedTuple):
    """What a kind of secret looks like, wherever it is.

    `heads`: the pattern begins with one of them, or has it `inside`; texts without one are skipped, and so are texts with none
    of `needs`. `fold`: it is tried on the text in lower case. `command`: one of these comes before it on its line.
    Group 1, if there is one, is the value. In `example` the value is masked, in `counter` nothing is: both are templates for
    `sample`, so that no file of kb contains what scanners take for a secret.
    """

    kind: str
    heads: tuple[str, ...]
    pattern: str
    example: str
    counter: str
    fold: bool = False
    command: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    inside: bool = False


_ALPHABETS = {
    "A": "x7Kq2Wm9ZrT4bV8nLc3HdY6sPj5GfQ1aUe0",
    "U": "Q7ZK2WM4RT5BV3NLCHDY6SPJGFXUAE",
    "x": "k3v9q7wmz2rt4bx8nlch6dys5pjgf1",
    "H": "0f3a9c7e5b1d8642",
    "K": "0F3A9C7E5B1D8642",
    "N": "739182645",
}


def sample(template: str) -> str:
    """A made-up example: `{A36}` becomes 36 characters of an alphabet, `{G}` a UUID, and `¦`, which hides a prefix, is removed."""
    text = template.replace("¦", "").replace("{G}", "{H8}-{H4}-4{H3}-8{H3}-{H12}")
    return re.sub(r"\{([AUxHKN])(\d+)\}", lambda m: (_ALPHABETS[m[1]] * (int(m[2]) // 9 + 1))[: int(m[2])], text)
