# Everything from outside, found once. All of it is packaged in Debian 12; scripts/install-packages has the list.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(argon2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(libav REQUIRED IMPORTED_TARGET libavcodec libavutil libswscale)

if(SLUICE_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  # RapidCheck is packaged without a CMake or pkg-config file; its header needs exceptions and RTTI, which we keep on.
  add_library(rapidcheck INTERFACE)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
  target_link_libraries(rapidcheck INTERFACE ${RAPIDCHECK_LIBRARY})
endif()
