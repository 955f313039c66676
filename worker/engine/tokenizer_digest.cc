#include "worker/engine/tokenizer_digest.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status.h"
#include "worker/text/json_file.h"

namespace probesweep::worker {
namespace {

// Adds the file if it is there, and says whether it is.
absl::StatusOr<bool> AddFile(const std::string& folder, const char* name, Sha256& digest) {
  const absl::StatusOr<std::string> bytes = ReadFile(absl::StrCat(folder, "/", name), kMaxTokenizerFileBytes);
  if (absl::IsNotFound(bytes.status())) return false;
  PS_RETURN_IF_ERROR(bytes.status());
  digest.UpdateField(name).UpdateField(*bytes);
  return true;
}

}  // namespace

absl::StatusOr<std::string> TokenizerDigest(const std::string& folder) {
  Sha256 digest;
  bool found = false;
  for (const char* name : {"tokenizer.json", "tokenizer.model", "vocab.json"}) {
    PS_ASSIGN_OR_RETURN(found, AddFile(folder, name, digest));
    if (!found) continue;
    if (absl::string_view(name) == "vocab.json") {
      PS_RETURN_IF_ERROR(AddFile(folder, "merges.txt", digest).status());
    }
    break;
  }
  if (!found) return absl::NotFoundError(absl::StrCat("no tokenizer in ", folder));
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"}) {
    PS_RETURN_IF_ERROR(AddFile(folder, name, digest).status());
  }
  return digest.Hex();
}

}  // namespace probesweep::worker
