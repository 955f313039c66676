"""Attacks by tokenizer.json and tokenizer.model. What Hugging Face's tokenizers accepts as it is is not refused."""

import hashlib
import itertools
import json
from typing import List

from attack_case import Case, as_json, tokenizer

FILE = "tokenizer.json"
NESTED = 100_000


def with_model(**changes):
    base = tokenizer()
    return as_json({**base, "model": {**base["model"], **changes}})


def with_vocab(**ids):
    return with_model(vocab={**tokenizer()["model"]["vocab"], **ids})


def with_merges(*merges, **vocab):
    return with_model(merges=list(merges), vocab={**tokenizer()["model"]["vocab"], **vocab})


def added(**changes):
    token = {"id": 96, "content": "<s>", "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
    return as_json(tokenizer(added_tokens=[{**token, **changes}]))


def split(pattern, behavior="Isolated"):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": False}


def regex(pattern):
    return as_json(tokenizer(pre_tokenizer=split(pattern)))


def replace(pattern, content):
    return {"type": "Replace", "pattern": {"String": pattern}, "content": content}


def nested(kind: str, field: str, levels: int = 20) -> bytes:
    """A Sequence in a Sequence in a Sequence …"""
    opening = b'{"type":"Sequence","%s":[' % field.encode()
    text = opening * levels + b"]}" * levels
    return as_json(tokenizer()).replace(b'"%s": null' % kind.encode(), b'"%s": %s' % (kind.encode(), text))


def repeated(kind: str, field: str, element, times: int) -> bytes:
    return as_json(tokenizer(**{kind: {"type": "Sequence", field: [element] * times}}))


def template(single, special=None) -> bytes:
    return as_json(tokenizer(post_processor={"type": "TemplateProcessing", "single": single, "pair": [],
                                             "special_tokens": special or {}}))


def file_cases():
    yield "empty", b"", ["JSON"]
    yield "not_json", b"#version: 0.2\na b\n", ["JSON"]
    yield "cut_short", as_json(tokenizer())[:-20], ["JSON"]
    yield "a_list", b"[]", ["JSON object"]
    yield "not_utf8", as_json(tokenizer(note="x")).replace(b'"x"', b'"\xff\xc0"'), ["JSON"]
    yield "nested", lambda: as_json(tokenizer())[:-1] + b',"a":' + b"[" * NESTED + b"]" * NESTED + b"}", []
    yield "nested_objects", lambda: as_json(tokenizer())[:-1] + b',"a":' + b'{"a":' * NESTED + b"1" + b"}" * (
        NESTED + 1), []
    yield "nested_unclosed", lambda: b"[" * 2_000_000, []
    yield "a_million_numbers", lambda: b'{"added_tokens":[' + b"0," * 2_000_000 + b"0]}", []
    yield "string_unfinished", lambda: b'{"a":"' + b"x" * 200_000, ["JSON"]
    yield "version_unknown", as_json(tokenizer(version="9.9")), ["version", "9.9"]


def vocabulary_cases():
    yield "id_negative", with_vocab(x=-1), ["vocab", "\"x\""]
    yield "id_two_to_the_40", with_vocab(x=2**40), ["vocab", "\"x\""]
    yield "id_a_fraction", with_vocab(x=1.5), ["vocab", "\"x\""]
    yield "id_a_text", with_vocab(x="7"), ["vocab", "\"x\""]
    yield "id_beyond_64_bits", with_vocab(x=2**80), ["vocab", "\"x\""]
    yield "id_beyond_the_model", with_vocab(A=2**32 - 1), ["4294967295", "tokenizer.json"]
    yield "vocabulary_a_list", with_model(vocab=["a", "b"]), ["vocab"]
    yield "vocabulary_missing", with_model(vocab=None), ["vocab"]
    yield "model_missing", as_json(tokenizer(model=None)), ["model"]
    yield "model_unknown", with_model(type="EvilModel"), ["model", "EvilModel"]
    yield "model_a_text", as_json(tokenizer(model="BPE")), ["model"]
    yield "token_of_escape_sequences", with_vocab(**{"\x1b[2J": -1}), ["vocab"]
    yield "token_very_long", lambda: with_vocab(**{"t" * 200_000: -1}), ["vocab"]
    yield "merge_of_unknown_token", with_merges("A \u00e9"), ["merge 0"]
    yield "merge_into_unknown_token", with_merges("A B"), ["merge 0"]
    yield "merge_cyclic", with_merges("A B", "AB A", "ABA AB", AB=96, ABA=97), ["merge 2"]
    yield "merge_of_itself", with_merges("AA A", AA=96), ["merge 0"]
    yield "merge_of_one", with_merges("AB", AB=96), ["merge 0"]
    yield "merge_of_three", with_merges("A B C"), ["merge 0"]
    yield "merge_a_number", with_merges(7), ["merge 0"]
    yield "merge_of_lists", with_merges([["A"], ["B"]]), ["merge 0"]
    yield "merges_an_object", with_model(merges={"A": "B"}), ["merges"]
    yield "dropout", with_model(dropout=0.5), ["dropout"]


LARGE = 10_000_000  # bytes; published files have up to 35 MB


def short_tokens(count):
    """Different ones, the shortest first, of characters that JSON leaves as they are."""
    letters = [chr(code) for code in range(33, 127) if chr(code) not in '"\\']
    tokens = itertools.chain.from_iterable(itertools.product(letters, repeat=length) for length in (1, 2, 3, 4))
    return ["".join(token) for token in itertools.islice(tokens, count)]


def ids_of(tokens) -> str:
    return "{" + ",".join(f'"{token}":{number}' for number, token in enumerate(tokens)) + "}"


def large(vocabulary: str = '{"A":0,"B":1,"AB":2}', merges: str = "[]", **changes) -> bytes:
    """A tokenizer.json with the text of a vocabulary and of merges put in, too large to be made as a value first."""
    text = json.dumps({**tokenizer(model={"type": "BPE", "vocab": "VOCAB", "merges": "MERGES"}), **changes})
    return text.replace('"VOCAB"', vocabulary).replace('"MERGES"', merges).encode()


def large_vocabulary() -> str:
    return ids_of(short_tokens(LARGE // 13))


def dense_merges(bytes_in_all):
    """A vocabulary of which each token comes of all merges that it can come of: the text, and that of the merges."""
    tokens = short_tokens(bytes_in_all // 32)
    merges = (f'"{token[:at]} {token[at:]}"' for token in tokens for at in range(1, len(token)))
    return ids_of(tokens), "[" + ",".join(merges) + "]"


def large_cases():
    """What takes much memory once it is no text any more, with something wrong behind it."""
    evil = {"type": "Evil"}
    times = LARGE // 6
    yield "large_vocabulary_then_bad_id", lambda: large(large_vocabulary()[:-1] + ',"bad":-1}'), ["vocab", '"bad"']
    yield "large_vocabulary_then_cut_short", lambda: large(large_vocabulary())[:-1], ["JSON"]
    yield "large_vocabulary_then_bad_decoder", lambda: large(large_vocabulary(), decoder=evil), ["decoder", "Evil"]
    yield "large_vocabulary_of_one_id", lambda: large(large_vocabulary()[:-1] + ',"bad":7}'), ["vocab", "same id"]
    yield "large_merges_then_bad_one", lambda: large(merges="[" + '"A B",' * times + '"A C"]'), [f"merge {times}", '"C"']
    yield "large_merges_of_pairs_then_bad_one", lambda: large(
        merges="[" + '["A","B"],' * (LARGE // 10) + '["A","C"]]'), [f"merge {LARGE // 10}", '"C"']
    yield "large_merges_of_nothing", lambda: large(merges="[" + '" ",' * (LARGE // 4) + '" "]'), ["merge 0", "empty"]
    yield "large_merges_of_many_tokens", lambda: large(*dense_merges(LARGE), decoder=evil), ["decoder", "Evil"]
    for name, value in (("objects", "{}"), ("lists", "[]"), ("texts", '""'), ("members", '{"a":0}')):
        yield f"large_list_of_{name}", lambda value=value: large().replace(
            b'"padding": null', b'"padding": [' + (value + ",").encode() * (LARGE // (len(value) + 1)) + b"0]"), ["values"]
    yield "large_object_of_members", lambda: large().replace(
        b'"padding": null', b'"padding": ' + ids_of(short_tokens(LARGE // 13)).encode()), ["values"]
    token = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": True, "special": False}
    yield "large_added_tokens", lambda: large(added_tokens=[
        {"id": number, "content": f"<{number}>", **token} for number in range(LARGE // 115)]), ["values"]
    yield "large_added_tokens_of_long_texts", lambda: large(decoder=evil, added_tokens=[
        {"id": number, "content": hashlib.shake_256(b"%d" % number).hexdigest(256), **token}
        for number in range(LARGE // 640)]), ["decoder", "Evil"]


def added_token_cases():
    yield "added_numbers_by_the_million", lambda: as_json(tokenizer(added_tokens=[0] * 2_000_000)), ["values"]
    yield "added_id_negative", added(id=-1), ["added_tokens[0]", "id"]
    yield "added_id_two_to_the_40", added(id=2**40), ["added_tokens[0]", "id"]
    yield "added_content_a_number", added(content=7), ["added_tokens[0]", "content"]
    yield "added_flag_a_text", added(lstrip="yes"), ["added_tokens[0]", "lstrip"]
    yield "added_an_object", as_json(tokenizer(added_tokens={"a": 1})), ["added_tokens"]
    yield "added_null", as_json(tokenizer(added_tokens=[None])), ["added_tokens[0]"]
    yield "added_empty_once_normalized", as_json(tokenizer(
        normalizer={"type": "Strip", "strip_left": True, "strip_right": True},
        added_tokens=[{"id": 96, "content": "  ", "single_word": False, "lstrip": False, "rstrip": False,
                       "normalized": True, "special": False}])), ["added_tokens", "empty"]


def regex_cases():
    for name, pattern in (("unclosed_group", "(a"), ("unclosed_class", "[a"), ("lone_quantifier", "*a"),
                          ("reversed_range", "[z-a]"), ("reversed_bounds", "a{5,2}"), ("lone_escape", "a\\"),
                          ("back_reference", "(a)\\1"), ("property_unknown", "\\p{Evil}"),
                          ("lookbehind_unbounded", "(?<=a*)b"), ("bounds_huge", "a{99999999999}"),
                          ("recursion", "(?<n>a\\g<n>)"), ("inline_code", "(?{system})"), ("callout", "(?C1)a")):
        yield f"regex_{name}", regex(pattern), ["pre_tokenizer"]
    yield "regex_nested", regex("(" * 10_000 + "a" + ")" * 10_000), ["pre_tokenizer"]
    yield "regex_nested_deeper", lambda: regex("(?:" * 300_000), ["pre_tokenizer"]
    yield "regex_classes_nested", regex("[" * 10_000 + "a" + "]" * 10_000), ["pre_tokenizer"]
    yield "regex_very_long", lambda: regex("(a|b)?" * 100_000 + "("), ["pre_tokenizer"]


def component_cases():
    for kind, field in (("normalizer", "normalizers"), ("pre_tokenizer", "pretokenizers"),
                        ("post_processor", "processors"), ("decoder", "decoders")):
        yield f"{kind}_unknown", as_json(tokenizer(**{kind: {"type": "Evil"}})), [kind, "Evil"]
        yield f"{kind}_a_list", as_json(tokenizer(**{kind: [1]})), [kind]
        yield f"{kind}_nested", nested(kind, field), [kind, "nested"]
        yield f"{kind}_nested_deeper", nested(kind, field, 2000), ["nest"]
        yield f"{kind}_of_nulls", as_json(tokenizer(**{kind: {"type": "Sequence", field: [None]}})), [kind]
        yield f"{kind}_without_its_list", as_json(tokenizer(**{kind: {"type": "Sequence"}})), [kind, field]
    yield "replace_empty", as_json(tokenizer(normalizer=replace("", "a"))), ["normalizer"]
    yield "split_behavior_unknown", as_json(tokenizer(pre_tokenizer=split("a", "Evil"))), ["pre_tokenizer", "Evil"]
    yield "metaspace_of_two_marks", as_json(tokenizer(
        pre_tokenizer={"type": "Metaspace", "replacement": "ab", "prepend_scheme": "always"})), ["pre_tokenizer"]
    yield "template_of_unknown_token", template([{"SpecialToken": {"id": "<s>", "type_id": 0}}]), ["post_processor", "<s>"]
    yield "template_of_absurd_id", template(
        [{"SpecialToken": {"id": "<s>", "type_id": 0}}], {"<s>": {"id": "<s>", "ids": [-1], "tokens": ["<s>"]}}), [
            "post_processor"]
    yield "template_of_the_second_text", template([{"Sequence": {"id": "B", "type_id": 0}}]), ["post_processor"]


# A few bytes of rules that make much of little text: refused before memory is full.
def growth_cases():
    yield "replace_that_grows", repeated("normalizer", "normalizers", replace("a", "a" * 50), 12), []
    yield "replace_that_doubles", repeated("normalizer", "normalizers", replace("a", "aa"), 60), []
    yield "byte_level_that_doubles", repeated("normalizer", "normalizers", {"type": "ByteLevel"}, 60), []
    yield "pre_byte_level_that_doubles", repeated(
        "pre_tokenizer", "pretokenizers", {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}, 60), []
    yield "decoder_that_doubles", repeated("decoder", "decoders", replace("a", "aa"), 60), ["decoder"]
    yield "decoder_that_grows", as_json(tokenizer(decoder=replace("a", "a" * 5000))), ["decoder"]
    yield "template_of_texts", lambda: template([{"Sequence": {"id": "A", "type_id": 0}}] * 20_000), []
    yield "template_of_long_tokens", lambda: template(
        [{"SpecialToken": {"id": "<s>", "type_id": 0}}] * 4000,
        {"<s>": {"id": "<s>", "ids": [1] * 40_000, "tokens": ["<s>"] * 40_000}}), []
    yield "template_of_one_long_token", lambda: template(
        [{"SpecialToken": {"id": "<s>", "type_id": 0}}] * 60,
        {"<s>": {"id": "<s>", "ids": [1] * 40_000, "tokens": ["<s>"] * 40_000}}), ["post_processor"]
    yield "backtracking", regex("(a|aa)+$"), []
    yield "backtracking_nested", regex("(a+)+(b+)+(a+)+$"), []


def piece(text: str, control: bool = False) -> bytes:
    """A field of tokenizer.model: one piece, with the protocol buffer's lengths of one byte or two."""
    def field(content):
        size = len(content)
        return b"\x0a" + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + content
    return field(field(text.encode()) + (b"\x18\x03" if control else b""))


def model_file_cases():
    yield "empty", b"", []
    yield "not_protobuf", b"<!DOCTYPE html><html></html>", []
    yield "length_beyond_the_file", b"\x0a\xff\xff\xff\xff\x07abc", []
    yield "no_pieces", b"\x12\x00", []
    yield "piece_repeated", b"\x0a\x09\x0a\x02ab\x15\x00\x00\x00\x00" * 50, []
    yield "nested_groups", lambda: b"\x0b" * 1_000_000, []
    bpe = b"\x12\x02\x18\x02" + b"\x1a\x04\x20\x00\x28\x01"  # a BPE model, spaces become marks
    begin = piece("<s>", control=True)
    tokens = short_tokens(700_000)[100:]
    yield "many_pieces_then_cut_short", lambda: b"".join(map(piece, tokens)) + b"\x0a\xff", ["cut off"]
    yield "many_pieces_then_one_repeated", lambda: b"".join(map(piece, tokens)) + piece(tokens[0]), ["twice"]
    yield "pieces_that_make_one_another", lambda: begin + bpe + b"".join(
        piece(letter * length) for letter in "abcdef" for length in range(1, 513)), ["merges"]
    yield "control_pieces_by_the_hundred_thousand", lambda: begin + bpe + b"".join(
        piece(token, control=True) for token in tokens[:200_000]), ["control pieces"]


def folder_cases():
    """What stands beside or instead of tokenizer.json."""
    vocab = {"<unk>": 0, **{letter: 1 + i for i, letter in enumerate("abcdefg")}}
    configured = {"tokenizer_class": "GPT2Tokenizer"}
    def vocabulary(text, merges=b"#version: 0.2\n", settings=None):
        return {"vocab.json": text, "merges.txt": merges, "tokenizer_config.json": as_json(settings or configured)}
    yield "vocab_not_json", vocabulary(b"a 1\nb 2\n"), ["vocab.json"]
    yield "vocab_a_list", vocabulary(b"[1]"), ["vocab.json"]
    yield "vocab_id_negative", vocabulary(as_json({**vocab, "a": -1})), ["vocab.json"]
    yield "vocab_nested", vocabulary(lambda: b'{"a":' + b"[" * NESTED), ["vocab.json"]
    yield "merges_of_unknown_token", vocabulary(as_json(vocab), b"#version: 0.2\na z\n"), ["merge"]
    yield "merges_not_utf8", vocabulary(as_json(vocab), b"\xff\xfe \xc0\n"), []
    yield "class_unknown", vocabulary(as_json(vocab), settings={"tokenizer_class": "os.system"}), ["os.system"]
    yield "config_not_json", {"tokenizer_config.json": b"{", "tokenizer.json": as_json(tokenizer())}, [
        "tokenizer_config.json"]
    yield "config_nested", {"tokenizer_config.json": lambda: b'{"a":' * NESTED, "tokenizer.json": as_json(tokenizer())}, [
        "tokenizer_config.json"]
    yield "config_added_token_absurd", {
        "tokenizer_config.json": as_json({"added_tokens_decoder": {"-5": {"content": 7}}}),
        "tokenizer.json": as_json(tokenizer())}, ["tokenizer_config.json"]
    yield "vocab_large_then_bad_id", vocabulary(
        lambda: (large_vocabulary()[:-1] + ',"bad":-1}').encode()), ["vocab.json", '"bad"']
    yield "merges_large_then_bad_one", vocabulary(
        b'{"A": 0, "B": 1, "AB": 2}', lambda: b"A B\n" * (LARGE // 4) + b"A C\n"), [f"merge {LARGE // 4}", '"C"']
    yield "nothing_at_all", {}, ["tokenizer.json"]


def cases() -> List[Case]:
    made = []
    for make in (file_cases, vocabulary_cases, large_cases, added_token_cases, regex_cases, component_cases):
        made += [Case(f"tokenizer/{name}", {FILE: content}, [FILE] + says, command="tokenize" if name !=
                      "id_beyond_the_model" else "forward") for name, content, says in make()]
    made += [Case(f"tokenizer/{name}", {FILE: content}, [FILE] + says, command="tokenize", text="a" * 2000 + "\u00e9b")
             for name, content, says in growth_cases()]
    made += [Case(f"sentencepiece/{name}", {"tokenizer.model": content}, ["tokenizer.model"] + says, removes=[FILE],
                  command="tokenize") for name, content, says in model_file_cases()]
    made += [Case(f"tokenizer_folder/{name}", files, says, removes=[FILE], command="tokenize", text="abc")
             for name, files, says in folder_cases()]
    return made
