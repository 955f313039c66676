"""include_directions.py finds what it is there to find."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "include_directions.py"

REFUSED = [
    ("common/a.cc", '#include "server/domain/task.h"', "common includes nothing of ours"),
    ("dataset/a.cc", '#include "worker/text/tokenizer.h"', "dataset never includes worker"),
    ("server/service/a.cc", '#include "dataset/csv.h"', "server never includes dataset"),
    ("server/service/a.cc", '#include "worker/engine/pass.h"', "server never includes worker"),
    ("worker/agent/a.cc", '#include "server/domain/task.h"', "worker never includes server"),
    ("client/cli/a.cc", '#include "worker/text/tokenizer.h"', "client never includes worker"),
    ("worker/text/a.h", '#include "client/client.h"', "worker never includes client"),
    ("worker/engine/a.cc", '#include "worker/agent/agent.h"', "the engine never includes"),
    ("worker/engine/a.cc", '#include "common/rpc/channel.h"', "the engine never includes"),
    ("worker/text/a.cc", "#include <torch/torch.h>", "torch is seen only by"),
    ("worker/engine/a.cc", "#include <ATen/ATen.h>", "torch is seen only by"),
    ("server/store/a.cc", "  #  include <c10/core/Device.h>", "torch is seen only by"),
    ("worker/model/a.h", "#include <ATen/ATen.h>", "our headers see of torch at most"),
    ("worker/checkpoint/a.h", '#include "ATen/ATen.h"', "our headers see of torch at most"),
    ("worker/text/torch_compat.h", "#include <ATen/ATen.h>", "torch is seen only by"),
    ("server/service/a.cc", "#include <grpcpp/grpcpp.h>", "gRPC is seen only by"),
    ("server/server.h", "#include <grpcpp/grpcpp.h>", "gRPC is seen only by"),
    ("server/store/a.h", '#include "probesweep/v1/resources.pb.h"', "protobuf is seen only"),
    ("common/a.h", "#include <google/protobuf/message.h>", "protobuf is seen only"),
    ("worker/engine/a.cc", '#include "probesweep/v1/worker_service.grpc.pb.h"', "gRPC is seen only by"),
    ("proto/probesweep/v1/a.proto", 'import "server/a.proto";', "proto imports nothing of ours"),
]

ALLOWED = [
    ("common/a.cc", '#include "common/clock.h"'),
    ("dataset/a.cc", '#include "common/unicode.h"'),
    ("worker/engine/a.cc", '#include "dataset/statements.h"'),
    ("client/cli/a.cc", '#include "dataset/statements.h"'),
    ("common/rpc/a.cc", "#include <grpcpp/grpcpp.h>"),
    ("client/client.cc", '#include "common/rpc/channel.h"'),
    ("worker/agent/a.cc", '#include "common/rpc/channel.h"'),
    ("server/rpc/a.cc", "#include <grpcpp/grpcpp.h>"),
    ("server/server.cc", "#include <grpcpp/grpcpp.h>"),
    ("server/rpc/a.h", '#include "probesweep/v1/resources.pb.h"'),
    ("worker/agent/a.cc", '#include "worker/engine/pass.h"'),
    ("worker/main.cc", '#include "worker/agent/run_agent.h"'),
    ("client/client.h", '#include "probesweep/v1/sweep_service.grpc.pb.h"'),
    ("worker/model/a.cc", "#include <ATen/ATen.h>"),
    ("worker/checkpoint/a.cc", "#include <ATen/ATen.h>"),
    ("worker/model/a.h", "#include <ATen/core/Tensor.h>"),
    ("worker/model/torch_compat.h", "#include <ATen/ATen.h>"),
    ("server/store/a.cc", "// #include <grpcpp/grpcpp.h>"),
    ("proto/probesweep/v1/a.proto", 'import "google/protobuf/timestamp.proto";'),
]


def run(path, line):
    """The script's exit code and output for a checkout that has `line` as the third line of `path`."""
    with tempfile.TemporaryDirectory() as root:
        file = pathlib.Path(root) / path
        file.parent.mkdir(parents=True)
        file.write_text("// a file\n\n" + line + "\n", encoding="utf-8")
        done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


class IncludeDirections(unittest.TestCase):
    def test_refused_with_file_and_line(self):
        for path, line, why in REFUSED:
            with self.subTest(path=path, line=line):
                code, output = run(path, line)
                self.assertEqual(code, 1)
                self.assertTrue(output.startswith(f"{path}:3: "), output)
                self.assertIn(why, output)

    def test_allowed(self):
        for path, line in ALLOWED:
            with self.subTest(path=path, line=line):
                self.assertEqual(run(path, line), (0, ""))

    def test_an_empty_checkout_is_a_mistake(self):
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
