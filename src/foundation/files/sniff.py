"""What a file is by its first bytes, never by its name.

Used to refuse with a sentence that names what the file really is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 4096
"""How many leading bytes `sniff` looks at; giving more does no harm."""


class Family(StrEnum):
    """What a file is good for."""

    IMAGE = "image"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    MEDIA = "media"
    TEXT = "text"
    OTHER = "other"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class FileType:
    """A recognized type: short `key`, `content_type` (MIME), usual `extension` and `label` for people."""

    key: str
    content_type: str
    extension: str
    label: str
    family: Family

    @property
    def after_han(self) -> str:
        """The label as it stands after a Chinese word: with a space before Latin letters."""
        return f" {self.label}" if self.label[:1].isascii() else self.label


JPEG = FileType("jpeg", "image/jpeg", ".jpg", "JPG 图片", Family.IMAGE)
PNG = FileType("png", "image/png", ".png", "PNG 图片", Family.IMAGE)
GIF = FileType("gif", "image/gif", ".gif", "GIF 图片", Family.IMAGE)
WEBP = FileType("webp", "image/webp", ".webp", "WEBP 图片", Family.IMAGE)
BMP = FileType("bmp", "image/bmp", ".bmp", "BMP 图片", Family.IMAGE)
TIFF = FileType("tiff", "image/tiff", ".tif", "TIFF 图片", Family.IMAGE)
HEIC = FileType("heic", "image/heic", ".heic", "HEIC 图片", Family.IMAGE)
AVIF = FileType("avif", "image/avif", ".avif", "AVIF 图片", Family.IMAGE)
JP2 = FileType("jp2", "image/jp2", ".jp2", "JPEG 2000 图片", Family.IMAGE)
ICO = FileType("ico", "image/x-icon", ".ico", "ICO 图标", Family.IMAGE)
PSD = FileType("psd", "image/vnd.adobe.photoshop", ".psd", "PSD 图片", Family.IMAGE)
SVG = FileType("svg", "image/svg+xml", ".svg", "SVG 图片", Family.IMAGE)
PDF = FileType("pdf", "application/pdf", ".pdf", "PDF 文件", Family.DOCUMENT)
OLE = FileType("ole", "application/x-ole-storage", ".doc", "旧版 Word 或 Excel 文件", Family.DOCUMENT)
OFD = FileType("ofd", "application/ofd", ".ofd", "OFD 文件", Family.DOCUMENT)
DOCX = FileType(
    "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".docx",
    "Word 文件",
    Family.DOCUMENT,
)
XLSX = FileType(
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsx",
    "Excel 文件",
    Family.DOCUMENT,
)
OFFICE = FileType("office", "application/zip", ".docx", "Word 或 Excel 文件", Family.DOCUMENT)
ZIP = FileType("zip", "application/zip", ".zip", "ZIP 压缩包", Family.ARCHIVE)
SPLIT_ZIP = FileType("split_zip", "application/zip", ".z01", "分卷压缩包", Family.ARCHIVE)
RAR = FileType("rar", "application/vnd.rar", ".rar", "RAR 压缩包", Family.ARCHIVE)
SEVEN_ZIP = FileType("7z", "application/x-7z-compressed", ".7z", "7Z 压缩包", Family.ARCHIVE)
GZIP = FileType("gzip", "application/gzip", ".gz", "GZ 压缩包", Family.ARCHIVE)
BZIP2 = FileType("bzip2", "application/x-bzip2", ".bz2", "BZ2 压缩包", Family.ARCHIVE)
XZ = FileType("xz", "application/x-xz", ".xz", "XZ 压缩包", Family.ARCHIVE)
TAR = FileType("tar", "application/x-tar", ".tar", "TAR 压缩包", Family.ARCHIVE)
CAB = FileType("cab", "application/vnd.ms-cab-compressed", ".cab", "CAB 压缩包", Family.ARCHIVE)
MP4 = FileType("mp4", "video/mp4", ".mp4", "视频文件", Family.MEDIA)
PROGRAM = FileType("program", "application/x-msdownload", ".exe", "程序文件", Family.OTHER)
HTML = FileType("html", "text/html", ".html", "网页文件", Family.TEXT)
TEXT = FileType("text", "text/plain", ".txt", "文本文件", Family.TEXT)
EMPTY = FileType("empty", "application/x-empty", "", "空文件", Family.EMPTY)
UNKNOWN = FileType("unknown", "application/octet-stream", "", "无法识别的文件", Family.OTHER)

_MAGIC: tuple[tuple[bytes, FileType], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"8BPS", PSD),
    (b"\x00\x00\x01\x00", ICO),
    (b"\x00\x00\x00\x0cjP  ", JP2),
    (b"\xff\x4f\xff\x51", JP2),
    (b"%PDF-", PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"PK\x07\x08PK\x03\x04", SPLIT_ZIP),
    (b"PK\x00\x00PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"Rar!\x1a\x07", RAR),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x1f\x8b\x08", GZIP),
    (b"BZh", BZIP2),
    (b"\xfd7zXZ\x00", XZ),
    (b"MSCF\x00\x00\x00\x00", CAB),
    (b"\x7fELF", PROGRAM),
)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0c\x1b")


def sniff(head: bytes) -> FileType:
    """Tell the type of a file from its first bytes (`HEAD_BYTES` are enough). Never raises."""
    if not head:
        return EMPTY
    head = head[:HEAD_BYTES]
    for magic, file_type in _MAGIC:
        if head.startswith(magic):
            return file_type
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(head)
    if head[:4] == b"RIFF":
        return WEBP if head[8:12] == b"WEBP" else MP4
    if head[4:8] == b"ftyp":
        brand = head[8:12].lower()
        return HEIC if brand in _HEIC_BRANDS else AVIF if brand in _AVIF_BRANDS else MP4
    if head[:2] == b"BM" and len(head) >= 26 and head[6:10] == b"\0\0\0\0":
        return BMP
    if head[:2] == b"MZ" and b"\0" in head:
        return PROGRAM
    if head[257:262] == b"ustar":
        return TAR
    return _kind_of_text(head)


def _kind_of_zip(head: bytes) -> FileType:
    """Office files are ZIP containers; their first entries tell them apart."""
    if b"[Content_Types].xml" in head or b"_rels/.rels" in head:
        return DOCX if b"word/" in head else XLSX if b"xl/" in head else OFFICE
    return OFD if b"OFD.xml" in head else ZIP


def _kind_of_text(head: bytes) -> FileType:
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return TEXT
    if any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head):
        return UNKNOWN
    start = head.lstrip()[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<script")):
        return HTML
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in head.lower()):
        return SVG
    return TEXT if _decodes(head) else UNKNOWN


def _decodes(head: bytes) -> bool:
    """Whether the bytes are UTF-8 or GB18030; a character cut off at the end is forgiven."""
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False
