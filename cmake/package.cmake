# The packages that tools/package makes of the two components: `spillway`, and `libspillway-dev` for who embeds the core.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Spillway contributors <contributors@spillway.invalid>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
  "Takes raw events in and delivers them to S3, MinIO or a directory exactly as\nAmplitude's Amazon S3 destination does.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME spillway)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ca-certificates)  # whom TLS trusts, unless --ca-bundle says so

# What third_party/core_libraries.cmake finds.
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "The library spillway::core: headers, a static library and its CMake package.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libspillway-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libboost1.81-dev, libboost-json1.81-dev, libboost-iostreams1.81-dev, libssl-dev, \
libsqlite3-dev, zlib1g-dev, libsimdjson-dev, libfmt-dev, libpugixml-dev, libisal-dev, libxxhash-dev, pkg-config")

include(CPack)
