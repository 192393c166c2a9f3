/**
 * What a password should be that is made here (docs/accounts.md, "Where the
 * password comes from"). A server takes others too, and so does every login.
 * Pure.
 *
 * @module
 */

/** Characters below which a password is taken, but warned of. */
const SHORT = 8;

/**
 * Whether there is a control character in it: a key that edits or moves, and
 * was pressed where nothing shows it. It can't be typed at every prompt.
 */
export function hasControls(password: string): boolean {
  return /\p{Cc}/u.test(password);
}

/** What is said of a short password; undefined of another one. */
export function shortness(password: string): string | undefined {
  return [...password.normalize("NFC")].length < SHORT
    ? `a password of fewer than ${SHORT} characters is soon guessed`
    : undefined;
}
