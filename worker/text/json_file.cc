#include "worker/text/json_file.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/json_extent.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr int kMaxNesting = 64;

// Of a long file, as many bytes as a value has at the least on average. Those of vocabularies and merges have
// more; lists of digits or of nothing, which have less, would take ten times their bytes in memory.
constexpr size_t kLongFileValues = 100'000;
constexpr size_t kLeastValueBytes = 4;

}  // namespace

absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text, absl::string_view name) {
  const JsonExtent extent = MeasureJson(text);
  const bool nests_too_deeply = extent.depth > kMaxNesting;
  if (nests_too_deeply ||
      (extent.values > kLongFileValues && extent.values > extent.bytes / kLeastValueBytes)) {
    return absl::InvalidArgumentError(absl::StrCat(
        name,
        nests_too_deeply ? absl::StrCat(" nests lists or objects more than ", kMaxNesting, " deep")
                         : absl::StrCat(" holds ", extent.values, " values in ", extent.bytes, " bytes"),
        "; the file is damaged or not a tokenizer: copy it again"));
  }
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is not JSON: ", Printable(error.what(), 400),
                                                   "; the file is damaged: copy it again"));
  }
}

absl::StatusOr<nlohmann::json> ReadJsonFile(const std::string& path) {
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxTokenizerFileBytes));
  return ParseJson(text, path);
}

}  // namespace probesweep::worker
