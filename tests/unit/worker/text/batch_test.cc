// EncodeBatch gives what Encode gives, whatever the number of threads.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

std::vector<std::string> Texts(int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(absl::StrCat("text ", i, " of many, caf\u00e9 ", i % 7));
  return texts;
}

class BatchTest : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(tokenizer_,
                         Tokenizer::Open(testing::SourceDir() + "/deploy/demo/checkpoints/step0"));
  }

  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_P(BatchTest, EqualsOneByOne) {
  const std::vector<std::string> texts = Texts(1003);
  const auto results = tokenizer_->EncodeBatch(texts, GetParam());
  ASSERT_EQ(results.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    ASSERT_OK(results[i]);
    ASSERT_EQ(*results[i], tokenizer_->Encode(texts[i]).value()) << texts[i];
  }
}

TEST_P(BatchTest, NothingIsGivenBehindAnError) {
  std::vector<std::string> texts = Texts(500);
  texts[199] = std::string(1 << 18, 'a');  // while this is encoded, other threads go ahead
  texts[200] = "\xFF";
  texts[203] = "\xFF";
  const auto results = tokenizer_->EncodeBatch(texts, GetParam());
  for (size_t i = 0; i < texts.size(); ++i) {
    const absl::StatusCode expected = i < 200    ? absl::StatusCode::kOk
                                      : i == 200 ? absl::StatusCode::kInvalidArgument
                                                 : absl::StatusCode::kCancelled;
    ASSERT_EQ(results[i].status().code(), expected) << i;
  }
}

TEST_P(BatchTest, TakesAnyNumberOfTexts) {
  for (const int count : {0, 1, 15, 16, 17}) {
    EXPECT_EQ(tokenizer_->EncodeBatch(Texts(count), GetParam()).size(), static_cast<size_t>(count));
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, BatchTest, ::testing::Values(0, 1, 2, 3, 16));

}  // namespace
}  // namespace probesweep::worker
