#include "worker/engine/pass_summary.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/log_fields.h"
#include "common/number_format.h"

namespace probesweep::worker {
namespace {

std::string Seconds(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  return seconds < 100 ? absl::StrFormat("%.3g", seconds) : absl::StrFormat("%.0f", seconds);
}

// Absent while the machine's rates are not known.
std::optional<PassTimes> Expected(const PassStatistics& statistics) {
  if (!(statistics.sgemm_rate > 0) || statistics.read <= absl::ZeroDuration()) return std::nullopt;
  const double read = static_cast<double>(statistics.bytes_read) / absl::ToDoubleSeconds(statistics.read);
  if (!(read > 0)) return std::nullopt;
  return ExpectedTimes(statistics.plan, {statistics.sgemm_rate, read});
}

// Of what the cores could have done in the time that the forward took.
std::optional<double> SgemmShare(const PassStatistics& statistics) {
  const double possible = statistics.sgemm_rate * absl::ToDoubleSeconds(statistics.forward);
  if (!(possible > 0)) return std::nullopt;
  return statistics.plan.forward_flops() / possible;
}

}  // namespace

std::string PassSummary(const PassStatistics& statistics) {
  const std::optional<PassTimes> expected = Expected(statistics);
  std::string text = absl::StrCat("took ", Seconds(statistics.pass), " s");
  if (expected) absl::StrAppend(&text, " (expected ", Seconds(expected->pass), " s)");
  if (const std::optional<double> share = SgemmShare(statistics)) {
    absl::StrAppend(&text, ", forward at ", absl::StrFormat("%.0f", 100 * *share), " % of sgemm");
  }
  if (statistics.peak_bytes == 0) return text;
  absl::StrAppend(&text, ", peak ", ByteCount(statistics.peak_bytes));
  const int64_t planned = statistics.plan.memory.peak();
  return planned == 0 ? text : absl::StrCat(text, " (planned ", ByteCount(planned), ")");
}

std::string PassFields(const std::string& checkpoint, const PassStatistics& statistics) {
  const std::optional<PassTimes> expected = Expected(statistics);
  const auto expected_seconds = [&](absl::Duration PassTimes::*stage) {
    return expected ? Seconds(*expected.*stage) : std::string();
  };
  const std::optional<double> share = SgemmShare(statistics);
  const PassPlan& plan = statistics.plan;
  return LogFields({{"checkpoint", checkpoint},
                    {"read_bytes", statistics.bytes_read},
                    {"statements", statistics.statements},
                    {"tokens", plan.tokens},
                    {"rows", plan.rows},
                    {"flop", absl::StrFormat("%.4g", plan.forward_flops())},
                    {"load_s", Seconds(statistics.load)},
                    {"read_s", Seconds(statistics.read)},
                    {"tokenize_s", Seconds(statistics.tokenize)},
                    {"expected_tokenize_s", expected_seconds(&PassTimes::tokenize)},
                    {"forward_core_s", Seconds(statistics.forward)},
                    {"expected_forward_core_s", expected_seconds(&PassTimes::forward)},
                    {"analyse_core_s", Seconds(statistics.analyse)},
                    {"expected_analyse_core_s", expected_seconds(&PassTimes::analyse)},
                    {"pass_s", Seconds(statistics.pass)},
                    {"expected_pass_s", expected_seconds(&PassTimes::pass)},
                    {"sgemm_share", share ? absl::StrFormat("%.2f", *share) : std::string()},
                    {"peak_bytes", statistics.peak_bytes},
                    {"planned_bytes", plan.memory.peak()}});
}

}  // namespace probesweep::worker
