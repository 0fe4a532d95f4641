# headers_alone: every header compiled by itself, so that each includes what it uses (scripts/check-headers).

file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/src/*.hpp)
set(alone)
foreach(header ${headers})
  set(source ${CMAKE_BINARY_DIR}/headers_alone/${header}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
  list(APPEND alone ${source})
endforeach()

if(alone)
  add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${alone})
  target_link_libraries(headers_alone PRIVATE sluice_flags)
  target_compile_options(headers_alone PRIVATE -O0 -g0)
endif()
