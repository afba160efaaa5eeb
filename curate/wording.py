"""How numbers are told (pure)."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Write a number with what it counts: 1 task, 2 tasks."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
