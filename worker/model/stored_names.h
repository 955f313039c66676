#ifndef PROBESWEEP_WORKER_MODEL_STORED_NAMES_H_
#define PROBESWEEP_WORKER_MODEL_STORED_NAMES_H_

#include <initializer_list>
#include <string>

#include "worker/checkpoint/weight_source.h"

namespace probesweep::worker {

// What stands before a model's names in this checkpoint: a model that was saved without its head has another
// prefix, or none. The first of `prefixes` under which `tensor` is there, otherwise the first: an error then
// names the usual tensor.
std::string StoredPrefix(const WeightSource& weights, std::initializer_list<const char*> prefixes,
                         const std::string& tensor);

// The unembedding's name without ".weight": lm_head where it is stored, as transformers 5 does even when the
// configuration calls it tied; otherwise, when it is tied, `embedding`.
std::string UnembeddingName(const WeightSource& weights, bool tied, const std::string& embedding);

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_MODEL_STORED_NAMES_H_
