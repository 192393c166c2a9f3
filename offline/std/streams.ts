/** Stand-in for `@std/streams`: `TextLineStream`. */

/** Options for {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /** Let a lone `\r` end a line too; default `false`. */
  allowCR?: boolean;
}

/**
 * Cuts a stream of text into lines, without their `\n` or `\r\n`. The last
 * line needs no end.
 */
export class TextLineStream extends TransformStream<string, string> {
  constructor(options: TextLineStreamOptions = {}) {
    const allowCR = options.allowCR ?? false;
    // With `allowCR`, a `\r` at the very end may be half of a `\r\n`.
    const end = allowCR ? /\r\n|\n|\r(?!$)/ : /\r?\n/;
    let pieces: string[] = [];
    let waiting = false;
    super({
      transform(chunk, controller) {
        if (chunk === "") return;
        pieces.push(chunk);
        // A line in many chunks is joined once, not once for every chunk.
        if (!waiting && !(allowCR ? /[\r\n]/ : /\n/).test(chunk)) return;
        const lines = pieces.join("").split(end);
        const rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
        pieces = rest === "" ? [] : [rest];
        waiting = allowCR && rest.endsWith("\r");
      },
      flush(controller) {
        const rest = pieces.join("");
        if (rest === "") return;
        controller.enqueue(
          allowCR && rest.endsWith("\r") ? rest.slice(0, -1) : rest,
        );
      },
    });
  }
}
