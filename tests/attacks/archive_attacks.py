"""Attacks by the containers of pytorch_model.bin: ZIP archives that lie, and the older container."""

import functools
import struct
from typing import List

from attack_case import Case, as_json, tensor_bytes, tensor_shapes
from pickle_assembler import call, global_, integer, pickled, text
from pickle_attacks import COMMAND
from torch_files import (FILE, FOLDER, SAFETENSORS, legacy, legacy_keys, members, one_pickle, state, system_information,
                         zipped)
from zip_assembler import DEFLATED, Entry, archive, deflate, zip64_end, zip64_extra

INDEX = "pytorch_model.bin.index.json"
PICKLE = FOLDER + b"data.pkl"
RAW = list(tensor_bytes().values())


def with_first(**changes) -> bytes:
    """The valid archive with changes to the entry of storage 0."""
    found = members(state())
    found[2] = Entry(**{"name": FOLDER + b"data/0", "data": RAW[0], **changes})
    return archive(found)


def with_pickle(**changes) -> bytes:
    found = members(state())
    found[0] = Entry(**{"name": PICKLE, "data": state(), **changes})
    return archive(found)


def directory_cases():
    good = zipped(state())
    yield "empty_archive", archive([]), []
    yield "end_record_missing", good[:-22], []
    yield "truncated", good[:len(good) // 2], []
    yield "first_bytes_alone", b"PK\x03\x04", []
    yield "directory_behind_the_file", archive(members(state()), directory_at=2**31), []
    yield "directory_larger_than_the_file", archive(members(state()), directory_size=2**31), []
    yield "directory_at_minus_one", archive(members(state()), directory_at=2**32 - 2), []
    yield "directory_within_the_data", archive(members(state()), directory_at=100), []
    yield "more_entries_than_there_are", archive(members(state()), count=60_000), []
    yield "fewer_entries_than_there_are", archive(members(state()), count=1), []
    yield "several_disks", archive(members(state()), disk=3), []
    yield "comment_longer_than_the_file", good[:-2] + b"\xff\xff", []
    yield "zip64_record_behind_the_file", archive(members(state()), count=0xFFFF, directory_at=2**32 - 1,
                                                  before_end=zip64_end(21, 100, 0, 2**62)), []
    yield "zip64_of_2_to_the_60_entries", archive(
        members(state()), count=0xFFFF, directory_at=2**32 - 1, directory_size=2**32 - 1,
        before_end=zip64_end(2**60, 2**60, 0, len(good) - 22)), []
    yield "zip64_directory_wraps_around", archive(
        members(state()), count=0xFFFF, directory_at=2**32 - 1, directory_size=2**32 - 1,
        before_end=zip64_end(21, 2**64 - 1, 2**64 - 1, len(good) - 22)), []
    yield "tens_of_thousands_of_entries", lambda: archive(
        members(pickled(integer(7))) + [Entry(FOLDER + b"data/x%d" % i) for i in range(60_000)]), []
    yield "pickle_missing", archive(members(state())[1:]), ["data.pkl"]
    yield "pickle_twice", archive([Entry(PICKLE, state())] + members(state())), ["data.pkl"]
    yield "pickles_of_two_folders", archive([Entry(b"other/data.pkl", state())] + members(state())), ["data.pkl"]
    yield "storage_twice", archive(members(state()) + [Entry(FOLDER + b"data/0", b"\0" * 512)]), ["data/0"]
    yield "name_of_escape_sequences", archive([Entry(b"\x1b[2J", b"a")] * 2 + members(state())), []
    yield "storage_missing", archive([entry for entry in members(state()) if not entry.name.endswith(b"/0")]), ["storage '0'"]
    yield "byte_order_big", archive([Entry(entry.name, b"big") if entry.name.endswith(b"byteorder") else entry
                                     for entry in members(state())]), ["big"]


def entry_cases():
    size = len(RAW[0])
    yield "header_behind_the_file", with_first(at=2**31), ["data/0"]
    yield "header_elsewhere", with_first(at=5), ["data/0"]
    yield "header_of_another_entry", with_first(at=0), []
    yield "entries_overlap", with_first(packed_size=size + 4096, size=size + 4096), []
    yield "local_signature_wrong", with_first(local_signature=b"PK\x03\x05"), ["data/0"]
    yield "local_name_differs", with_first(local_name=FOLDER + b"data/1"), []
    yield "local_size_differs", with_first(local_size=16, local_packed_size=16), []
    yield "sizes_of_a_stored_entry_differ", with_first(size=size * 2), ["data/0"]
    yield "method_unknown", with_first(method=12), ["data/0"]
    yield "encrypted", with_first(flags=1), ["data/0"]
    yield "zip64_size_of_2_to_the_63", with_first(size=2**32 - 1, packed_size=2**32 - 1,
                                                  extra=zip64_extra(2**63, 2**63)), ["data/0"]
    yield "zip64_header_wraps_around", with_first(size=2**32 - 1, packed_size=2**32 - 1, at=2**32 - 1,
                                                  extra=zip64_extra(size, size, 2**64 - 64)), ["data/0"]
    yield "zip64_fields_missing", with_first(size=2**32 - 1, packed_size=2**32 - 1, extra=b"\x01\x00\x02\x00ab"), []
    yield "storage_short", with_first(data=RAW[0][:-4]), ["storage '0'"]
    yield "storage_empty", with_first(data=b""), ["storage '0'"]


@functools.lru_cache(maxsize=None)
def zeros(size: int) -> bytes:
    return deflate(b"\0" * size)


def bomb_cases():
    much = 2**28
    yield "pickle_inflates_a_thousandfold", lambda: with_pickle(
        method=DEFLATED, data=b"", packed=zeros(much), size=much), ["inflate"]
    yield "pickle_inflates_beyond_its_size", lambda: with_pickle(
        method=DEFLATED, packed=zeros(much), size=len(state())), ["data.pkl"]
    yield "pickle_claims_a_terabyte", lambda: with_pickle(
        method=DEFLATED, size=2**32 - 1, packed_size=2**32 - 1, packed=zeros(1000),
        extra=zip64_extra(2**40, len(zeros(1000)))), ["inflate"]
    yield "storage_inflates_a_thousandfold", lambda: with_first(
        method=DEFLATED, data=b"", packed=zeros(much), size=much), ["inflate"]
    yield "storage_inflates_beyond_its_size", lambda: with_first(
        method=DEFLATED, packed=zeros(much), size=len(RAW[0])), ["data/0"]
    yield "storage_inflates_to_less", lambda: with_first(method=DEFLATED, packed=zeros(100)), ["data/0"]
    yield "storage_no_deflate_stream", with_first(method=DEFLATED, packed=b"\xff" * 64), ["data/0"]
    yield "a_thousand_bombs_of_one_place", lambda: shared_bomb(1000), []


def shared_bomb(times: int) -> bytes:
    """Many entries that share one deflated stream of 256 megabytes."""
    packed = zeros(2**28)
    first = Entry(FOLDER + b"data/0", method=DEFLATED, packed=packed, size=2**28)
    found = [first] + [Entry(FOLDER + b"data/%d" % i, method=DEFLATED, packed=b"", packed_size=len(packed), size=2**28,
                             at=0) for i in range(1, times)]
    return archive(found + [Entry(PICKLE, state()), Entry(FOLDER + b"version", b"3\n")])


def legacy_cases():
    good, system = legacy(), call(global_("os", "system"), text(COMMAND))
    yield "magic_wrong", legacy(magic=0x1950A86A20F9469CFC6D), []
    yield "magic_huge", legacy(magic=2**1000), []
    yield "protocol_wrong", legacy(protocol=1002), ["version"]
    yield "big_endian", legacy(information=system_information(little=False)), ["endian"]
    yield "code_as_magic", pickled(system) + good, ["os.system"]
    yield "code_as_information", legacy(information=pickled(system)), ["os.system"]
    yield "code_as_keys", legacy(keys=pickled(system)), ["os.system"]
    yield "truncated", good[:-5], []
    yield "truncated_in_the_pickles", good[:200], []
    yield "storages_missing", legacy(storages=b""), []
    yield "storage_size_negative", legacy(storages=struct.pack("<q", -1) + b"\0" * 4000), []
    yield "storage_size_huge", legacy(storages=struct.pack("<q", 2**62) + b"\0" * 4000), []
    yield "storage_size_another", legacy(storages=b"".join(
        struct.pack("<q", len(one) // 4 - 1) + one[4:] for one in RAW)), []
    yield "key_missing", legacy(keys=legacy_keys([str(i) for i in range(1, len(RAW))]), storages=b"".join(
        struct.pack("<q", len(one) // 4) + one for one in RAW[1:])), []
    yield "key_twice", legacy(keys=legacy_keys(["0"] + [str(i) for i in range(len(RAW))])), []
    yield "keys_a_number", legacy(keys=pickled(integer(7))), []
    yield "tar", b"storages/" + b"\0" * 248 + b"ustar\x0000" + b"\0" * 700, []


def other_cases():
    yield "empty_file", b"", []
    yield "html", b"<!DOCTYPE html><html><body>Not found</body></html>", []
    yield "lfs_pointer", (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 +
                          b"\nsize 1234\n"), ["Git LFS"]
    yield "gzip", b"\x1f\x8b\x08\x00" + b"\0" * 60, []
    yield "nulls", lambda: b"\0" * 1_000_000, []


def index_cases():
    names = list(tensor_shapes())
    for name, target in (("above_the_folder", "../pytorch_model.bin"), ("absolute", "/dev/zero"), ("not_there", "a.bin")):
        yield Case(f"bin_index/{name}", {INDEX: as_json({"weight_map": {tensor: target for tensor in names}})},
                   [target if name == "not_there" else INDEX], removes=[SAFETENSORS])
    yield Case("bin_index/code_in_a_shard", {
        INDEX: as_json({"weight_map": {tensor: "one.bin" for tensor in names}}),
        "one.bin": one_pickle(pickled(call(global_("os", "system"), text(COMMAND))))},
        ["one.bin", "os.system"], removes=[SAFETENSORS])
    yield Case("bin_index/safetensors_named_bin", {
        INDEX: as_json({"weight_map": {tensor: "one.bin" for tensor in names}}), "one.bin": struct.pack("<Q", 2) + b"{}"},
        ["one.bin"], removes=[SAFETENSORS])


def cases() -> List[Case]:
    made = []
    for folder, make in (("zip", directory_cases), ("zip", entry_cases), ("zip", bomb_cases), ("legacy", legacy_cases),
                         ("bin", other_cases)):
        made += [Case(f"{folder}/{name}", {FILE: content}, [FILE] + says, removes=[SAFETENSORS])
                 for name, content, says in make()]
    return made + list(index_cases())
