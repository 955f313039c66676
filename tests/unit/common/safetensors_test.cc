#include "common/safetensors.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

std::string WithHeader(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + std::string(data_bytes, 'x');
}

TEST(Safetensors, RoundTripsNamesShapesAndMetadata) {
  const std::string data(24, 'a');
  ASSERT_OK_AND_ASSIGN(const std::string bytes, SerializeSafetensors({{"w", DType::kF32, {2, 3}, data},
                                                                      {"empty", DType::kI64, {0}, ""}},
                                                                     {{"layer", "3"}}));
  ASSERT_OK_AND_ASSIGN(const SafetensorsHeader header, ParseSafetensorsHeader(bytes, bytes.size(), "f"));
  EXPECT_EQ(header.metadata.at("layer"), "3");
  EXPECT_EQ(header.tensors.at("w").shape, (std::vector<int64_t>{2, 3}));
  const TensorEntry& w = header.tensors.at("w");
  EXPECT_EQ(bytes.substr(w.begin, w.end - w.begin), data);
  EXPECT_EQ(w.begin % 8, 0u);
}

TEST(Safetensors, PassesOverWhatAnEntryHoldsBeside) {
  const std::string bytes = WithHeader(
      R"({"a":{"note":{"x":[1,{}]},"dtype":"F8_E4M3","data_offsets":[0,2],"n":null,"shape":[2]}})", 2);
  ASSERT_OK_AND_ASSIGN(const SafetensorsHeader header, ParseSafetensorsHeader(bytes, bytes.size(), "f"));
  EXPECT_STREQ(DTypeName(header.tensors.at("a").dtype), "F8_E4M3");
}

TEST(Safetensors, QuotesUntrustedNames) {
  EXPECT_EQ(QuotedTensorName("wé"), "'wé'");
  EXPECT_EQ(QuotedTensorName("a\n\x1b[2J"), "'a\\n\\x1b[2J'");
  EXPECT_EQ(QuotedTensorName(std::string(1000, 'x')), "'" + std::string(200, 'x') + "…'");
}

TEST(Safetensors, RefusesToWriteWrongSizes) {
  EXPECT_STATUS(SerializeSafetensors({{"w", DType::kF32, {2}, "abc"}}, {}), kInvalidArgument, "'w'");
}

struct BadFile {
  const char* intent;
  std::string bytes;
  std::string reason;
};

class SafetensorsRefuses : public ::testing::TestWithParam<BadFile> {};

TEST_P(SafetensorsRefuses, WithReason) {
  testing::TempDir dir;
  const std::string path = dir.File("model.safetensors");
  ASSERT_OK(WriteFileAtomically(path, GetParam().bytes));
  EXPECT_STATUS(ReadSafetensorsHeader(path), kDataLoss, path, GetParam().reason) << GetParam().intent;
}

const char kOne[] = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

std::string ManyDimensions() {
  std::string shape = "1";
  for (int i = 0; i < 64; ++i) shape += ",1";
  return R"({"a":{"dtype":"U8","shape":[)" + shape + R"(],"data_offsets":[0,1]}})";
}

INSTANTIATE_TEST_SUITE_P(
    Corpus, SafetensorsRefuses,
    ::testing::Values(
        BadFile{"nothing in it", "", "0 bytes"}, BadFile{"shorter than the length", "abc", "3 bytes"},
        BadFile{"header longer than the file", WithHeader(kOne, 0).substr(0, 30), "truncated"},
        BadFile{"header over the cap", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8) + "{}",
                "more than"},
        BadFile{"data cut off", WithHeader(kOne, 4), "truncated"},
        BadFile{"bytes left over", WithHeader(kOne, 9), "belong to no tensor"},
        BadFile{"not JSON", WithHeader("{nonsense", 0), "not a JSON object"},
        BadFile{"a list", WithHeader("[1]", 0), "not a JSON object"},
        BadFile{"hole", WithHeader(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2),
                "belong to no tensor"},
        BadFile{"overlap",
                WithHeader(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                           R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                           3),
                "overlap"},
        BadFile{
            "shape that overflows",
            WithHeader(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0),
            "does not fit"},
        BadFile{"negative shape", WithHeader(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1),
                "unsigned"},
        BadFile{"unknown dtype", WithHeader(R"({"a":{"dtype":"F7","shape":[1],"data_offsets":[0,1]}})", 1),
                "dtype"},
        BadFile{"begin after end", WithHeader(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1),
                "spans"},
        BadFile{"same name twice",
                WithHeader(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                           R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                           1),
                "twice"},
        BadFile{"nested without end", WithHeader(R"({"a":{"x":)" + std::string(5000, '['), 0), "nested"},
        BadFile{"a list for an entry", WithHeader(R"({"a":[]})", 0), "lacks dtype"},
        BadFile{"a number for an entry", WithHeader(R"({"a":3})", 0), "lacks dtype"},
        BadFile{"no offsets", WithHeader(R"({"a":{"dtype":"U8","shape":[0]}})", 0), "not a pair"},
        BadFile{"three offsets", WithHeader(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}})", 1),
                "not a pair"},
        BadFile{"no dtype", WithHeader(R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1), "lacks dtype"},
        BadFile{"a number for a dtype",
                WithHeader(R"({"a":{"dtype":1,"shape":[1],"data_offsets":[0,1]}})", 1), "dtype"},
        BadFile{"a text for a shape",
                WithHeader(R"({"a":{"dtype":"U8","shape":"1","data_offsets":[0,1]}})", 1),
                "shape is not a list"},
        BadFile{"a list in a shape",
                WithHeader(R"({"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}})", 1),
                "shape is not a list"},
        BadFile{"metadata that is a list", WithHeader(R"({"__metadata__":[]})", 0), "__metadata__"},
        BadFile{"metadata of numbers", WithHeader(R"({"__metadata__":{"a":1}})", 0), "__metadata__"},
        BadFile{"metadata of objects", WithHeader(R"({"__metadata__":{"a":{}}})", 0), "__metadata__"},
        BadFile{"metadata twice", WithHeader(R"({"__metadata__":{},"__metadata__":{}})", 0), "twice"},
        BadFile{"a name without end", WithHeader("{\"" + std::string(9 << 20, 'a'), 0), "megabytes"},
        BadFile{"too many dimensions", WithHeader(ManyDimensions(), 1), "too long a shape"},
        BadFile{"bytes after the object", WithHeader("{}{}", 0), "not a JSON object"}));

}  // namespace
}  // namespace probesweep
