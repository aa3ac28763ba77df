# SPDX-License-Identifier: Apache-2.0
#
# tina_check_headers(NAME <target> ROOTS <dir>… LINK <target>…)
#
# Compiles every header below the roots alone, twice in one file, so that a header that needs another one
# first, or that lacks its guard, fails the build and names itself. Does nothing unless TINA_CHECK_HEADERS.

include_guard(GLOBAL)

function(tina_check_headers)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "ROOTS;LINK")
  if(NOT TINA_CHECK_HEADERS)
    return()
  endif()
  set(sources "")
  foreach(root IN LISTS arg_ROOTS)
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${root}/*.h")
    foreach(header IN LISTS headers)
      file(RELATIVE_PATH name "${CMAKE_SOURCE_DIR}" "${header}")
      set(source "${CMAKE_CURRENT_BINARY_DIR}/alone/${name}.cc")
      file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"@header@\"\n#include \"@header@\"\n" @ONLY)
      list(APPEND sources "${source}")
    endforeach()
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_library(${arg_NAME} OBJECT ${sources})
  target_compile_options(${arg_NAME} PRIVATE -O0 -g0)
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LINK})
endfunction()
