// config.json up to the model that it describes, and an index file: both are JSON of some fields.
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/memory_folder.h"
#include "worker/checkpoint/config_file.h"
#include "worker/checkpoint/weight_index.h"
#include "worker/model/model.h"

namespace probesweep::worker {
namespace {

void ReadConfig(const fuzz::MemoryFolder& folder) {
  const auto config = ConfigFile::Open(folder.path());
  if (!config.ok()) return fuzz::ExpectRefusal(config.status(), "config.json");
  const auto model = CreateModel(*config);
  if (!model.ok()) return fuzz::ExpectRefusal(model.status(), "config.json");
  fuzz::Expect((*model)->layers() > 0 && (*model)->hidden_size() > 0 && (*model)->vocab_size() > 0,
               "a model that is made has sizes");
}

}  // namespace
}  // namespace probesweep::worker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace probesweep;
  static const fuzz::MemoryFolder& folder = *new fuzz::MemoryFolder();
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  folder.Write("config.json", text);
  worker::ReadConfig(folder);
  const auto index = worker::ParseWeightIndex(text, "model.safetensors.index.json");
  if (!index.ok()) {
    fuzz::ExpectRefusal(index.status(), "model.safetensors.index.json");
    return 0;
  }
  for (const auto& [tensor, shard] : *index) {
    fuzz::Expect(!shard.empty() && shard.find('/') == std::string::npos && shard != "..",
                 "a shard lies in the index's folder");
  }
  return 0;
}
