/** Stand-in for `@std/cli`: `promptSecret` and `unicodeWidth`. */
export { promptSecret, type PromptSecretOptions } from "./prompt_secret.ts";
export { unicodeWidth } from "./unicode_width.ts";
