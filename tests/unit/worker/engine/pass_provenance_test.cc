// What a pass says its results were computed from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "common/digest.h"
#include "common/version.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/engine/pass_fixture.h"
#include "worker/engine/tokenizer_digest.h"

namespace probesweep::worker {
namespace {

TEST(PassProvenance, NamesTokenizerDatasetConfigurationEngineAndDeviceOfEachDimension) {
  const testing::CheckpointCopy checkpoint;
  PassRequest request = MakeRequest(checkpoint.path(),
                                    {MakeDimension("a", MakeCsv(30, 1)), MakeDimension("b", MakeCsv(30, 2))});
  request.analysis.protocols = {"released"};
  RecordingObserver observer;
  ASSERT_OK(MakeEngine(1)->RunPass(request, observer));
  ASSERT_OK_AND_ASSIGN(const std::string tokenizer, TokenizerDigest(checkpoint.path()));
  for (const int index : {0, 1}) {
    ASSERT_OK(observer.dimensions.at(index));
    const Provenance& provenance = observer.dimensions.at(index)->provenance;
    EXPECT_EQ(provenance.tokenizer_digest, tokenizer);
    EXPECT_EQ(provenance.dataset_digest, Sha256Hex(MakeCsv(30, index + 1)));
    EXPECT_EQ(provenance.configuration, request.analysis.Canonical());
    EXPECT_EQ(provenance.engine_version, EngineVersion());
    EXPECT_EQ(provenance.device, "cpu");
    EXPECT_EQ(provenance.dtype, "fp32");
  }
}

class TokenizerDigestTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_.File(name), std::ios::binary) << bytes;
  }
  std::string Digest() {
    const absl::StatusOr<std::string> digest = TokenizerDigest(folder_.path());
    EXPECT_OK(digest);
    return digest.ok() ? *digest : "";
  }

  testing::TempDir folder_;
};

TEST_F(TokenizerDigestTest, IsTakenOverNamesAndBytesOfTheFilesThatAreRead) {
  Write("tokenizer.json", "{}");
  EXPECT_EQ(Digest(), Sha256Hex("14:tokenizer.json2:{}"));
  Write("special_tokens_map.json", "[1]");
  Write("tokenizer_config.json", "");
  const char read[] = "14:tokenizer.json2:{}21:tokenizer_config.json0:23:special_tokens_map.json3:[1]";
  EXPECT_EQ(Digest(), Sha256Hex(read));
  Write("vocab.json", "not read beside tokenizer.json");
  Write("tokenizer.model", "nor is this");
  Write("config.json", "nor this");
  EXPECT_EQ(Digest(), Sha256Hex(read));
}

TEST_F(TokenizerDigestTest, KnowsTheOlderFiles) {
  Write("vocab.json", "{\"a\":0}");
  Write("merges.txt", "a b");
  EXPECT_EQ(Digest(), Sha256Hex("10:vocab.json7:{\"a\":0}10:merges.txt3:a b"));
  Write("tokenizer.model", "m");
  EXPECT_EQ(Digest(), Sha256Hex("15:tokenizer.model1:m"));
}

TEST_F(TokenizerDigestTest, WithoutATokenizerThereIsNone) {
  Write("tokenizer_config.json", "{}");
  EXPECT_STATUS(TokenizerDigest(folder_.path()), kNotFound, folder_.path());
}

}  // namespace
}  // namespace probesweep::worker
