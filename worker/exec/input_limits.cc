#include "worker/exec/input_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {

absl::Status CheckTokenIds(const Model& model, const std::vector<int64_t>& ids) {
  const auto [least, largest] = std::minmax_element(ids.begin(), ids.end());
  if (ids.empty() || (*least >= 0 && *largest < model.vocab_size())) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("token id ", *least < 0 ? *least : *largest,
                   " is out of range: the model has embeddings for ", model.vocab_size(),
                   " tokens; tokenizer.json (or the ids given) is another model's, or "
                   "knows tokens that the model does not: leave them out"));
}

absl::Status CheckPositions(const Model& model, int64_t needed, absl::string_view what,
                            absl::string_view remedy) {
  if (model.max_positions() == 0 || needed <= model.max_positions()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      what, " need ", needed, " positions, and the model has learned ", model.max_positions(), "; ", remedy));
}

}  // namespace probesweep::worker
