#ifndef PROBESWEEP_WORKER_TEXT_TOKENIZER_SOURCE_H_
#define PROBESWEEP_WORKER_TEXT_TOKENIZER_SOURCE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "worker/text/merge_list.h"
#include "worker/text/vocabulary.h"

namespace probesweep::worker {

// A tokenizer in the terms of tokenizer.json, whatever files it came from.
struct TokenizerSource {
  // The vocabulary and the merges, which are nearly all of such a file, are not in it: `vocab` and `merges`
  // of `model` are the empty object and the empty list. Where they are of another kind, they are as in the
  // file, but lists and objects are empty.
  nlohmann::json json;
  Vocabulary vocabulary;
  MergeList merges;
  std::string name;  // the file that messages name
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_TEXT_TOKENIZER_SOURCE_H_
