"""Run the PyTorch samples and the ladder of checks, and write what they gave to src/truecurve/measured/.

The site builds without PyTorch and without running tests, so what needs them is recorded here, dated and with versions.
`make test` runs the same measurements again and fails where an output or a count differs or a worst error grew.
"""

import argparse
import datetime
import json
import platform
import sys
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import torch

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import ladder  # noqa: E402  (the measurements live beside the tests that assert on them)
from truecurve import catalog, prose, recordings, snippets  # noqa: E402
from truecurve.entry import Elementwise  # noqa: E402


def torch_recording(subjects: Any) -> dict[str, Any]:
    """Outputs of every PyTorch sample and quoted expression, and where PyTorch is further from the truth than 1e-14."""
    samples, values, deviations = {}, {}, {}
    for subject in subjects:
        shown = [snippet.code for snippet in snippets.shown(subject) if snippet.label == "PyTorch"]
        samples.update({code: ladder.run_torch(code) for code in shown})
        values.update({code: ladder.evaluate_torch(code) for code in sorted(prose.recorded_values(subject))})
        if isinstance(subject, Elementwise):
            found = ladder.against_torch(subject)[1]
            if found:
                deviations[subject.id] = found
    return {**stamp(), "samples": samples, "values": values, "deviations": deviations}


def stamp() -> dict[str, Any]:
    """Date, versions and processor of this run."""
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "mpmath": mpmath.__version__,
    }
    machine = {"machine": platform.machine(), "cpu_capability": torch.backends.cpu.get_cpu_capability()}
    return {"date": datetime.date.today().isoformat(), "versions": versions, **machine}


def write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps(data, indent=1, ensure_ascii=False, allow_nan=True, sort_keys=False) + "\n", encoding="utf-8"
    )
    print(f"wrote {path.relative_to(ROOT)}")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    entries = catalog()
    write(recordings.TORCH, torch_recording(entries.subjects))
    write(recordings.VERIFICATION, {**stamp(), **ladder.verification(entries)})


if __name__ == "__main__":
    main()
