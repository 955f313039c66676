// The released datasets, read as pandas.read_csv reads them. Digests made by:
//
//   import pandas as pd, hashlib
//   d = pd.read_csv(file)
//   s = ''.join(f'{l}:{len(t.encode())}:{t}' for t, l in zip(d.statement, d.label))
//   print(len(d), d.label.sum(), hashlib.sha256(s.encode()).hexdigest())
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "dataset/statements.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

struct Expected {
  const char* file;
  size_t rows;
  int ones;
  const char* digest;
};

constexpr Expected kExpected[] = {
    {"confaide.csv", 2346, 1173, "49da08dfaa6b8333bfe00202dde2b4efc2f71f14dc87f9ac3ed74411e5872255"},
    {"sst2.csv", 3642, 1821, "a05cf5a7f3ef7fa5df1c99152f71179840ad21bdf2d7f96b1ab30b6847be8390"},
    {"stereoset.csv", 1952, 976, "7f5c15644bfa52692992348baa783af456a2a8e597a2c8617fcdae80b47260f7"},
    {"toxigen.csv", 6514, 3633, "34a4bc387ad7b6a47cce18b16bc63a700bb16955aa5db7752e84455041fa22c8"},
    {"truthfulqa_train.csv", 2263, 1118, "c15fe6711d37b7f7eb4aaf964210cb4bcd140a90f7ae120b1472b42229da9925"},
};

std::string Digest(const Statements& statements) {
  Sha256 digest;
  for (size_t i = 0; i < statements.texts.size(); ++i) {
    const std::string& text = statements.texts[i];
    digest.Update(absl::StrCat(statements.labels[i], ":", text.size(), ":")).Update(text);
  }
  return digest.Hex();
}

TEST(SharedDatasetsTest, AreReadAsPandasReadsThem) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  for (const Expected& expected : kExpected) {
    SCOPED_TRACE(expected.file);
    ASSERT_OK_AND_ASSIGN(const std::string csv,
                         ReadFile(testing::SharedData() + "/datasets/" + expected.file));
    ASSERT_OK_AND_ASSIGN(const Statements read, ReadStatements(csv, expected.file, {}));
    EXPECT_EQ(read.texts.size(), expected.rows);
    EXPECT_EQ(std::accumulate(read.labels.begin(), read.labels.end(), 0), expected.ones);
    EXPECT_EQ(Digest(read), expected.digest);
  }
}

// Rows by the size of their group, under the rule that the dataset is grouped by.
std::map<int64_t, int64_t> GroupSizes(const char* file, const char* rule, Statements* statements) {
  const absl::StatusOr<std::string> csv = ReadFile(testing::SharedData() + "/datasets/" + file);
  EXPECT_OK(csv);
  absl::StatusOr<Statements> read = ReadStatements(csv.value_or(""), file, {"", rule});
  EXPECT_OK(read);
  if (!read.ok()) return {};
  *statements = *std::move(read);
  std::map<int64_t, int64_t> rows, sizes;
  for (const int64_t group : statements->groups) ++rows[group];
  for (const auto& [group, count] : rows) ++sizes[count];
  return sizes;
}

using Sizes = std::map<int64_t, int64_t>;

TEST(SharedDatasetsTest, Sst2ConsistsOfTwins) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  Statements read;
  EXPECT_EQ(GroupSizes("sst2.csv", "same_text", &read), (Sizes{{2, 1821}}));
  std::vector<int> ones(1821);
  for (size_t row = 0; row < read.labels.size(); ++row) {
    ones[static_cast<size_t>(read.groups[row])] += read.labels[row];
  }
  EXPECT_EQ(std::count(ones.begin(), ones.end(), 1), 1821) << "one is clean, one perturbed";
}

TEST(SharedDatasetsTest, TruthfulQaAsksEachQuestionOfSeveralRows) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  Statements read;
  EXPECT_EQ(GroupSizes("truthfulqa_train.csv", "same_question", &read),
            (Sizes{{2, 3}, {3, 9}, {4, 39}, {5, 80}, {6, 279}}));
}

// The file holds a context's two statements next to each other.
TEST(SharedDatasetsTest, StereoSetsPairsShareTheirContext) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  Statements read;
  const Sizes sizes = GroupSizes("stereoset.csv", "same_context", &read);
  EXPECT_EQ(read.groups.back(), 822) << "823 groups";
  EXPECT_EQ(sizes.rbegin()->first, 26) << "the largest: \"I met a …\", some without a full stop";
  for (size_t row = 0; row < read.groups.size(); row += 2) {
    EXPECT_EQ(read.groups[row], read.groups[row + 1]) << read.texts[row];
    EXPECT_NE(read.labels[row], read.labels[row + 1]);
  }
}

TEST(SharedDatasetsTest, TheRestHoldsDuplicates) {
  if (testing::SharedData().empty()) GTEST_SKIP() << "shared/data is not here";
  Statements read;
  EXPECT_EQ(GroupSizes("confaide.csv", "same_text", &read),
            (Sizes{{1, 2229}, {2, 21}, {3, 9}, {4, 2}, {5, 8}}));
  EXPECT_EQ(GroupSizes("toxigen.csv", "same_text", &read), (Sizes{{1, 6302}, {2, 106}}));
}

}  // namespace
}  // namespace probesweep
