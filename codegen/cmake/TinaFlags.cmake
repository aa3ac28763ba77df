# SPDX-License-Identifier: Apache-2.0
#
# The compile flags of the project, as interface targets, so that each target says which it takes:
#
#   tina_base_flags      every C++ translation unit: language level, determinism, stack probes, sanitizers
#   tina_warnings        the project's own sources: warnings are errors
#   tina_strict_runtime  the runtime and the simulator only: no exceptions, no run-time type information

include_guard(GLOBAL)

option(TINA_WERROR "Warnings are errors in the project's own sources" ON)
option(TINA_CHECK_HEADERS "Compile every header of the runtime alone" OFF)
set(TINA_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined (empty: none)")

add_library(tina_base_flags INTERFACE)
target_compile_features(tina_base_flags INTERFACE cxx_std_20)
target_compile_options(tina_base_flags INTERFACE
  # One probe per page: a handler's large frame hits the guard page, never the memory behind it.
  -fstack-clash-protection
  # No fused multiply-add: the simulator's trace hash is the same on every compiler and level.
  -ffp-contract=off
  # A section for each function and variable, so that the linker leaves out those that a program never reaches.
  -ffunction-sections -fdata-sections
  # Reports and assertions name files relative to the source tree, so no machine's path is built in.
  "$<BUILD_INTERFACE:-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=>")
target_link_options(tina_base_flags INTERFACE -Wl,--gc-sections)

if(TINA_SANITIZE)
  target_compile_options(tina_base_flags INTERFACE
    "-fsanitize=${TINA_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(TINA_SANITIZE MATCHES "undefined")
    # A null dereference in a handler is a fault that the trap boundary must survive, and tests plant it:
    # it has to reach the processor as SIGSEGV instead of ending the process in the sanitizer.
    # The check of dynamic types reads type information, and the runtime is compiled without.
    target_compile_options(tina_base_flags INTERFACE -fno-sanitize=null,vptr)
  endif()
  target_link_options(tina_base_flags INTERFACE "-fsanitize=${TINA_SANITIZE}")
endif()

add_library(tina_warnings INTERFACE)
target_compile_options(tina_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
  $<$<BOOL:${TINA_WERROR}>:-Werror>)

add_library(tina_strict_runtime INTERFACE)
target_compile_options(tina_strict_runtime INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
