"""Reading ledgers kept as .csv files, in a folder or a zip (读取 CSV)."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from facts.archive import chunks, entry_name, open_archive
from facts.language import Text
from facts.ledger import Problem
from facts.sheets import Grid, RawSheet, Source, Unreadable

#: Tried in this order, strictly; GB18030 covers GBK and GB2312.
ENCODINGS = ("utf-8-sig", "gb18030")
#: Bytes of one file: a million records have 60 MB.
MAX_BYTES = 256 << 20
#: Rows of one file, blank ones too (all that is read is kept, 0.8 GB a million), and cells of one row, as in Excel.
MAX_ROWS, MAX_COLUMNS = 4_000_000, 16_384
#: Characters of one row, which is kept in memory.
MAX_ROW = 1_000_000
#: .csv files in one folder or zip: a ledger by street and sheet has some hundreds.
MAX_FILES = 2_000

_NO_CSV = Text("没有 .csv 文件；应有 企业.csv、履职记录.csv 等", "no .csv file; expected enterprises.csv and so on")
_TOO_MANY_FILES = Text(f"里面的文件超过 {MAX_FILES} 个；请只放入台账的 .csv 文件",
                       f"holds more than {MAX_FILES} files; put only the .csv files of the ledger there")
_TOO_LARGE = Text(f"文件超过 {MAX_BYTES >> 20} MB；请分成几个文件", f"more than {MAX_BYTES >> 20} MB; split the file")
_LEFT = Text("不是 .csv 文件，未读取", "not a .csv file, left out")

Opener = Callable[[], AbstractContextManager[BinaryIO]]


def read_folder(path: Path) -> Source:
    """The .csv files directly in a folder; other files are named in a warning."""
    source = Source()
    files = list(islice(path.iterdir(), MAX_FILES + 1))
    if len(files) > MAX_FILES:
        return Source(problems=[Problem(path.name, _TOO_MANY_FILES)])
    for file in sorted(files):
        if file.name.startswith((".", "~$")) or file.is_dir():
            continue
        if file.suffix.lower() == ".csv":
            source.sheets.append(read_csv(file))
        else:
            source.warnings.append(Problem(file.name, _LEFT))
    return _with_sheets(source, path.name or str(path))


def read_csv(file: Path) -> RawSheet:
    """One .csv file."""
    return _sheet(file.name, lambda: open_regular(file))


def open_regular(file: Path) -> BinaryIO:
    """The file, opened for reading; ``OSError`` if it is no file but a pipe or a device, which may never end."""
    # Opening a pipe to which nobody writes would wait for ever.
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "不是普通文件 / not a regular file")
    return os.fdopen(descriptor, "rb")


def read_zip(path: Path) -> Source:
    """The .csv files in a zip, in whatever folder inside it."""
    source = Source()
    with open_archive(path, path.name) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir()]
    if len(entries) > MAX_FILES:
        return Source(problems=[Problem(path.name, _TOO_MANY_FILES)])
    packed = _Packed(path)
    for entry in sorted(entries, key=entry_name):
        name = PurePosixPath(entry_name(entry).replace("\\", "/"))
        if name.name.startswith(".") or name.parts[0] == "__MACOSX":
            continue
        # Two folders inside may hold files of one name.
        shown = f"{path.name}/{name}"
        if name.suffix.lower() == ".csv":
            source.sheets.append(_sheet(shown, _entry_opener(packed, entry)))
        else:
            source.warnings.append(Problem(shown, _LEFT))
    return _with_sheets(source, path.name)


class _Packed:
    """A zip that is opened once, when the first of its files is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive: zipfile.ZipFile | None = None

    def open(self) -> zipfile.ZipFile:
        """The archive; raises :class:`Unreadable` or ``OSError``."""
        if self._archive is None:
            self._archive = open_archive(self.path, self.path.name)
        return self._archive


def _entry_opener(packed: _Packed, entry: zipfile.ZipInfo) -> Opener:
    def opener() -> BinaryIO:
        if entry.file_size > MAX_BYTES:
            raise Unreadable(Problem(f"{packed.path.name}/{entry_name(entry)}", _TOO_LARGE))
        return io.BufferedReader(_Unpacking(packed, entry))

    return opener


class _Unpacking(io.RawIOBase):
    """A zip entry as a stream whose damage shows as :class:`Unreadable`."""

    def __init__(self, packed: _Packed, entry: zipfile.ZipInfo) -> None:
        self._chunks = chunks(packed.open(), entry, packed.path.name)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken):]
        buffer[: len(taken)] = taken
        return len(taken)


def _with_sheets(source: Source, shown: str) -> Source:
    if not source.sheets:
        source.problems.append(Problem(shown, _NO_CSV))
    return source


def _sheet(file: str, opener: Opener) -> RawSheet:
    name = PurePosixPath(file).stem

    def load() -> Grid:
        encoding, height = _encoding(file, name, opener)
        return Grid(_rows(file, name, opener, encoding), height, separated=True)

    return RawSheet(file, name, load)


def _encoding(file: str, name: str, opener: Opener) -> tuple[str, int]:
    """The encoding of the file, and its number of lines; decodes it all, so that nothing breaks halfway."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        lines, size = 1, 0
        try:
            with opener() as stream:
                while chunk := stream.read(1 << 20):
                    size += len(chunk)
                    if size > MAX_BYTES:
                        raise Unreadable(Problem(file, _TOO_LARGE))
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
    def problem(zh: str, en: str, number: int | None = None) -> Unreadable:
        return Unreadable(Problem(file, Text(zh, en), name, f"A{number}" if number else None))

    number = 0
    try:
        with opener() as stream, io.TextIOWrapper(stream, encoding, errors="strict", newline="") as text:
            lines = _Lines(text)
            for number, row in enumerate(csv.reader(lines, strict=True), 1):
                lines.taken = 0
                if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                    raise problem(f"超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列；请删去空行空列，或分成几个文件",
                                  f"more than {MAX_ROWS} rows or {MAX_COLUMNS} columns; delete blank ones, or split "
                                  "the file", number)
                yield row
    except csv.Error as error:
        raise problem(f"这一行的引号或逗号有误，后面无法读取（{error}）",
                      f"the quotes or commas of this row are wrong, what follows cannot be read ({error})",
                      number + 1) from None
    except (UnicodeError, OSError) as error:
        # It was decoded to its end a moment ago.
        raise problem(f"读取期间文件变了（{error}）；请重新导入",
                      f"the file changed while it was read ({error}); import it again") from None


class _Lines(Iterator[str]):
    """The lines of a text; ``taken`` counts the characters of those handed out since it was set to 0."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.taken = 0

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW + 1)
        if not line:
            raise StopIteration
        self.taken += len(line)
        if self.taken > MAX_ROW:
            raise csv.Error(f"> {MAX_ROW}")
        return line
