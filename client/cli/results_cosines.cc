#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/analysis/cosine.h"
#include "client/cli/commands.h"
#include "client/cli/cross_question.h"
#include "client/cli/sweep_artifacts.h"
#include "client/render/heatmap.h"
#include "common/printable.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct CosineFlags {
  CrossFlags cross;
  std::string between;
  std::string checkpoint;  // empty: the last one with results
  bool all_checkpoints = false;

  bool between_layers() const { return between == "layers"; }
};

// Where a steering vector is from.
struct Place {
  int checkpoint = 0;
  int layer = 0;
};

// The cosines of one layer's vectors between checkpoints, or of one checkpoint's between layers.
struct CosineMatrix {
  std::vector<Place> places;
  std::vector<std::vector<std::optional<double>>> cosines;
  size_t hidden = 0;  // 0: there is no vector
};

// The vector at a place; empty where there is none.
absl::StatusOr<std::vector<float>> ReadVector(const CrossQuestion& question, SweepArtifacts& artifacts,
                                              const Place& place) {
  const std::string& checkpoint = question.checkpoint(place.checkpoint).name();
  PS_ASSIGN_OR_RETURN(const std::optional<ArtifactFile> file,
                      artifacts.Fetch("steering_vectors", checkpoint));
  const std::string tensor = absl::StrCat(question.grid().protocol, ".layer_", place.layer);
  if (!file || !file->Has(tensor)) return std::vector<float>();
  return file->Floats(tensor);
}

absl::StatusOr<CosineMatrix> Compare(const CrossQuestion& question, SweepArtifacts& artifacts,
                                     std::vector<Place> places) {
  CosineMatrix matrix;
  std::vector<std::vector<float>> vectors;
  for (const Place& place : places) {
    PS_ASSIGN_OR_RETURN(std::vector<float> vector, ReadVector(question, artifacts, place));
    matrix.hidden = std::max(matrix.hidden, vector.size());
    vectors.push_back(std::move(vector));
  }
  matrix.cosines = Cosines(vectors);
  matrix.places = std::move(places);
  return matrix;
}

absl::StatusOr<std::vector<int>> ChosenCheckpoints(const CosineFlags& flags, const CrossQuestion& question) {
  std::vector<int> all;
  for (int i = 0; i < question.checkpoints(); ++i) {
    if (question.checkpoint(i).name() == flags.checkpoint) return std::vector<int>{i};
    all.push_back(i);
  }
  if (flags.all_checkpoints) return all;
  if (flags.checkpoint.empty()) return std::vector<int>{LastCheckpoint(question)};
  return absl::InvalidArgumentError(absl::StrCat("no checkpoint '", flags.checkpoint,
                                                 "' in the sweep; `probesweep sweep get ",
                                                 question.results.sweep.id(), " --tasks` shows them"));
}

absl::Status CheckFlags(const CosineFlags& flags) {
  if (flags.between_layers() && (flags.cross.layer || flags.cross.all_layers)) {
    return absl::InvalidArgumentError(
        "--layer and --all-layers go with --between checkpoints; between layers, all are compared");
  }
  if (!flags.between_layers() && (!flags.checkpoint.empty() || flags.all_checkpoints)) {
    return absl::InvalidArgumentError(
        "--checkpoint and --all-checkpoints go with --between layers; between checkpoints, all are compared");
  }
  return absl::OkStatus();
}

// The places of each matrix that was asked for.
absl::StatusOr<std::vector<std::vector<Place>>> PlacesOf(const CosineFlags& flags,
                                                         const CrossQuestion& question) {
  std::vector<std::vector<Place>> all;
  if (flags.between_layers()) {
    PS_ASSIGN_OR_RETURN(const std::vector<int> checkpoints, ChosenCheckpoints(flags, question));
    for (const int checkpoint : checkpoints) {
      auto& places = all.emplace_back();
      for (int layer = 0; layer < question.grid().layers(); ++layer) places.push_back({checkpoint, layer});
    }
    return all;
  }
  PS_ASSIGN_OR_RETURN(const std::vector<int> layers, ChosenLayers(flags.cross, question));
  for (const int layer : layers) {
    auto& places = all.emplace_back();
    for (int i = 0; i < question.checkpoints(); ++i) places.push_back({i, layer});
  }
  return all;
}

