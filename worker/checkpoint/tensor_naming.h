// How a model's tensors are named, and under which other names repositories store them.
#ifndef PROBESWEEP_WORKER_CHECKPOINT_TENSOR_NAMING_H_
#define PROBESWEEP_WORKER_CHECKPOINT_TENSOR_NAMING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace probesweep::worker {

// Where a tensor is stored: `rows` rows of the stored tensor `name` from `first_row` on. A row is all that
// shares the indices before the last dimension: an element of a vector, a line of a matrix; the matrices of a
// stack follow one another.
struct StoredPart {
  std::string name;
  int64_t first_row = 0;
  int64_t rows = -1;  // −1: the whole tensor, in its own shape
};

// Canonical names are those of transformers' model with its head.
struct TensorNaming {
  // What stands before the names of all but the head: "gpt_neox.", "model.", "transformer.". Repositories of
  // the bare model leave it out; transformers then adds it, and takes it away where it stands before the
  // head.
  std::string base_prefix;
  // Full names, ".weight" included.
  std::string embedding, unembedding;
  // tie_word_embeddings: where only one of the two is stored, it is both.
  bool tied = false;
  // Ends of names, in whole words between dots, of buffers that older repositories hold and no arithmetic
  // reads: "attention.masked_bias", "rotary_emb.inv_freq".
  std::vector<std::string> unused_suffixes;
  // Canonical name → where it is stored, when it is not under its own. Two canonical names may share a part.
  std::map<std::string, StoredPart> stored_parts;
};

}  // namespace probesweep::worker

#endif  // PROBESWEEP_WORKER_CHECKPOINT_TENSOR_NAMING_H_
