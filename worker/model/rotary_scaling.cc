#include "worker/model/rotary_scaling.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status.h"

namespace probesweep::worker {
namespace {

constexpr double kPi = 3.14159265358979323846;

// The fields of a scaling: of the older rope_scaling, which counts where there are both, or rope_parameters.
class ScalingFields {
 public:
  explicit ScalingFields(const ConfigFile& config) : config_(config) {}

  absl::StatusOr<std::string> Type() const {
    return config_.StringOr(
        {"rope_scaling.rope_type", "rope_scaling.type", "rope_parameters.rope_type", "rope_parameters.type"},
        "default");
  }
  bool Has(const std::string& key) const { return config_.Has({Old(key).c_str(), New(key).c_str()}); }
  absl::StatusOr<double> PositiveOr(const std::string& key, double otherwise) const {
    PS_ASSIGN_OR_RETURN(const double value,
                        config_.NumberOr({Old(key).c_str(), New(key).c_str()}, otherwise));
    if (value <= 0) return config_.Invalid(Old(key), absl::StrCat("is ", value, "; it must be above 0"));
    return value;
  }
  absl::StatusOr<double> Positive(const std::string& key) const {
    if (!Has(key)) return config_.Invalid(Old(key), "is missing");
    return PositiveOr(key, 1);
  }
  absl::StatusOr<bool> BoolOr(const std::string& key, bool otherwise) const {
    return config_.BoolOr({Old(key).c_str(), New(key).c_str()}, otherwise);
  }
  absl::StatusOr<double> OriginalPositions() const {
    return config_.Size({"original_max_position_embeddings", "rope_scaling.original_max_position_embeddings",
                         "rope_parameters.original_max_position_embeddings", "max_position_embeddings"});
  }

 private:
  static std::string Old(const std::string& key) { return "rope_scaling." + key; }
  static std::string New(const std::string& key) { return "rope_parameters." + key; }

