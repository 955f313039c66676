#include "worker/model/activation.h"

#include <ATen/ATen.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

at::Tensor Gelu(at::Tensor x) { return at::gelu_(x, "none"); }
at::Tensor GeluTanh(at::Tensor x) { return at::gelu_(x, "tanh"); }
at::Tensor Relu(at::Tensor x) { return at::relu_(x); }
at::Tensor Silu(at::Tensor x) { return at::silu_(x); }

}  // namespace

absl::StatusOr<Activation> ReadActivation(const ConfigFile& config, ConfigFile::Spellings field,
                                          const char* otherwise) {
  static const auto* const activations = new std::map<std::string, Activation>{
      {"gelu", Gelu}, {"gelu_new", GeluTanh}, {"gelu_fast", GeluTanh}, {"gelu_pytorch_tanh", GeluTanh},
      {"relu", Relu}, {"silu", Silu},         {"swish", Silu},
  };
  PS_ASSIGN_OR_RETURN(const std::string name, config.StringOr(field, otherwise));
  const auto found = activations->find(name);
  if (found != activations->end()) return found->second;
  return config.NotImplemented(*field.begin(), absl::StrCat("'", name, "'"),
                               "gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, relu, silu, swish");
}

}  // namespace probesweep::worker
