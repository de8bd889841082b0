"""Are there known vulnerabilities in locked packages? pip-audit, but never silent about what it could not find out.

``audit.py FILE...``: the files have requirements with hashes. Exit status 0: every package was looked up and nothing is
known against any; 1: something is; 3: advisories could not be had for all of them, and nothing is known against the
others. pip-audit itself calls that "no known vulnerabilities".
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

#: Where advisories come from; the second is asked if the first does not tell of all.
SERVICES = ("pypi", "osv")
FOUND, UNKNOWN = 1, 3

#: Packages with their versions.
Pinned = Mapping[str, str]
#: What a service says of packages; empty if it says nothing.
Ask = Callable[[str, Pinned], Sequence[dict[str, Any]]]


def ask(service: str, packages: Pinned) -> Sequence[dict[str, Any]]:
    """What pip-audit reports, also of packages that this system does not need."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{name}=={version}\n" for name, version in packages.items()))
        file.flush()
        words = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--requirement", file.name,
                 "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--desc", "off"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return ()


def pinned(file: str) -> Pinned:
    """The packages that a file pins, for whichever system."""
    lines = [line.split(";")[0].split()[0] for line in Path(file).read_text().splitlines()
             if line and not line.startswith((" ", "#", "-"))]
    return {name.split("[")[0].lower().replace("_", "-"): version
            for name, version in (line.split("==") for line in lines)}


def audit(files: Sequence[str], ask: Ask = ask) -> int:
    """Print what is known and what is not; the exit status."""
    packages = {(name, version) for file in files for name, version in pinned(file).items()}
    looked_up: set[tuple[str, str]] = set()
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for service in SERVICES:
        for file in files:
            if packages <= looked_up:
                break
            for each in ask(service, pinned(file)):
                if "skip_reason" not in each:
                    package = (each["name"].lower().replace("_", "-"), each["version"])
                    looked_up.add(package)
                    known |= {(*package, vuln["id"]): vuln for vuln in each["vulns"]}
    for (name, version, number), vuln in sorted(known.items()):
        others, better = (", ".join(vuln.get(each) or ()) or "-" for each in ("aliases", "fix_versions"))
        print(f"{name} {version}: {number} ({others}); fixed in · 修复版本: {better}")
    if unknown := sorted(packages - looked_up):
        print(f"NOT AUDITED: no advisories could be reached for {len(unknown)} of {len(packages)} packages, so nothing "
              f"is known about them; try again where {' or '.join(SERVICES)} can be reached\n"
              f"未能审计：{len(packages)} 个软件包中有 {len(unknown)} 个查不到漏洞公告，情况不明；"
              "请在能访问公告服务的地方重试",
              file=sys.stderr)
        if len(unknown) < len(packages):
            print(" ".join(f"{name}=={version}" for name, version in unknown), file=sys.stderr)
    elif not known:
        print(f"all {len(packages)} packages looked up, no known vulnerabilities · "
              f"已查 {len(packages)} 个软件包，没有已知漏洞")
    return FOUND if known else UNKNOWN if unknown else 0


if __name__ == "__main__":
    sys.exit(audit(sys.argv[1:]))
