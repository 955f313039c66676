"""pytorch_model.bin of the valid checkpoint, in both of its containers, and with one thing changed."""

import struct
from typing import Dict, List

from attack_case import count, tensor_bytes, tensor_shapes
from pickle_assembler import PERSID, dictionary, global_, integer, long_, pickled, storage, tensor, text, tuple_
from zip_assembler import Entry, archive

FILE = "pytorch_model.bin"
SAFETENSORS = "model.safetensors"
FOLDER = b"pytorch_model/"
MAGIC = 0x1950A86A20F9469CFC6C


def tensors(changed: Dict[str, bytes] = None) -> List:
    """(name, opcodes) of each tensor; storage i is the i-th tensor's."""
    found = []
    for i, (name, shape) in enumerate(tensor_shapes().items()):
        found.append((name, tensor(shape, storage(str(i), count(shape)))))
    names = [name for name, _ in found]
    return [(name, (changed or {}).get(name, opcodes)) for name, opcodes in found] + [
        (name, opcodes) for name, opcodes in (changed or {}).items() if name not in names]


def state(changed: Dict[str, bytes] = None) -> bytes:
    return pickled(dictionary(tensors(changed)))


def members(data_pkl: bytes, **data: bytes) -> List[Entry]:
    """All of a valid archive but for data.pkl; `data` replaces storages by their key, after a letter: s0."""
    found = [Entry(FOLDER + b"data.pkl", data_pkl), Entry(FOLDER + b"byteorder", b"little")]
    for i, raw in enumerate(tensor_bytes().values()):
        found.append(Entry(FOLDER + b"data/%d" % i, data.get(f"s{i}", raw)))
    return found + [Entry(FOLDER + b"version", b"3\n")]


def zipped(data_pkl: bytes, **data: bytes) -> bytes:
    return archive(members(data_pkl, **data))


def one_pickle(data_pkl: bytes) -> bytes:
    """An archive of data.pkl alone: what is wrong with it shows before any storage is looked for."""
    return archive([Entry(FOLDER + b"data.pkl", data_pkl), Entry(FOLDER + b"version", b"3\n")])


def system_information(little=True) -> bytes:
    return pickled(b"}(" + text("protocol_version") + integer(1001) + text("little_endian") +
                   (b"\x88" if little else b"\x89") + text("type_sizes") +
                   dictionary([("short", integer(2)), ("int", integer(4)), ("long", integer(4))]) + b"u")


def legacy_storage(key: str, numel: int) -> bytes:
    return tuple_(text("storage"), global_("torch", "FloatStorage"), text(key), text("cpu"), integer(numel),
                  b"N") + PERSID


def legacy_state() -> bytes:
    return pickled(dictionary([(name, tensor(shape, legacy_storage(str(i), count(shape))))
                               for i, (name, shape) in enumerate(tensor_shapes().items())]))


def legacy_keys(keys: List[str]) -> bytes:
    return pickled(b"](" + b"".join(text(key) for key in keys) + b"e")


def legacy(magic: int = MAGIC, protocol: int = 1001, information: bytes = None, data: bytes = None,
           keys: bytes = None, storages: bytes = None) -> bytes:
    """The container before torch 1.6: five pickles one after the other, then the storages."""
    raw = list(tensor_bytes().values())
    if storages is None:
        storages = b"".join(struct.pack("<q", len(one) // 4) + one for one in raw)
    return (pickled(long_(magic)) + pickled(integer(protocol)) +
            (system_information() if information is None else information) +
            (legacy_state() if data is None else data) +
            (legacy_keys([str(i) for i in range(len(raw))]) if keys is None else keys) + storages)
