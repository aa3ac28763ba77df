# SPDX-License-Identifier: Apache-2.0
#
# tina_generate(): from a .tina file and its handlers to a target.
#
#   tina_generate(TARGET tcp_echo SPEC echo.tina SYSTEM EchoServer
#                 HANDLERS ${CMAKE_CURRENT_SOURCE_DIR} SOURCES connection.cc listener.cc)
#
#   TARGET    the target to create: an executable if SYSTEM is given (its main is generated), else a
#             static library
#   SPEC      the .tina file
#   SYSTEM    the `system` declaration to build, optional
#   HANDLERS  folder of the handlers' headers (default: the current source folder)
#   SOURCES   the handlers' sources
#   IMPORTS   further folders in which imports are searched, optional
#   BUDGET_LOCK  lock file of the program's exact budget, optional: the build fails if a shard takes more than it
#             says, and writes the file if there is none. To agree: tina-gen budget --object FILE --lock LOCK --update
#
# The same file serves a checkout and an installed package, whose TinaConfig.cmake sets TINA_CODEGEN_DIR.
# A project chooses the Python with -DTINA_PYTHON=…, or the whole command line with TINA_GEN_COMMAND.
#
# The generator writes a file only if its bytes change, so an edit of a comment in the spec compiles nothing:
# the command's output is a stamp, the generated files are by-products, and the files that the spec imports
# and the generator's own sources are known from a depfile.

include_guard(GLOBAL)

if(NOT TINA_CODEGEN_DIR)
  get_filename_component(TINA_CODEGEN_DIR "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
endif()
set_property(GLOBAL PROPERTY TINA_CODEGEN_DIR "${TINA_CODEGEN_DIR}")

# Sets `out` to the command line that starts the generator; ends the configuration with what to do if it
# cannot start. Found anew in each configuration, so that another installed version is never mixed in.
function(_tina_find_generator out)
  get_property(command GLOBAL PROPERTY TINA_GEN_COMMAND)
  if(TINA_GEN_COMMAND)
    set(command "${TINA_GEN_COMMAND}")
  endif()
  if(command)
    set(${out} "${command}" PARENT_SCOPE)
    return()
  endif()
  get_property(codegen GLOBAL PROPERTY TINA_CODEGEN_DIR)
  set(venv "${codegen}/../.venv/bin")
  if(EXISTS "${venv}/tina-gen" AND NOT TINA_PYTHON)
    get_filename_component(venv "${venv}" ABSOLUTE)
    set(python "${venv}/python")
    set(command "${venv}/tina-gen")
  else()
    set(python "${TINA_PYTHON}")
    if(NOT python)
      find_program(python3 NAMES python3 REQUIRED NO_CACHE)
      set(python "${python3}")
    endif()
    set(command "${CMAKE_COMMAND}" -E env --modify "PYTHONPATH=path_list_prepend:${codegen}"
      "${python}" -m tina_gen)
  endif()
  execute_process(COMMAND "${CMAKE_COMMAND}" -E env --modify "PYTHONPATH=path_list_prepend:${codegen}"
      "${python}" -c "import jinja2, tina_gen"
    RESULT_VARIABLE failed ERROR_VARIABLE why OUTPUT_QUIET)
  if(failed)
    string(REGEX REPLACE ".*\n([^\n]+)\n?$" "\\1" why "${why}")
    set(mend "Install Jinja2 for this Python (Debian: python3-jinja2), or name another one with "
      "-DTINA_PYTHON=/path/to/python3.")
    if(EXISTS "${codegen}/../dev")
      set(mend "Run ./dev setup (it fills .venv), or install Jinja2 for this Python.")
    endif()
    string(JOIN "" mend ${mend})
    message(FATAL_ERROR
      "tina_generate: the generator cannot start with ${python}: ${why}.\n"
      "It needs Python 3.11 or later and Jinja2. ${mend}")
  endif()
  set_property(GLOBAL PROPERTY TINA_GEN_COMMAND "${command}")
  set(${out} "${command}" PARENT_SCOPE)
endfunction()

# `HTTPConn` -> `http_conn`: the one snake conversion of the language.
function(_tina_snake name out)
  string(REGEX REPLACE "([A-Z]+)([A-Z][a-z])" "\\1_\\2" name "${name}")
  string(REGEX REPLACE "([a-z0-9])([A-Z])" "\\1_\\2" name "${name}")
  string(TOLOWER "${name}" name)
  set(${out} "${name}" PARENT_SCOPE)
endfunction()

# Sets `out` to the import paths of all files that a spec imports, directly or through others, sorted; those of
# the standard library are left out. Reads as little as it needs: whatever is wrong, the generator reports.
function(_tina_imports spec roots out)
  get_filename_component(folder "${spec}" DIRECTORY)
  set(found "")
  set(left "${spec}")
  while(left)
    list(POP_FRONT left file)
    file(READ "${file}" text)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX MATCHALL "import[ \t\r\n]+\"[^\"\n]+\"" items "${text}")
    foreach(item IN LISTS items)
      string(REGEX REPLACE ".*\"([^\"]+)\"" "\\1" path "${item}")
      if(path MATCHES "^tina/" OR path IN_LIST found)
        continue()
      endif()
      foreach(root IN ITEMS "${folder}" LISTS roots)
        get_filename_component(candidate "${path}" ABSOLUTE BASE_DIR "${root}")
        if(EXISTS "${candidate}")
          list(APPEND found "${path}")
          list(APPEND left "${candidate}")
          break()
        endif()
      endforeach()
    endforeach()
  endwhile()
  list(SORT found)
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

