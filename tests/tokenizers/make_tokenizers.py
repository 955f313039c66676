#!/usr/bin/env python3
"""Makes small tokenizers that between them use every component that is implemented: make_tokenizers.py FOLDER

pip install tokenizers==0.23.3
"""

import copy
import itertools
import json
import pathlib
import sys

from random_texts import random_texts
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
BLOOM = " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT4O = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{SUFFIX}|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MISTRAL = GPT4O.replace(SUFFIX, "").replace(r"\p{N}{1,3}", r"\p{N}")
DEEPSEEK3 = [
    r"\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|"
    " ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
]
DEEPSEEK = [
    "[\r\n]",
    "\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u0386\u0388-\u03ff\u0400-\u0481\u0531-\u0556]+",
    "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
    "\\s+$",
    "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
]
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


def pre(*steps):
    return {"type": "Sequence", "pretokenizers": list(steps)}


def norm(*steps):
    return {"type": "Sequence", "normalizers": list(steps)}


def decode(*steps):
    return {"type": "Sequence", "decoders": list(steps)}


def replace(pattern, content, kind="String"):
    return {"type": "Replace", "pattern": {kind: pattern}, "content": content}


def metaspace(scheme, split_words):
    return {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": split_words}


def added(content, id=0, **flags):
    blank = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    return {"id": id, "content": content, **blank, **flags}


def template(*parts):
    """ "A" stands for the text, anything else for a token of the vocabulary."""

    def one(part):
        return {"Sequence": {"id": "A", "type_id": 0}} if part == "A" else {"SpecialToken": {"id": part, "type_id": 0}}

    def post(vocabulary):
        ids = {part: {"id": part, "ids": [vocabulary[part]], "tokens": [part]} for part in parts if part != "A"}
        pair = [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}]
        single = [one(part) for part in parts]
        return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": ids}

    return post


def train(pre_tokenizer, texts, **options):
    tokenizer = Tokenizer(models.BPE(**options.pop("model", {})))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=3000, show_progress=False, **options))
    return json.loads(tokenizer.to_str())["model"]


BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")
EACH_FLAG = [
    added(f"tok{i}", **dict(zip(FLAGS, values))) for i, values in enumerate(itertools.product([False, True], repeat=5))
]
STRIPPED = [
    {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
]
LLAMA2_DECODER = decode(replace("\u2581", " "), {"type": "ByteFallback"}, *STRIPPED)
LLAMA2_NORMALIZER = norm({"type": "Prepend", "prepend": "\u2581"}, replace(" ", "\u2581"))


def byte_level_kinds():
    yield "gpt2", dict(pre_tokenizer=byte_level())
    yield "gpt_neox", dict(normalizer={"type": "NFC"}, pre_tokenizer=byte_level(), post_processor=byte_level())
    yield "llama3", dict(
        pre_tokenizer=pre(split(LLAMA3), byte_level(regex=False)),
        model=dict(ignore_merges=True),
        post_processor=lambda vocabulary: {
            "type": "Sequence",
            "processors": [byte_level(), template("<s>", "A")(vocabulary)],
        },
    )
    yield "qwen2", dict(normalizer={"type": "NFC"}, pre_tokenizer=pre(split(QWEN2), byte_level(regex=False)))
    yield "bloom", dict(pre_tokenizer=pre(split(BLOOM), byte_level(regex=False)))
    yield "gpt4o", dict(pre_tokenizer=pre(split(GPT4O), byte_level(regex=False)), model=dict(ignore_merges=True))
    yield "mistral_nemo", dict(pre_tokenizer=pre(split(MISTRAL), byte_level(regex=False)))
    yield "deepseek", dict(
        pre_tokenizer=pre(*map(split, DEEPSEEK), {"type": "Digits", "individual_digits": True}, byte_level(regex=False))
    )
    yield "deepseek3", dict(pre_tokenizer=pre(*map(split, DEEPSEEK3), byte_level(regex=False)))
    yield "falcon", dict(
        pre_tokenizer=pre(
            {"type": "Punctuation", "behavior": "Contiguous"},
            byte_level(),
            {"type": "Digits", "individual_digits": False},
            split("[0-9][0-9][0-9]"),
        )
    )
    yield "olmo", dict(
        normalizer={"type": "NFC"},
        pre_tokenizer=pre({"type": "Digits", "individual_digits": True}, byte_level()),
        post_processor=template("A", "</s>"),
    )
    yield "roberta", dict(
        pre_tokenizer=byte_level(prefix=True),
        post_processor={
            "type": "RobertaProcessing",
            "sep": ["</s>", 1],
            "cls": ["<s>", 0],
            "trim_offsets": True,
            "add_prefix_space": True,
        },
    )
    yield "prefix_no_regex", dict(pre_tokenizer=byte_level(prefix=True, regex=False))
    yield "phi_spaces", dict(
        pre_tokenizer=byte_level(), added=[added(" " * n, normalized=True) for n in range(31, 1, -1)]
    )
    for form in ("NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"):
        yield form.lower(), dict(normalizer={"type": form}, pre_tokenizer=byte_level())
    yield "bare", dict(normalizer=norm({"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, byte_level()))
    yield "strip", dict(
        normalizer={"type": "Strip", "strip_left": True, "strip_right": True}, pre_tokenizer=byte_level()
    )
    yield "flags", dict(pre_tokenizer=byte_level(), added=EACH_FLAG)
    yield "flags_normalized", dict(
        normalizer=norm({"type": "NFKC"}, {"type": "Lowercase"}),
        pre_tokenizer=byte_level(),
        added=[{**token, "content": token["content"].upper()} for token in EACH_FLAG],
    )
    yield "overlapping", dict(
        pre_tokenizer=byte_level(),
        added=[
            added("ab"),
            added("abc", special=True),
            added("bc", lstrip=True),
            added("  ", rstrip=True),
            added("\n", normalized=True),
            added("the", single_word=True),
            added("\u4e2d", special=True),
            added("ab", rstrip=True),
            added("\u0301", lstrip=True),
        ],
    )


def behavior_kinds():
    behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
    for behavior, invert in itertools.product(behaviors, (False, True)):
        name = f"split_{behavior.lower()}{'_inverted' if invert else ''}"
        yield name, dict(pre_tokenizer=pre(split(r"\p{L}+|\p{N}", behavior, invert), byte_level(regex=False)))
        yield name + "_string", dict(pre_tokenizer=pre(split(" ", behavior, invert, "String"), byte_level(regex=False)))
    for behavior in behaviors:
        punctuation = {"type": "Punctuation", "behavior": behavior}
        yield f"punctuation_{behavior.lower()}", dict(pre_tokenizer=pre(punctuation, byte_level(regex=False)))
    for steps in ("Whitespace", "WhitespaceSplit"):
        yield steps.lower(), dict(pre_tokenizer=pre({"type": steps}, byte_level(regex=False)))
    delimiter = {"type": "CharDelimiterSplit", "delimiter": "e"}
    yield "delimiter", dict(pre_tokenizer=pre(delimiter, byte_level(regex=False)))
    yield "digits_together", dict(
        pre_tokenizer=pre({"type": "Digits", "individual_digits": False}, byte_level(regex=False))
    )
    yield "clip", dict(
        normalizer=norm({"type": "NFC"}, replace(r"\s+", " ", "Regex"), {"type": "Lowercase"}),
        pre_tokenizer=pre(split(CLIP, "Removed", True), byte_level()),
        post_processor=template("<s>", "A", "</s>"),
    )


def space_mark_kinds():
    yield "llama2", dict(normalizer=LLAMA2_NORMALIZER, decoder=LLAMA2_DECODER, post_processor=template("<s>", "A"))
    for scheme, words in itertools.product(("first", "always", "never"), (False, True)):
        mark = metaspace(scheme, words)
        name = f"metaspace_{scheme}{'_split' if words else ''}"
        yield name, dict(pre_tokenizer=mark, decoder=LLAMA2_DECODER, added=[added("<mark>", special=True)])
        yield name + "_decoder", dict(pre_tokenizer=mark, decoder=mark, post_processor=template("<s>", "A", "</s>"))
    yield "gemma", dict(
        normalizer=replace(" ", "\u2581"),
        pre_tokenizer=split(" ", "MergedWithPrevious", False, "String"),
        decoder=decode(replace("\u2581", " "), {"type": "ByteFallback"}, {"type": "Fuse"}),
        added=[added("\u2581" * n) for n in range(2, 6)] + [added("\n" * n) for n in range(1, 4)],
    )
    yield "no_decoder", dict(normalizer=LLAMA2_NORMALIZER)
    yield "no_byte_fallback", dict(
        normalizer=LLAMA2_NORMALIZER, decoder=LLAMA2_DECODER, model=dict(byte_fallback=False)
    )
    yield "no_fuse", dict(
        normalizer=LLAMA2_NORMALIZER, decoder=LLAMA2_DECODER, model=dict(byte_fallback=False, fuse_unk=False)
    )
    yield "spaces_collapsed", dict(
        normalizer=norm(replace(" {2,}", " ", "Regex"), {"type": "Strip", "strip_left": True, "strip_right": False}),
        pre_tokenizer=metaspace("first", False),
        decoder=LLAMA2_DECODER,
    )
    yield "flags_marked", dict(normalizer=LLAMA2_NORMALIZER, decoder=LLAMA2_DECODER, added=EACH_FLAG)


def whole(model, parts):
    parts = dict(parts)
    model = {**copy.deepcopy(model), **parts.pop("model", {})}
    post = parts.get("post_processor")
    if callable(post):
        parts["post_processor"] = post(model["vocab"])
    specials = [added(token, model["vocab"][token], special=True) for token in ("<s>", "</s>", "<unk>")]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": specials + parts.pop("added", []),
        **{"normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None, **parts},
        "model": model,
    }


def write(folder, name, tokenizer):
    (folder / name).mkdir(parents=True, exist_ok=True)
    loaded = Tokenizer.from_str(json.dumps(tokenizer))  # gives the added tokens their ids
    (folder / name / "tokenizer.json").write_text(loaded.to_str())


def main():
    folder = pathlib.Path(sys.argv[1])
    prose = [path.read_text() for path in sorted(pathlib.Path(__file__).parents[2].glob("**/*.md"))[:40]]
    texts = prose + random_texts(5000, seed=1)
    specials = ["<s>", "</s>", "<unk>"]
    by_byte = train(
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        texts,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    by_character = train(
        pre_tokenizers.Metaspace(),
        texts,
        special_tokens=["<unk>", "<s>", "</s>"] + BYTES,
        model=dict(unk_token="<unk>", fuse_unk=True, byte_fallback=True),
        limit_alphabet=400,
    )
    by_suffix = train(
        pre_tokenizers.Whitespace(),
        texts,
        special_tokens=specials,
        model=dict(unk_token="<unk>", end_of_word_suffix="</w>"),
        end_of_word_suffix="</w>",
        limit_alphabet=300,
    )
    by_prefix = train(
        pre_tokenizers.Whitespace(),
        texts,
        special_tokens=specials,
        model=dict(unk_token="<unk>", continuing_subword_prefix="##"),
        continuing_subword_prefix="##",
        limit_alphabet=300,
    )
    for name, parts in itertools.chain(byte_level_kinds(), behavior_kinds()):
        write(folder, name, whole(by_byte, {"decoder": byte_level(), **parts}))
    for name, parts in space_mark_kinds():
        write(folder, name, whole(by_character, parts))
    words = dict(pre_tokenizer={"type": "Whitespace"})
    write(folder, "suffix", whole(by_suffix, {**words, "decoder": {"type": "BPEDecoder", "suffix": "</w>"}}))
    write(folder, "prefix", whole(by_prefix, words))


if __name__ == "__main__":
    main()
