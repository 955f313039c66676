#ifndef PROBESWEEP_COMMON_JSON_EXTENT_H_
#define PROBESWEEP_COMMON_JSON_EXTENT_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace probesweep {

// What a JSON text would make of memory as a tree, found before there is one: a few bytes of brackets or of
// numbers take ten to a hundred times as much. Text that is not JSON may be counted wrongly: the parser
// refuses it anyway.
struct JsonExtent {
  int depth = 0;      // of lists and objects within one another
  size_t values = 0;  // at least as many as the tree would have
  size_t bytes = 0;   // without white space between values
};
JsonExtent MeasureJson(absl::string_view text);

}  // namespace probesweep

#endif  // PROBESWEEP_COMMON_JSON_EXTENT_H_
