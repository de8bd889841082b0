"""Zip files from outside, opened with care (压缩包安全): .xlsx workbooks are zips, and ledgers come as zips of CSV.

Nothing is ever unpacked to disk, and of an entry no more is unpacked than it says it holds.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from facts.language import Text
from facts.ledger import Problem
from facts.sheets import Unreadable

#: A workbook has some dozens of entries, a ledger by street and sheet some hundreds.
MAX_ENTRIES = 5_000
#: Bytes when unpacked, of the whole archive: a full sheet of records has 250 MB.
MAX_UNPACKED = 1 << 30
#: An archive that unpacks to more than ``RATIO_FROM`` bytes may not shrink by more than this factor; a ledger of
#: nothing but repetitions shrinks by thirty or so, a bomb by a thousand.
MAX_RATIO, RATIO_FROM = 150, 16 << 20

_CHUNK = 1 << 20
_DAMAGED = Text("工作簿已损坏，打不开；请用 Excel 重新另存为 .xlsx", "the workbook is damaged; save it anew as .xlsx")
_CONTENT = Text("压缩内容已损坏；请重新导出或重新保存后再导入",
                "the packed content is damaged; export or save the file again")
# What zipfile raises of files that are no sound zips: of offsets and dates that cannot be, of methods it does not know.
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OverflowError, RuntimeError,
           MemoryError, IndexError)


def open_archive(path: Path | BinaryIO, shown: str) -> zipfile.ZipFile:
    """The archive at ``path``; :class:`Unreadable` if it is broken, locked, a bomb, or reaches outside itself."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN:
        raise Unreadable(Problem(shown, Text("文件已损坏，打不开；请重新导出或重新保存",
                                             "damaged, cannot be opened; export or save it again"))) from None
    try:
        _check(archive, shown)
    except Unreadable:
        archive.close()
        raise
    return archive


def _check(archive: zipfile.ZipFile, shown: str) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    bomb = any(e.file_size > RATIO_FROM and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries)
    if len(entries) > MAX_ENTRIES:
        raise refuse(shown, f"压缩包里有 {len(entries)} 个文件，超过 {MAX_ENTRIES} 个，不予打开",
                     f"the archive has {len(entries)} files, more than {MAX_ENTRIES}, and is not opened")
    if bomb or unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed):
        raise refuse(shown, f"解压后有 {unpacked >> 20} MB（压缩为 {packed >> 10} KB），疑为压缩炸弹，不予打开",
                     f"unpacks from {packed >> 10} KB to {unpacked >> 20} MB, which looks like a zip bomb, "
                     "and is not opened")
    for entry in entries:
        name = entry_name(entry)
        if entry.flag_bits & 1:
            raise refuse(shown, "压缩包有密码；请去掉密码", "the archive is locked with a password; remove it", name)
        if ".." in name.replace("\\", "/").split("/") or name.startswith(("/", "\\")) or name[1:2] == ":":
            raise refuse(shown, "压缩包里的文件名指向包外，不予打开",
                         "a name in the archive points outside of it; the archive is not opened", name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise refuse(shown, "压缩包里是指向别处的链接，不是文件；请放入文件本身",
                         "the archive holds a link to a file elsewhere; put the file itself there", name)


def refuse(shown: str, zh: str, en: str, value: str | None = None) -> Unreadable:
    """The error for an archive that is not to be read."""
    return Unreadable(Problem(shown, Text(zh, en), value=value))


def damaged(file: str, sheet: str | None = None, message: Text = _DAMAGED) -> Unreadable:
    """The error for a workbook of which nothing more can be read."""
    return Unreadable(Problem(file, message, sheet))


def entry_name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; Chinese Windows writes it in GBK without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shown: str) -> Iterator[bytes]:
    """The unpacked bytes of an entry, piece by piece; :class:`Unreadable` where they are damaged."""
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (*_BROKEN, OSError):
        raise Unreadable(Problem(shown, _CONTENT, value=entry_name(entry))) from None
