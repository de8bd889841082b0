"""What an enterprise costs, measured: `python tests/cluster/constants.py DATABASE [ENTERPRISES [PARTS]]`.

DATABASE is the URL of a PostgreSQL database with a ledger that was imported and never swept. Two nights are judged and
recorded in this one process, each through the same packing as on a cluster; times are those of processors, not of
clocks. At last the times of OPERATIONS.md are worked out for so many ENTERPRISES, cut into so many databases.
"""

from __future__ import annotations

import pickle
import sys
import zlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time

from sqlalchemy import Connection, Engine, text

from engine import recording
from engine.cluster_tasks import hash_of, packed, unpacked
from engine.comparing import Compared, basis_of, compare
from engine.packs import load_rulebook
from engine.rulebook import Rulebook
from engine.sweep import conclude
from facts.store.database import open_database, reading, writing
from facts.store.reading import count, newest_revision, ranges
from tests.benchmarks.ledger import FIRST_SWEEP


def main(url: str, enterprises: int = 50_000_000, databases: int = 31) -> None:
    engine, rulebook = open_database(url), load_rulebook()
    total = count(engine)
    empty_of_verdicts = _size(engine)
    nights = [_night(engine, rulebook, FIRST_SWEEP + timedelta(days=n), total) for n in range(2)]
    for name, row in _tables(engine, total).items():
        print(f"{name:20} {row[0]:8.2f} rows an enterprise, {row[1]:6.0f} + {row[2]:4.0f} bytes a row (indexes)")
    print(f"{'all tables':20} ledger {empty_of_verdicts / total:,.0f}, "
          f"verdicts {(_size(engine) - empty_of_verdicts) / total:,.0f} bytes an enterprise")
    for name in nights[0]:
        print(f"{name:20} {nights[0][name]:10.3f} {nights[1][name]:10.3f}")
    for what, night in zip(("first night", "next night"), nights, strict=True):
        judging = (night["judge"] + night["pack"]) / 1000 * enterprises
        compared, recorded = (sum(night[name] for name in names) / 1000 * enterprises / databases / 3600 for names in (
            ("check", "unpack", "compare", "compare, server"), ("record", "record, server")))
        print(f"{what}: {judging / 3600:,.0f} core-hours to judge; {compared:,.1f} hours to take back and compare the "
              f"parts of a database, {recorded:,.1f} to record them")


def _night(engine: Engine, rulebook: Rulebook, as_of: date, total: int) -> dict[str, float]:
    """Milliseconds of processor an enterprise, and bytes."""
    spent: Counter[str] = Counter()
    known_in, spans = newest_revision(engine), ranges(engine, max(1, total // 500))
    with reading(engine) as connection:
        basis = basis_of(connection, rulebook, as_of, known_in=known_in, program="constants")
    found: list[list[Compared]] = []
    for span in spans:
        before = _server(engine)
        started = process_time()
        part = conclude(engine, rulebook, as_of, known_in, span, {})
        spent["judge"] += process_time() - started
        spent["judge, server"] += _server(engine) - before
        started = process_time()
        content = zlib.compress(packed(part.judged))
        spent["pack"] += process_time() - started
        spent["bytes of a part"] += len(content)
        started = process_time()
        hash_of(zlib.decompress(content))
        spent["check"] += process_time() - started
        started = process_time()
        judged = unpacked(zlib.decompress(content))
        spent["unpack"] += process_time() - started
        before = _server(engine)
        started = process_time()
        with reading(engine) as connection:
            found.append(compare(connection, basis, judged, span=span))
            spent["compare"] += process_time() - started
        spent["compare, server"] += _server(engine) - before
        spent["bytes set aside"] += len(pickle.dumps(found[-1], pickle.HIGHEST_PROTOCOL))
    now = datetime.combine(as_of, datetime.min.time(), UTC)
    with writing(engine, "outcomes") as connection:
        before = _of(connection)
        run = recording.begin(connection, as_of=as_of, started_at=now, program="constants", rulebook=rulebook,
                              known_in=known_in, head=0, basis=basis)
        started = process_time()
        for compared in found:
            recording.record(connection, run, compared)
        spent["record"] += process_time() - started
        recording.end(connection, run, finished_at=now)
        spent["record, server"] += _of(connection) - before
    return {name: each / total * (1 if name.startswith("bytes") else 1000) for name, each in spent.items()}


def _server(engine: Engine) -> float:
    with engine.connect() as connection:
        return _of(connection)


def _of(connection: Connection) -> float:
    """Seconds of processor that the server has spent on a connection; it runs on this machine."""
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / 100


def _size(engine: Engine) -> int:
    return sum(_each(engine).values())


def _each(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return dict(connection.execute(text(
            "SELECT relname::text, pg_total_relation_size(relid) FROM pg_stat_user_tables")).all())


def _tables(engine: Engine, total: int) -> dict[str, tuple[float, float, float]]:
    """Rows an enterprise, and bytes a row, of the tables that have as many rows as would fill one."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        rows = connection.execute(text(
            "SELECT relname::text, n_live_tup, pg_table_size(relid), pg_indexes_size(relid) FROM pg_stat_user_tables "
            "WHERE n_live_tup >= 100 ORDER BY 3 DESC")).all()
    return {name: (n / total, size / n, indexes / n) for name, n, size, indexes in rows}


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
