# The part of this folder that needs no torch.
probesweep_library(ps_surface
  SOURCES auroc.cc sparse_logistic.cc sparse_matrix.cc surface_baseline.cc surface_features.cc surface_words.cc
  DEPS ps_data ps_text absl::flat_hash_map absl::status absl::statusor absl::strings ICU::uc)
