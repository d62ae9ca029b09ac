"""What the command line of a benchmark asks for."""

from __future__ import annotations

import argparse


def numbers(about: str | None, *default: int) -> list[int]:
    """The numbers given, else the default; --help shows what it is `about`."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER", help=f"without one: {' '.join(map(str, default))}")
    return parser.parse_args().numbers or list(default)
