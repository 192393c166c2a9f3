/** The completion script for bash. */
import {
  type CompletionTable,
  functionName,
  quoted,
  type Values,
} from "./completion_table.ts";

function reply(values: Values | undefined): string {
  if (values === "files") return `compopt -o default; COMPREPLY=(); return`;
  return `words=${quoted((values ?? []).join(" "))}`;
}

/** A script to be sourced: completes commands, options and their values. */
export function bashScript(name: string, table: CompletionTable): string {
  const fn = functionName(name);
  const descend = table.flatMap(({ path, commands }) =>
    commands.map((child) =>
      `      ${
        child.names.map((word) => quoted(`${path}/${word}`)).join("|")
      }) path=${quoted(child.path)} ;;`
    )
  );
  const values = table.flatMap(({ path, options }) =>
    options.filter((option) => option.values !== undefined).map((option) =>
      `    ${
        option.flags.map((flag) => quoted(`${path}:${flag}`)).join("|")
      }) ${reply(option.values)}; value=1 ;;`
    )
  );
  const words = table.map(({ path, commands, options, argument }) => {
    const flags = options.flatMap((option) => option.flags);
    const names = commands.flatMap((child) => child.names);
    const others = Array.isArray(argument) ? argument : [];
    const files = argument === "files" ? "compopt -o default; " : "";
    return `      ${quoted(path)}) ${files}words=${
      quoted([...names, ...others, ...flags].join(" "))
    } ;;`;
  });
  return `# bash completion for ${name}
${fn}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local path='' words='' value='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path/$word" in
${descend.join("\n")}
      *) ;;
    esac
  done
  case "$path:$prev" in
${values.join("\n")}
    *) ;;
  esac
  if [[ -z $value ]]; then
    case "$path" in
${words.join("\n")}
      *) ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F ${fn} ${name}`;
}
