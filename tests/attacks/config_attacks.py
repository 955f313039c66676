"""Attacks by config.json."""

from typing import List

from attack_case import CONFIG, Case, as_json, config

FILE = "config.json"
MOST = 2**31 - 1
# Each of these sizes something: a tensor, a table, a list of layers.
SIZES = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
         "intermediate_size", "head_dim")


def raw(field: str, text: bytes) -> bytes:
    """The valid configuration with a field whose text is no JSON that Python would write."""
    rest = {key: value for key, value in CONFIG.items() if key != field}
    return as_json(rest)[:-1] + b', "' + field.encode() + b'": ' + text + b"}"


def whole_file_cases():
    yield "empty", b"", []
    yield "not_json", b"model_type: llama\n", ["JSON"]
    yield "cut_short", config()[:100], ["JSON"]
    yield "a_list", b"[1, 2]", ["JSON object"]
    yield "a_number", b"1e5", ["JSON object"]
    yield "not_utf8", config(note="x").replace(b'"x"', b'"\xff\xc0"'), ["JSON"]
    yield "nested", lambda: b'{"model_type":"llama","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", []
    yield "nested_objects", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, []
    yield "nested_unclosed", lambda: b"[" * 2_000_000, []
    yield "a_million_numbers", lambda: b'{"a":[' + b"0," * 2_000_000 + b"0]}", []
    yield "string_unfinished", lambda: b'{"a":"' + b"x" * 200_000, []
    yield "huge", lambda: config(note="x" * 20_000_000), ["larger than"]


def model_type_cases():
    yield "model_type_missing", config(model_type=None), ["model_type"]
    yield "model_type_null", raw("model_type", b"null"), ["model_type"]
    yield "model_type_a_list", config(model_type=["llama"]), ["model_type"]
    yield "model_type_unknown", config(model_type="lama"), ["model_type", "'llama'"]
    yield "model_type_nul", config(model_type="llama\0"), ["model_type"]
    yield "model_type_a_path", config(model_type="../../../llama"), ["model_type"]
    yield "model_type_very_long", lambda: config(model_type="l" * 2_000_000), ["model_type"]
    yield "model_type_of_code", config(model_type="custom", auto_map={"AutoModel": "modeling.Evil"}), ["model_type"]


def field_cases():
    for field in SIZES:
        yield f"{field}_most", config(**{field: MOST}), []
        yield f"{field}_zero", config(**{field: 0}), [field]
    yield "hidden_size_most_of_one_head", config(hidden_size=MOST - 1, num_attention_heads=1, num_key_value_heads=1), []
    yield "layers_two_to_the_40", config(num_hidden_layers=2**40), ["num_hidden_layers"]
    yield "layers_negative", config(num_hidden_layers=-2), ["num_hidden_layers"]
    yield "layers_a_fraction", config(num_hidden_layers=2.5), ["num_hidden_layers"]
    yield "layers_a_text", config(num_hidden_layers="2"), ["num_hidden_layers"]
    yield "layers_a_nested_list", raw("num_hidden_layers", b"[" * 40 + b"]" * 40), ["num_hidden_layers"]
    yield "layers_beyond_64_bits", raw("num_hidden_layers", b"9" * 400), []
    yield "hidden_size_no_multiple", config(hidden_size=9), ["hidden_size"]
    yield "heads_no_multiple", config(num_attention_heads=3, head_dim=4), []
    yield "epsilon_nan", raw("rms_norm_eps", b"NaN"), ["JSON"]
    yield "epsilon_infinite", raw("rms_norm_eps", b"1e999"), []
    yield "epsilon_negative", config(rms_norm_eps=-1), ["rms_norm_eps"]
    yield "epsilon_a_text", config(rms_norm_eps="1e-6"), ["rms_norm_eps"]
    yield "activation_unknown", config(hidden_act="os.system"), ["hidden_act", "os.system"]
    yield "activation_very_long", lambda: config(hidden_act="s" * 2_000_000), ["hidden_act"]
    yield "theta_zero", config(rope_theta=0), ["rope_theta"]
    yield "theta_a_list", config(rope_theta=[10000]), ["rope_theta"]
    yield "scaling_unknown", config(rope_scaling={"rope_type": "evil", "factor": 2}), ["rope", "evil"]
    yield "scaling_factor_zero", config(rope_scaling={"rope_type": "linear", "factor": 0}), ["factor"]
    yield "scaling_factor_missing", config(rope_scaling={"rope_type": "linear"}), ["factor"]
    yield "tied_a_number", config(tie_word_embeddings=1), ["tie_word_embeddings"]
    # Printing such a value would call itself as deep.
    yield "layer_types_nested", lambda: config(model_type="qwen2")[:-1] + b', "layer_types": ' + b'{"a":' * 100_000 + b"1" + (
        b"}" * 100_001), []
    yield "quantized", config(quantization_config={"quant_method": "gptq", "bits": 4}), ["quantization_config"]


def cases() -> List[Case]:
    made = [Case(f"config/{name}", {FILE: content}, [FILE] + says)
            for make in (whole_file_cases, model_type_cases, field_cases) for name, content, says in make()]
    made.append(Case("config/missing", {}, [FILE, "does not exist"], removes=[FILE]))
    return made
