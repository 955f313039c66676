"""What Hugging Face's transformers generates and how it scores: the reference of this folder's scripts.

Needs torch 2.15, transformers 5.24.
"""
import contextlib

import torch
from transformers import AutoModelForCausalLM

# A prompt's continuations that are compared: none, one or two layers steered.
STEERINGS = {
    "plain": [],
    "steered_last": [{"layer": 1, "alpha": 3.0, "positions": "last"}],
    "steered_all": [{"layer": 0, "alpha": -1.5, "positions": "all"}, {"layer": 1, "alpha": 2.0, "positions": "last"}],
}


def load(checkpoint):
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()


def blocks_of(model):
    base = model.get_decoder()
    return base.h if hasattr(base, "h") else base.layers


def steering_vector(model, seed):
    """As long as a residual stream's entry is large, so that it changes what is said."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(model.config.hidden_size, generator=generator)


@contextlib.contextmanager
def steered(model, vector, steerings):
    def hook(steering):
        def add(module, inputs, output):
            residual = output[0] if isinstance(output, tuple) else output
            where = slice(-1, None) if steering["positions"] == "last" else slice(None)
            residual[:, where] += steering["alpha"] * vector
            return output
        return add
    blocks = blocks_of(model)
    hooks = [blocks[steering["layer"]].register_forward_hook(hook(steering)) for steering in steerings]
    try:
        yield
    finally:
        for registered in hooks:
            registered.remove()


def generate(model, ids, new_tokens, vector, steerings):
    """The prompt and its greedy continuation; no prompt stands beside it."""
    prompt = torch.tensor([ids])
    with torch.no_grad(), steered(model, vector, steerings):
        # What generation_config.json says of anything but eos is left out: `generate` of the worker does, too.
        return model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False,
                              max_new_tokens=new_tokens, pad_token_id=0)[0].tolist()


def next_logits(model, ids, vector, steerings, prompt_tokens):
    """Logits behind `ids`, a prompt and some of its continuation, as generation sees them."""
    with torch.no_grad(), steered(model, vector, steerings):
        past = model(torch.tensor([ids[:prompt_tokens]]), use_cache=True)
        for token in ids[prompt_tokens:]:
            past = model(torch.tensor([[token]]), past_key_values=past.past_key_values, use_cache=True)
    return past.logits[0, -1]


def score(model, context, continuation):
    """Log-probability of each token of the continuation, and whether all of them are the likeliest."""
    ids = torch.tensor([context + continuation])
    with torch.no_grad():
        logits = model(ids).logits[0, len(context) - 1:-1]
    found = logits.log_softmax(-1).gather(1, ids[0, len(context):, None])[:, 0]
    return found.tolist(), bool((logits.argmax(-1) == ids[0, len(context):]).all())
