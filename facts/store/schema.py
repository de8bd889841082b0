"""Which schema a database has, and bringing it to this program's (数据库结构版本).

Schemas are numbered ``0001``, ``0002`` … by the files in ``migrations/versions``; a higher number is a newer schema.
Alembic is loaded only to migrate: looking at the number costs a query, not an import.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from facts.errors import MigrationFailed, SchemaOutdated, SchemaTooNew
from facts.language import Text
from facts.store import failures

#: Alembic's script folder, installed with the package.
MIGRATIONS = Path(__file__).with_name("migrations")
#: What :func:`found` says of a database that is not Zhiben's.
FOREIGN = "foreign"

_NUMBER = re.compile(r"(\d{4})_\w+\.py")


def head() -> str:
    """The number of the newest schema, that of this program."""
    return max(match[1] for path in (MIGRATIONS / "versions").iterdir() if (match := _NUMBER.fullmatch(path.name)))


def found(connection: Connection) -> str | None:
    """The number of the database's schema; ``None`` if the database is empty, :data:`FOREIGN` if it is not ours."""
    names = set(inspect(connection).get_table_names())
    if names >= {"alembic_version", "revisions"}:
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or FOREIGN
    return FOREIGN if names else None


def check(number: str | None, place: str, *, upgradable: bool = False) -> None:
    """Refuse any schema but this program's; ``upgradable``: older ones are fine.

    Raises :class:`~facts.errors.DatabaseMissing`, :class:`~facts.errors.NotALedger`,
    :class:`~facts.errors.SchemaTooNew` or :class:`~facts.errors.SchemaOutdated`.
    """
    if number is None:
        raise failures.missing(place)
    if not re.fullmatch(r"\d{4}", number):
        raise failures.not_a_ledger(place)
    if number > head():
        raise SchemaTooNew(
            Text(f"{place}：数据库结构（{number}）比本程序（{head()}）新；请升级治本程序",
                 f"{place}: the database's schema ({number}) is newer than this program's ({head()}); "
                 "install a newer Zhiben")
        )  # fmt: skip
    if number < head() and not upgradable:
        raise SchemaOutdated(
            Text(f"{place}：数据库结构（{number}）比本程序（{head()}）旧，未作改动；请先备份，再运行 zhiben db upgrade",
                 f"{place}: the database's schema ({number}) is older than this program's ({head()}) and was left "
                 "as it is; make a backup, then run zhiben db upgrade")
        )  # fmt: skip


def migrate(connection: Connection, place: str) -> None:
    """Run the migrations that are missing, in the transaction of ``connection``, which the caller ends.

    Raises :class:`~facts.errors.MigrationFailed` if rows refer to rows that are not there afterwards.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise MigrationFailed(
            Text(f"{place}：升级后的数据前后不一致，已全部撤回；请保留数据库文件并报告此问题",
                 f"{place}: the upgrade would have left rows that contradict each other and was taken back; "
                 "keep the file and report this")
        )  # fmt: skip
