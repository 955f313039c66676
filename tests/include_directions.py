#!/usr/bin/env python3
"""Checks who may include whom: the directions of docs/architecture.md.

Usage: include_directions.py [CHECKOUT]. Prints each violation as "file:line: why" and exits with 1 when there
is one. Reads #include lines only; needs nothing but Python's standard library.
"""

import pathlib
import re
import sys

PARTS = ("common", "dataset", "server", "worker", "client")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

TORCH = ("torch/", "ATen/", "c10/", "caffe2/")
GRPC = ("grpcpp/", "grpc/", "grpc++/")
TENSOR_FOLDERS = ("worker/model/", "worker/exec/", "worker/analysis/")
# A header costs every file that includes it: only the tensor itself, or the one header of version differences.
TORCH_IN_HEADERS = ("ATen/core/Tensor.h", "ATen/core/TensorBody.h")
COMPAT_HEADER = re.compile(r"torch_[a-z_]+\.h$")


def is_torch(included):
    return included.startswith(TORCH)


def is_grpc(included):
    return included.startswith(GRPC) or included.endswith(".grpc.pb.h")


def is_protobuf(included):
    return included.startswith("google/protobuf/") or included.endswith(".pb.h")


def may_see_torch(path):
    return path.startswith(TENSOR_FOLDERS + ("worker/checkpoint/",))


def may_see_grpc(path):
    """common/rpc, server/rpc, the .cc files that put the server together, the agent, the client."""
    if path.startswith(("common/rpc/", "server/rpc/", "worker/agent/", "client/")):
        return True
    return path.startswith("server/") and path.count("/") == 1 and path.endswith(".cc")


def our_direction(path, included):
    """Why `path` may not include our file `included`; None when it may."""
    part = path.split("/")[0]
    target = included.split("/")[0]
    if target not in PARTS or target in (part, "common"):
        return None
    if part == "common":
        return "common includes nothing of ours"
    if target == "dataset" and part in ("worker", "client"):
        return None
    return f"{part} never includes {target}"


def torch_direction(path):
    if not may_see_torch(path):
        return "torch is seen only by worker/{model,exec,analysis,checkpoint}"
    return None


def torch_in_header(path, included):
    if not path.endswith(".h") or included in TORCH_IN_HEADERS:
        return None
    if path.startswith(TENSOR_FOLDERS) and COMPAT_HEADER.search(path):
        return None
    return "our headers see of torch at most <ATen/core/Tensor.h>; include the rest in the .cc file"


def engine_direction(path, included):
    """The engine builds without gRPC, protobuf and the agent."""
    if path.startswith("worker/") and path.count("/") > 1 and not path.startswith("worker/agent/"):
        if included.startswith("worker/agent/"):
            return "the engine never includes worker/agent"
        if included.startswith("common/rpc/"):
            return "the engine never includes common/rpc"
    return None


def violation(path, included):
    why = our_direction(path, included) or engine_direction(path, included)
    if why is None and is_torch(included):
        why = torch_direction(path) or torch_in_header(path, included)
    if why is None and is_grpc(included) and not may_see_grpc(path):
        why = "gRPC is seen only by common/rpc, server/rpc, server/*.cc, worker/agent, client"
    if why is None and is_protobuf(included) and not may_see_grpc(path):
        why = "protobuf is seen only where gRPC is: convert in rpc/"
    return why


def sources(root):
    for part in PARTS:
        for path in sorted((root / part).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path
    # The generated code stands on its own: a .proto file imports only its package and protobuf's.
    yield from sorted((root / "proto").rglob("*.proto"))


def proto_violation(line):
    imported = re.match(r'^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"', line)
    if imported and not imported.group(1).startswith(("probesweep/", "google/protobuf/")):
        return "proto imports nothing of ours but its own package"
    return None


def check(root):
    found = 0
    files = 0
    for file in sources(root):
        files += 1
        path = file.relative_to(root).as_posix()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if path.endswith(".proto"):
                why = proto_violation(line)
            else:
                match = INCLUDE.match(line)
                why = violation(path, match.group(2)) if match else None
            if why is not None:
                print(f"{path}:{number}: {line.strip()}: {why}")
                found += 1
    if files == 0:
        print(f"{root}: no source files; name the checkout")
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    default = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default))
