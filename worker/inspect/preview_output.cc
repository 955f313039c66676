#include "worker/inspect/preview_output.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/number_format.h"

namespace probesweep::worker {
namespace {

using nlohmann::ordered_json;

// The items of the plan, by the names that scripts see.
std::vector<std::pair<const char*, int64_t>> Items(const MemoryPlan& memory) {
  return {{"process", memory.process},
          {"embedding", memory.embedding},
          {"first_block", memory.first_block},
          {"weights", memory.weights},
          {"residual_stream", memory.residual_stream},
          {"representations", memory.representations},
          {"kept", memory.kept},
          {"activations", memory.activations},
          {"analysis", memory.analysis},
          {"working", memory.working}};
}

// "12.3 TFLOP".
std::string FlopText(double flops, const char* unit) {
  const std::pair<double, const char*> sizes[] = {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}};
  for (const auto& [size, prefix] : sizes) {
    if (flops >= size) return absl::StrFormat("%.3g %s%s", flops / size, prefix, unit);
  }
  return absl::StrFormat("%.3g %s", flops, unit);
}

std::string SecondsText(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  return seconds < 100 ? absl::StrFormat("%.3g s", seconds) : absl::StrFormat("%.0f s", seconds);
}

std::string MemoryText(const MemoryPlan& memory) {
  return absl::StrCat(ByteCount(memory.peak()), " at most: process ", ByteCount(memory.process), ", weights ",
                      ByteCount(memory.weights), " (embedding before them ", ByteCount(memory.embedding),
                      "), residual stream ", ByteCount(memory.residual_stream), ", representations ",
                      ByteCount(memory.representations), ", kept of layer 0 ", ByteCount(memory.kept),
                      ", under way ", ByteCount(memory.working), " (chunks alone ",
                      ByteCount(memory.activations), ", analyses alone ", ByteCount(memory.analysis), ")");
}

std::string TimeText(const PassPreview& preview) {
  const PassTimes& times = preview.times;
  return absl::StrCat("about ", SecondsText(times.pass), " on ", preview.plan.threads,
                      preview.plan.threads == 1 ? " core" : " cores", ": load ", SecondsText(times.load),
                      " beside the rest, tokenize ", SecondsText(times.tokenize), ", forward ",
                      SecondsText(times.forward), " and analysis ", SecondsText(times.analyse),
                      " of all cores together");
}

ordered_json DimensionJson(const PlannedDimension& dimension) {
  return {{"name", dimension.name},
          {"statements", dimension.statements},
          {"distinct", dimension.distinct},
          {"tokens", dimension.tokens},
          {"rows", dimension.rows}};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> PreviewLines(const PassPreview& preview) {
  const PassPlan& plan = preview.plan;
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back(
      "plan", absl::StrCat("reads ", ByteCount(plan.bytes_to_read), "; ", plan.statements, " statements, ",
                           plan.tokens, " tokens, ", plan.rows, " after sharing"));
  for (const PlannedDimension& dimension : preview.dimensions) {
    lines.emplace_back("  dimension",
                       absl::StrCat(dimension.name, ": ", dimension.statements, " statements, ",
                                    dimension.tokens, " tokens, ", dimension.rows, " after sharing"));
  }
  lines.emplace_back("  compute", absl::StrCat(FlopText(plan.product_flops, "FLOP"), " in products, ",
                                               FlopText(plan.attention_flops, "FLOP"), " in attention"));
  lines.emplace_back("  memory", MemoryText(plan.memory));
  lines.emplace_back("  time", TimeText(preview));
  lines.emplace_back("  rates", absl::StrCat(FlopText(preview.rates.sgemm, "FLOP/s"),
                                             " sgemm a core, reading ", FlopText(preview.rates.read, "B/s")));
  return lines;
}

ordered_json PreviewJson(const PassPreview& preview) {
  const PassPlan& plan = preview.plan;
  ordered_json dimensions = ordered_json::array();
  for (const PlannedDimension& dimension : preview.dimensions) dimensions.push_back(DimensionJson(dimension));
  ordered_json memory = ordered_json::object();
  for (const auto& [name, bytes] : Items(plan.memory)) memory[name] = bytes;
  memory["peak"] = plan.memory.peak();
  const auto seconds = [](absl::Duration duration) { return absl::ToDoubleSeconds(duration); };
  const PassTimes& times = preview.times;
  return {{"bytes_to_read", plan.bytes_to_read},
          {"statements", plan.statements},
          {"tokens", plan.tokens},
          {"rows", plan.rows},
          {"dimensions", dimensions},
          {"flops", {{"products", plan.product_flops}, {"attention", plan.attention_flops}}},
          {"memory_bytes", memory},
          {"threads", plan.threads},
          {"seconds",
           {{"load", seconds(times.load)},
            {"tokenize", seconds(times.tokenize)},
            {"forward_cores", seconds(times.forward)},
            {"analyse_cores", seconds(times.analyse)},
            {"pass", seconds(times.pass)}}},
          {"rates", {{"sgemm", preview.rates.sgemm}, {"read", preview.rates.read}}}};
}

}  // namespace probesweep::worker
