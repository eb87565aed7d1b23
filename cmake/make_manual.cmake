# Has the binary SPILLWAY write its manual and its completions below SHARE, where man(1) and the shells look for them.
file(REMOVE_RECURSE ${SHARE})  # pages of verbs that are gone
execute_process(COMMAND ${SPILLWAY} man --output ${SHARE}/man/man1 COMMAND_ERROR_IS_FATAL ANY)
file(GLOB pages ${SHARE}/man/man1/*)
execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)

function(write_completion shell file)
  get_filename_component(directory ${SHARE}/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${directory})
  execute_process(COMMAND ${SPILLWAY} completion ${shell} OUTPUT_FILE ${SHARE}/${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
write_completion(bash bash-completion/completions/spillway)
write_completion(zsh zsh/vendor-completions/_spillway)
write_completion(fish fish/vendor_completions.d/spillway.fish)
