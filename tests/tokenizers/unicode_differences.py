#!/usr/bin/env python3
"""Lists the code points that we and Hugging Face's tokenizers know differently: each by itself, for each class.

python3 unicode_differences.py --worker build/release/bin/probesweep-worker
"""

import argparse
import json
import pathlib
import sys
import tempfile

from compare_with_hf import ours, reference

CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
CODE_POINTS = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]


def byte_characters():
    """The 256 characters of byte-level BPE."""
    kept = [byte for byte in range(256) if 0x21 <= byte <= 0x7E or 0xA1 <= byte <= 0xAC or byte >= 0xAE]
    return [chr(byte) for byte in kept] + [chr(256 + n) for n in range(256 - len(kept))]


def keep(pattern):
    """Drops what does not match, so that the ids say whether a text matches."""
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True}


def drop(pre_tokenizer):
    return {"pre_tokenizer": pre_tokenizer}


def classes():
    for name in ("L", "N", "M", "P", "S", "Z", *CATEGORIES):
        yield f"\\p{{{name}}}", drop(keep(f"\\p{{{name}}}"))
    for pattern in (r"\s", r"\d", r"(?i:[ks'])"):
        yield pattern, drop(keep(pattern))
    for name in ("Whitespace", "WhitespaceSplit"):
        # A letter on either side: it stands alone, or is joined to them, or is dropped.
        yield name, {"pre_tokenizer": {"type": name}, "around": "a"}
    yield "Digits", drop({"type": "Digits", "individual_digits": True}) | {"around": "a"}
    yield "Punctuation", drop({"type": "Punctuation", "behavior": "Removed"})
    yield "Strip", {"normalizer": {"type": "Strip", "strip_left": True, "strip_right": False}}
    for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"):
        yield name, {"normalizer": {"type": name}}
    yield "single_word", {"around": "tok", "added": {"content": "tok", "single_word": True}}


def tokenizer_json(settings):
    steps = [settings["pre_tokenizer"]] if "pre_tokenizer" in settings else []
    steps.append({"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False})
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    added = [{"id": 0, **flags, **settings["added"]}] if "added" in settings else []
    vocabulary = {character: id for id, character in enumerate(byte_characters())}
    # With these a cut beside an "a" shows: it keeps the two from being merged.
    merges = [["a", character] for character in byte_characters() if character != "a"]
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": settings.get("normalizer"),
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges},
    }


def ranges(codes):
    found = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return " ".join(f"{a:04X}" if a == b else f"{a:04X}-{b:04X}" for a, b in found)


def differing(worker, settings):
    around = settings.get("around", "")
    texts = [around + character + around for character in CODE_POINTS]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json(settings)))
        tokenizer = reference(folder, auto=False)
        got = [answer["ids"] for answer in ours(worker, folder, texts, special=False, decode=False)]
        codes = []
        for first in range(0, len(texts), 50_000):
            batch = tokenizer.encode_batch_fast(texts[first : first + 50_000], add_special_tokens=False)
            for at, encoding in enumerate(batch, first):
                if encoding.ids != got[at]:
                    codes.append(ord(CODE_POINTS[at]))
    return codes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default="probesweep-worker")
    options = parser.parse_args()
    for name, settings in classes():
        codes = differing(options.worker, settings)
        print(f"{name}: {len(codes)} {ranges(codes)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
