"""How numbers are told (pure)."""

from __future__ import annotations


def counted(number: int, noun: str, several: str = "") -> str:
    """Write a number with what it counts: 1 task, 2 tasks; ``several`` is the plural where no ``s`` makes it."""
    return f"{number} {noun}" if number == 1 else f"{number} {several or f'{noun}s'}"
