#!/usr/bin/env python3
"""Makes the *.jsonl beside this file with Hugging Face's tokenizers (pip install tokenizers==0.23.3).

normalizers.jsonl, pre_tokenizers.jsonl, decoders.jsonl: a component of tokenizer.json, what goes in, what comes out.
tokenizers.jsonl: whole small tokenizers, and texts with their ids.
demo.jsonl: texts with the ids that the demo's tokenizer gives them.
"""

import json
import pathlib

from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent
DEMO = HERE.parents[4] / "deploy/demo/checkpoints/step0/tokenizer.json"

EMPTY_BPE = {
    "type": "BPE",
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": None,
    "end_of_word_suffix": None,
    "fuse_unk": False,
    "byte_fallback": False,
    "ignore_merges": False,
    "vocab": {},
    "merges": [],
}


def tokenizer_json(**parts):
    blank = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": EMPTY_BPE,
    }
    return {**blank, **parts}


def load(**parts):
    return Tokenizer.from_str(json.dumps(tokenizer_json(**parts)))


def write(name, rows):
    text = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
    (HERE / name).write_text(text)


# Case, compatibility forms, marks in the wrong order, marks of Unicode 10 (U+0D3B), white space at the ends.
NORMALIZER_TEXTS = [
    "",
    "plain ASCII",
    " \t two  spaces \u3000",
    "e\u0301\u0323 \u00e9 \ufb01 \u2126 \u00bd",
    "a\u0d3b\u0334 a\u0315\u0327",
    "\u0130I\u1e9e \u039f\u03a3",
    "\ud55c\uad6d \u1112\u1161\u11ab",
    "a\u0000b\x01c\x7f\u200bd\ufeff\u2581e\r\nf\u2028",
    "\U0001f468\u200d\U0001f467 \u0301x",
    "aab aaab 42",
]
NORMALIZERS = [
    {"type": "NFC"},
    {"type": "NFD"},
    {"type": "NFKC"},
    {"type": "NFKD"},
    {"type": "Lowercase"},
    {"type": "StripAccents"},
    {"type": "Nmt"},
    {"type": "ByteLevel"},
    {"type": "Prepend", "prepend": "\u2581"},
    {"type": "Strip", "strip_left": True, "strip_right": True},
    {"type": "Strip", "strip_left": False, "strip_right": True},
    {"type": "Replace", "pattern": {"String": "aa"}, "content": "$0"},
    {"type": "Replace", "pattern": {"Regex": "\\s+|\\p{N}"}, "content": "_"},
    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": ""},
    {"type": "Sequence", "normalizers": []},
    {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
]


def normalizer_rows():
    for config in NORMALIZERS:
        normalizer = load(normalizer=config).normalizer
        for text in NORMALIZER_TEXTS:
            yield {"config": config, "input": text, "output": normalizer.normalize_str(text)}


GPT4_WORDS = (
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
    "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
)
PRE_TOKENIZER_TEXTS = [
    "",
    "Hello world",
    "  don't  we'LL  ",
    "3.14-15, 1234567 \u00bd",
    "a\tb\r\n\n c \u3000d",
    "\u4e2d\u6587\uff0cna\u00efve caf\u00e9!?",
    "\U0001f600\U0001f600 x",
    "-the-final--countdown-",
    "\u2581a \u2581\u2581 b",
    "_under_score \u0939\u093f\u0928",
]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
PRE_TOKENIZERS = (
    [
        {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}
        for prefix in (False, True)
        for regex in (False, True)
    ]
    + [{"type": "Split", "pattern": {"String": "-"}, "behavior": behavior, "invert": False} for behavior in BEHAVIORS]
    + [
        {"type": "Split", "pattern": {"Regex": GPT4_WORDS}, "behavior": "Removed", "invert": True},
        {"type": "Split", "pattern": {"Regex": "\\s+"}, "behavior": "MergedWithNext", "invert": False},
        {"type": "Split", "pattern": {"Regex": "a*"}, "behavior": "Isolated", "invert": False},
    ]
    + [{"type": "Digits", "individual_digits": individual} for individual in (False, True)]
    + [{"type": "Punctuation", "behavior": behavior} for behavior in ("Isolated", "Contiguous")]
    + [
        {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": split}
        for scheme in ("always", "first", "never")
        for split in (False, True)
    ]
    + [
        {"type": "Whitespace"},
        {"type": "WhitespaceSplit"},
        {"type": "CharDelimiterSplit", "delimiter": "-"},
        {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            ],
        },
    ]
)


def pre_tokenizer_rows():
    for config in PRE_TOKENIZERS:
        pre_tokenizer = load(pre_tokenizer=config).pre_tokenizer
        for text in PRE_TOKENIZER_TEXTS:
            output = [word for word, _ in pre_tokenizer.pre_tokenize_str(text)]
            yield {"config": config, "input": text, "output": output}


DECODER_TOKENS = [
    [],
    ["Hello", "\u0120world"],
    ["\u2581Hel", "lo", "\u2581\u2581w"],
    ["<0xE4>", "<0xB8>", "<0xAD>", "x"],
    ["a", "<0xE4>", "<0xb8>", "<0xZZ>", "<0x4>", "b"],
    ["\u00e4\u00b8", "\u0143", "\u00e4", "!"],
    ["  ", " a  ", "a a"],
    ["hi</w>", "th", "ere</w>"],
    ["<|endoftext|>", "\u0120na\u00c3\u00afve"],
]
DECODERS = [
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    {"type": "ByteFallback"},
    {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
    {"type": "Replace", "pattern": {"Regex": "[a-h]"}, "content": "_"},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "never", "split": True},
    {"type": "BPEDecoder", "suffix": "</w>"},
    {
        "type": "Sequence",
        "decoders": [
            {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
            {"type": "ByteFallback"},
            {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    },
]


def decoder_rows():
    for config in DECODERS:
        decoder = load(decoder=config).decoder
        for tokens in DECODER_TOKENS:
            yield {"config": config, "input": tokens, "output": decoder.decode(tokens)}


def added(id, content, **flags):
    return {
        "id": id,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": False,
        **flags,
    }


def model(words, merges, **options):
    return {**EMPTY_BPE, "vocab": {word: i for i, word in enumerate(words)}, "merges": merges, **options}


LETTERS = list("abcdefghijklmnopqrstuvwxyz _")
PAIRS = model(
    LETTERS + ["ab", "bc", "abc", "aa", "aaa", "cab"], [["b", "c"], ["a", "b"], ["a", "bc"], ["a", "a"], ["aa", "a"]]
)
FIRST = {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "split": True}
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [
        {"SpecialToken": {"id": "B", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "E", "type_id": 0}},
    ],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {
        "B": {"id": "B", "ids": [7], "tokens": ["h"]},
        "E": {"id": "E", "ids": [8, 9], "tokens": ["i", "j"]},
    },
}
TOKENIZERS = [
    # The lower rank goes first, wherever it stands; of equals the leftmost.
    (dict(model=PAIRS), ["", "abc", "aab", "aaaaa", "bcbcab", "abcabcaabbcc"]),
    # No merge makes "cab".
    (dict(model=PAIRS), ["cab"]),
    (dict(model={**PAIRS, "ignore_merges": True}), ["abc", "aaab", "cab", "cabc"]),
    # Old files write merges as strings.
    (dict(model={**PAIRS, "merges": ["b c", "a b"]}), ["abc", "ab"]),
    # Characters that no token has: dropped, or the unknown token, each or one for a row of them.
    (dict(model=PAIRS), ["aZb", "ZZ", "\u00e9a"]),
    (dict(model={**PAIRS, "unk_token": "z"}), ["aYYb", "YY", "aYbYY"]),
    (dict(model={**PAIRS, "unk_token": "z", "fuse_unk": True}), ["aYYb", "YY", "aYbYY"]),
    (
        dict(model=model(["<unk>"] + LETTERS + BYTES, [], unk_token="<unk>", fuse_unk=True, byte_fallback=True)),
        ["a\u00e9\u4e2db", "\U0001f600", "ZaZ"],
    ),
    (
        dict(
            model=model(["<unk>"] + LETTERS + BYTES[:200], [], unk_token="<unk>", fuse_unk=False, byte_fallback=True)
        ),
        ["a\u00e9\u4e2dZb", "\u4e2dZ"],
    ),
    (
        dict(model=model(list("ab") + ["##a", "##b", "a##b", "ab"], [["a", "##b"]], continuing_subword_prefix="##")),
        ["ab", "aba", "bab"],
    ),
    (
        dict(
            model=model(list("ab") + ["a</w>", "b</w>", "ab</w>"], [["a", "b</w>"]], end_of_word_suffix="</w>"),
            pre_tokenizer={"type": "Whitespace"},
            decoder={"type": "BPEDecoder", "suffix": "</w>"},
        ),
        ["ab aab", "ba a"],
    ),
    (dict(model=PAIRS, post_processor=TEMPLATE), ["", "abc"]),
    (
        dict(
            model=PAIRS,
            post_processor={
                "type": "Sequence",
                "processors": [
                    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
                    TEMPLATE,
                ],
            },
        ),
        ["ab"],
    ),
    (
        dict(
            model=PAIRS,
            post_processor={
                "type": "RobertaProcessing",
                "sep": ["d", 3],
                "cls": ["e", 4],
                "trim_offsets": True,
                "add_prefix_space": True,
            },
        ),
        ["ab", ""],
    ),
    (dict(model=PAIRS, post_processor={"type": "BertProcessing", "sep": ["d", 3], "cls": ["e", 4]}), ["ab"]),
    # Added tokens: the longest wins, ids of the file only document, white space and word borders as flagged.
    (
        dict(model=PAIRS, added_tokens=[added(34, "<s>", special=True), added(35, "<s><s>"), added(36, "b")]),
        ["a<s>b", "<s><s><s>", "<s", "abc<s>"],
    ),
    (
        dict(model=PAIRS, added_tokens=[added(34, "<m>", lstrip=True, rstrip=True, special=True)]),
        ["a  <m>  b", " <m> <m> ", "<m>"],
    ),
    # A token in the white space that the one before took along.
    (dict(model=PAIRS, added_tokens=[added(34, "<m>", rstrip=True), added(35, "  ")]), ["a<m>  b", "a  <m>   b"]),
    (dict(model=PAIRS, added_tokens=[added(34, "<m>", rstrip=True), added(35, "  ", lstrip=True)]), ["a<m>  b"]),
    (
        dict(model=PAIRS, added_tokens=[added(34, "cat", single_word=True)]),
        ["cat", "a cat b", "cats", "acat", "cat\u0301", "\u00e9cat", "cat-cat", "cat_"],
    ),
    (
        dict(
            model=PAIRS,
            normalizer={"type": "Lowercase"},
            added_tokens=[added(34, "XY", normalized=True), added(35, "XZ", normalized=False)],
        ),
        ["XY xy Xy", "XZ xz", "aXYZ"],
    ),
    # What counts as the text's start, where Metaspace puts its mark.
    (dict(model=PAIRS, pre_tokenizer=FIRST, added_tokens=[added(34, "<s>", special=True)]), ["a", "<s>a", "a<s>b c"]),
    (
        dict(model=PAIRS, pre_tokenizer=FIRST, normalizer={"type": "Strip", "strip_left": True, "strip_right": True}),
        ["a", "  a ", "a b"],
    ),
    (dict(model=PAIRS, pre_tokenizer=FIRST, normalizer={"type": "Nmt"}), ["a", "\x01a", "a\x01b", "\ta"]),
    (dict(model=PAIRS, pre_tokenizer=FIRST, normalizer={"type": "StripAccents"}), ["a\u0301", "\u0301a"]),
]


def tokenizer_rows():
    for parts, texts in TOKENIZERS:
        tokenizer = load(**parts)
        cases = []
        for text in texts:
            ids = tokenizer.encode(text).ids
            cases.append(
                {
                    "text": text,
                    "ids": ids,
                    "ids_no_special": tokenizer.encode(text, add_special_tokens=False).ids,
                    "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                    "decoded_no_special": tokenizer.decode(ids),
                }
            )
        yield {"tokenizer": tokenizer_json(**parts), "cases": cases}


DEMO_TEXTS = [
    "",
    " ",
    "Hello, world!",
    "  leading and trailing  ",
    "tab\there",
    "two\r\nlines\n\nand more\r",
    "don't we'll I'VE",
    "na\u00efve caf\u00e9 \u2014 \u201cquoted\u201d",
    "e\u0301 combining \u0323\u0301 marks",
    "\u4e2d\u6587\u3001\u65e5\u672c\u8a9e",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "\u0645\u0631\u062d\u0628\u0627 \u0928\u092e\u0938\u094d\u0924\u0947",
    "3.14159 1,000,000 \u00bd \u0661\u0662",
    "a" * 300,
    " " * 70 + "x",
    "?!" * 40,
    "<|endoftext|>",
    "a<|endoftext|>b <|padding|>",
    "<|endoftext|",
    "\x00\x01\x1f\x7f\u0085\u200b\ufeff",
    "how to_x000D_- \\n &amp; <b>",
    "\ufb01\u2126\u212b",
    'The quick brown fox jumps over the lazy dog; "never" said the dog.',
    "\u3000wide\u2003spaces\u00a0",
    "line\u2028sep",
]


def demo_rows():
    tokenizer = Tokenizer.from_file(str(DEMO))
    for text in DEMO_TEXTS:
        ids = tokenizer.encode(text).ids
        yield {
            "text": text,
            "ids": ids,
            "decoded": tokenizer.decode(ids, skip_special_tokens=False),
            "decoded_no_special": tokenizer.decode(ids),
        }


write("normalizers.jsonl", normalizer_rows())
write("pre_tokenizers.jsonl", pre_tokenizer_rows())
write("decoders.jsonl", decoder_rows())
write("tokenizers.jsonl", tokenizer_rows())
write("demo.jsonl", demo_rows())
