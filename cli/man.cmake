# Writes one man page per command into OUTPUT.
execute_process(COMMAND ${DAVIT} __manpage --list OUTPUT_VARIABLE names OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" names "${names}")
file(MAKE_DIRECTORY ${OUTPUT})
foreach(name ${names})
  execute_process(COMMAND ${DAVIT} __manpage ${name} OUTPUT_FILE ${OUTPUT}/${name}.1 COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(TOUCH ${OUTPUT}/done)
