"""Configurations of the layers, plain-loop references and PyTorch's own functions, by entry."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """Arrays in the order of the arguments (None where absent) and the other arguments by name."""

    arrays: tuple[Any, ...]
    params: dict[str, Any] = field(default_factory=dict)
