"""The one way in which a file is refused, and what a file may be at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from foundation.errors import DomainError

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most; beyond it the file is refused, not read."""

    file_bytes: int = 20 * MEGABYTE
    unpacked_bytes: int = 200 * MEGABYTE
    archive_entries: int = 2000
    rows: int = 50_000
    columns: int = 200
    sheets: int = 20
    cell_characters: int = 2000
    total_characters: int = 40_000_000
    seconds: int = 20
    memory_bytes: int = 1024 * MEGABYTE

    @property
    def rows_read(self) -> int:
        """Rows taken from a sheet: titles, headers and remarks come on top of the table's own rows."""
        return self.rows + 100


class SheetRefusedError(DomainError):
    """The file cannot be used as a spreadsheet; `message` is one Chinese sentence saying what to do."""


_MESSAGES: Final = {
    "unreadable": "文件打不开，请确认文件还在，再重新选择。",
    "empty": "文件是空的，请填好名单后再上传。",
    "too_large": "文件超过 {megabytes} MB，请删去图片和无关内容，或分成几个文件再上传。",
    "unpacks_too_large": "文件解开后过大，请新建一个表格，只复制需要的内容再上传。",
    "too_many_rows": "表格超过 {rows} 行，请分成几个文件再上传。",
    "encrypted": "文件有密码保护，请在表格软件里取消密码，另存后再上传。",
    "damaged": "文件已损坏，读不出来，请用表格软件打开后另存为 .xlsx 再上传。",
    "web_page": "这是网页格式的表格，请用表格软件打开后另存为 .xlsx 再上传。",
    "word_document": "这是文字文档，不是表格，请把内容填进 .xlsx 模板再上传。",
    "not_spreadsheet": "这不是表格文件，请上传 .xlsx、.xls 或 .csv 格式的文件。",
}


def refusal(code: str, limits: Limits | None = None) -> SheetRefusedError:
    """The refusal with its sentence; codes are the keys of the table above."""
    limits = limits or Limits()
    message = _MESSAGES[code].format(megabytes=limits.file_bytes // MEGABYTE, rows=limits.rows)
    return SheetRefusedError(code, message)
