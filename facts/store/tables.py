"""The tables of facts (事实表): what each import stated, from which revision until which the ledger says so.

A *revision* (修订) is one import or one undo. Nothing in these tables is ever overwritten or deleted; a row of a sheet
is a *statement*:

- ``stated_in``: the import that brought it;
- ``added_in``: the revision since which the ledger says so. Later than ``stated_in`` where an undo brought it back;
- ``removed_in``: the revision that ended that, ``NULL`` while the ledger still says so.

So the ledger as known at revision *r* is ``added_in <= r AND (removed_in IS NULL OR removed_in > r)``, and at most one
row of a key is current. A row that withdraws its key (作废, ``void``) is kept with ``removed_in = added_in``: it says
something, and is never what the ledger says.

The columns of a sheet are those of its row class in :mod:`facts.models`, taken over from there. A table model does not
validate what it is given, so these cannot be constructed at all: rows come in through
:func:`facts.store.imports.apply_import`, which takes validated rows only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field as DataclassField
from dataclasses import fields
from datetime import datetime
from typing import Any, ClassVar

from pydantic import ConfigDict, create_model
from sqlalchemy import Boolean, Index, Integer, MetaData, String, Table, TextClause, text
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from facts.models import (
    AccidentRow,
    AuthorityRow,
    CertificateRow,
    CoverageRow,
    EnterpriseRow,
    ExhibitionRow,
    HazardRow,
    RecordRow,
    Row,
)
from facts.store.columns import (
    AuthorityCode,
    CivilDate,
    CreditCode,
    DeclaredFacts,
    ExactDecimal,
    Identifier,
    Json,
    LastDay,
    OpenDivision,
    TextSet,
)
from facts.vocabulary import Type

#: All tables of the program. Constraints have names, so that migrations can speak of them in every database.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

_TYPES: Mapping[Type, TypeEngine[Any]] = {
    Type.TEXT: String(),
    Type.CODE: String(),
    Type.KIND: String(),
    Type.SET: TextSet(),
    Type.USCC: CreditCode,
    Type.AUTHORITY: AuthorityCode,
    Type.SUBJECT: CreditCode,
    Type.DIVISION: String(6),
    Type.BOOL: Boolean(),
    Type.INT: Integer(),
    Type.DECIMAL: ExactDecimal(),
    Type.DATE: CivilDate,
    Type.LAST: LastDay(),
}


class Stored(SQLModel, registry=registry(metadata=metadata)):
    """What every table of the program descends from."""

    # None of them is ever constructed, so none has to learn how to validate.
    model_config = ConfigDict(defer_build=True)

    __tablename__: ClassVar[str]

    @classmethod
    def table(cls) -> Table:
        """The table itself, for statements in bulk."""
        return cls.__table__  # type: ignore[attr-defined]


class Revision(Stored, table=True):
    """One import or undo (修订): the unit in which the ledger changes. ``counts`` has the report, sheet by sheet."""

    __tablename__ = "revisions"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime)
    kind: str
    source: str | None = None
    sha256: str | None = None
    counts: Any = Field(sa_type=Json, nullable=False)
    undoes: int | None = Field(default=None, foreign_key="revisions.id", unique=True)


def _type_of(row: type[Row], field: DataclassField[Any]) -> TypeEngine[Any]:
    if field.name == "declared":
        return DeclaredFacts()
    if field.name in row.sheet.key and _optional(field):
        return OpenDivision()
    return _TYPES[row.sheet.column(field.name).type]


def _optional(field: DataclassField[Any]) -> bool:
    return field.default is None


def _columns_of(row: type[Row]) -> Any:
    """A model with one field for each field of ``row``, of the column type that its vocabulary entry asks for."""
    columns: dict[str, Any] = {
        field.name: (
            Any,
            Field(sa_type=_type_of(row, field), nullable=_optional(field) and field.name not in row.sheet.key),
        )
        for field in fields(row)
    }
    return create_model(f"{row.__name__}Columns", __base__=Statement, **columns)


def _indexes(table: str, key: tuple[str, ...], *, by_enterprise: bool) -> tuple[Index, ...]:
    current, past = text("removed_in IS NULL"), text("removed_in IS NOT NULL")

    def index(name: str, *columns: str, where: TextClause | None = None, unique: bool = False) -> Index:
        partial = {} if where is None else {"sqlite_where": where, "postgresql_where": where}
        return Index(f"ix_{table}_{name}", *columns, unique=unique, **partial)

    # A sweep reads a range of credit codes at a time, current rows and past ones each by their own index.
    by_code = by_enterprise and key[0] != "uscc"
    return (
        index("current", *key, where=current, unique=True),
        index("past", *key, where=past),
        *([index("current_uscc", "uscc", where=current), index("past_uscc", "uscc", where=past)] if by_code else []),
        index("added", "added_in"),
        index("removed", "removed_in", where=past),
    )


class Statement(Stored):
    """What every row of a sheet's table carries besides the row itself; see the module's text."""

    row: ClassVar[type[Row]]

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    stated_in: int = Field(foreign_key="revisions.id")
    added_in: int = Field(foreign_key="revisions.id")
    removed_in: int | None = Field(default=None, foreign_key="revisions.id")

    def __init__(self, **_: Any) -> None:
        raise TypeError(f"{type(self).__name__} does not validate: import a {self.row.__name__} instead")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The columns that make up what the row says, without ``void``."""
        return tuple(field.name for field in fields(cls.row) if field.name != "void")


