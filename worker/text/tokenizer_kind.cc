#include "worker/text/tokenizer_kind.h"

#include <nlohmann/json.hpp>

namespace probesweep::worker {
namespace {

using nlohmann::json;

// The text under `key`, or "".
std::string Text(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Whether a component is of `type`, or a sequence with one that is.
bool Holds(const json& component, const char* list, const char* type) {
  if (Text(component, "type") == type) return true;
  if (Text(component, "type") != "Sequence" || !component.contains(list) || !component[list].is_array()) {
    return false;
  }
  for (const json& part : component[list]) {
    if (Text(part, "type") == type) return true;
  }
  return false;
}

json Component(const json& root, const char* name) {
  return root.is_object() ? root.value(name, json()) : json();
}

}  // namespace

std::string TokenizerKind(const json& root) {
  const json model = Component(root, "model");
  const std::string type = Text(model, "type").empty() ? "BPE" : Text(model, "type");
  if (type != "BPE") return type;
  const bool byte_level = Holds(Component(root, "pre_tokenizer"), "pretokenizers", "ByteLevel") ||
                          Holds(Component(root, "normalizer"), "normalizers", "ByteLevel");
  if (byte_level) return "byte-level BPE";
  const auto fallback = model.find("byte_fallback");
  const bool bytes = fallback != model.end() && fallback->is_boolean() && fallback->get<bool>();
  return bytes ? "BPE with byte fallback" : "BPE";
}

}  // namespace probesweep::worker
