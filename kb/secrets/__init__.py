"""Secrets in pasted text: found by a table of rules and by what stands beside words such as `password`, and masked."""

from __future__ import annotations

from .rule import Rule, sample
from .rule_table import RULES

__all__ = ["ALLOW", "RULES", "Rule", "Secret", "find", "mask", "sample"]
