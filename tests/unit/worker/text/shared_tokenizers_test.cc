// Real tokenizers that may not be copied into the project.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"
#include "tests/unit/worker/text/json_lines.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

using Ids = std::vector<int64_t>;

class SharedTokenizersTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SharedTokenizersTest, GiveHuggingFacesIdsAndText) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  const std::string folder = testing::SharedData() + "/tokenizers/" + GetParam();
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::Open(folder));
  for (const nlohmann::json& line : ReadJsonLines(folder + "/expected.jsonl")) {
    SCOPED_TRACE(line.dump());
    const auto text = line["text"].get<std::string>();
    ASSERT_OK_AND_ASSIGN(const Ids ids, tokenizer->Encode(text));
    ASSERT_EQ(ids, line["ids"].get<Ids>());
    ASSERT_OK_AND_ASSIGN(const Ids plain, tokenizer->Encode(text, /*add_special_tokens=*/false));
    ASSERT_EQ(plain, line["ids_no_special"].get<Ids>());
    ASSERT_EQ(tokenizer->Decode(plain), line["decoded"].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(All, SharedTokenizersTest,
                         ::testing::Values("gpt_neox", "gpt2_style", "qwen2_style", "llama2"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace probesweep::worker
