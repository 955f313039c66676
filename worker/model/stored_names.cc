#include "worker/model/stored_names.h"

namespace probesweep::worker {

std::string StoredPrefix(const WeightSource& weights, std::initializer_list<const char*> prefixes,
                         const std::string& tensor) {
  for (const char* prefix : prefixes) {
    if (weights.Has(prefix + tensor)) return prefix;
  }
  return *prefixes.begin();
}

std::string UnembeddingName(const WeightSource& weights, bool tied, const std::string& embedding) {
  return tied && !weights.Has("lm_head.weight") ? embedding : "lm_head";
}

}  // namespace probesweep::worker