function(tina_generate)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;SPEC;SYSTEM;HANDLERS;BUDGET_LOCK" "SOURCES;IMPORTS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_TARGET OR NOT arg_SPEC)
    message(FATAL_ERROR "tina_generate: needs TARGET and SPEC, and knows SYSTEM, HANDLERS, SOURCES, IMPORTS, BUDGET_LOCK; "
      "not understood: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_BUDGET_LOCK AND NOT arg_SYSTEM)
    message(FATAL_ERROR "tina_generate: BUDGET_LOCK of target ${arg_TARGET} needs SYSTEM: a library has no budget")
  endif()
  if(NOT arg_HANDLERS)
    set(arg_HANDLERS "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  get_filename_component(spec "${arg_SPEC}" ABSOLUTE)
  if(NOT EXISTS "${spec}")
    message(FATAL_ERROR "tina_generate: there is no file ${spec} (SPEC of target ${arg_TARGET})")
  endif()
  get_filename_component(stem "${spec}" NAME_WLE)
  # Diagnostics and `#line` name the spec relative to the source tree: the same bytes on every machine.
  file(RELATIVE_PATH spec_name "${CMAKE_SOURCE_DIR}" "${spec}")
  if(spec_name MATCHES "^\\.\\.")
    set(spec_name "${spec}")
  endif()

  set(dir "${CMAKE_CURRENT_BINARY_DIR}/${arg_TARGET}.generated")
  set(stamp "${dir}/${stem}.stamp")
  set(generated "${dir}/${stem}.tina.h" "${dir}/${stem}.tina.cc")
  set(data "${dir}/${stem}.model.json")
  # The imported packages are generated with it. Their contracts are compiled with the spec's own, so only
  # their headers have to be known here; the generator changes the list if it has become another one.
  _tina_imports("${spec}" "${arg_IMPORTS}" imports)
  set(listed "")
  foreach(import IN LISTS imports)
    list(APPEND data "${dir}/${import}.h" "${dir}/${import}.cc")
    string(APPEND listed "${import}\n")
  endforeach()
  set(imports_list "${dir}/${stem}.imports")
  file(CONFIGURE OUTPUT "${imports_list}" CONTENT "${listed}" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${imports_list}")
  if(arg_SYSTEM)
    _tina_snake("${arg_SYSTEM}" system)
    list(APPEND generated "${dir}/${system}.system.h" "${dir}/${system}.system.cc")
  endif()

  _tina_find_generator(tina_gen)
  set(import_options "")
  foreach(folder IN LISTS arg_IMPORTS)
    list(APPEND import_options --import-path "${folder}")
  endforeach()
  file(MAKE_DIRECTORY "${dir}")
  add_custom_command(
    OUTPUT "${stamp}"
    BYPRODUCTS ${generated} ${data}
    COMMAND ${tina_gen} generate "${spec_name}" --output "${dir}" --depfile "${stamp}.d" --stamp "${stamp}"
      --imports "${imports_list}" ${import_options}
    DEPENDS "${spec}"
    DEPFILE "${stamp}.d"
    WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    COMMENT "tina-gen ${spec_name}"
    VERBATIM)

  if(arg_SYSTEM)
    add_executable(${arg_TARGET})
  else()
    add_library(${arg_TARGET} STATIC)
  endif()
  target_sources(${arg_TARGET} PRIVATE "${stamp}" ${generated} ${arg_SOURCES})
  target_include_directories(${arg_TARGET} PUBLIC "${dir}" "${arg_HANDLERS}" ${arg_IMPORTS})
  # Assertions in handlers name files relative to the source tree, as the diagnostics do.
  target_compile_options(${arg_TARGET} PRIVATE "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")
  foreach(library IN ITEMS runtime sim)
    if(TARGET Tina::${library})
      target_link_libraries(${arg_TARGET} PUBLIC Tina::${library})
    endif()
  endforeach()
  if(arg_BUDGET_LOCK)
    get_filename_component(lock "${arg_BUDGET_LOCK}" ABSOLUTE)
    # Behind the link, so that a build that grew leaves no program that looks finished.
    add_custom_command(TARGET ${arg_TARGET} POST_BUILD
      COMMAND ${tina_gen} budget --object "$<TARGET_FILE:${arg_TARGET}>" --lock "${lock}"
      VERBATIM)
    if(EXISTS "${lock}")
      set_property(TARGET ${arg_TARGET} APPEND PROPERTY LINK_DEPENDS "${lock}")
    endif()
  endif()
  if(TARGET tina_warnings)  # the project itself; a user's project chooses its own
    target_link_libraries(${arg_TARGET} PRIVATE tina_warnings)
  endif()
endfunction()
