"""Files that a command writes (输出文件): whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlsxwriter.exceptions import XlsxFileError

from facts.errors import BadInput, CouldNotBeDone
from facts.language import Text
from facts.store.database import BESIDE

#: How every SQLite database begins, backups too.
_DATABASE = b"SQLite format 3\0"


def not_a_database(target: Path) -> Path:
    """``target``, if writing to it replaces no database and nothing that belongs to one.

    Raises :class:`~facts.errors.BadInput`.
    """
    names = [target, *(target.with_name(target.name.removesuffix(end)) for end in BESIDE if target.name.endswith(end))]
    for name in names:
        # A pipe or a device is no database, and reading it might never end.
        if name.is_file():
            with name.open("rb") as file:
                if file.read(len(_DATABASE)) == _DATABASE:
                    raise BadInput(Text(f"{name} 是数据库，不能用作输出文件；请另取文件名",
                                        f"{name} is a database, nothing else is written there; give another name"))
    return target


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A file beside ``target`` that takes its place when all went well, and goes away otherwise.

    A link stays, and what it leads to is replaced. Raises :class:`~facts.errors.CouldNotBeDone` when it cannot be
    written, :class:`~facts.errors.BadInput` for the place of a database, and for one where no file can be: a folder, a
    pipe, a device.
    """
    given, target = target, target.resolve()
    if target.exists() and not target.is_file():
        shown = "“”" if given == Path() else given
        raise BadInput(Text(f"{shown} 不是文件，不能用作输出文件；请另取文件名",
                            f"{shown} is no file, nothing can be written there; give the name of a file"))
    not_a_database(target)
    if not target.absolute().parent.is_dir():
        raise CouldNotBeDone(Text(f"写不了 {given}：所在文件夹不存在；请先建立",
                                  f"{given} cannot be written: its folder does not exist; create it first"))
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(target)
    except (OSError, XlsxFileError) as error:
        raise CouldNotBeDone(Text(f"写不了 {given}：{error}", f"{given} cannot be written: {error}")) from error
    finally:
        partial.unlink(missing_ok=True)
