// The statements of a benchmark as token ids.
#ifndef PROBESWEEP_BENCH_ENGINE_STATEMENT_IDS_H_
#define PROBESWEEP_BENCH_ENGINE_STATEMENT_IDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace probesweep::worker {

struct Dataset {
  std::string name;  // the file's, without its ending
  std::string csv;   // its bytes; empty where ids came from a file
  std::vector<std::vector<int64_t>> ids;
  std::vector<int> labels;  // none where ids came from a file

  int64_t tokens() const;
  // Statements of one token sequence count once.
  int64_t distinct_statements() const;
};

// A CSV with the columns statement and label, tokenized by a checkpoint's tokenizer. Errors: those of reading
// and tokenizing, naming file and statement.
absl::StatusOr<Dataset> TokenizeDataset(const std::string& csv_path, const std::string& checkpoint,
                                        int threads);

// JSON lines, {"ids": […]}. Errors: those of reading, naming the line.
absl::StatusOr<Dataset> ReadIds(const std::string& path);

// Writes <folder>/<name>.jsonl for each dataset: {"ids": […], "label": 0} lines. Errors: those of writing.
absl::Status WriteIds(const std::vector<Dataset>& datasets, const std::string& folder);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_BENCH_ENGINE_STATEMENT_IDS_H_
