# LibTorch as the target `ps_torch`.
#
# Default: whatever find_package(Torch) finds (Debian's 1.13, or a newer one through CMAKE_PREFIX_PATH).
# PROBESWEEP_TORCH_ROOT names an unpacked torch wheel (the folder with include/ and lib/) instead; that
# path does not need nvcc, which the wheel's own CMake files ask for.
set(PROBESWEEP_TORCH_ROOT "" CACHE PATH "Folder of a torch wheel (include/ and lib/) to use instead of find_package(Torch)")
add_library(ps_torch INTERFACE)
if(PROBESWEEP_TORCH_ROOT)
  target_include_directories(ps_torch SYSTEM INTERFACE
    ${PROBESWEEP_TORCH_ROOT}/include ${PROBESWEEP_TORCH_ROOT}/include/torch/csrc/api/include)
  target_link_libraries(ps_torch INTERFACE
    ${PROBESWEEP_TORCH_ROOT}/lib/libtorch.so ${PROBESWEEP_TORCH_ROOT}/lib/libtorch_cpu.so
    ${PROBESWEEP_TORCH_ROOT}/lib/libc10.so)
  target_link_options(ps_torch INTERFACE -Wl,-rpath,${PROBESWEEP_TORCH_ROOT}/lib -Wl,--allow-shlib-undefined)
else()
  set(probesweep_saved_flags ${CMAKE_CXX_FLAGS})
  find_package(Torch REQUIRED)
  set(CMAKE_CXX_FLAGS ${probesweep_saved_flags})
  target_include_directories(ps_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(ps_torch INTERFACE ${TORCH_LIBRARIES})
endif()

# Newer releases ask for a newer C++ than ours: the headers themselves say so when they are preprocessed.
if(NOT DEFINED PROBESWEEP_TORCH_TAKES_CXX17)
  get_target_property(probesweep_torch_includes ps_torch INTERFACE_INCLUDE_DIRECTORIES)
  list(TRANSFORM probesweep_torch_includes PREPEND -I)
  file(WRITE ${CMAKE_BINARY_DIR}/torch_standard.cc "#include <ATen/ATen.h>\n")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -std=c++17 -E ${probesweep_torch_includes} torch_standard.cc
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE probesweep_failed)
  string(COMPARE EQUAL "${probesweep_failed}" "0" probesweep_takes)
  set(PROBESWEEP_TORCH_TAKES_CXX17 ${probesweep_takes} CACHE INTERNAL "LibTorch's headers are C++17")
endif()
if(NOT PROBESWEEP_TORCH_TAKES_CXX17)
  target_compile_features(ps_torch INTERFACE cxx_std_20)
  # GCC 12 takes tensors that a variant or a StatusOr holds for uninitialised when it inlines these releases' pointers.
  target_compile_options(ps_torch INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

# ATen's umbrella header, compiled once and shared by every target that sees torch (Targets.cmake).
file(WRITE ${CMAKE_BINARY_DIR}/torch_pch.cc "// Carries the precompiled ATen header.\n")
add_library(ps_torch_pch OBJECT ${CMAKE_BINARY_DIR}/torch_pch.cc)
target_link_libraries(ps_torch_pch PRIVATE ps_options ps_torch)
target_precompile_headers(ps_torch_pch PRIVATE <ATen/ATen.h>)
# ccache can only reuse what does not depend on the header's time stamp.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
else()
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Xclang> $<$<COMPILE_LANGUAGE:CXX>:-fno-pch-timestamp>)
endif()
