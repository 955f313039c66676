// Byte strings as Python writes them out: b'it\'s'.
#ifndef PROBESWEEP_DATASET_IMPORT_PYTHON_BYTES_H_
#define PROBESWEEP_DATASET_IMPORT_PYTHON_BYTES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace probesweep {

// Whether `text` begins with b' or b" and ends with the same quote.
bool IsPythonBytes(absl::string_view text);

// The text that `literal`, for which IsPythonBytes holds, stands for. Errors: INVALID_ARGUMENT when it is
// none that Python writes (a quote or an escape that repr() does not make) or the bytes are not UTF-8.
absl::StatusOr<std::string> DecodePythonBytes(absl::string_view literal);

}  // namespace probesweep

#endif  // PROBESWEEP_DATASET_IMPORT_PYTHON_BYTES_H_
