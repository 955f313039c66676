"""Random texts from mixed scripts, the same for the same seed."""

import random
import unicodedata

RANGES = {
    "ascii": [(0x20, 0x7E)],
    "latin": [(0xC0, 0x24F), (0x1E00, 0x1EFF)],
    "greek and cyrillic": [(0x370, 0x52F), (0x1F00, 0x1FFF)],
    "hebrew and arabic": [(0x590, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)],
    "indic": [(0x900, 0xDFF)],
    "thai to georgian": [(0xE00, 0x10FF)],
    "ethiopic to khmer": [(0x1200, 0x17FF)],
    "cjk": [(0x2E80, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF)],
    "hangul": [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)],
    "emoji": [(0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x1F1E6, 0x1F1FF), (0x2600, 0x27BF)],
    "combining marks": [(0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F)],
    "controls": [(0x0, 0x1F), (0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0xFFF0, 0xFFFF)],
    "punctuation and symbols": [(0xA0, 0xBF), (0x2010, 0x2027), (0x2030, 0x205E), (0x20A0, 0x20CF), (0x2100, 0x23FF)],
    "mathematical letters": [(0x1D400, 0x1D7FF)],
    "half and full width": [(0xFF00, 0xFFEF)],
    "old scripts": [(0x10000, 0x10FFF), (0x11000, 0x12FFF), (0x16A00, 0x16FFF)],
    "private use": [(0xE000, 0xF8FF), (0xF0000, 0xF00FF), (0x10FF00, 0x10FFFD)],
    "anything": [(0x0, 0xD7FF), (0xE000, 0x10FFFF)],
}
SPACES = " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\u180e"
WORDS = (
    "the of and to in is that it was for with don't I'll we've you're she'd he's I'm CAN'T WE'LL 's 'T 're'll "
    "http://www.example.com/a_b?c=d&e=f user@example.org na\u00efve \u00dcber stra\u00dfe \u0130stanbul caf\u00e9 "
    "\u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \u0645\u0631\u062d\u0628\u0627 "
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u4f60\u597d\u4e16\u754c \u3053\u3093\u306b\u3061\u306f "
    "\uc548\ub155\ud558\uc138\uc694 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u03b3\u03b5\u03b9\u03ac "
    "foo(bar); for(i=0;i<10;++i) {return x[i]->y;} #include <stdio.h> // TODO def f(x): "
    ""
    "== != <= >= && || :: -> => ... -- --- *** ### ``` \\n \\t {{}} [[]] (()) <|x|> </s> <0x0A> <s> \u2581 \u2581a"
).split(" ")
SEQUENCES = [
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1e9\U0001f1ea",
    "\U0001f44d\U0001f3fd",
    "\u2764\ufe0f",
    "e\u0301\u0323",
    "\u1112\u1161\u11ab",
    "\u0915\u094d\u0937",
    "\r\n",
    "\n\n",
    "  ",
    "    ",
    "\t\t",
]
DIGITS = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) in ("Nd", "Nl", "No")]


def character(rng, ranges):
    first, last = rng.choice(ranges)
    code = rng.randint(first, last)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def piece(rng, special):
    kind = rng.random()
    if kind < 0.30:
        return rng.choice(WORDS)
    if kind < 0.40:
        return rng.choice(SPACES) * rng.choice([1, 1, 1, 2, 3, 7])
    if kind < 0.50:
        return " "
    if kind < 0.57:
        return "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 7)))
    if kind < 0.60:
        return "".join(rng.choice(DIGITS) for _ in range(rng.randint(1, 4)))
    if kind < 0.65:
        return rng.choice(SEQUENCES)
    if kind < 0.68:
        return bytes(rng.randrange(256) for _ in range(rng.randint(1, 12))).decode("utf-8", "replace")
    if kind < 0.72:
        return "".join(rng.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") for _ in range(rng.randint(1, 5)))
    if kind < 0.77 and special:
        token = rng.choice(special)
        return token if rng.random() < 0.9 else token[: rng.randint(1, len(token))]
    if kind < 0.79:
        return rng.choice("aAbx .-=_*\u00e9\u4e2d") * rng.randint(2, 40)
    ranges = RANGES[rng.choice(list(RANGES))]
    return "".join(character(rng, ranges) for _ in range(rng.randint(1, 10)))


def random_texts(count, seed=0, special=()):
    """`special`: texts of special tokens, to be strewn in."""
    rng = random.Random(seed)
    special = [token for token in special if token]
    return ["".join(piece(rng, special) for _ in range(rng.choice([0, 1, 2, 3, 5, 8, 13]))) for _ in range(count)]
