/**
 * What outlives a run: everything on disk.
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
export { backupLog, openStore, SqliteStore } from "./sqlite_store.ts";
export { SECRETS } from "./secrets.ts";
export { StoreError, type StoreErrorKind } from "./store_error.ts";
export { newToken, type Token, tokenDigest } from "./tokens.ts";
