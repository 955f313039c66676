#include "worker/exec/input_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace probesweep::worker {

absl::Status CheckTokenIds(const Model& model, const std::vector<int64_t>& ids) {
  const auto [least, largest] = std::minmax_element(ids.begin(), ids.end());
  if (ids.empty() || (*least >= 0 && *largest < model.vocab_size())) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "token id ", *least < 0 ? *least : *largest, " is out of range: the model has embeddings for ",
      model.vocab_size(), " tokens; tokenizer.json (or the ids given) is another model's"));
}

}  // namespace probesweep::worker
