/**
 * What outlives a run: the log on disk.
 *
 * @module
 */

export {
  AccountFile,
  type AccountFileOptions,
  openAccounts,
} from "./account_file.ts";
export { DURABILITIES, type Durability } from "./durability.ts";
export type { LogOptions } from "./log_file.ts";
export { hashPassword, PASSWORD_BYTES, verifyPassword } from "./passwords.ts";
export { backupLog, openLog, SqliteLog } from "./sqlite_log.ts";
export { StoreError, type StoreErrorKind } from "./store_error.ts";
export { newToken, type Token, tokenDigest } from "./tokens.ts";
