"""Attacks by model.safetensors and its index."""

import struct
from typing import Dict, List

from attack_case import Case, as_json, count, floats, tensor_bytes, tensor_shapes, values

FILE = "model.safetensors"
INDEX = "model.safetensors.index.json"
FIRST = "lm_head.weight"  # the first tensor of the file
NEXT = "model.embed_tokens.weight"
MANY = 2**62


def container(header: bytes, data: bytes = b"", length: int = None) -> bytes:
    """A file whose header claims `length` bytes; by default as many as it has."""
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def entries(names=None) -> Dict:
    """The valid header, as JSON."""
    header, at = {}, 0
    for name, shape in tensor_shapes().items():
        if names is not None and name not in names:
            continue
        size = 4 * count(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return header


def payload(names=None, **changed: List[float]) -> bytes:
    return b"".join(data for name, data in tensor_bytes().items() if names is None or name in names)


def weights(names=None) -> bytes:
    """The valid file, or one of the tensors in `names` alone."""
    return container(as_json(entries(names)), payload(names))


def with_entry(name=FIRST, **fields) -> bytes:
    header = entries()
    header[name] = {**header.get(name, {}), **fields}
    return container(as_json(header), payload())


def with_header(header) -> bytes:
    return container(as_json(header), payload())


def with_value(name: str, value: float) -> bytes:
    """The valid file with one number of one tensor replaced."""
    parts = []
    for tensor, shape in tensor_shapes().items():
        numbers = values(tensor, shape)
        if tensor == name:
            numbers[len(numbers) // 2] = value
        parts.append(floats(numbers))
    return container(as_json(entries()), b"".join(parts))


def without(name: str) -> bytes:
    return weights([other for other in tensor_shapes() if other != name])


def header_cases():
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    yield "empty", b"", ["truncated"]
    yield "three_bytes", b"abc", ["truncated"]
    yield "length_alone", struct.pack("<Q", 2), ["truncated"]
    yield "length_huge", container(b"{}", length=2**40), ["header claims"]
    yield "length_all_ones", container(b"{}", length=2**64 - 1), ["header claims"]
    yield "length_negative_32", container(b"{}", length=2**32 - 8), ["header claims"]
    yield "length_just_allowed", container(b"{}", length=100_000_000), ["truncated"]
    yield "length_zero", container(b"", payload(), length=0), ["header"]
    yield "length_short", container(as_json(entries()), payload(), length=64), ["header"]
    yield "not_json", container(b"{" + b"\xff\xfe<html>" * 9), ["header"]
    yield "not_an_object", container(b"[1,2,3]"), ["not a JSON object"]
    yield "not_safetensors", b"<!DOCTYPE html><html><body>Not found</body></html>", ["header claims"]
    yield "lfs_pointer", (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 +
                          b"\nsize 1234\n"), ["Git LFS"]
    yield "nested", lambda: container(deep), ["'a'"]
    yield "nested_within_entry", lambda: container(b'{"a":{"dtype":' + b'{"a":' * 50_000), ["'a'"]
    yield "nested_unclosed", lambda: container(b'{"a":' + b"[" * 1_000_000), ["'a'"]
    yield "unfinished_string", container(b'{"' + b"a" * 500), ["header"]
    yield "duplicate_name", container(b"{" + as_json(entries())[1:-1] + b"," + as_json({FIRST: entries()[FIRST]})[1:-1]
                                      + b"}", payload()), [FIRST, "twice"]
    yield "metadata_list", with_header({"__metadata__": ["pt"], **entries()}), ["__metadata__"]
    yield "metadata_numbers", with_header({"__metadata__": {"format": 1}, **entries()}), ["__metadata__"]
    yield "a_million_numbers", lambda: container(b'{"a":[' + b"0," * 2_000_000 + b"0]}"), ["'a'"]
    yield "metadata_of_a_million_numbers", lambda: container(b'{"__metadata__":[' + b"0," * 2_000_000 + b"0]}"), [
        "__metadata__"]
    yield "empty_tensors_by_the_ten_thousand", lambda: container(as_json(
        {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(60_000)})), [NEXT]
    yield "only_brackets", lambda: container(b"{" + b'"":{},' * 300_000 + b'"":{}}'), ["lacks dtype"]


def entry_cases():
    yield "no_tensors", with_header({}), ["belong to no tensor"]
    yield "entry_a_number", with_header({**entries(), FIRST: 7}), [FIRST]
    yield "entry_null", with_header({**entries(), FIRST: None}), [FIRST]
    yield "dtype_unknown", with_entry(dtype="F31"), [FIRST, "F31"]
    yield "dtype_a_number", with_entry(dtype=4), [FIRST, "dtype"]
    yield "dtype_very_long", lambda: with_entry(dtype="F" * 200_000), [FIRST, "dtype"]
    yield "dtype_integer_weights", with_entry(dtype="I32"), [FIRST, "I32"]
    yield "dtype_of_another_size", with_entry(dtype="F16"), [FIRST, "does not fit"]
    yield "shape_not_a_list", with_entry(shape=32), [FIRST, "shape"]
    yield "shape_negative", with_entry(shape=[-32, -4]), [FIRST, "shape"]
    yield "shape_of_fractions", with_entry(shape=[32.5, 4]), [FIRST, "shape"]
    yield "shape_overflows", with_entry(shape=[MANY, 4]), [FIRST, "does not fit"]
    yield "shape_overflows_to_right_size", with_entry(shape=[MANY, 4, 128]), [FIRST, "does not fit"]
    yield "shape_beyond_64_bits", with_header(
        {**entries(), FIRST: {"dtype": "F32", "shape": [2**63], "data_offsets": [0, 512]}}), [FIRST, "does not fit"]
    yield "shape_beyond_128_bits", with_entry(shape=[2**130]), [FIRST, "shape"]
    yield "shape_zero_times_overflow", with_entry(shape=[0, MANY, MANY], data_offsets=[0, 0]), ["belong to no tensor"]
    yield "shape_wrong", with_entry(shape=[4, 32]), [FIRST, "[4, 32]", "[32, 4]"]
    yield "shape_flat", with_entry(shape=[128]), [FIRST, "[128]"]
    yield "shape_of_many_ones", with_entry(shape=[32, 4] + [1] * 5000), [FIRST, "shape"]
    yield "offsets_not_a_pair", with_entry(data_offsets=[0, 1, 2]), [FIRST, "data_offsets"]
    yield "offsets_negative", with_entry(data_offsets=[-4, 508]), [FIRST, "offset"]
    yield "offsets_reversed", with_entry(data_offsets=[512, 0]), [FIRST, "512 to 0"]
    yield "offsets_out_of_range", with_entry(data_offsets=[2**40, 2**40 + 512]), [FIRST, "truncated"]
    yield "offsets_wrap_around", with_entry(data_offsets=[2**64 - 512, 0]), [FIRST]
    yield "offsets_beyond_64_bits", with_entry(data_offsets=[2**64, 2**64 + 512]), [FIRST, "offset"]
    yield "tensors_overlap", with_entry(NEXT, data_offsets=[4, 516]), ["overlap"]
    yield "tensors_the_same_bytes", with_entry(NEXT, data_offsets=[0, 512]), ["overlap"]
    yield "hole", with_header({name: entry for name, entry in entries().items() if name != NEXT}), [
        "belong to no tensor"]
    yield "data_behind_the_last", container(as_json(entries()), payload() + b"\0" * 64), ["belong to no tensor"]
    yield "data_truncated", weights()[:-1], ["truncated"]
    yield "data_missing", container(as_json(entries())), ["truncated"]
    yield "name_with_nul", with_entry("model.norm.weight\0x", **entries()[FIRST]), ["overlap"]
    yield "name_not_utf8", container(b'{"\xff\xfe":' + as_json(entries()[FIRST]) + b"}", payload()), ["header"]
    yield "name_of_escape_sequences", with_entry("\x1b]0;evil\x07\x1b[2J\r\n", dtype="F31"), ["F31"]
    yield "name_very_long", lambda: container(as_json({"n" * 1_000_000: {"dtype": "F32"}})), ["data_offsets"]


def tensor_cases():
    for layer, tensor, value, kind in ((0, "mlp.up_proj", float("nan"), "nan"),
                                       (1, "self_attn.k_proj", float("inf"), "infinity"),
                                       (1, "input_layernorm", float("-inf"), "minus_infinity")):
        name = f"model.layers.{layer}.{tensor}.weight"
        yield f"{kind}_in_layer_{layer}", with_value(name, value), [f"layer {layer}", name, "NaN or Inf"]
    missing = "model.layers.1.mlp.down_proj.weight"
    yield "tensor_missing", without(missing), [missing]
    yield "embedding_missing", without(NEXT), [NEXT]
    last = [name for name in tensor_shapes() if not name.startswith("model.layers.1.")]
    yield "last_layer_missing", weights(last), ["model.layers.1."]


def index(weight_map, **more) -> bytes:
    return as_json({"metadata": {}, "weight_map": weight_map, **more})


def index_case(name, text, says, **files):
    return Case(f"index/{name}", {INDEX: text, **files}, [INDEX] + says, removes=[FILE])


def index_cases():
    names = list(tensor_shapes())
    shard = "model-00001-of-00001.safetensors"
    for name, target in (("above_the_folder", "../model.safetensors"), ("absolute", "/etc/passwd"),
                         ("far_above_the_folder", "../../../../../../etc/passwd"),
                         ("below_the_folder", "sub/model.safetensors"), ("a_device", "/dev/zero"),
                         ("the_folder_above", ".."), ("this_folder", "."),
                         ("with_nul", "model.safetensors\0.txt"), ("empty_name", ""), ("a_number", 7),
                         ("a_list", ["model.safetensors"])):
        yield index_case(name, index({tensor: target for tensor in names}), ["weight_map"])
    backslashes = "..\\model.safetensors"  # a file name like any other
    yield index_case("backslashes", index({tensor: backslashes for tensor in names}), [backslashes])
    yield index_case("not_json", b"{\"weight_map\": {", [])
    yield index_case("no_weight_map", as_json({"metadata": {}}), ["weight_map"])
    yield index_case("weight_map_a_list", index(names), ["weight_map"])
    yield index_case("weight_map_empty", index({}), ["weight_map"])
    yield index_case("nested", lambda: b'{"weight_map":' + b"[" * 500_000, [])
    yield index_case("nested_objects", lambda: b'{"weight_map":' + b'{"a":' * 100_000, [])
    yield index_case("string_unfinished", lambda: b'{"weight_map":{"a":"' + b"x" * 200_000, [])
    yield index_case("name_very_long", lambda: index({"a": "/" * 200_000}), [])
    yield index_case("a_million_numbers", lambda: b'{"weight_map":{},"a":[' + b"0," * 2_000_000 + b"0]}", [])
    # Which of two messages comes first does not matter: each names the shard.
    whole = {tensor: shard for tensor in names}
    yield Case("index/shard_missing", {INDEX: index(whole)}, [shard, "No such file"], removes=[FILE])
    yield Case("index/shard_is_the_index", {INDEX: index({tensor: INDEX for tensor in names})}, [INDEX], removes=[FILE])
    yield Case("index/tensor_in_no_shard", {INDEX: index(whole), shard: without(NEXT)}, [NEXT], removes=[FILE])
    yield Case("index/tensor_twice", {INDEX: index({**whole, NEXT: "other.safetensors"}), shard: weights(),
                                      "other.safetensors": weights([NEXT])}, ["other.safetensors"], removes=[FILE])
    yield Case("index/no_weights_at_all", {}, ["holds no weights"], removes=[FILE])


def cases() -> List[Case]:
    single = [Case(f"safetensors/{name}", {FILE: content}, [FILE] + says)
              for make in (header_cases, entry_cases) for name, content, says in make()]
    single += [Case(f"tensors/{name}", {FILE: content}, says) for name, content, says in tensor_cases()]
    return single + list(index_cases())
