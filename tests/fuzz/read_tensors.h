// What the targets of tensor files have in common.
#ifndef PROBESWEEP_TESTS_FUZZ_READ_TENSORS_H_
#define PROBESWEEP_TESTS_FUZZ_READ_TENSORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "common/safetensors.h"
#include "tests/fuzz/expect.h"
#include "worker/checkpoint/tensor_file.h"

namespace probesweep::fuzz {

// Reads the elements of every tensor of an accepted file, as the engine would when the shapes fit. Tensors of
// more than kMaxBytes are opened only: stride 0 makes much of few bytes.
inline void ReadTensors(const worker::TensorFile& file) {
  constexpr uint64_t kMaxBytes = 1 << 20;
  for (const std::string& name : file.Names()) {
    const auto info = file.Find(name);
    Expect(info.has_value(), "a tensor that is named is there");
    const auto count = worker::ElementCount(info->shape);
    Expect(count.has_value(), "a tensor's elements can be counted");
    const auto stream = file.Open(name, {0, *count});
    if (!stream.ok()) {
      ExpectRefusal(stream.status(), file.path());
      continue;
    }
    const auto size = static_cast<uint64_t>(ElementSize(info->dtype));
    if (*count > kMaxBytes / size) continue;
    std::vector<char> bytes(*count * size);
    const absl::Status read = (*stream)->Read(absl::MakeSpan(bytes));
    if (!read.ok()) ExpectRefusal(read, file.path());
  }
}

}  // namespace probesweep::fuzz

#endif  // PROBESWEEP_TESTS_FUZZ_READ_TENSORS_H_
