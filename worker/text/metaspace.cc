#include "worker/text/metaspace.h"

#include "absl/strings/str_cat.h"
#include "common/status.h"
#include "common/unicode.h"

namespace probesweep::worker {
namespace {

absl::StatusOr<Metaspace::Prepend> ReadPrepend(const Component& component) {
  Metaspace::Prepend prepend = Metaspace::Prepend::kAlways;
  if (component.Has("prepend_scheme")) {
    PS_ASSIGN_OR_RETURN(const std::string scheme, component.String("prepend_scheme"));
    if (scheme == "first") {
      prepend = Metaspace::Prepend::kFirst;
    } else if (scheme == "never") {
      prepend = Metaspace::Prepend::kNever;
    } else if (scheme != "always") {
      return component.NotImplemented(absl::StrCat("prepend_scheme \"", scheme, "\""));
    }
  }
  // The older field may only say again what the newer one says.
  PS_ASSIGN_OR_RETURN(const bool add_prefix_space, component.BoolOr("add_prefix_space", true));
  if (!add_prefix_space && prepend != Metaspace::Prepend::kNever) {
    return component.Invalid("\"add_prefix_space\" contradicts \"prepend_scheme\"");
  }
  return prepend;
}

}  // namespace

absl::StatusOr<Metaspace> Metaspace::Read(const Component& component) {
  Metaspace metaspace;
  PS_ASSIGN_OR_RETURN(const char32_t replacement, component.Character("replacement"));
  AppendUtf8(replacement, &metaspace.replacement);
  PS_ASSIGN_OR_RETURN(metaspace.prepend, ReadPrepend(component));
  PS_ASSIGN_OR_RETURN(metaspace.split, component.BoolOr("split", true));
  return metaspace;
}

}  // namespace probesweep::worker