# Few records state an amount: a sweep finds them without reading the others.
_WITH_AMOUNT = text("removed_in IS NULL AND amount IS NOT NULL")
_AMOUNTS = Index("ix_records_amounts", "uscc", sqlite_where=_WITH_AMOUNT, postgresql_where=_WITH_AMOUNT)


class Enterprise(_columns_of(EnterpriseRow), table=True):
    """Versions of enterprises (企业版本)."""

    __tablename__ = "enterprises"
    __table_args__ = _indexes("enterprises", EnterpriseRow.sheet.key, by_enterprise=True)
    row = EnterpriseRow


class Authority(_columns_of(AuthorityRow), table=True):
    """Authorities (部门)."""

    __tablename__ = "authorities"
    __table_args__ = _indexes("authorities", AuthorityRow.sheet.key, by_enterprise=False)
    row = AuthorityRow


class Record(_columns_of(RecordRow), table=True):
    """Things done (履职记录)."""

    __tablename__ = "records"
    __table_args__ = (*_indexes("records", RecordRow.sheet.key, by_enterprise=True), _AMOUNTS)
    row = RecordRow


class Hazard(_columns_of(HazardRow), table=True):
    """Hidden dangers (隐患)."""

    __tablename__ = "hazards"
    __table_args__ = _indexes("hazards", HazardRow.sheet.key, by_enterprise=True)
    row = HazardRow


class Accident(_columns_of(AccidentRow), table=True):
    """Accidents (事故)."""

    __tablename__ = "accidents"
    __table_args__ = _indexes("accidents", AccidentRow.sheet.key, by_enterprise=True)
    row = AccidentRow


class Exhibition(_columns_of(ExhibitionRow), table=True):
    """Exhibitions (展会)."""

    __tablename__ = "exhibitions"
    __table_args__ = _indexes("exhibitions", ExhibitionRow.sheet.key, by_enterprise=True)
    row = ExhibitionRow


class Coverage(_columns_of(CoverageRow), table=True):
    """Claims that the ledger is complete (台账范围)."""

    __tablename__ = "coverage"
    __table_args__ = _indexes("coverage", CoverageRow.sheet.key, by_enterprise=False)
    row = CoverageRow


class Certificate(_columns_of(CertificateRow), table=True):
    """Special-operations certificates (特种作业证)."""

    __tablename__ = "certificates"
    __table_args__ = _indexes("certificates", CertificateRow.sheet.key, by_enterprise=True)
    row = CertificateRow


#: The table of each sheet, by the sheet's English name, in the order of the vocabulary.
TABLES: Mapping[str, type[Statement]] = {
    model.row.sheet.name: model
    for model in (Enterprise, Authority, Record, Hazard, Accident, Exhibition, Coverage, Certificate)
}
