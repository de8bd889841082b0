"""The doctor (自检): all that is checked, in order, and what was found.

A check looks and changes nothing. One that cannot be made is a finding like any other, and hides none of the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine import doctor_database, doctor_machine, doctor_running
from engine.diagnosis import Check, Finding, Patient, State
from facts.errors import LedgerError
from facts.language import Text

#: Checks of the machine and of the program, which need no database.
ALONE: tuple[tuple[str, Check], ...] = (
    ("program", doctor_machine.rule_engine),
    ("packs", doctor_machine.packs),
    ("clock", doctor_machine.clock),
    ("disk", doctor_machine.disk),
    ("permissions", doctor_machine.permissions),
    ("log", doctor_machine.log_file),
    ("terminal", doctor_machine.terminal),
)
#: Checks of the database, once it is known to be one of this program's schema.
OF_DATABASE: tuple[tuple[str, Check], ...] = (
    ("file", doctor_database.pages),
    ("journal", doctor_database.chain),
    ("times", doctor_database.times),
    ("operators", doctor_database.operators),
    ("rulebook", doctor_running.rulebook),
    ("sweeps", doctor_running.sweeps),
    ("samples", doctor_running.samples),
    ("running", doctor_running.running),
    ("daemon", doctor_running.daemons),
    ("jobs", doctor_running.jobs),
    ("backup", doctor_running.backups),
)


def examine(patient: Patient) -> list[Finding]:
    """All findings, in the order of the checks."""
    found = list(_made("database", doctor_database.database, patient))
    for name, check in OF_DATABASE if patient.engine is not None else ():
        found += _made(name, check, patient)
    for name, check in ALONE:
        found += _made(name, check, patient)
    if patient.engine is not None:
        patient.engine.dispose()
    return found


def _made(name: str, check: Check, patient: Patient) -> Iterator[Finding]:
    try:
        for state, found, todo in check(patient):
            yield Finding(name, state, found, todo)
    except LedgerError as error:
        yield Finding(name, State.PROBLEM, error.message)
    except Exception as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        yield Finding(name, State.PROBLEM, Text(f"没有查成（{why}）", f"could not be checked ({why})"),
                      Text("数据库可能已损坏：先看其他各项，再从备份恢复（zhiben db restore）",
                           "the database may be damaged: see the other lines, then restore a backup "
                           "(zhiben db restore)"))
