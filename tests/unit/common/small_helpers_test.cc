#include <gtest/gtest.h>

#include "common/addresses.h"
#include "common/analysis_config.h"
#include "common/backoff.h"
#include "common/digest.h"
#include "common/edit_distance.h"
#include "common/file.h"
#include "common/number_format.h"
#include "common/result_columns.h"
#include "common/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep {
namespace {

TEST(Addresses, AreSplitAtCommasAndEmptyOnesLeftOut) {
  EXPECT_EQ(SplitAddresses("a:1, b:2,,"), (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_OK(CheckAddresses({"a:1", "[::1]:7077"}));
  EXPECT_STATUS(CheckAddresses({}), kInvalidArgument, "host:port");
  EXPECT_STATUS(CheckAddresses({"a:1", "b"}), kInvalidArgument, "'b'", "host:port");
}

TEST(Digest, IsSha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, FieldsAreDelimited) {
  EXPECT_NE(Sha256().UpdateField("ab").UpdateField("c").Hex(),
            Sha256().UpdateField("a").UpdateField("bc").Hex());
}

TEST(Digest, OnlyLowerCaseHexIsADigest) {
  EXPECT_TRUE(IsDigest(Sha256Hex("")));
  EXPECT_FALSE(IsDigest("../../etc/passwd"));
  EXPECT_FALSE(IsDigest(std::string(64, 'G')));
}

TEST(EditDistance, CountsASwapAsOne) {
  EXPECT_EQ(EditDistance("checkpionts", "checkpoints"), 1);
  EXPECT_EQ(EditDistance("", "abc"), 3);
}

TEST(EditDistance, OffersTheNearestNameOrNone) {
  EXPECT_EQ(NearestName("dimenions", {"dimensions", "checkpoints"}), "dimensions");
  EXPECT_EQ(NearestName("zzz", {"dimensions", "checkpoints"}), "");
}

TEST(NumberFormat, ReadsBackExactly) {
  EXPECT_EQ(FormatDouble(0.1), "0.1");
  EXPECT_EQ(FormatDouble(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(FormatDouble(5), "5");
}

TEST(NumberFormat, WritesBytesInBinaryUnits) {
  EXPECT_EQ(ByteCount(1023), "1023 B");
  EXPECT_EQ(ByteCount(1536), "1.5 KiB");
  EXPECT_EQ(ByteCount(int64_t{5} << 30), "5.0 GiB");
}

TEST(File, FailedWriteLeavesNothing) {
  testing::TempDir dir;
  EXPECT_STATUS(WriteFileAtomically(dir.File("absent/f"), "x"), kNotFound, "absent");
  ASSERT_OK(WriteFileAtomically(dir.File("f"), "one"));
  ASSERT_OK(WriteFileAtomically(dir.File("f"), "two"));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(dir.File("f")));
  EXPECT_EQ(bytes, "two");
  EXPECT_STATUS(ReadFile(dir.File("f"), 2), kOutOfRange, "larger than 2");
}

class FixedRandom : public RandomSource {
 public:
  uint64_t Next64() override { return value; }
  uint64_t value = 0;
};

TEST(Backoff, GrowsToItsMaximumAndNeverVanishes) {
  FixedRandom random;
  const BackoffOptions options;
  EXPECT_EQ(BackoffDelay(options, 1, random), options.initial / 2);
  EXPECT_EQ(BackoffDelay(options, 3, random), options.initial * 2);
  EXPECT_EQ(BackoffDelay(options, 1000, random), options.maximum / 2);
  random.value = UINT64_MAX;
  EXPECT_LE(BackoffDelay(options, 1000, random), options.maximum);
}

TEST(Status, AnnotateKeepsCodeAndPrepends) {
  EXPECT_STATUS(Annotate(absl::NotFoundError("gone"), "loading step5"), kNotFound, "loading step5: gone");
  EXPECT_OK(Annotate(absl::OkStatus(), "x"));
}

TEST(Status, ExitCodes) {
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeFor(absl::InternalError("")), 1);
  EXPECT_EQ(ExitCodeFor(absl::DataLossError("")), 3);
  EXPECT_EQ(ExitCodeFor(absl::UnauthenticatedError("")), 3);
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("")), 4);
}

TEST(AnalysisConfig, RefusesWhatCannotBeComputed) {
  AnalysisConfig config;
  EXPECT_OK(config.Validate());
  config.protocols = {"relesed"};
  EXPECT_STATUS(config.Validate(), kInvalidArgument, "'relesed'", "did you mean 'released'");
  config = AnalysisConfig();
  config.probe_c = 0;
  EXPECT_STATUS(config.Validate(), kInvalidArgument, "analysis.probe_c");
}

TEST(AnalysisConfig, EveryFieldThatChangesResultsChangesTheCanonicalForm) {
  const AnalysisConfig base;
  AnalysisConfig changed = base;
  changed.hsic_sigma = 49;
  EXPECT_NE(base.Canonical(), changed.Canonical());
  changed = base;
  changed.hsic_epsilon = 2e-5;
  EXPECT_NE(base.Canonical(), changed.Canonical());
  changed = base;
  changed.probe_c = 2;
  EXPECT_NE(base.Canonical(), changed.Canonical());
}

TEST(ResultColumns, NamesAreUnique) {
  std::map<std::string, int> count;
  for (const ResultColumn& column : ResultColumns()) ++count[column.name];
  for (const auto& [name, times] : count) EXPECT_EQ(times, 1) << name;
}

}  // namespace
}  // namespace probesweep
