# Uses ccache when it is installed; precompiled headers need the sloppiness below.
find_program(PROBESWEEP_CCACHE ccache)
if(PROBESWEEP_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${PROBESWEEP_CCACHE})
endif()
find_program(PROBESWEEP_MOLD mold)
if(PROBESWEEP_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
