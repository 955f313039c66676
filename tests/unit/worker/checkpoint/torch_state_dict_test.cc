#include "worker/checkpoint/torch_state_dict.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/worker/checkpoint/torch_bytes.h"
#include "worker/checkpoint/torch_file.h"

namespace probesweep::worker {
namespace {

// "w", 8 bytes of a storage of as many, and what a test changes.
ByteTensor Sample() {
  ByteTensor tensor;
  tensor.elements = tensor.storage_elements = 8;
  return tensor;
}

absl::Status OpenZip(const std::string& items, const std::string& byteorder = "little") {
  ZipWriter zip;
  zip.Add("a/data.pkl", StateDict(items));
  zip.Add("a/byteorder", byteorder);
  zip.Add("a/data/0", std::string(8, 'x'));
  return OpenTorch(MemoryBytes("w.bin", zip.Finish())).status();
}

std::string LegacyPickles(const std::string& items, const std::string& little_endian = "\x88") {
  return absl::StrCat(absl::string_view("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15),
                      "\x80\x02M\xe9\x03.", "\x80\x02}U\x0dlittle_endian", little_endian, "s.",
                      StateDict(items));
}

absl::Status OpenLegacy(const std::string& bytes) { return OpenTorch(MemoryBytes("w.bin", bytes)).status(); }

TEST(TorchStateDictTest, RefusesATensorThatItsStorageCannotHold) {
  EXPECT_OK(OpenZip(Sample().Pickled()));
  const std::vector<std::function<void(ByteTensor&)>> damages = {
      [](ByteTensor& t) { t.elements = 9; },
      [](ByteTensor& t) { t.offset = 1; },
      [](ByteTensor& t) { t.stride = 2; },
      [](ByteTensor& t) { t.elements = t.stride = 0x7fffffff; },
  };
  for (const auto& damage : damages) {
    ByteTensor tensor = Sample();
    damage(tensor);
    EXPECT_STATUS(OpenZip(tensor.Pickled()), kDataLoss, "w.bin", "'w'", "reaches to element");
  }
  ByteTensor negative = Sample();
  negative.stride = 0xffffffff;
  EXPECT_STATUS(OpenZip(negative.Pickled()), kDataLoss, "w.bin", "'w'", "a size that is no number");
  negative = Sample();
  negative.offset = 0xffffffff;
  EXPECT_STATUS(OpenZip(negative.Pickled()), kDataLoss, "w.bin", "'w'", "no offset");
}

TEST(TorchStateDictTest, RefusesStoragesThatAreNotAsDescribed) {
  ByteTensor tensor = Sample();
  tensor.storage_elements = 9;
  EXPECT_STATUS(OpenZip(tensor.Pickled()), kDataLoss, "w.bin", "storage '0' has 8 bytes of 9");
  tensor = Sample();
  tensor.key = "1";
  EXPECT_STATUS(OpenZip(tensor.Pickled()), kDataLoss, "w.bin", "storage '1' is missing");
  tensor = Sample();
  tensor.type = "Tensor";
  EXPECT_STATUS(OpenZip(tensor.Pickled()), kDataLoss, "w.bin", "'w'", "not described as torch does");
  tensor = Sample();
  tensor.name = "v";
  tensor.elements = 1;
  tensor.type = "CharStorage";
  EXPECT_STATUS(OpenZip(Sample().Pickled() + tensor.Pickled()), kDataLoss, "w.bin", "describes differently");
}

TEST(TorchStateDictTest, RefusesATensorThatIsThereTwice) {
  EXPECT_STATUS(OpenZip(Sample().Pickled() + Sample().Pickled()), kDataLoss, "w.bin", "'w'", "twice");
}

TEST(TorchStateDictTest, RefusesBigEndianFiles) {
  EXPECT_STATUS(OpenZip(Sample().Pickled(), "big"), kUnimplemented, "w.bin", "big-endian");
  EXPECT_STATUS(OpenLegacy(LegacyPickles("", "\x89")), kUnimplemented, "w.bin", "big-endian");
}

TEST(TorchLegacyTest, ReadsStoragesInTheOrderOfTheirKeys) {
  ByteTensor tensor = Sample();
  tensor.view_metadata = "N";
  const std::string before = LegacyPickles(tensor.Pickled());
  const auto after = [](uint64_t count, const std::string& keys =
                                            "]U\x01"
                                            "0a.") {
    return absl::StrCat("\x80\x02", keys, Number<uint64_t>(count), "12345678");
  };
  EXPECT_OK(OpenLegacy(before + after(8)));
  EXPECT_STATUS(OpenLegacy(before + after(7)), kDataLoss, "w.bin", "'0' has two sizes");
  EXPECT_STATUS(OpenLegacy(before + after(8).substr(0, 20)), kDataLoss, "w.bin", "truncated");
  EXPECT_STATUS(OpenLegacy(before + after(8,
                                          "]U\x01"
                                          "1a.")),
                kDataLoss, "w.bin", "no tensor uses");
  EXPECT_STATUS(OpenLegacy(before + after(8, "].")), kDataLoss, "w.bin", "'0' is missing");
  EXPECT_STATUS(OpenLegacy(before + after(8, ").")), kDataLoss, "w.bin", "no list of storages");
}

TEST(TorchLegacyTest, SaysThatViewsOfStoragesAreNotRead) {
  ByteTensor tensor = Sample();
  tensor.view_metadata = ")";
  EXPECT_STATUS(OpenLegacy(LegacyPickles(tensor.Pickled())), kUnimplemented, "w.bin", "'w'",
                "view of another");
}

}  // namespace
}  // namespace probesweep::worker
