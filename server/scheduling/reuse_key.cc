#include "server/scheduling/reuse_key.h"

#include "common/digest.h"
#include "common/number_format.h"

namespace probesweep::server {

std::string ReuseKey(const SweepSpec& spec, const Checkpoint& checkpoint, const Dimension& dimension,
                     absl::string_view engine_version, absl::string_view task_id) {
  Sha256 digest;
  digest.UpdateField(checkpoint.identity.empty() ? task_id : absl::string_view(checkpoint.identity));
  digest.UpdateField(spec.model).UpdateField(checkpoint.name).UpdateField(dimension.name);
  digest.UpdateField(dimension.dataset).UpdateField(dimension.dataset_digest);
  digest.UpdateField(FormatDouble(dimension.steering_share)).UpdateField(dimension.group_column);
  digest.UpdateField(dimension.group_rule).UpdateField(spec.recompute);
  digest.UpdateField(spec.analysis.Canonical()).UpdateField(engine_version);
  return digest.Hex();
}

}  // namespace probesweep::server
