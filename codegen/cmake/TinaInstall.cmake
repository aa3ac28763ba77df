# SPDX-License-Identifier: Apache-2.0
#
# What `cmake --install` lays down, and the package that `find_package(Tina CONFIG)` finds:
#
#   include/tina/        the headers that handlers and generated code include
#   lib/                 libtina_runtime.a, libtina_sim.a
#   lib/cmake/Tina/      TinaConfig.cmake, its version and targets, tina_generate()
#   share/tina/          the generator: codegen/tina_gen beside idl, as in a checkout
#   bin/tina-gen         starts it with a Python that has Jinja2
#
# Nothing in it names a path of the machine that built it, so the prefix can be moved.

include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

set(tina_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Tina")
set(tina_share_dir "${CMAKE_INSTALL_DATADIR}/tina")

set(tina_libraries tina_runtime)
if(TARGET tina_sim)
  list(APPEND tina_libraries tina_sim)
  set_target_properties(tina_sim PROPERTIES EXPORT_NAME sim)
endif()
set_target_properties(tina_runtime PROPERTIES EXPORT_NAME runtime)
set_target_properties(tina_headers PROPERTIES EXPORT_NAME headers)
set_target_properties(tina_base_flags PROPERTIES EXPORT_NAME base_flags)

install(TARGETS ${tina_libraries} tina_headers tina_base_flags EXPORT TinaTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT TinaTargets NAMESPACE Tina:: DESTINATION "${tina_package_dir}")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/runtime/include/tina"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

install(DIRECTORY "${CMAKE_SOURCE_DIR}/codegen/tina_gen" DESTINATION "${tina_share_dir}/codegen"
  PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/idl" DESTINATION "${tina_share_dir}"
  PATTERN "node_modules" EXCLUDE)
# The examples of `tina-gen explain`.
install(DIRECTORY "${CMAKE_SOURCE_DIR}/tests/codegen/golden"
  DESTINATION "${tina_share_dir}/tests/codegen")

file(RELATIVE_PATH TINA_BIN_TO_CODEGEN "/${CMAKE_INSTALL_BINDIR}" "/${tina_share_dir}/codegen")
configure_file("${CMAKE_CURRENT_LIST_DIR}/tina-gen.in" "${CMAKE_BINARY_DIR}/package/tina-gen" @ONLY)
install(PROGRAMS "${CMAKE_BINARY_DIR}/package/tina-gen" DESTINATION "${CMAKE_INSTALL_BINDIR}")

set(TINA_CODEGEN_INSTALL_DIR "${tina_share_dir}/codegen")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/TinaConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/package/TinaConfig.cmake"
  INSTALL_DESTINATION "${tina_package_dir}" PATH_VARS TINA_CODEGEN_INSTALL_DIR
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/package/TinaConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/package/TinaConfig.cmake"
  "${CMAKE_BINARY_DIR}/package/TinaConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/TinaGenerate.cmake"
  DESTINATION "${tina_package_dir}")