Records RecordsOf(const CrossQuestion& question, const std::vector<CosineMatrix>& matrices) {
  Records records{QuestionColumns(), {}};
  for (const char* column : {"hidden", "layer_a", "checkpoint_a", "step_a", "tokens_a", "layer_b",
                             "checkpoint_b", "step_b", "tokens_b", "cosine"}) {
    records.columns.emplace_back(column);
  }
  const auto append = [&question](std::vector<RecordCell>& row, const Place& place) {
    row.push_back(RecordCell::Integer(place.layer));
    const std::vector<RecordCell> cells = CheckpointCells(question.checkpoint(place.checkpoint));
    row.insert(row.end(), cells.begin(), cells.end());
  };
  for (const CosineMatrix& matrix : matrices) {
    for (size_t a = 0; a < matrix.places.size(); ++a) {
      for (size_t b = 0; b < matrix.places.size(); ++b) {
        if (!matrix.cosines[a][b]) continue;
        std::vector<RecordCell> row = QuestionCells(question);
        row.push_back(RecordCell::Integer(static_cast<int64_t>(matrix.hidden)));
        append(row, matrix.places[a]);
        append(row, matrix.places[b]);
        row.push_back(RecordCell::Number(matrix.cosines[a][b]));
        records.rows.push_back(std::move(row));
      }
    }
  }
  return records;
}

HeatmapCells CellsOf(const CosineFlags& flags, const CrossQuestion& question, const CosineMatrix& matrix) {
  if (!flags.between_layers()) {
    const CheckpointAxis& axis = question.grid().axis;
    return {"", axis.labels, axis.title, axis.labels, matrix.cosines};
  }
  std::vector<std::string> labels;
  for (const Place& place : matrix.places) labels.push_back(absl::StrCat(place.layer));
  return {"layer", labels, "layer", labels, matrix.cosines};
}

std::string TableOf(const CosineFlags& flags, const CrossQuestion& question,
                    const std::vector<CosineMatrix>& matrices, const Terminal& terminal) {
  std::vector<double> values;
  for (const CosineMatrix& matrix : matrices) {
    for (const auto& row : matrix.cosines) {
      for (const std::optional<double>& value : row) {
        if (value) values.push_back(*value);
      }
    }
  }
  ColorScale scale = ScaleFor("cosine", values);
  scale.decimals = std::max(scale.decimals, 2);
  std::string text = absl::StrCat(QuestionHeading(question), ": cosines of steering vectors between ",
                                  flags.between, "\n", HeatmapLegend("cosine", scale, terminal));
  for (const CosineMatrix& matrix : matrices) {
    const Place& place = matrix.places[0];
    absl::StrAppend(&text, "\n",
                    flags.between_layers()
                        ? absl::StrCat("checkpoint ", Printable(question.checkpoint(place.checkpoint).name()))
                        : absl::StrCat("layer ", place.layer),
                    "\n", HeatmapText(CellsOf(flags, question, matrix), scale, terminal));
    if (matrix.hidden == 0) continue;
    absl::StrAppendFormat(&text, "random directions of %d dimensions are within ±%.3f (95 %%)\n",
                          matrix.hidden, ChanceCosine(matrix.hidden));
  }
  return text;
}

absl::Status CompareVectors(const CosineFlags& flags, Session& session) {
  PS_RETURN_IF_ERROR(CheckFlags(flags));
  PS_ASSIGN_OR_RETURN(const CrossQuestion question, Ask(flags.cross, session));
  PS_ASSIGN_OR_RETURN(const std::vector<std::vector<Place>> all, PlacesOf(flags, question));
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(SweepArtifacts artifacts,
                      SweepArtifacts::Open(question.results.sweep, flags.cross.dimension, client));
  PS_RETURN_IF_ERROR(artifacts.Require("steering_vectors", "keep_steering_vectors"));
  std::vector<CosineMatrix> matrices;
  for (const std::vector<Place>& places : all) {
    PS_ASSIGN_OR_RETURN(CosineMatrix matrix, Compare(question, artifacts, places));
    matrices.push_back(std::move(matrix));
  }
  return WriteOutput(flags.cross.output,
                     TableOf(flags, question, matrices, OutputTerminal(flags.cross.output, session)),
                     RecordsOf(question, matrices), session);
}

}  // namespace

void AddResultsCosines(CLI::App& group, Action& action) {
  auto flags = std::make_shared<CosineFlags>();
  CLI::App* command =
      group.add_subcommand("cosines", "How alike steering vectors are between checkpoints, or layers");
  AddCrossFlags(*command, flags->cross);
  command->add_option("--between", flags->between, "checkpoints, of one layer; or layers, of one checkpoint")
      ->check(CLI::IsMember({"checkpoints", "layers"}))
      ->required();
  AddLayerFlags(*command, flags->cross);
  CLI::Option* checkpoint = command->add_option("--checkpoint", flags->checkpoint,
                                                "Between layers: of which checkpoint (default: the last)");
  command->add_flag("--all-checkpoints", flags->all_checkpoints, "Between layers: of every checkpoint")
      ->excludes(checkpoint);
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return CompareVectors(*flags, session); }; });
}

}  // namespace probesweep::client
