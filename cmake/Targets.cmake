# probesweep_library(NAME SOURCES... DEPS... [TORCH])     one static library per folder
# probesweep_binary(NAME SOURCES... DEPS... [TORCH])      an executable in build/bin
# probesweep_test(NAME LABEL SOURCES... DEPS... [TORCH] [TIMEOUT SECONDS] [SERIAL] [ONE_PROCESS])
#                                                         a GoogleTest executable; each case is one ctest, of at
#                                                         most 300 s unless TIMEOUT says more; SERIAL: alone;
#                                                         ONE_PROCESS: all cases are one ctest, for the many short
#                                                         ones of goldens, since loading torch takes half a second
#
# TORCH: this target includes torch headers (design: only worker/{model,exec,analysis} and parts of checkpoint).
function(probesweep_apply_torch name)
  # Private: whoever needs torch's headers says TORCH itself, and gets neither them nor the copies of other
  # libraries' headers that they bring along otherwise.
  target_link_libraries(${name} PRIVATE ps_torch)
  target_precompile_headers(${name} REUSE_FROM ps_torch_pch)
endfunction()

function(probesweep_library name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ps_options)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  if(ARG_TORCH)
    probesweep_apply_torch(${name})
  endif()
endfunction()

function(probesweep_binary name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} ps_options)
  if(ARG_TORCH)
    target_link_libraries(${name} PRIVATE ps_torch)
    target_precompile_headers(${name} REUSE_FROM ps_torch_pch)
    target_compile_options(${name} PRIVATE -fPIC)  # as the precompiled header has it; executables have -fPIE
  endif()
endfunction()

function(probesweep_test name)
  cmake_parse_arguments(ARG "TORCH;SERIAL;ONE_PROCESS" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} ps_test_support GTest::gmock_main ps_options)
  if(ARG_TORCH)
    target_link_libraries(${name} PRIVATE ps_torch)
    target_precompile_headers(${name} REUSE_FROM ps_torch_pch)
    target_compile_options(${name} PRIVATE -fPIC)  # as the precompiled header has it; executables have -fPIE
  endif()
  if(PROBESWEEP_SANITIZE)
    # Optimised, a test takes several times as long to compile: GCC works hard on what the sanitizers add to it. The
    # precompiled header asks for -O1.
    target_compile_options(${name} PRIVATE $<IF:$<BOOL:${ARG_TORCH}>,-O1,-O0>)
  endif()
  set(environment "PROBESWEEP_BIN_DIR=${CMAKE_BINARY_DIR}/bin")
  if(ARG_ONE_PROCESS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL}
      ENVIRONMENT "${environment};PROBESWEEP_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
    return()
  endif()
  include(GoogleTest)
  # Of a list in ENVIRONMENT the discovery keeps the first entry only; hence one variable in each property.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL}
    ENVIRONMENT "${environment}"
    ENVIRONMENT_MODIFICATION "PROBESWEEP_SOURCE_DIR=set:${CMAKE_SOURCE_DIR}")
endfunction()
