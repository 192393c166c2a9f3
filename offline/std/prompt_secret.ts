/** Stand-in for `@std/cli/prompt-secret`. */

/** Options for {@linkcode promptSecret}. */
export type PromptSecretOptions = {
  /** What to show for each character; default `*`, `""` for nothing. */
  mask?: string;
  /** Clear the line afterwards. */
  clear?: boolean;
};

const CLEAR_LINE = "\r\x1b[K";
const [LINE_FEED, CARRIAGE_RETURN, BACKSPACE, DELETE] = [10, 13, 8, 127];

function show(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) {
    sent += Deno.stdout.writeSync(bytes.subarray(sent));
  }
}

/**
 * Reads bytes to the end of the line; `typing` hears of every change. A
 * character may have several bytes, of which Backspace drops one.
 */
function readLine(typing: (bytes: number) => void): string {
  const typed: number[] = [];
  const byte = new Uint8Array(1);
  while (Deno.stdin.readSync(byte)) {
    const [code = 0] = byte;
    if (code === LINE_FEED || code === CARRIAGE_RETURN) break;
    if (code === BACKSPACE || code === DELETE) typed.pop();
    else typed.push(code);
    typing(typed.length);
  }
  return new TextDecoder().decode(new Uint8Array(typed));
}

/**
 * Asks for a secret on the terminal without showing it.
 *
 * @returns what was typed, or `null` if standard input is no terminal
 */
export function promptSecret(
  message = "Secret",
  options: PromptSecretOptions = {},
): string | null {
  const { mask = "*", clear = false } = options;
  if (!Deno.stdin.isTerminal()) return null;
  const prompt = `${message} `;
  show(prompt);
  Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
  try {
    return readLine((bytes) => {
      if (mask) show(CLEAR_LINE + prompt + mask.repeat(bytes));
    });
  } finally {
    show(clear ? CLEAR_LINE : "\n");
    Deno.stdin.setRaw(false);
  }
}
