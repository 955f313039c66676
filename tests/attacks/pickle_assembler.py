"""Pickles opcode by opcode: the pickle module would not write what an attacker does."""

import struct

PROTO_2 = b"\x80\x02"
STOP = b"."
MARK = b"("
EMPTY_TUPLE = b")"
REDUCE = b"R"
BUILD = b"b"
PERSID = b"Q"


def global_(module: str, name: str) -> bytes:
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def long_(value: int) -> bytes:
    data = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def integer(value: int) -> bytes:
    return b"J" + struct.pack("<i", value) if -2**31 <= value < 2**31 else long_(value)


def tuple_(*items: bytes) -> bytes:
    return MARK + b"".join(items) + b"t"


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + tuple_(*arguments) + REDUCE


def ints(numbers) -> bytes:
    return tuple_(*(integer(number) for number in numbers))


ORDERED_DICT = call(global_("collections", "OrderedDict"))
REBUILD = global_("torch._utils", "_rebuild_tensor_v2")


def storage(key: str = "0", numel: int = 128, kind: str = "FloatStorage", location: str = "cpu") -> bytes:
    return tuple_(text("storage"), global_("torch", kind), text(key), text(location), integer(numel)) + PERSID


def strides(shape) -> list:
    found, step = [], 1
    for extent in reversed(shape):
        found.insert(0, step)
        step *= extent
    return found


def tensor(shape, data: bytes, offset: int = 0, stride=None) -> bytes:
    """A tensor rebuilt from the storage that the opcodes `data` leave on the stack."""
    return call(REBUILD, data, integer(offset), ints(shape), ints(strides(shape) if stride is None else stride),
                b"\x89", ORDERED_DICT)


def dictionary(items) -> bytes:
    return b"}" + MARK + b"".join(text(key) + value for key, value in items) + b"u"


def pickled(body: bytes) -> bytes:
    return PROTO_2 + body + STOP
