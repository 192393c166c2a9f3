/** The completion script for zsh. */
import {
  type CompletionTable,
  functionName,
  quoted,
  type Values,
} from "./completion_table.ts";

function described(word: string, description: string): string {
  return quoted(`${word.replaceAll(":", "\\:")}:${description}`);
}

function reply(values: Values | undefined): string {
  if (values === "files") return "_files";
  if (!values || values.length === 0) return ":";
  return `compadd -- ${values.map(quoted).join(" ")}`;
}

/** A script to be sourced: completes commands, options and their values. */
export function zshScript(name: string, table: CompletionTable): string {
  const fn = functionName(name);
  const descend = table.flatMap(({ path, commands }) =>
    commands.map((child) =>
      `      ${
        child.names.map((word) => quoted(`${path}/${word}`)).join("|")
      }) at=${quoted(child.path)} ;;`
    )
  );
  const values = table.flatMap(({ path, options }) =>
    options.filter((option) => option.values !== undefined).map((option) =>
      `    ${
        option.flags.map((flag) => quoted(`${path}:${flag}`)).join("|")
      }) ${reply(option.values)}; return ;;`
    )
  );
  const words = table.map(({ path, commands, options, argument }) => {
    const all = [
      ...commands.flatMap((child) =>
        child.names.map((word) => described(word, child.description))
      ),
      ...options.flatMap((option) =>
        option.flags.map((flag) => described(flag, option.description))
      ),
    ];
    return `    ${quoted(path)}) all=(${all.join(" ")}); ${
      reply(argument ?? undefined)
    } ;;`;
  });
  return `#compdef ${name}
# zsh completion for ${name}
${fn}() {
  local at='' word
  local -a all
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at/$word" in
${descend.join("\n")}
      *) ;;
    esac
  done
  case "$at:\${words[CURRENT-1]}" in
${values.join("\n")}
    *) ;;
  esac
  case "$at" in
${words.join("\n")}
    *) ;;
  esac
  _describe ${quoted(name)} all
}
compdef ${fn} ${name}`;
}
