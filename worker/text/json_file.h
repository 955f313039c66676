// JSON files that anyone may have written.
#ifndef PROBESWEEP_WORKER_TEXT_JSON_FILE_H_
#define PROBESWEEP_WORKER_TEXT_JSON_FILE_H_

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep::worker {

// The largest tokenizer files that are published have 35 MB.
inline constexpr uint64_t kMaxTokenizerFileBytes = uint64_t{1} << 28;

// What the tree of any JSON file may take in memory, however small the file.
inline constexpr uint64_t kSmallTreeBytes = uint64_t{8} << 20;

// `name` stands for the file in messages. Errors: INVALID_ARGUMENT (not JSON; nested more than 64 deep, or so
// many values of hardly a byte that their tree would take much more memory than the file's size).
absl::StatusOr<nlohmann::json> ParseJson(absl::string_view text, absl::string_view name);

// Errors: as ReadFile and ParseJson.
absl::StatusOr<nlohmann::json> ReadJsonFile(const std::string& path);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_JSON_FILE_H_
