// Files cut short and with changed bytes: read or refused by name, never a crash.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/file.h"
#include "tests/golden/checkpoint_copy.h"
#include "worker/checkpoint/safetensors_file.h"
#include "worker/checkpoint/torch_file.h"

namespace probesweep::worker {
namespace {

constexpr char kName[] = "the/damaged.file";

// Opens and reads everything as a checkpoint's reader would.
absl::Status ReadAll(bool torch, const std::string& bytes) {
  auto source = MemoryBytes(kName, bytes);
  auto file = torch ? OpenTorch(std::move(source)) : OpenSafetensors(std::move(source));
  if (!file.ok()) return file.status();
  for (const std::string& name : (*file)->Names()) {
    const TensorInfo info = *(*file)->Find(name);
    const uint64_t count = ElementCount(info.shape).value_or(0);
    auto stream = (*file)->Open(name, {0, count});
    if (!stream.ok()) {
      if (!absl::StrContains(stream.status().message(), kName)) return stream.status();
      continue;
    }
    std::string values(count * static_cast<uint64_t>(ElementSize(info.dtype)), '\0');
    const absl::Status read = (*stream)->Read(absl::MakeSpan(values.data(), values.size()));
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

class DamagedFileTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto bytes = ReadFile(testing::GoldenFolder("formats/" + GetParam()));
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    bytes_ = *bytes;
    ASSERT_TRUE(ReadAll(torch_, bytes_).ok()) << ReadAll(torch_, bytes_);
  }

  void ExpectNamed(const absl::Status& status, size_t where) {
    if (status.ok()) return;
    EXPECT_TRUE(absl::StrContains(status.message(), kName)) << status << " at " << where;
    EXPECT_NE(status.code(), absl::StatusCode::kInternal) << status;
    ++refused_;
  }

  const bool torch_ = absl::EndsWith(GetParam(), ".bin");
  std::string bytes_;
  int refused_ = 0;
};

TEST_P(DamagedFileTest, CutShortAnywhereIsRefused) {
  const size_t step = bytes_.size() > 20000 ? 997 : 16;
  for (size_t size = 0; size < bytes_.size(); size += step) {
    const absl::Status status = ReadAll(torch_, bytes_.substr(0, size));
    EXPECT_FALSE(status.ok()) << size;
    ExpectNamed(status, size);
  }
}

TEST_P(DamagedFileTest, ChangedBytesAreReadOrRefused) {
  const size_t step = bytes_.size() > 20000 ? 331 : 1;
  for (size_t at = 0; at < bytes_.size(); at += step) {
    for (const char change : {'\x01', '\x80', '\xff'}) {
      std::string damaged = bytes_;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      ExpectNamed(ReadAll(torch_, damaged), at);
    }
  }
  EXPECT_GT(refused_, 0);
}

INSTANTIATE_TEST_SUITE_P(Files, DamagedFileTest,
                         ::testing::Values("torch/state.zip.bin", "torch/state.zip_protocol4.bin",
                                           "torch/state.zip_deflated.bin", "torch/state.legacy.bin",
                                           "torch/state.legacy_protocol4.bin", "torch/expected.safetensors",
                                           "bin/pytorch_model.bin", "bf16/model.safetensors"),
                         [](const auto& file) {
                           std::string name = file.param;
                           for (char& c : name) c = absl::ascii_isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace probesweep::worker
