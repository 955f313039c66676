// What a pass tells of itself, and how that is shown beside its plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/worker/engine/pass_fixture.h"
#include "worker/engine/pass_summary.h"

namespace probesweep::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PassStatisticsTest, APassReadsAndComputesWhatItsPlanSays) {
  const testing::CheckpointCopy checkpoint("llama");
  RecordingObserver observer;
  PassRequest request = MakeRequest(checkpoint.path(),
                                    {MakeDimension("a", MakeCsv(60, 1)), MakeDimension("b", MakeCsv(40, 2))});
  request.analysis.protocols = {"released"};
  ASSERT_OK_AND_ASSIGN(const PassStatistics statistics, MakeEngine(2)->RunPass(request, observer));
  EXPECT_EQ(statistics.plan.bytes_to_read, statistics.bytes_read);
  EXPECT_EQ(statistics.plan.rows, statistics.tokens);
  EXPECT_GT(statistics.plan.tokens, statistics.plan.rows);
  EXPECT_EQ(statistics.plan.statements, 100);
  EXPECT_EQ(statistics.plan.threads, 2);
  EXPECT_GT(statistics.plan.memory.process, 0);
  EXPECT_GE(statistics.peak_bytes, statistics.plan.memory.process);
  EXPECT_GE(statistics.pass, statistics.tokenize);
  EXPECT_GT(statistics.read, absl::ZeroDuration());
  EXPECT_EQ(statistics.sgemm_rate, 0) << "too short a pass to measure behind";
}

PassStatistics AnHour() {
  PassStatistics statistics;
  statistics.load = absl::Seconds(10);  // the rest was read beside the computing
  statistics.read = absl::Seconds(5000);
  statistics.forward = absl::Seconds(4000);
  statistics.analyse = absl::Seconds(2000);
  statistics.pass = absl::Seconds(3600);
  statistics.bytes_read = statistics.plan.bytes_to_read = 1000;
  statistics.plan.threads = 2;
  statistics.plan.rows = 70;
  statistics.plan.product_flops = 3000e9;
  statistics.plan.attention_flops = 400e9;
  return statistics;
}

TEST(PassSummaryTest, SetsTheEstimateBesideWhatHappened) {
  PassStatistics statistics = AnHour();
  statistics.sgemm_rate = 1e9;
  statistics.peak_bytes = int64_t{3} << 30;
  statistics.plan.memory.process = int64_t{2} << 30;
  // 3400 seconds of products at 0.85 of the rate are 4000, on two cores 2000; reading takes longer.
  EXPECT_EQ(PassSummary(statistics),
            "took 3600 s (expected 5000 s), forward at 85 % of sgemm, peak 3.0 GiB (planned 2.0 GiB)");
  const std::string fields = PassFields("step 7", statistics);
  for (const char* field :
       {" | checkpoint=\"step 7\" read_bytes=1000 ", " rows=70 flop=3.4e+12 load_s=10 read_s=5000 ",
        " forward_core_s=4000 expected_forward_core_s=4000 analyse_core_s=2000 expected_analyse_core_s=0 ",
        " pass_s=3600 expected_pass_s=5000 sgemm_share=0.85 peak_bytes=3221225472 "
        "planned_bytes=2147483648"}) {
    EXPECT_THAT(fields, HasSubstr(field));
  }
}

TEST(PassSummaryTest, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(PassSummary(AnHour()), "took 3600 s");
  EXPECT_THAT(PassFields("c", AnHour()), Not(HasSubstr("expected")));
  EXPECT_THAT(PassFields("c", AnHour()), Not(HasSubstr("sgemm_share")));
}

}  // namespace
}  // namespace probesweep::worker
