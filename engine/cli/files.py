"""Files that a command writes (输出文件): whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlsxwriter.exceptions import XlsxFileError

from facts.errors import CouldNotBeDone
from facts.language import Text


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A file beside ``target`` that takes its place when all went well, and goes away otherwise.

    Raises :class:`~facts.errors.CouldNotBeDone` when it cannot be written.
    """
    if not target.absolute().parent.is_dir():
        raise CouldNotBeDone(Text(f"写不了 {target}：所在文件夹不存在；请先建立",
                                  f"{target} cannot be written: its folder does not exist; create it first"))
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(target)
    except (OSError, XlsxFileError) as error:
        raise CouldNotBeDone(Text(f"写不了 {target}：{error}", f"{target} cannot be written: {error}")) from error
    finally:
        partial.unlink(missing_ok=True)
