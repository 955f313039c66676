"""ZIP archives record by record: the zipfile module would not write what an attacker does."""

import dataclasses
import struct
import zlib
from typing import List, Optional

STORED, DEFLATED = 0, 8


@dataclasses.dataclass
class Entry:
    """One member; what is None is as it should be."""
    name: bytes
    data: bytes = b""
    method: int = STORED
    crc: Optional[int] = None
    size: Optional[int] = None  # as both headers claim it
    packed_size: Optional[int] = None
    packed: Optional[bytes] = None  # the bytes that stand in the file
    flags: int = 0
    extra: bytes = b""  # in the central directory
    at: Optional[int] = None  # where the directory says that the local header is
    local_name: Optional[bytes] = None
    local_size: Optional[int] = None
    local_packed_size: Optional[int] = None
    local_signature: bytes = b"PK\x03\x04"


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def packed_of(entry: Entry) -> bytes:
    if entry.packed is not None:
        return entry.packed
    return deflate(entry.data) if entry.method == DEFLATED else entry.data


def chosen(given, otherwise):
    return otherwise if given is None else given


def local_record(entry: Entry) -> bytes:
    packed, name = packed_of(entry), chosen(entry.local_name, entry.name)
    size = chosen(entry.local_size, chosen(entry.size, len(entry.data)))
    packed_size = chosen(entry.local_packed_size, chosen(entry.packed_size, len(packed)))
    return entry.local_signature + struct.pack(
        "<HHHHHIIIHH", 20, entry.flags, entry.method, 0, 0, chosen(entry.crc, zlib.crc32(entry.data)),
        packed_size & 0xFFFFFFFF, size & 0xFFFFFFFF, len(name), 0) + name + packed


def central_record(entry: Entry, at: int) -> bytes:
    size = chosen(entry.size, len(entry.data))
    packed_size = chosen(entry.packed_size, len(packed_of(entry)))
    return b"PK\x01\x02" + struct.pack(
        "<HHHHHHIIIHHHHHII", 20, 20, entry.flags, entry.method, 0, 0, chosen(entry.crc, zlib.crc32(entry.data)),
        packed_size & 0xFFFFFFFF, size & 0xFFFFFFFF, len(entry.name), len(entry.extra), 0, 0, 0, 0,
        chosen(entry.at, at) & 0xFFFFFFFF) + entry.name + entry.extra


def archive(entries: List[Entry], count: int = None, directory_at: int = None, directory_size: int = None,
            comment: bytes = b"", before_end: bytes = b"", disk: int = 0) -> bytes:
    """The file; what is None in its end record is as it should be."""
    body, directory = b"", b""
    for entry in entries:
        directory += central_record(entry, len(body))
        body += local_record(entry)
    end = b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", disk, disk, chosen(count, len(entries)) & 0xFFFF, chosen(count, len(entries)) & 0xFFFF,
        chosen(directory_size, len(directory)) & 0xFFFFFFFF, chosen(directory_at, len(body)) & 0xFFFFFFFF,
        len(comment)) + comment
    return body + directory + before_end + end


def zip64_extra(size: int, packed_size: int, at: int = None) -> bytes:
    fields = struct.pack("<QQ", size, packed_size) + (b"" if at is None else struct.pack("<Q", at))
    return struct.pack("<HH", 1, len(fields)) + fields


def zip64_end(entries: int, size: int, at: int, locator_at: int) -> bytes:
    """The end record and its locator; `locator_at` is where the locator says that the record is."""
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, entries, entries, size, at)
    return record + b"PK\x06\x07" + struct.pack("<IQI", 0, locator_at, 1)
