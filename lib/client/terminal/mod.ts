/**
 * The terminal: line editing, completion, layout and the screen. All but
 * `tty.ts` is free of input and output.
 *
 * @module
 */

export * from "./completion.ts";
export * from "./editor.ts";
export * from "./keys.ts";
export * from "./layout.ts";
export * from "./paste.ts";
export * from "./prompt.ts";
export * from "./rooms_view.ts";
export * from "./screen.ts";
export * from "./styles.ts";
export * from "./terminal.ts";
export * from "./transcript.ts";
export * from "./tty.ts";
