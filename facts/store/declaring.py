"""How the program's tables are declared (表的声明): as classes with typed fields, of each of which a table is made.

They read like models of SQLModel and are none: nobody ever makes an instance, rows come and go as tuples, and to map
and validate them would be half of the time in which a short command begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Boolean, Column, Connection, ForeignKey, Integer, MetaData, String, Table, event
from sqlalchemy.types import TypeEngine

#: All tables of the program. Constraints have names, so that migrations can speak of them in every database.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


@event.listens_for(metadata, "before_create")
def _partial_on_postgresql(target: MetaData, connection: Connection, **_: Any) -> None:
    # Partial indexes are declared for SQLite. To say it for both here would import all that is for PostgreSQL.
    if connection.dialect.name == "postgresql":
        for index in (index for table in target.tables.values() for index in table.indexes):
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


_TYPES: Mapping[str, type[TypeEngine[Any]]] = {"str": String, "int": Integer, "bool": Boolean}
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class _Field:
    default: Any
    sa_type: Any
    nullable: bool | None
    foreign_key: str | None
    deferred: bool
    sa_column_kwargs: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str, annotation: str) -> Column[Any]:
        """The column called ``name`` of a field with this annotation."""
        words = [word.strip() for word in annotation.split("|")]
        kind = self.sa_type or _TYPES[words[0]]
        later = {"deferrable": True, "initially": "DEFERRED"} if self.deferred else {}
        references = [ForeignKey(self.foreign_key, **later)] if self.foreign_key else []
        said = dict(self.sa_column_kwargs)
        may_be_null = "None" in words and not said.get("primary_key")
        said["nullable"] = may_be_null if self.nullable is None else self.nullable
        if self.default is not _MISSING:
            said["default"] = self.default
        return Column(name, kind, *references, **said)


def Field(*, default: Any = _MISSING, sa_type: Any = None, nullable: bool | None = None,
          foreign_key: str | None = None, deferred: bool = False, primary_key: bool = False, unique: bool = False,
          index: bool = False, sa_column_kwargs: Mapping[str, Any] | None = None) -> Any:
    """What is said of a column besides the annotation of its field, in the words of SQLModel.

    ``sa_type``: its type, for other annotations than ``str``, ``int`` and ``bool``. ``nullable``: by default where the
    annotation allows ``None``. ``deferred``: what is referred to need only be there when the transaction ends.
    """
    said = {"primary_key": primary_key, "unique": unique, "index": index, **(sa_column_kwargs or {})}
    return _Field(default, sa_type, nullable, foreign_key, deferred, said)


class Stored:
    """What every table of the program descends from; a class with ``table=True`` is one, under its ``__tablename__``.

    Columns stand in the order of the fields, those of the classes above first. ``__table_args__`` are indexes,
    constraints and, last, a mapping of options. Raises ``KeyError`` for an annotation without a type of column.
    """

    __tablename__: ClassVar[str]
    __table_args__: ClassVar[Any] = ()
    __table__: ClassVar[Table]

    def __init_subclass__(cls, *, table: bool = False) -> None:
        super().__init_subclass__()
        if not table:
            return
        *further, options = cls.__table_args__ or ({},)
        if not isinstance(options, dict):
            further, options = [*further, options], {}
        columns = [said.column(name, annotation) for name, annotation, said in cls._fields()]
        cls.__table__ = Table(cls.__tablename__, metadata, *columns, *further, **options)
        for column in cls.__table__.columns:
            setattr(cls, column.key, column)

    @classmethod
    def _fields(cls) -> Iterator[tuple[str, str, _Field]]:
        for above in reversed(cls.__mro__):
            for name, annotation in vars(above).get("__annotations__", {}).items():
                if not annotation.startswith("ClassVar"):
                    said = vars(above).get(name, _MISSING)
                    yield name, annotation, said if isinstance(said, _Field) else Field(default=said)

    @classmethod
    def __clause_element__(cls) -> Table:
        # A statement that names the class means the table.
        return cls.__table__

    @classmethod
    def table(cls) -> Table:
        """The table itself, for statements in bulk."""
        return cls.__table__
