/** The completion script for fish. */
import {
  type CompletionTable,
  functionName,
  quoted,
  type Values,
} from "./completion_table.ts";

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function valueFlags(values: Values | undefined): string {
  if (values === undefined) return "";
  if (values === "files") return " -r -F";
  return values ? ` -x -a ${fishQuoted(values.join(" "))}` : " -x";
}

/** A script to be sourced: completes commands, options and their values. */
export function fishScript(name: string, table: CompletionTable): string {
  const fn = `_${functionName(name)}_at`;
  const descend = table.flatMap(({ path, commands }) =>
    commands.map((child) =>
      `      case ${
        child.names.map((word) => quoted(`${path}/${word}`)).join(" ")
      }\n        set at ${quoted(child.path)}`
    )
  );
  const lines = table.flatMap(({ path, commands, options, argument }) => {
    const start = `complete -c ${name} -n "${fn} ${quoted(path)}"`;
    return [
      ...commands.flatMap((child) =>
        child.names.map((word) =>
          `${start} -f -a ${fishQuoted(word)} -d ${
            fishQuoted(child.description)
          }`
        )
      ),
      ...options.map((option) =>
        start + option.flags.map((flag) =>
          flag.startsWith("--")
            ? ` -l ${flag.slice(2)}`
            : ` -s ${flag.slice(1)}`
        ).join("") + valueFlags(option.values) +
        ` -d ${fishQuoted(option.description)}`
      ),
      ...(argument === "files"
        ? [`${start} -F`]
        : Array.isArray(argument) && argument.length > 0
        ? [`${start} -f -a ${fishQuoted(argument.join(" "))}`]
        : [`${start} -f`]),
    ];
  });
  return `# fish completion for ${name}
function ${fn}
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at/$word"
${descend.join("\n")}
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join("\n")}`;
}
