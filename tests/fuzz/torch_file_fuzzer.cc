// pytorch_model.bin in both of its containers: ZIP directory, inflating, pickles, storages, strides.
#include <cstdint>

#include "absl/strings/string_view.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/read_tensors.h"
#include "worker/checkpoint/byte_source.h"
#include "worker/checkpoint/torch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace probesweep;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto file = worker::OpenTorch(worker::MemoryBytes("pytorch_model.bin", bytes));
  if (file.ok()) {
    fuzz::ReadTensors(**file);
  } else {
    fuzz::ExpectRefusal(file.status(), "pytorch_model.bin");
  }
  return 0;
}
