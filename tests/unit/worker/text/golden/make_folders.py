#!/usr/bin/env python3
"""Makes folders.jsonl beside this file: files of a checkpoint's folder, and texts with the ids that transformers gives.

pip install transformers==5.24.0 tokenizers==0.23.3 sentencepiece protobuf
"""

import base64
import json
import pathlib
import tempfile

from sentencepiece import sentencepiece_model_pb2
from tokenizers import pre_tokenizers
from transformers import AutoTokenizer

HERE = pathlib.Path(__file__).parent
LETTERS = sorted(pre_tokenizers.ByteLevel.alphabet())
MERGES = ["t h", "th e", "\u0120 the", "e r", "a b", "ab c", "\u0120 ab"]


def vocabulary(*special):
    words = list(special) + LETTERS + [merge.replace(" ", "") for merge in MERGES]
    return {word: id for id, word in enumerate(words)}


def token(content, **flags):
    blank = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    return {"content": content, **blank, **flags}


def named(content):
    return {
        "__type": "AddedToken",
        "content": content,
        "lstrip": False,
        "normalized": True,
        "rstrip": False,
        "single_word": False,
    }


def tokenizer_json(**parts):
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [{"id": 0, **token("<s>", special=True)}],
            "normalizer": None,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "vocab": vocabulary("<s>", "</s>"), "merges": MERGES},
            **parts,
        }
    )


def vocabulary_files(*special):
    merges = "#version: 0.2\n" + "".join(merge + "\n" for merge in MERGES)
    return {"vocab.json": json.dumps(vocabulary(*special)), "merges.txt": merges}


def sentencepiece_model():
    model = sentencepiece_model_pb2.ModelProto()
    kinds = sentencepiece_model_pb2.ModelProto.SentencePiece

    def add(piece, score, kind=kinds.NORMAL):
        model.pieces.add(piece=piece, score=score, type=kind)

    add("<unk>", 0, kinds.UNKNOWN)
    add("<s>", 0, kinds.CONTROL)
    add("</s>", 0, kinds.CONTROL)
    for byte in range(256):
        add(f"<0x{byte:02X}>", 0, kinds.BYTE)
    add("[user]", 0, kinds.USER_DEFINED)
    for rank, piece in enumerate(["\u2581t", "he", "\u2581the", "er", "ab", "abc", "\u2581ab", "\u2581\u2581"]):
        add(piece, -rank)
    for letter in "\u2581abcdefghijklmnopqrstuvwxyz":
        add(letter, -100)
    model.trainer_spec.model_type = model.trainer_spec.BPE
    model.trainer_spec.byte_fallback = True
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    return base64.b64encode(model.SerializeToString()).decode()


def config(**fields):
    return json.dumps(fields)


ADDED = {
    "0": token("<s>", special=True, lstrip=True),
    "300": token("<new>", rstrip=True),
    "301": token("WORD", single_word=True, normalized=True),
}
FOLDERS = {
    "tokenizer.json with added tokens in tokenizer_config.json": {
        "tokenizer.json": tokenizer_json(),
        "tokenizer_config.json": config(
            tokenizer_class="PreTrainedTokenizerFast",
            added_tokens_decoder=ADDED,
            pad_token="[PAD]",
            bos_token="<s>",
            eos_token="the",
            additional_special_tokens=["<extra>", "abc"],
            image_token="<image>",
            add_bos_token=True,
            add_eos_token=True,
        ),
    },
    "tokenizer.json with the two older files": {
        "tokenizer.json": tokenizer_json(),
        "tokenizer_config.json": config(tokenizer_class="PreTrainedTokenizerFast", bos_token="<s>"),
        "special_tokens_map.json": config(
            bos_token=token("<s>", lstrip=True), pad_token="<pp>", additional_special_tokens=["<a1>"]
        ),
        "added_tokens.json": json.dumps({"<pp>": 271, "<zz>": 270}),
    },
    "tokenizer.json with add_prefix_space": {
        "tokenizer.json": tokenizer_json(),
        "tokenizer_config.json": config(
            tokenizer_class="GPT2Tokenizer", add_prefix_space=True, bos_token="<s>", eos_token="<s>", unk_token="<s>"
        ),
    },
    "OPT": {
        **vocabulary_files("<s>", "<pad>", "</s>", "<unk>"),
        "tokenizer_config.json": config(
            tokenizer_class="GPT2Tokenizer",
            add_bos_token=True,
            add_prefix_space=False,
            errors="replace",
            bos_token=named("</s>"),
            eos_token=named("</s>"),
            unk_token=named("</s>"),
            pad_token=named("<pad>"),
        ),
        "special_tokens_map.json": config(bos_token=token("</s>", normalized=True), pad_token="<pad>"),
    },
    "GPT-2": {**vocabulary_files("<|endoftext|>"), "config.json": config(model_type="gpt2")},
    "GPT-NeoX without its special tokens in the vocabulary": {
        **vocabulary_files(),
        "tokenizer_config.json": config(tokenizer_class="GPTNeoXTokenizer", add_eos_token=True),
    },
    "Qwen2": {
        **vocabulary_files(),
        "tokenizer_config.json": config(
            tokenizer_class="Qwen2Tokenizer",
            additional_special_tokens=["<|im_start|>"],
            added_tokens_decoder={
                "263": token("<|endoftext|>", special=True),
                "264": token("<|im_start|>", special=True),
            },
        ),
    },
    "tokenizer.model": {
        "tokenizer.model": sentencepiece_model(),
        "tokenizer_config.json": config(
            tokenizer_class="PreTrainedTokenizerFast",
            add_bos_token=True,
            bos_token="<s>",
            eos_token="</s>",
            unk_token="<unk>",
            pad_token="<pad>",
            added_tokens_decoder={"295": token("<pad>", special=True), "296": token("<|im|>", lstrip=True)},
        ),
    },
    "tokenizer.model with add_eos_token": {
        "tokenizer.model": sentencepiece_model(),
        "tokenizer_config.json": config(
            tokenizer_class="PreTrainedTokenizerFast", add_bos_token=False, add_eos_token=True
        ),
    },
}
TEXTS = [
    "",
    " ",
    "the other abc",
    "  the  abc",
    "a<s>the",
    "a <s> b",
    "<new> the <new>the",
    "WORD aWORD WORDs",
    "the</s>",
    "[PAD]<extra>abc<image>",
    "<pp><zz> <a1>",
    "<pad>the<|im|> ab",
    "<|endoftext|>the<|padding|>",
    "<|im_start|>12 the",
    "caf\u00e9 e\u0301 \u4e2d\U0001f600",
    "[user]the [user]",
    "\u2581the \u2581",
    "line\nline\n\n the",
    "I'M the's",
]


def rows():
    for name, files in FOLDERS.items():
        with tempfile.TemporaryDirectory() as folder:
            for file, content in {"config.json": config(model_type="llama"), **files}.items():
                data = base64.b64decode(content) if file == "tokenizer.model" else content.encode()
                (pathlib.Path(folder) / file).write_bytes(data)
            tokenizer = AutoTokenizer.from_pretrained(folder)
            cases = []
            for text in TEXTS:
                ids = tokenizer(text)["input_ids"]
                plain = tokenizer(text, add_special_tokens=False)["input_ids"]
                cases.append({"text": text, "ids": ids, "ids_no_special": plain, "decoded": tokenizer.decode(ids)})
            yield {"name": name, "files": files, "cases": cases}


(HERE / "folders.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows()))
