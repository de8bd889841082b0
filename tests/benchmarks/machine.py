"""What a measurement was made on (测试机器)."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from pathlib import Path


def machine() -> str:
    """Processor, how many of it, system, Python and today's date, in one line."""
    try:
        model = next(line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                     if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return (f"{model}, {os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}, "
            f"{datetime.now():%Y-%m-%d}")
