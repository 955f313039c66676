#include "worker/exec/torch_boundary.h"

#include <ATen/ATen.h>

#include <exception>
#include <new>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace probesweep::worker {
namespace {

constexpr char kOutOfMemory[] =
    "out of memory; give the worker more, or use a smaller dataset: the kernels of mutual information need "
    "rows² × 8 bytes, several times";

}  // namespace

absl::Status RunTorch(absl::FunctionRef<absl::Status()> work) {
  try {
    const c10::InferenceMode no_gradients;
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(kOutOfMemory);
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    for (const char* sign : {"can't allocate memory", "not enough memory", "out of memory"}) {
      if (absl::StrContains(text, sign)) return absl::ResourceExhaustedError(kOutOfMemory);
    }
    return absl::InternalError(absl::StrCat("torch: ", text));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("torch: ", error.what()));
  }
}

}  // namespace probesweep::worker
