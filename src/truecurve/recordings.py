"""What was recorded from real runs by `make record`: outputs of PyTorch code and the figures of the verification."""

import json
from functools import cache
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).parent / "measured"
TORCH, VERIFICATION = MEASURED / "torch-2.13.0.json", MEASURED / "verification.json"


@cache
def _read(path: Path, stamp: int) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def read(path: Path) -> dict[str, Any]:
    """One recording file; {} if it does not exist yet."""
    return _read(path, path.stat().st_mtime_ns) if path.exists() else {}


def torch_output(code: str) -> str | None:
    """What a code sample printed; None if this very code was never recorded."""
    output: str | None = read(TORCH).get("samples", {}).get(code)
    return output


def torch_value(expression: str) -> Any:
    """The value of a one-line PyTorch expression: float, bool, list or text; None if never recorded."""
    value = read(TORCH).get("values", {}).get(expression)
    return float(value) if value in ("nan", "inf", "-inf") else value
