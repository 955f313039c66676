"""The checkpoints that the attacks change: each is read, so that what is refused is refused for the attack."""

from typing import List

from attack_case import Case, as_json, config, tensor_shapes, tokenizer
from pickle_assembler import BUILD, ORDERED_DICT, dictionary, integer, pickled
from safetensors_attacks import FILE as SAFETENSORS
from safetensors_attacks import INDEX, weights
from torch_files import FILE as TORCH
from torch_files import legacy, members, state, tensors, zipped
from zip_assembler import DEFLATED, archive


def deflated() -> bytes:
    entries = members(state())
    for entry in entries:
        entry.method = DEFLATED
    return archive(entries)


def ordered_with_metadata() -> bytes:
    """As torch.save writes a module's state: an OrderedDict with an attribute."""
    items = dictionary(tensors())[1:]
    versions = dictionary([("", dictionary([("version", integer(1))]))])
    return pickled(ORDERED_DICT + items + dictionary([("_metadata", versions)]) + BUILD)


def cases() -> List[Case]:
    whole = {"config.json": config(), "tokenizer.json": as_json(tokenizer()), SAFETENSORS: weights()}
    names = list(tensor_shapes())
    half = len(names) // 2
    shards = {"a.safetensors": weights(names[:half]), "b.safetensors": weights(names[half:])}
    index = {name: "a.safetensors" if name in names[:half] else "b.safetensors" for name in names}
    accepted = [("sharded", {INDEX: as_json({"weight_map": index}), **shards}), ("bin", {TORCH: zipped(state())}),
                ("bin_deflated", {TORCH: deflated}), ("bin_ordered", {TORCH: zipped(ordered_with_metadata())}),
                ("bin_legacy", {TORCH: legacy()})]
    return [Case("valid/checkpoint", whole, [], exit_code=0),
            Case("valid/tokenizer", {}, [], command="tokenize", exit_code=0),
            Case("valid/inspect", {}, [], command="inspect", exit_code=0)] + [
                Case(f"valid/{name}", files, [], removes=[SAFETENSORS], exit_code=0) for name, files in accepted]
