"""Reading ledgers kept as .csv files, in a folder or a zip (读取 CSV)."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from facts.archive import chunks, entry_name, open_archive
from facts.language import Text
from facts.ledger import Problem
from facts.sheets import Grid, RawSheet, Source, Unreadable

#: Tried in this order, strictly; GB18030 covers GBK and GB2312.
ENCODINGS = ("utf-8-sig", "gb18030")

_NO_CSV = Text("没有 .csv 文件；应有 企业.csv、履职记录.csv 等", "no .csv file; expected enterprises.csv and so on")
_LEFT = Text("不是 .csv 文件，未读取", "not a .csv file, left out")

Opener = Callable[[], AbstractContextManager[BinaryIO]]


def read_folder(path: Path) -> Source:
    """The .csv files directly in a folder; other files are named in a warning."""
    source = Source()
    for file in sorted(path.iterdir()):
        if file.name.startswith((".", "~$")) or file.is_dir():
            continue
        if file.suffix.lower() == ".csv":
            source.sheets.append(read_csv(file))
        else:
            source.warnings.append(Problem(file.name, _LEFT))
    return _with_sheets(source, path.name or str(path))


def read_csv(file: Path) -> RawSheet:
    """One .csv file."""
    return _sheet(file.name, lambda: file.open("rb"))


def read_zip(path: Path) -> Source:
    """The .csv files in a zip, in whatever folder inside it."""
    source = Source()
    with open_archive(path, path.name) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir()]
    for entry in sorted(entries, key=entry_name):
        name = PurePosixPath(entry_name(entry).replace("\\", "/"))
        if name.name.startswith(".") or name.parts[0] == "__MACOSX":
            continue
        # Two folders inside may hold files of one name.
        shown = f"{path.name}/{name}"
        if name.suffix.lower() == ".csv":
            source.sheets.append(_sheet(shown, _entry_opener(path, entry)))
        else:
            source.warnings.append(Problem(shown, _LEFT))
    return _with_sheets(source, path.name)


def _entry_opener(path: Path, entry: zipfile.ZipInfo) -> Opener:
    def opener() -> BinaryIO:
        return io.BufferedReader(_Unpacking(path, entry))

    return opener


class _Unpacking(io.RawIOBase):
    """A zip entry as a stream whose damage shows as :class:`Unreadable`."""

    def __init__(self, path: Path, entry: zipfile.ZipInfo) -> None:
        self._archive = zipfile.ZipFile(path)
        self._chunks = chunks(self._archive, entry, path.name)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken):]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        self._archive.close()
        super().close()


def _with_sheets(source: Source, shown: str) -> Source:
    if not source.sheets:
        source.problems.append(Problem(shown, _NO_CSV))
    return source


def _sheet(file: str, opener: Opener) -> RawSheet:
    name = PurePosixPath(file).stem

    def load() -> Grid:
        encoding, height = _encoding(file, name, opener)
        return Grid(_rows(file, name, opener, encoding), height)

    return RawSheet(file, name, load)


def _encoding(file: str, name: str, opener: Opener) -> tuple[str, int]:
    """The encoding of the file, and its number of lines; decodes it all, so that nothing breaks halfway."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        lines = 1
        try:
            with opener() as stream:
                while chunk := stream.read(1 << 20):
                    lines += chunk.count(b"\n")
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
            return encoding, lines
        except UnicodeDecodeError:
            continue
        except OSError as error:
            raise Unreadable(Problem(file, Text(f"打不开：{error.strerror}", f"cannot be opened: {error.strerror}"))) \
                from None
    raise Unreadable(Problem(file, Text("编码既不是 UTF-8 也不是 GB18030；请另存为“CSV UTF-8”",
                                        "neither UTF-8 nor GB18030; save it as “CSV UTF-8”"), name))


def _rows(file: str, name: str, opener: Opener, encoding: str) -> Iterator[Sequence[object]]:
    with opener() as stream, io.TextIOWrapper(stream, encoding, errors="strict", newline="") as text:
        reader = csv.reader(text, strict=True)
        number = 0
        while True:
            number += 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise Unreadable(Problem(file, Text(
                    f"这一行的引号或逗号有误，后面无法读取（{error}）",
                    f"the quotes or commas of this row are wrong, what follows cannot be read ({error})"),
                    name, f"A{number}")) from None
            if row is None:
                return
            yield row
