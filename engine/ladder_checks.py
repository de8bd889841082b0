"""What no schema can see of a ladder (督促措施梯次的检查): numbers without a source, steps out of order."""

from __future__ import annotations

from engine.findings import Findings, Level
from engine.pack_schema import Ladder
from engine.quotations import is_placeholder
from engine.sourcing import check_figure
from engine.yaml_source import Path


def check_ladder(ladder: Ladder, path: Path, findings: Findings) -> None:
    """Numbers that neither the words of a step print nor their author calls an assumption; steps before lower ones."""
    for i, step in enumerate(ladder.steps):
        place = (*path, "steps", i)
        quote = step.quote or ladder.quote
        if not is_placeholder(quote):
            check_figure(step.after, (*place, "after"), quote, findings)
            for key in ("streak", "steps_taken"):
                if step.when is not None and (least := getattr(step.when, key)) is not None:
                    check_figure(least.ge, (*place, "when", key, "ge"), quote, findings)
        before = next((j for j in range(i) if _earlier(ladder, i, j)), None)
        if before is not None:
            findings.add((*place, "after"), "order", Level.WARNING,
                         f"第 {i + 1} 级总在第 {before + 1} 级（第 {ladder.steps[before].after.value} 天）之前；"
                         "请核对天数或次序",
                         f"step {i + 1} always comes before step {before + 1} (day "
                         f"{ladder.steps[before].after.value}); check the days or the order")


def _earlier(ladder: Ladder, step: int, lower: int) -> bool:
    """Whether ``step`` comes before the ``lower`` one whenever both come."""
    one, other = ladder.steps[step], ladder.steps[lower]
    return one.after.value < other.after.value and (one.when is None or one.when == other.when)
