"""Writes docs/states.md: one diagram and one table a state machine, from the code itself.

`python scripts/state_diagrams.py` writes; a test fails when the file is out of date.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "states.md"


def document() -> str:
    """The text of docs/states.md; needs Django set up (the stages' modules hold the machines)."""
    from importlib import import_module

    from django.apps import apps

    from foundation.workflow.machine import all_machines

    for config in apps.get_app_configs():
        for module in ("machine", "services"):
            if (Path(config.path) / f"{module}.py").exists() or (Path(config.path) / module).is_dir():
                import_module(f"{config.name}.{module}")
    parts = [
        "# State machines",
        "Generated from the code by `python scripts/state_diagrams.py`. "
        "Every move writes one row of the transition log.",
    ]
    machines = [machine for machine in all_machines() if not machine.name.startswith("probe")]
    return "\n\n".join(parts + [_section(machine) for machine in machines]) + "\n"


def _section(machine) -> str:  # type: ignore[no-untyped-def]
    lines = [f"## {machine.name}", "", "```mermaid", "stateDiagram-v2"]
    used = {state for row in machine.transitions for state in (*row.sources, row.target)}
    lines += [f"    {value}: {label}" for value, label in machine.states.choices if value in used]
    lines += [
        f"    {source} --> {row.target}: {row.label}" for row in machine.transitions for source in row.sources
    ]
    lines += ["```", "", "| act | words | from | to |", "|---|---|---|---|"]
    for row in machine.transitions:
        sources = "、".join(machine.state_label(source) for source in row.sources)
        lines.append(f"| `{row.action}` | {row.label} | {sources} | {machine.state_label(row.target)} |")
    return "\n".join(lines)


def main() -> None:
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")
    import django

    django.setup()
    TARGET.write_text(document())


if __name__ == "__main__":
    main()
