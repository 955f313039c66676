# Every third-party library, found once and under one name. What each is for: deploy/packages.txt.
find_package(absl REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)  # compiled in; there is nothing to link
find_package(ZLIB REQUIRED)
find_package(Boost 1.74 REQUIRED)  # headers alone: Math in the engine, Beast in the server
find_library(LBFGSB_LIBRARY lbfgsb REQUIRED)  # Fortran: there is no header
add_library(ps_lbfgsb INTERFACE)
target_link_libraries(ps_lbfgsb INTERFACE ${LBFGSB_LIBRARY})
include(LibTorch)

if(PROBESWEEP_BUILD STREQUAL "all")
  find_package(Protobuf REQUIRED)
  find_package(gRPC REQUIRED)
  find_package(prometheus-cpp REQUIRED)
  find_package(yaml-cpp REQUIRED)
  find_package(SQLite3 REQUIRED)
  find_package(PostgreSQL REQUIRED)  # libpq
endif()
if(PROBESWEEP_TESTS)
  find_package(GTest REQUIRED)
endif()
