# What `cmake --install` copies, as two components: `runtime`, the binary with its manual, and `development`, which is
# spillway::core for find_package(spillway).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS spillway COMPONENT runtime)
install(DIRECTORY ${PROJECT_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT runtime)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime FILES_MATCHING PATTERN *.md)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/spillway)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/spillwayConfigVersion.cmake COMPATIBILITY SameMinorVersion)
set_target_properties(spillway_core PROPERTIES EXPORT_NAME core)
install(TARGETS spillway_core EXPORT spillway COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/spillway)
install(EXPORT spillway FILE spillwayTargets.cmake NAMESPACE spillway:: DESTINATION ${package_dir} COMPONENT development)
install(FILES cmake/spillwayConfig.cmake third_party/core_libraries.cmake ${PROJECT_BINARY_DIR}/spillwayConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT development)
# Not what only the binary links, and not xml.hpp, which would ask for pugixml's headers: response_xml.hpp is for others.
install(DIRECTORY src/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/spillway COMPONENT development FILES_MATCHING PATTERN *.hpp
  PATTERN cli EXCLUDE PATTERN zip*.hpp EXCLUDE PATTERN smtp.hpp EXCLUDE PATTERN s3/xml.hpp EXCLUDE)

# --strip leaves static libraries as they are; debug information is five sixths of this one.
install(CODE "
  if(CMAKE_INSTALL_DO_STRIP)
    set(library \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:spillway_core>)
    execute_process(COMMAND ${CMAKE_STRIP} --strip-debug \${library} COMMAND_ERROR_IS_FATAL ANY)
  endif()" COMPONENT development)

# Where Debian looks for a package's licence.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/spillway RENAME copyright COMPONENT runtime)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libspillway-dev RENAME copyright COMPONENT development)
