"""What is wrong with a pack, at which line of which file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a pack. A warning does not keep the pack from being loaded."""

    file: str
    """Path inside the pack."""
    line: int
    """Counted from 1; 0 where the fault is of the file as a whole."""
    reason: str
    path: str = ""
    """Where in the declaration, such as ``stages.1.department``."""
    warning: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"
