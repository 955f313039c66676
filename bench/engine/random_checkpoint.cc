// Writes a checkpoint of a published model's shape with weights as they are before training (normal, standard
// deviation 0.02; norms 1, biases 0): what an engine takes for a pass hangs on shapes, not on values.
//
//   random_checkpoint --shape pythia-160m --out DIR [--layers N] [--dtype fp16|bf16|fp32] [--seed S]
//                     [--shard-mb M] [--tokenizer DIR]
//
// Files as transformers would save them: config.json, safetensors in shards with an index. It writes piece by
// piece and stays below 300 MiB of memory. --tokenizer copies the tokenizer of another folder.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/engine/checkpoint_shape.h"
#include "bench/engine/random_weights.h"
#include "common/file.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

using nlohmann::json;

struct Options {
  std::string shape, out, tokenizer;
  std::string dtype = "fp16";
  int64_t layers = 0;
  int64_t shard_mb = 5000;  // as transformers has long done
  uint64_t seed = 0;
};

absl::StatusOr<DType> TypeNamed(const std::string& name) {
  if (name == "fp16") return DType::kF16;
  if (name == "bf16") return DType::kBF16;
  if (name == "fp32") return DType::kF32;
  return absl::InvalidArgumentError(absl::StrCat("--dtype ", name, " is none of fp16, bf16, fp32"));
}

const char* TorchName(DType dtype) {
  if (dtype == DType::kF16) return "float16";
  return dtype == DType::kBF16 ? "bfloat16" : "float32";
}

absl::Status CopyTokenizer(const std::string& from, const std::string& to) {
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json",
                           "merges.txt", "special_tokens_map.json", "added_tokens.json"}) {
    const std::filesystem::path source = std::filesystem::path(from) / name;
    if (!std::filesystem::exists(source)) continue;
    PS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(source.string()));
    PS_RETURN_IF_ERROR(WriteFileAtomically((std::filesystem::path(to) / name).string(), bytes));
  }
  return absl::OkStatus();
}

absl::Status WriteShards(const Options& options, const CheckpointShape& shape, const RandomWeights& weights) {
  const auto shards = PartIntoFiles(shape.tensors, weights.dtype(), options.shard_mb * 1'000'000);
  json index = {{"metadata", {{"total_size", 0}}}, {"weight_map", json::object()}};
  int64_t total = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shards.size() == 1
                                 ? "model.safetensors"
                                 : absl::StrFormat("model-%05d-of-%05d.safetensors", i + 1, shards.size());
    PS_RETURN_IF_ERROR(weights.WriteFile(absl::StrCat(options.out, "/", name), shards[i]));
    for (const ShapedTensor& tensor : shards[i]) {
      index["weight_map"][tensor.name] = name;
      total += tensor.elements() * ElementSize(weights.dtype());
    }
  }
  std::printf("%s: %.2f GB in %zu file(s)\n", options.out.c_str(), static_cast<double>(total) / 1e9,
              shards.size());
  if (shards.size() == 1) return absl::OkStatus();
  index["metadata"]["total_size"] = total;
  return WriteFileAtomically(options.out + "/model.safetensors.index.json", index.dump(2) + "\n");
}

absl::Status Run(const Options& options) {
  PS_ASSIGN_OR_RETURN(const DType dtype, TypeNamed(options.dtype));
  PS_ASSIGN_OR_RETURN(CheckpointShape shape, ShapeNamed(options.shape, options.layers));
  shape.config["torch_dtype"] = TorchName(dtype);
  PS_RETURN_IF_ERROR(MakeFolders(options.out));
  PS_RETURN_IF_ERROR(WriteFileAtomically(options.out + "/config.json", shape.config.dump(2) + "\n"));
  if (!options.tokenizer.empty()) PS_RETURN_IF_ERROR(CopyTokenizer(options.tokenizer, options.out));
  return WriteShards(options, shape, RandomWeights(dtype, options.seed));
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) {
  CLI::App app("Writes a checkpoint of a given shape with random weights");
  probesweep::worker::Options options;
  app.add_option("--shape", options.shape, "llama-7b, llama-70b-10, pythia-1.4b or pythia-160m")->required();
  app.add_option("--out", options.out, "Folder to write")->required();
  app.add_option("--layers", options.layers, "Blocks; 0: as many as the shape has")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--dtype", options.dtype, "fp16, bf16 or fp32")->capture_default_str();
  app.add_option("--seed", options.seed, "Of the weights")->capture_default_str();
  app.add_option("--shard-mb", options.shard_mb, "Largest file, 10^6 bytes")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--tokenizer", options.tokenizer, "Folder to copy a tokenizer from");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = probesweep::worker::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return probesweep::ExitCodeFor(status);
}
