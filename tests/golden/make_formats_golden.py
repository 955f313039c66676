#!/usr/bin/env python3
"""Makes formats/torch/: what torch.save writes, in its forms, and what must be read from it.

Needs torch 2.15, safetensors 0.8. The folders beside it (formats/bf16 … safetensors_sharded) hold the tensors of
llama/ in other files and types, by transformers 5.17.

state.*.bin all hold the same state dict: each floating type, other types, parameters, tensors with attributes,
tensors that share a storage, begin inside it, or do not lie in it row by row. expected.safetensors has the floating
ones of them as fp32. The rest are files that must be refused; each has its reason as its name. Keys of storages in
the older form are addresses: those files change with each run.
"""
import collections
import io
import os
import pathlib
import zipfile

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).resolve().parent / "formats" / "torch"


def values(*shape, dtype=torch.float32):
    return torch.randn(shape, dtype=torch.float64).to(dtype)


class Module(torch.nn.Module):
    """Its state dict has attributes (_metadata), which pickles set after the items."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(5, 3)
        self.register_buffer("steps", torch.tensor(7))


def state_dict():
    torch.manual_seed(1)
    state = Module().state_dict()
    for name in ("float32", "float16", "bfloat16", "float64"):
        state["type." + name] = values(3, 4, dtype=getattr(torch, name))
    for name in ("int64", "int32", "int16", "int8", "uint8", "bool"):
        state["other." + name] = torch.arange(6).to(getattr(torch, name))
    state["other.float8"] = torch.ones(4).to(torch.float8_e4m3fn)
    state["other.complex"] = torch.ones(2, dtype=torch.complex64)
    state["other.repeated"] = torch.ones(1).expand(6)
    state["shape.scalar"] = values()
    state["shape.empty"] = values(0, 5)
    state["shape.four"] = values(2, 3, 2, 2)
    storage = values(6, 8)
    state["view.whole"] = storage
    state["view.rows"] = storage[2:4]
    state["view.columns"] = storage[:, 3:5]
    state["view.transposed"] = storage.t()
    state["view.every_other"] = storage[::2, 1::3]
    state["view.permuted"] = values(2, 3, 4, dtype=torch.float16).permute(2, 0, 1)
    state["tied.a"] = state["tied.b"] = values(4, 2)
    state["parameter.plain"] = torch.nn.Parameter(values(3))
    state["parameter.frozen"] = torch.nn.Parameter(values(2, 2), requires_grad=False)
    state["parameter.with_attribute"] = torch.nn.Parameter(values(2))
    state["parameter.with_attribute"].note = "kept by torch, of no use here"
    state["attribute"] = values(2)
    state["attribute"].note = {"nested": [1, 2.5, None, (True, "text")], "big": 1 << 80}
    state["not_a_tensor"] = 3
    return state


def deflate(source, target):
    """The archive with its entries compressed, as zip tools repack them."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))


def older_release(source, target):
    """As torch before 2.0: no entry that tells the order of bytes, and zip64 nowhere."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename.endswith(("data.pkl", "version")) or "/data/" in entry.filename:
                new.writestr(entry.filename, old.read(entry))


class RunsCode:
    def __reduce__(self):
        return os.system, ("echo this ran",)


def refused():
    tensor = torch.ones(2)
    torch.save({"model": {"w": tensor}, "epoch": 3}, FOLDER / "refused.training_state.bin")
    torch.save([tensor], FOLDER / "refused.list.bin")
    torch.save({"epoch": 3}, FOLDER / "refused.no_tensor.bin")
    torch.save({"w": tensor, "x": RunsCode()}, FOLDER / "refused.os.system.bin")
    torch.save({"w": tensor.to_sparse()}, FOLDER / "refused._rebuild_sparse_tensor.bin")
    torch.save({"w": torch.quantize_per_tensor(tensor, 0.1, 0, torch.qint8)},
               FOLDER / "refused._rebuild_qtensor.bin")
    scripted = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), tensor), scripted)
    (FOLDER / "refused.TorchScript.bin").write_bytes(scripted.getvalue())


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    state = state_dict()
    torch.save(state, FOLDER / "state.zip.bin")
    torch.save(state, FOLDER / "state.zip_protocol4.bin", pickle_protocol=4)
    torch.save(state, FOLDER / "state.zip_protocol5.bin", pickle_protocol=5)
    deflate(FOLDER / "state.zip.bin", FOLDER / "state.zip_deflated.bin")
    older_release(FOLDER / "state.zip.bin", FOLDER / "state.zip_older.bin")
    torch.save(state, FOLDER / "state.legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(state, FOLDER / "state.legacy_protocol4.bin", _use_new_zipfile_serialization=False,
               pickle_protocol=4)
    floating = {name: value.detach().float().contiguous().clone() for name, value in state.items()
                if isinstance(value, torch.Tensor) and value.is_floating_point() and not name.startswith("other.")}
    save_file(floating, FOLDER / "expected.safetensors")
    refused()
    assert isinstance(state, collections.OrderedDict)


if __name__ == "__main__":
    main()
