"""Folders that a command writes (输出文件夹): made aside, and moved to their place when all is well."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xlsxwriter.exceptions import XlsxFileError

from facts.errors import BadInput, CouldNotBeDone
from facts.language import Text


@dataclass(frozen=True, slots=True)
class Aside:
    """A folder beside the one that is meant: :meth:`move` puts its files there, each whole."""

    path: Path
    target: Path

    def move(self, *, last: str) -> None:
        """Move all files to their place, the one called ``last`` at the end; files of the same name are replaced.

        Raises :class:`~facts.errors.CouldNotBeDone`; those that were moved stay.
        """
        try:
            if not self.target.exists():
                self.path.rename(self.target)
                return
            for file in sorted(self.path.iterdir(), key=lambda each: (each.name == last, each.name)):
                file.replace(self.target / file.name)
        except OSError as error:
            raise _cannot(self.target, error) from error


@contextmanager
def folder_aside(target: Path) -> Iterator[Aside]:
    """A new folder beside ``target``, which goes away again with what was not moved.

    Raises :class:`~facts.errors.BadInput` if ``target`` is a file, :class:`~facts.errors.CouldNotBeDone` if it cannot
    be written.
    """
    if target == Path():
        raise BadInput(Text("没有写明文件夹；请写出它的名称", "no folder is named; give its name"))
    if target.exists() and not target.is_dir():
        raise BadInput(Text(f"{target} 是文件，不是文件夹；请用 -o 另指定",
                            f"{target} is a file, no folder; name another with -o"))
    if not target.absolute().parent.is_dir():
        raise CouldNotBeDone(Text(f"写不了 {target}：上级文件夹不存在；请先建立",
                                  f"{target} cannot be written: the folder above it does not exist; create it first"))
    path = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        yield Aside(path, target)
    except (OSError, XlsxFileError) as error:
        raise _cannot(target, error) from error
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _cannot(target: Path, error: Exception) -> CouldNotBeDone:
    return CouldNotBeDone(Text(f"写不了 {target}：{error}", f"{target} cannot be written: {error}"))
