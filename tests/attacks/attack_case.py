"""One attack, and the small valid checkpoint that each of them changes in one place."""

import dataclasses
import json
import struct
from typing import Callable, Dict, List, Tuple, Union

Content = Union[bytes, Callable[[], bytes]]

# Files above this are not committed: make_corpus.py writes them when the tests run.
MAX_COMMITTED_BYTES = 100_000

CONFIG = {
    "model_type": "llama", "vocab_size": 32, "hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2,
    "num_key_value_heads": 2, "intermediate_size": 8, "hidden_act": "silu", "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0, "max_position_embeddings": 64, "tie_word_embeddings": False, "torch_dtype": "float32",
}


@dataclasses.dataclass
class Case:
    """`files` replace or join those of the valid checkpoint, `removes` leave it; what refuses it must say `says`.

    A content that is a function is made when the tests run: it is large, or depends on the zlib here.
    """
    name: str
    files: Dict[str, Content]
    says: List[str]
    removes: List[str] = dataclasses.field(default_factory=list)
    command: str = "forward"
    text: str = "A b"  # what is tokenized, or run through the model
    exit_code: int = 3


def tensor_shapes() -> Dict[str, Tuple[int, ...]]:
    """The tensors of CONFIG's model, in order of name."""
    hidden, inner = CONFIG["hidden_size"], CONFIG["intermediate_size"]
    shapes = {"model.embed_tokens.weight": (CONFIG["vocab_size"], hidden), "model.norm.weight": (hidden,),
              "lm_head.weight": (CONFIG["vocab_size"], hidden)}
    for layer in range(CONFIG["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            shapes[f"{prefix}{norm}.weight"] = (hidden,)
        for projection in "qkvo":
            shapes[f"{prefix}self_attn.{projection}_proj.weight"] = (hidden, hidden)
        shapes[f"{prefix}mlp.gate_proj.weight"] = (inner, hidden)
        shapes[f"{prefix}mlp.up_proj.weight"] = (inner, hidden)
        shapes[f"{prefix}mlp.down_proj.weight"] = (hidden, inner)
    return dict(sorted(shapes.items()))


def count(shape) -> int:
    total = 1
    for extent in shape:
        total *= extent
    return total


def values(name: str, shape) -> List[float]:
    """Ones for norms; else numbers between -0.1 and 0.1 that look random and are the same everywhere."""
    if "norm" in name:
        return [1.0] * count(shape)
    state, out = sum(name.encode()), []
    for _ in range(count(shape)):
        state = (state * 1103515245 + 12345) % 2**31
        out.append((state // 65536 % 2001 - 1000) / 10000)
    return out


def floats(numbers) -> bytes:
    return struct.pack(f"<{len(numbers)}f", *numbers)


def tensor_bytes() -> Dict[str, bytes]:
    return {name: floats(values(name, shape)) for name, shape in tensor_shapes().items()}


def as_json(value) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


def config(**changes) -> bytes:
    """CONFIG with changes; a change to None removes the field."""
    return as_json({key: value for key, value in {**CONFIG, **changes}.items() if value is not None})


def tokenizer(**changes) -> Dict:
    """A tokenizer.json of letters without merges, with changes at its top level."""
    letters = " ABCabcdefghijklmnopqrstuvwxyz."
    vocabulary = {"<unk>": 0, **{letter: 1 + i for i, letter in enumerate(letters)}}
    model = {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
             "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
             "vocab": vocabulary, "merges": []}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": model, **changes}
