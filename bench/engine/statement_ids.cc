#include "bench/engine/statement_ids.h"

#include <filesystem>
#include <memory>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/file.h"
#include "common/status.h"
#include "dataset/statements.h"
#include "worker/inspect/json_lines.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

std::string NameOf(const std::string& path) { return std::filesystem::path(path).stem().string(); }

}  // namespace

int64_t Dataset::tokens() const {
  int64_t sum = 0;
  for (const std::vector<int64_t>& statement : ids) sum += static_cast<int64_t>(statement.size());
  return sum;
}

int64_t Dataset::distinct_statements() const {
  return static_cast<int64_t>(std::set<std::vector<int64_t>>(ids.begin(), ids.end()).size());
}

absl::StatusOr<Dataset> TokenizeDataset(const std::string& csv_path, const std::string& checkpoint,
                                        int threads) {
  Dataset dataset;
  dataset.name = NameOf(csv_path);
  PS_ASSIGN_OR_RETURN(dataset.csv, ReadFile(csv_path));
  PS_ASSIGN_OR_RETURN(const Statements statements, ReadStatements(dataset.csv, dataset.name, Grouping{}));
  dataset.labels = statements.labels;
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer, Tokenizer::Open(checkpoint));
  for (absl::StatusOr<TokenIds>& ids : tokenizer->EncodeBatch(statements.texts, threads)) {
    if (!ids.ok())
      return Annotate(ids.status(), absl::StrCat(csv_path, ", statement ", dataset.ids.size() + 1));
    dataset.ids.push_back(*std::move(ids));
  }
  return dataset;
}

absl::StatusOr<Dataset> ReadIds(const std::string& path) {
  Dataset dataset;
  dataset.name = NameOf(path);
  PS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::istringstream lines(text);
  PS_RETURN_IF_ERROR(ReadPrompts(lines, path, [&](const Prompt& prompt, const std::string& where) {
    if (!prompt.has_ids) return absl::InvalidArgumentError(absl::StrCat(where, ": there is no \"ids\""));
    dataset.ids.push_back(prompt.ids);
    return absl::OkStatus();
  }));
  if (dataset.ids.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " holds no statement"));
  return dataset;
}

absl::Status WriteIds(const std::vector<Dataset>& datasets, const std::string& folder) {
  PS_RETURN_IF_ERROR(MakeFolders(folder));
  for (const Dataset& dataset : datasets) {
    std::string lines;
    for (size_t i = 0; i < dataset.ids.size(); ++i) {
      absl::StrAppend(&lines, "{\"ids\":[", absl::StrJoin(dataset.ids[i], ","), "]");
      if (!dataset.labels.empty()) absl::StrAppend(&lines, ",\"label\":", dataset.labels[i]);
      absl::StrAppend(&lines, "}\n");
    }
    PS_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/", dataset.name, ".jsonl"), lines));
  }
  return absl::OkStatus();
}

}  // namespace probesweep::worker
