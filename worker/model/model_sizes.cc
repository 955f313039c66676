#include "worker/model/model_sizes.h"

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {

absl::StatusOr<ModelSizes> ReadModelSizes(const ConfigFile& file, const SizeFields& fields) {
  ModelSizes sizes;
  PS_ASSIGN_OR_RETURN(sizes.layers, file.Size(fields.layers));
  PS_ASSIGN_OR_RETURN(sizes.hidden, file.Size(fields.hidden));
  PS_ASSIGN_OR_RETURN(sizes.heads, file.Size(fields.heads));
  PS_ASSIGN_OR_RETURN(sizes.vocab, file.Size({"vocab_size"}));
  if (sizes.hidden % sizes.heads != 0) {
    return file.Invalid(*fields.hidden.begin(),
                        absl::StrCat("is ", sizes.hidden, ", no multiple of the ", sizes.heads, " heads of `",
                                     *fields.heads.begin(), "`"));
  }
  sizes.key_value_heads = sizes.heads;
  sizes.head_dim = sizes.hidden / sizes.heads;
  return sizes;
}

absl::StatusOr<ModelSizes> ReadModelSizes(const ConfigFile& file) {
  return ReadModelSizes(file, {{"num_hidden_layers"}, {"hidden_size"}, {"num_attention_heads"}});
}

absl::Status ReadKeyValueHeads(const ConfigFile& file, const char* field, int64_t otherwise,
                               ModelSizes& sizes) {
  PS_ASSIGN_OR_RETURN(sizes.key_value_heads, SizeOr(file, {field}, otherwise));
  if (sizes.heads % sizes.key_value_heads == 0) return absl::OkStatus();
  return file.Invalid(field, absl::StrCat("is ", sizes.key_value_heads, ", no divisor of the ", sizes.heads,
                                          " heads of `num_attention_heads`"));
}

absl::Status RefuseOtherHeadDim(const ConfigFile& file, const ModelSizes& sizes) {
  PS_ASSIGN_OR_RETURN(const int64_t other, SizeOr(file, {"head_dim"}, sizes.head_dim));
  if (other == sizes.head_dim) return absl::OkStatus();
  return file.NotImplemented("head_dim", absl::StrCat(other),
                             absl::StrCat(sizes.head_dim, ", the hidden size by the heads"));
}

absl::StatusOr<int64_t> SizeOr(const ConfigFile& file, ConfigFile::Spellings field, int64_t otherwise) {
  if (!file.Has(field)) return otherwise;
  return file.Size(field);
}

}  // namespace probesweep::worker