  const ConfigFile& config_;
};

// Positions divided by a factor.
absl::Status ReadLinear(const ScalingFields& fields, RotaryOptions& options) {
  PS_ASSIGN_OR_RETURN(const double factor, fields.Positive("factor"));
  for (float& frequency : options.frequencies) frequency /= static_cast<float>(factor);
  return absl::OkStatus();
}

absl::Status ReadDynamic(const ConfigFile& config, const ScalingFields& fields, double theta,
                         RotaryOptions& options) {
  options.dynamic = DynamicRotary();
  options.dynamic->theta = theta;
  PS_ASSIGN_OR_RETURN(options.dynamic->factor, fields.Positive("factor"));
  PS_ASSIGN_OR_RETURN(options.dynamic->max_positions, config.Size({"max_position_embeddings"}));
  if (options.dynamic->factor < 1) return config.Invalid("rope_scaling.factor", "must be at least 1");
  if (options.dimensions <= 2) return config.Invalid("head_dim", "leaves one pair, too few for 'dynamic'");
  return absl::OkStatus();
}

// Llama 3.1: long wavelengths are stretched, short ones kept, those between interpolated.
absl::Status ReadLlama3(const ConfigFile& config, const ScalingFields& fields, RotaryOptions& options) {
  PS_ASSIGN_OR_RETURN(const double factor, fields.Positive("factor"));
  PS_ASSIGN_OR_RETURN(const double low, fields.Positive("low_freq_factor"));
  PS_ASSIGN_OR_RETURN(const double high, fields.Positive("high_freq_factor"));
  PS_ASSIGN_OR_RETURN(const double positions, fields.OriginalPositions());
  if (low >= high) {
    return config.Invalid("rope_scaling.high_freq_factor", "must be above `rope_scaling.low_freq_factor`");
  }
  for (float& frequency : options.frequencies) {
    const double wavelength = 2 * kPi / frequency;
    if (wavelength < positions / high) continue;
    const double stretched = frequency / factor;
    const double kept = (positions / wavelength - low) / (high - low);  // share
    const double between = (1 - kept) * stretched + kept * frequency;
    frequency = static_cast<float>(wavelength > positions / low ? stretched : between);
  }
  return absl::OkStatus();
}

double YarnMagnitude(double factor, double weight) {
  return factor <= 1 ? 1 : 0.1 * weight * std::log(factor) + 1;
}

absl::Status ReadYarnMagnitude(const ScalingFields& fields, double factor, RotaryOptions& options) {
  options.magnitude = YarnMagnitude(factor, 1);
  if (fields.Has("attention_factor")) {
    PS_ASSIGN_OR_RETURN(options.magnitude, fields.Positive("attention_factor"));
  } else if (fields.Has("mscale") && fields.Has("mscale_all_dim")) {
    PS_ASSIGN_OR_RETURN(const double above, fields.Positive("mscale"));
    PS_ASSIGN_OR_RETURN(const double below, fields.Positive("mscale_all_dim"));
    options.magnitude = YarnMagnitude(factor, above) / YarnMagnitude(factor, below);
  }
  return absl::OkStatus();
}

// YaRN (Peng et al., arXiv 2309.00071): pairs that turn often are kept, those that turn seldom stretched,
// with a ramp between.
absl::Status ReadYarn(const ConfigFile& config, const ScalingFields& fields, double theta,
                      RotaryOptions& options) {
  if (theta <= 1) return config.Invalid("rope_theta", "must be above 1 for 'yarn'");
  PS_ASSIGN_OR_RETURN(const double positions, fields.OriginalPositions());
  PS_ASSIGN_OR_RETURN(const double fast, fields.PositiveOr("beta_fast", 32));
  PS_ASSIGN_OR_RETURN(const double slow, fields.PositiveOr("beta_slow", 1));
  PS_ASSIGN_OR_RETURN(const bool truncate, fields.BoolOr("truncate", true));
  double factor = 1;
  if (fields.Has("factor")) {
    PS_ASSIGN_OR_RETURN(factor, fields.Positive("factor"));
  } else {
    PS_ASSIGN_OR_RETURN(const double longest, config.Size({"max_position_embeddings"}));
    factor = longest / positions;
  }
  PS_RETURN_IF_ERROR(ReadYarnMagnitude(fields, factor, options));
  // The dimension, as a real number, that turns so many times over the original context.
  const double dimensions = static_cast<double>(options.dimensions);
  const auto dimension = [&](double turns) {
    return dimensions * std::log(positions / (turns * 2 * kPi)) / (2 * std::log(theta));
  };
  const double first = truncate ? std::floor(dimension(fast)) : dimension(fast);
  const double last = truncate ? std::ceil(dimension(slow)) : dimension(slow);
  const double low = std::max(first, 0.0);
  double high = std::min(last, dimensions - 1);
  if (low == high) high += 0.001;  // as in transformers: no division by zero
  for (size_t i = 0; i < options.frequencies.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    const double frequency = options.frequencies[i];
    options.frequencies[i] = static_cast<float>(frequency / factor * ramp + frequency * (1 - ramp));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<float> DynamicFrequencies(const DynamicRotary& dynamic, int64_t dimensions, int64_t length) {
  const double stretch =
      dynamic.factor * static_cast<double>(length) / static_cast<double>(dynamic.max_positions) -
      (dynamic.factor - 1);
  const double exponent = static_cast<double>(dimensions) / static_cast<double>(dimensions - 2);
  return RotaryFrequencies(dynamic.theta * std::pow(stretch, exponent), dimensions);
}

absl::Status ReadRotaryScaling(const ConfigFile& config, double theta, RotaryOptions& options) {
  for (const char* nested : {"rope_parameters.full_attention", "rope_parameters.sliding_attention"}) {
    if (config.Has({nested})) return config.NotImplemented(nested, "set", "one rope for all layers");
  }
  for (const char* object : {"rope_scaling", "rope_parameters"}) {
    if (config.Has({object}) && !config.IsObject(object)) return config.Invalid(object, "must be an object");
  }
  const ScalingFields fields(config);
  PS_ASSIGN_OR_RETURN(const std::string type, fields.Type());
  if (type == "default") return absl::OkStatus();
  if (type == "linear") return ReadLinear(fields, options);
  if (type == "dynamic") return ReadDynamic(config, fields, theta, options);
  if (type == "llama3") return ReadLlama3(config, fields, options);
  if (type == "yarn") return ReadYarn(config, fields, theta, options);
  return config.NotImplemented("rope_scaling.rope_type", absl::StrCat("'", type, "'"),
                               "default, linear, dynamic, llama3, yarn");
}

}  // namespace probesweep::worker
