/**
 * What is wrong with the data folder, as it is told at the terminal.
 *
 * @module
 */

import {
  type FailureKind,
  fileErrorMessage,
  UserError,
} from "../lib/net/mod.ts";
import { StoreError, type StoreErrorKind } from "../lib/store/mod.ts";

/** Kinds with a failure of their own; any other is about the data folder. */
const FAILURE_OF: Partial<Record<StoreErrorKind, FailureKind>> = {
  file_exists: "file_exists",
  name_taken: "name_taken",
  no_account: "no_account",
  copy_unwritable: "file_unwritable",
};

/**
 * Does what needs the data folder.
 *
 * @throws {UserError} in place of every {@link StoreError}.
 */
export async function usingStore<Result>(
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof StoreError)) throw cause;
    const { kind, advice } = cause;
    throw new UserError(
      FAILURE_OF[kind] ?? "data_folder_unusable",
      fileErrorMessage(cause),
      { advice, cause },
    );
  }
}
