/**
 * What an acknowledged message survives.
 *
 * @module
 */

/**
 * - `full`: an acknowledged message MUST survive the death of the process, of
 *   the operating system and of the power: it was synced to the disk before
 *   its acknowledgement.
 * - `normal`: it MUST survive the death of the process. When the system or the
 *   power dies, the last of them may be lost, and their ids and sequences are
 *   given again; the file MUST stay whole.
 * - `none`: it MUST survive the death of the process. When the system or the
 *   power dies, any of them may be lost and the file may be damaged.
 *
 * Whatever the level, nothing is acknowledged that a reader of the log can't
 * see, and a rejected append leaves nothing behind.
 */
export type Durability = "full" | "normal" | "none";

/** Every level, strongest first. */
export const DURABILITIES = ["full", "normal", "none"] as const;

/** SQLite's `PRAGMA synchronous` for each. */
export const SYNCHRONOUS: Readonly<Record<Durability, string>> = {
  full: "FULL",
  normal: "NORMAL",
  none: "OFF",
};
