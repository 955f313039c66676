// Small files that would fill the memory: refused before they do.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/worker/checkpoint/torch_bytes.h"
#include "worker/checkpoint/torch_file.h"
#include "worker/checkpoint/weight_index.h"

namespace probesweep::worker {
namespace {

std::string Bytes(const std::string& name, uint32_t elements) {
  ByteTensor tensor;
  tensor.name = name;
  tensor.elements = tensor.storage_elements = elements;
  return tensor.Pickled();
}

absl::Status Open(const std::string& bytes) { return OpenTorch(MemoryBytes("w.bin", bytes)).status(); }

TEST(BombTest, TheFilesOfTheseTestsAreGoodOtherwise) {
  for (const bool deflated : {false, true}) {
    ZipWriter zip;
    zip.Add("a/data.pkl", StateDict(Bytes("w", 1000)), deflated);
    zip.Add("a/data/0", std::string(1000, 'x'), deflated);
    EXPECT_OK(Open(zip.Finish()));
  }
}

TEST(BombTest, AStorageThatInflatesWithoutEnd) {
  ZipWriter zip;
  zip.Add("a/data.pkl", StateDict(Bytes("w", 64 << 20)));
  zip.Add("a/data/0", std::string(64 << 20, '\0'), /*deflated=*/true);
  const std::string bytes = zip.Finish();
  ASSERT_LT(bytes.size(), size_t{100} << 10);
  EXPECT_STATUS(Open(bytes), kDataLoss, "w.bin", "inflate to more than 4 times");
}

TEST(BombTest, APickleThatInflatesWithoutEnd) {
  ZipWriter zip;
  zip.Add("a/data.pkl", absl::StrCat("\x80\x02", std::string(64 << 20, 'N'), "."), /*deflated=*/true);
  EXPECT_STATUS(Open(zip.Finish()), kDataLoss, "w.bin", "inflate to more than 4 times");
}

TEST(BombTest, AStorageThatAllTensorsShare) {
  std::string items;
  for (int i = 0; i < 100; ++i) items += Bytes(absl::StrCat("w", i), 1 << 20);
  ZipWriter zip;
  zip.Add("a/data.pkl", StateDict(items));
  zip.Add("a/data/0", std::string(1 << 20, 'x'));
  EXPECT_STATUS(Open(zip.Finish()), kDataLoss, "w.bin", "share storages");
}

TEST(BombTest, APickleOfEmptyLists) {
  ZipWriter zip;
  zip.Add("a/data.pkl", absl::StrCat("\x80\x02(", std::string(4 << 20, ']'), "t."));
  EXPECT_STATUS(Open(zip.Finish()), kDataLoss, "w.bin", "more memory");
}

TEST(BombTest, AnIndexOfMoreTensorsThanThereAre) {
  std::string text = R"({"weight_map": {"first": "a")";
  for (size_t i = 0; i < kMaxTensors; ++i) absl::StrAppend(&text, ",\"", i, "\":\"a\"");
  EXPECT_STATUS(ParseWeightIndex(text + "}}", "w.index.json"), kInvalidArgument, "w.index.json", "262144");
}

}  // namespace
}  // namespace probesweep::worker
