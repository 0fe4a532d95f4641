# sluice_room(NAME [USES room...] [LINKS library...])
#
# One folder is one room: its sources are one library `sluice_NAME`. By the end of a file's name:
#   x_test.cpp   goes into the room's one test binary `NAME_test`
#   x_bench.cpp  goes into the room's one benchmark binary `NAME_bench`
#   x_fuzz.cpp   is a libFuzzer target of its own, `x_fuzz`, with its corpus in tests/corpus/x
# A new file needs no line here.

# The standard headers that nearly every file uses, compiled once.
add_library(sluice_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
target_link_libraries(sluice_pch PRIVATE sluice_flags)
target_precompile_headers(sluice_pch PRIVATE
  <algorithm> <array> <chrono> <cstddef> <cstdint> <cstring> <deque> <expected> <functional> <map> <memory>
  <optional> <span> <string> <string_view> <system_error> <unordered_map> <utility> <variant> <vector>)

function(sluice_room name)
  cmake_parse_arguments(ARG "" "" "USES;LINKS" ${ARGN})
  list(TRANSFORM ARG_USES PREPEND sluice_ OUTPUT_VARIABLE rooms)

  file(GLOB all CONFIGURE_DEPENDS *.cpp)
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(sluice_${name} STATIC ${sources})
    target_link_libraries(sluice_${name} PUBLIC sluice_flags ${rooms} ${ARG_LINKS})
    target_precompile_headers(sluice_${name} REUSE_FROM sluice_pch)
  else()
    add_library(sluice_${name} INTERFACE)
    target_link_libraries(sluice_${name} INTERFACE sluice_flags ${rooms} ${ARG_LINKS})
  endif()

  if(SLUICE_TESTS)
    set(tests ${all})
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    if(tests)
      add_executable(${name}_test ${tests})
      target_link_libraries(${name}_test PRIVATE sluice_${name} rapidcheck GTest::gmock GTest::gtest_main)
      target_precompile_headers(${name}_test REUSE_FROM sluice_pch)
      add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    endif()
    set(benches ${all})
    list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
    if(benches)
      add_executable(${name}_bench ${benches})
      target_link_libraries(${name}_bench PRIVATE sluice_${name} benchmark::benchmark benchmark::benchmark_main)
    endif()
  endif()

  if(SLUICE_FUZZ)
    set(fuzzers ${all})
    list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
    foreach(source ${fuzzers})
      get_filename_component(target ${source} NAME_WE)
      add_executable(${target} ${source})
      target_link_libraries(${target} PRIVATE sluice_${name})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY SLUICE_FUZZERS ${target})
    endforeach()
  endif()
endfunction()
