// The columns of an export, whatever its format.
#ifndef PROBESWEEP_CLIENT_RENDER_EXPORT_COLUMNS_H_
#define PROBESWEEP_CLIENT_RENDER_EXPORT_COLUMNS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/render/export_value.h"
#include "probesweep/v1/resources.pb.h"

namespace probesweep::client {

struct ExportColumn {
  std::string name;
  ColumnType type;  // what every value is, or nothing
  std::function<ExportValue(const v1::ResultRow&)> value;
};

// sweep, model, checkpoint, step, tokens, dimension, dataset, layer, protocol; then ResultColumns(); then
// checkpoint_digest and what else the provenance says: tokenizer_digest, dataset_digest, configuration,
// engine_version, device, dtype.
const std::vector<ExportColumn>& ExportSchema();
// Their names.
std::vector<std::string> ExportColumns();
// Which of the three parts a name belongs to; none for one that this release does not know.
bool IsIdColumn(absl::string_view name);          // sweep … protocol
bool IsValueColumn(absl::string_view name);       // of ResultColumns()
bool IsProvenanceColumn(absl::string_view name);  // checkpoint_digest … dtype

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_RENDER_EXPORT_COLUMNS_H_
